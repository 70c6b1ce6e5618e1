//! Deviations of NTP.

use crate::anomalies::anomalies;

anomalies! {
    Ntp;
    /// A datagram that ends within its fixed fields.
    SHORT = 0, "ntp_short", "", "ntp.malformed_data";
    /// Extension fields that do not add up.
    EXTENSIONS = 1, "ntp_extensions", "", "ntp.malformed_data";
}
