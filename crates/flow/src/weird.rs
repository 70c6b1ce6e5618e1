//! Deviations of flows: fragments, handshakes, sequence numbers.
//!
//! Zeek's names are those of its weirds, Suricata's those of its stream and decoder events.

use model::{AnomalyKind, Id, room};

/// A deviation met, with the number that says more about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weird {
    pub(crate) kind: &'static AnomalyKind,
    pub(crate) detail: Option<u32>,
}

macro_rules! kinds {
    ($($constant:ident = $local:literal, $name:literal, $zeek:literal, $suricata:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub const $constant: AnomalyKind = AnomalyKind {
                id: Id::new(room::CONN, $local),
                name: $name,
                zeek: $zeek,
                suricata: $suricata,
            };
        )*
        /// All of them, for reference pages and tests.
        pub const ALL: &[&AnomalyKind] = &[$(&$constant),*];
    };
}

kinds! {
    SYN_SEQ_JUMP = 0, "tcp_syn_seq_jump", "SYN_seq_jump", "stream.3whs_syn_resend_diff_seq_on_syn_recv";
    ACTIVE_CONNECTION_REUSE = 1, "tcp_active_connection_reuse", "active_connection_reuse", "";
    PREMATURE_CONNECTION_REUSE = 2, "tcp_premature_connection_reuse", "premature_connection_reuse", "";
    BAD_TCP_CHECKSUM = 3, "tcp_bad_checksum", "bad_TCP_checksum", "stream.pkt_invalid_checksum";
    TCP_SEQ_UNDERFLOW = 4, "tcp_seq_underflow", "TCP_seq_underflow_or_misorder", "";
    TRUNCATED_TCP_PAYLOAD = 5, "tcp_truncated_payload", "truncated_tcp_payload", "";
    SYN_INSIDE_CONNECTION = 6, "tcp_syn_inside_connection", "SYN_inside_connection", "stream.est_syn_resend";
    WINDOW_RECISION = 7, "tcp_window_recision", "window_recision", "";
    TCP_CHRISTMAS = 8, "tcp_christmas", "TCP_christmas", "";
    BAROQUE_SYN = 9, "tcp_baroque_syn", "baroque_SYN", "";
    SYN_WITH_DATA = 10, "tcp_syn_with_data", "SYN_with_data", "";
    TCP_SCALE_RANGE = 11, "tcp_scale_range", "TCP_scale_range", "";
    FIN_STORM = 12, "tcp_fin_storm", "FIN_storm", "";
    RST_STORM = 13, "tcp_rst_storm", "RST_storm", "";
    POSSIBLE_SPLIT_ROUTING = 14, "tcp_possible_split_routing", "possible_split_routing", "";
    TCP_ACK_UNDERFLOW = 15, "tcp_ack_underflow", "TCP_ack_underflow_or_misorder", "";
    CONNECTION_ORIGINATOR_SYN_ACK = 16, "tcp_originator_syn_ack", "connection_originator_SYN_ack", "stream.3whs_synack_in_wrong_direction";
    SPONTANEOUS_FIN = 17, "tcp_spontaneous_fin", "spontaneous_FIN", "stream.fin_but_no_session";
    SPONTANEOUS_RST = 18, "tcp_spontaneous_rst", "spontaneous_RST", "stream.rst_but_no_session";
    BAD_SYN_ACK = 19, "tcp_bad_syn_ack", "bad_SYN_ack", "stream.3whs_synack_with_wrong_ack";
    SIMULTANEOUS_OPEN = 20, "tcp_simultaneous_open", "simultaneous_open", "";
    UNSOLICITED_SYN_RESPONSE = 21, "tcp_unsolicited_syn_response", "unsolicited_SYN_response", "";
    REPEATED_SYN_WITH_ACK = 22, "tcp_repeated_syn_with_ack", "repeated_SYN_with_ack", "";
    REPEATED_SYN_REPLY_WO_ACK = 23, "tcp_repeated_syn_reply_without_ack", "repeated_SYN_reply_wo_ack", "";
    INAPPROPRIATE_FIN = 24, "tcp_inappropriate_fin", "inappropriate_FIN", "";
    DATA_BEFORE_ESTABLISHED = 25, "tcp_data_before_established", "data_before_established", "";
    SYN_AFTER_PARTIAL = 26, "tcp_syn_after_partial", "SYN_after_partial", "";
    SYN_AFTER_CLOSE = 27, "tcp_syn_after_close", "SYN_after_close", "stream.shutdown_syn_resend";
    FIN_ADVANCED_LAST_SEQ = 28, "tcp_fin_advanced_last_seq", "FIN_advanced_last_seq", "";
    SYN_AFTER_RESET = 29, "tcp_syn_after_reset", "SYN_after_reset", "";
    FIN_AFTER_RESET = 30, "tcp_fin_after_reset", "FIN_after_reset", "";
    DATA_AFTER_RESET = 31, "tcp_data_after_reset", "data_after_reset", "";
    PENDING_DATA_WHEN_CLOSED = 32, "tcp_pending_data_when_closed", "pending_data_when_closed", "";
    ABOVE_HOLE_DATA = 33, "tcp_above_hole_data_without_acks", "above_hole_data_without_any_acks", "";
    EXCESSIVE_DATA = 34, "tcp_excessive_data_without_acks", "excessive_data_without_further_acks", "";
    BAD_UDP_CHECKSUM = 35, "udp_bad_checksum", "bad_UDP_checksum", "";
    BAD_ICMP_CHECKSUM = 36, "icmp_bad_checksum", "bad_ICMP_checksum", "";
    REASSEMBLY_OVERLAP = 37, "tcp_overlap_different_data", "", "stream.reassembly_overlap_different_data";
    REASSEMBLY_FULL = 38, "tcp_reassembly_full", "", "";
    TUNNEL_CHANGES = 39, "tunnel_changes_exceeded", "tunnel_max_changes_per_connection_exceeded", "";
    FRAGMENT_SMALL = 48, "ip_fragment_small", "excessively_small_fragment", "";
    FRAGMENT_OVERLAP = 49, "ip_fragment_overlap", "fragment_overlap", "ipv4.frag_overlap";
    FRAGMENT_INCONSISTENCY = 50, "ip_fragment_inconsistency", "fragment_inconsistency", "ipv4.frag_overlap";
    FRAGMENT_SIZE_INCONSISTENCY = 51, "ip_fragment_size_inconsistency", "fragment_size_inconsistency", "";
    FRAGMENT_PROTOCOL_INCONSISTENCY = 52, "ip_fragment_protocol_inconsistency", "fragment_protocol_inconsistency", "";
    FRAGMENT_DF = 53, "ip_fragment_with_df", "fragment_with_DF", "";
    FRAGMENT_CUT = 54, "ip_fragment_cut", "incompletely_captured_fragment", "";
    FRAGMENT_LARGE = 55, "ip_fragment_large", "excessively_large_fragment", "ipv4.frag_pkt_too_large";
    FRAGMENT_IGNORED = 56, "ip_fragment_ignored", "", "ipv4.frag_ignored";
}
