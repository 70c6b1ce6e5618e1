//! Deviations of SSH.

use crate::anomalies::anomalies;

anomalies! {
    Ssh;
    /// A first line that is no banner.
    INVALID_BANNER = 0, "ssh_invalid_banner", "", "ssh.invalid_banner";
    /// A banner longer than any.
    LONG_BANNER = 1, "ssh_long_banner", "", "ssh.long_banner";
    /// A packet whose length cannot be.
    INVALID_RECORD = 2, "ssh_invalid_record", "SSH_max_packet_length_exceeded", "ssh.invalid_record";
    /// A key exchange message longer than is read.
    LONG_KEX_RECORD = 3, "ssh_long_kex_record", "", "ssh.long_kex_record";
    /// Versions that do not go together.
    VERSION_MISMATCH = 4, "ssh_version_mismatch", "SSH_version_mismatch", "";
    /// A banner without a version.
    NO_VERSION = 5, "ssh_no_version", "SSH_cannot_determine_version", "";
    /// A key exchange method nobody knows.
    UNKNOWN_KEX = 6, "ssh_unknown_kex", "ssh_unknown_kex_algorithm", "";
}
