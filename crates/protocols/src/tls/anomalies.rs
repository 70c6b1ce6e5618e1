//! Deviations of TLS, with the names that Zeek and Suricata give them.

use crate::anomalies::anomalies;

anomalies! {
    Tls;
    /// Bytes that begin no record.
    BAD_RECORD = 64, "tls_bad_record", "", "tls.invalid_tls_header";
    /// A record of an unknown type in clear.
    UNKNOWN_RECORD = 65, "tls_unknown_record", "", "tls.invalid_record_type";
    /// A record without content.
    EMPTY_RECORD = 66, "tls_empty_record", "", "tls.invalid_record_length";
    /// A handshake message of an unknown type.
    UNKNOWN_MESSAGE = 67, "tls_unknown_handshake_message", "", "tls.invalid_handshake_message";
    /// A handshake message that doesn't hold together.
    BAD_MESSAGE = 68, "tls_bad_handshake_message", "", "tls.handshake_invalid_length";
    /// A handshake message too long to be collected.
    LONG_MESSAGE = 69, "tls_handshake_message_too_long", "", "";
    /// A hello with a version that doesn't exist.
    BAD_VERSION = 70, "tls_bad_version", "", "tls.invalid_record_version";
    /// A heartbeat that asks for more than it carries (CVE-2014-0160).
    HEARTBEAT_OVERFLOW = 71, "tls_heartbeat_overflow", "", "tls.overflow_heartbeat_message";
    /// Several names in one server_name extension.
    MANY_SERVER_NAMES = 72, "tls_many_server_names", "SSL_many_server_names", "tls.multiple_sni_extensions";
    /// A name of an unknown kind in a server_name extension.
    SERVER_NAME_KIND = 73, "tls_unknown_server_name_kind", "ssl_ext_unknown_server_name_type", "tls.invalid_sni_type";
    /// Both sides behaved as client, or both as server.
    UNCLEAR_DIRECTION = 74, "tls_unclear_direction", "SSL_unclear_connection_direction", "";
    /// More alerts in a record than anybody sends.
    MANY_ALERTS = 75, "tls_many_alerts", "SSL_excessive_alerts_in_record", "";
    /// Application data in clear before the handshake ended.
    EARLY_DATA = 76, "tls_early_application_data", "ssl_early_application_data", "";
    /// A certificate without bytes.
    EMPTY_CERTIFICATE = 77, "tls_empty_certificate", "zero_length_certificate", "tls.certificate_invalid_length";
    /// A certificate that can't be read.
    BAD_CERTIFICATE = 78, "x509_bad_certificate", "x509_cert_parse_error", "tls.invalid_certificate";
    /// A stapled OCSP response without bytes.
    EMPTY_OCSP = 79, "tls_empty_ocsp", "SSL_zero_length_stapled_OCSP_message", "";
    /// The history is as long as it gets.
    LONG_HISTORY = 80, "tls_long_history", "SSL_max_ssl_history_length_reached", "";
    /// Pieces of a DTLS message that don't fit together.
    BAD_FRAGMENT = 81, "dtls_bad_fragment", "", "";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_distinct() {
        let ids: std::collections::BTreeSet<_> = ALL.iter().map(|a| a.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
