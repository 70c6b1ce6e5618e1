//! Deviations of DHCP.

use crate::anomalies::anomalies;

anomalies! {
    Dhcp;
    /// Fewer bytes than the fixed fields.
    SHORT = 0, "dhcp_short", "", "";
    /// No cookie before the options: BOOTP, or no DHCP at all.
    COOKIE = 1, "dhcp_bad_cookie", "", "";
    /// Options run past the end, or have none.
    OPTIONS_CUT = 2, "dhcp_options_cut", "", "dhcp.truncated_options";
    /// No option says what kind of message it is.
    NO_TYPE = 3, "dhcp_no_message_type", "", "";
    /// More exchanges at once than are tracked: the oldest was told as it stood.
    TOO_MANY = 4, "dhcp_too_many_exchanges", "DHCP_max_tracked_transactions_exceeded", "";
}
