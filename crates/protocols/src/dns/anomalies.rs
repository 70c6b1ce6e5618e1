//! Deviations of DNS messages.

use std::fmt::Write as _;

use model::{AnomalyKind, Cx};

use super::parser::{Fault, Note};
use crate::anomalies::anomalies;

anomalies! {
    Dns;
    /// Fewer bytes than a header.
    HEADER_SHORT = 0, "dns_header_short", "DNS_truncated_len_lt_hdr_len", "dns.malformed_data";
    /// A name runs past the end.
    NAME_ENDS = 1, "dns_name_ends", "dns_invalid_name", "dns.malformed_data";
    /// A pointer points forward.
    FORWARD_POINTER = 2, "dns_forward_pointer", "DNS_label_forward_compress_offset", "dns.malformed_data";
    /// A name without end.
    NAME_LOOPS = 3, "dns_name_loops", "", "dns.infinite_loop";
    /// A label runs past the end.
    LABEL_PAST_END = 4, "dns_label_past_end", "DNS_label_len_gt_pkt", "dns.malformed_data";
    /// A label of more than 63 bytes.
    LABEL_TOO_LONG = 5, "dns_label_too_long", "DNS_label_too_long", "dns.malformed_data";
    /// A name longer than any room for it.
    NAME_OVERFLOWS = 6, "dns_name_overflows", "DNS_label_len_gt_name_len", "dns.name_too_long";
    /// No room for type and class of a question.
    QUESTION_SHORT = 7, "dns_question_short", "DNS_truncated_quest_too_short", "dns.malformed_data";
    /// No room for a record's fixed fields.
    RECORD_SHORT = 8, "dns_record_short", "DNS_truncated_ans_too_short", "dns.malformed_data";
    /// A record's data runs past the end.
    DATA_PAST_END = 9, "dns_data_past_end", "DNS_truncated_RR_rdlength_lt_len", "dns.malformed_data";
    /// A record without data.
    DATA_EMPTY = 10, "dns_data_empty", "DNS_zero_rdlength", "";
    /// An address of a wrong length.
    ADDRESS_LENGTH = 11, "dns_address_length", "DNS_RR_bad_length", "";
    /// A location of a wrong length.
    LOCATION_LENGTH = 12, "dns_location_length", "dns_invalid_loc_length", "";
    /// A service binding shorter than its least.
    SERVICE_LENGTH = 13, "dns_service_length", "DNS_SVCB_wrong_length", "";
    /// Data ends within its fixed fields.
    DATA_SHORT = 14, "dns_data_short", "", "dns.malformed_data";
    /// A string runs past its record.
    STRING_PAST_END = 15, "dns_string_past_end", "DNS_TXT_char_str_past_rdlen", "dns.malformed_data";
    /// A CAA tag runs past its record.
    TAG_PAST_END = 16, "dns_tag_past_end", "DNS_CAA_char_str_past_rdlen", "";
    /// An EDNS option runs past its record.
    OPTION_PAST_END = 17, "dns_option_past_end", "EDNS_truncated_option", "dns.malformed_data";
    /// A name of 255 characters or more.
    NAME_TOO_LONG = 18, "dns_name_too_long", "DNS_NAME_too_long", "dns.name_too_long";
    /// Too many pointers in a row.
    POINTER_DEPTH = 19, "dns_pointer_depth", "DNS_max_compression_chain_depth_exceeded", "dns.too_many_labels";
    /// Data of another length than the record says.
    LENGTH_MISMATCH = 20, "dns_length_mismatch", "DNS_RR_length_mismatch", "";
    /// A type we have no form for.
    UNKNOWN_TYPE = 21, "dns_unknown_type", "DNS_RR_unknown_type", "";
    /// A service parameter longer than what is left.
    SVC_VALUE = 22, "dns_svc_value_too_big", "DNS_SVCB_param_value_toobig", "";
    /// `mandatory` is empty or odd.
    SVC_MANDATORY = 23, "dns_svc_mandatory", "DNS_SVCB_mandatory_length_invalid", "";
    /// `alpn` does not add up.
    SVC_ALPN = 24, "dns_svc_alpn", "DNS_SVCB_alpn_length_invalid", "";
    /// `no-default-alpn` has a value.
    SVC_NO_DEFAULT_ALPN = 25, "dns_svc_no_default_alpn", "DNS_SVCB_nodefaultalpn_value", "";
    /// `port` has not two bytes.
    SVC_PORT = 26, "dns_svc_port", "DNS_SVCB_port_length_invalid", "";
    /// An address hint is no multiple of an address.
    SVC_HINT = 27, "dns_svc_hint", "DNS_SVCB_hint_length_invalid", "";
    /// An unknown service key.
    SVC_KEY = 28, "dns_svc_key", "DNS_SVCB_key_reserved_or_invalid", "";
    /// Alias mode with parameters.
    SVC_ALIAS = 29, "dns_svc_alias_params", "DNS_SVCB_aliasmode_with_params", "";
    /// Undefined DNSKEY flags.
    KEY_FLAGS = 30, "dns_key_flags", "DNSSEC_DNSKEY_Invalid_Flag", "";
    /// A revoked key-signing key.
    KEY_REVOKED = 31, "dns_key_revoked", "DNSSEC_DNSKEY_Revoked_KSK", "";
    /// DNSKEY protocol is not 3.
    KEY_PROTOCOL = 32, "dns_key_protocol", "DNSSEC_DNSKEY_Invalid_Protocol", "";
    /// DNSKEY with MD5.
    KEY_MD5 = 33, "dns_key_md5", "DNSSEC_DNSKEY_NotRecommended_ZoneSignAlgo", "";
    /// DNSKEY with an indirect algorithm.
    KEY_INDIRECT = 34, "dns_key_indirect", "DNSSEC_DNSKEY_Indirect_ZoneSignAlgo", "";
    /// DNSKEY with a private algorithm named by domain.
    KEY_PRIVATE_DNS = 35, "dns_key_private_dns", "DNSSEC_DNSKEY_PrivateDNS_ZoneSignAlgo", "";
    /// DNSKEY with a private algorithm named by object identifier.
    KEY_PRIVATE_OID = 36, "dns_key_private_oid", "DNSSEC_DNSKEY_PrivateOID_ZoneSignAlgo", "";
    /// DNSKEY with an unknown algorithm.
    KEY_UNKNOWN = 37, "dns_key_unknown", "DNSSEC_DNSKEY_unknown_ZoneSignAlgo", "";
    /// RRSIG with MD5.
    SIG_MD5 = 38, "dns_sig_md5", "DNSSEC_RRSIG_NotRecommended_ZoneSignAlgo", "";
    /// RRSIG with an indirect algorithm.
    SIG_INDIRECT = 39, "dns_sig_indirect", "DNSSEC_RRSIG_Indirect_ZoneSignAlgo", "";
    /// RRSIG with a private algorithm named by domain.
    SIG_PRIVATE_DNS = 40, "dns_sig_private_dns", "DNSSEC_RRSIG_PrivateDNS_ZoneSignAlgo", "";
    /// RRSIG with a private algorithm named by object identifier.
    SIG_PRIVATE_OID = 41, "dns_sig_private_oid", "DNSSEC_RRSIG_PrivateOID_ZoneSignAlgo", "";
    /// RRSIG with an unknown algorithm.
    SIG_UNKNOWN = 42, "dns_sig_unknown", "DNSSEC_RRSIG_unknown_ZoneSignAlgo", "";
    /// DS with a reserved digest type.
    DS_RESERVED = 43, "dns_ds_reserved", "DNSSEC_DS_ReservedDigestType", "";
    /// DS with an unknown digest type.
    DS_UNKNOWN = 44, "dns_ds_unknown", "DNSSEC_DS_unknown_DigestType", "";
    /// NSEC with an empty bitmap.
    NSEC_BITMAP = 45, "dns_nsec_bitmap", "DNSSEC_NSEC_bitmapLen0", "";
    /// NSEC3 with an empty bitmap.
    NSEC3_BITMAP = 46, "dns_nsec3_bitmap", "DNSSEC_NSEC3_bitmapLen0", "";
    /// LOC of another version.
    LOC_VERSION = 47, "dns_loc_version", "DNS_LOC_version_unrecognized", "";
    /// An opcode nobody uses.
    OPCODE = 48, "dns_unknown_opcode", "DNS_unknown_opcode", "dns.invalid_opcode";
    /// More questions than any resolver sends.
    TOO_MANY_QUESTIONS = 49, "dns_too_many_questions", "DNS_Conn_count_too_large", "";
    /// A dynamic update for other than one zone.
    UPDATE_ZONES = 50, "dns_update_zones", "DNS_DU_invalid_zone_count", "";
    /// A dynamic update whose zone is no SOA.
    UPDATE_ZONE_TYPE = 51, "dns_update_zone_type", "DNS_DU_incorrect_zone_type", "";
    /// The reserved bit is set.
    Z_BIT = 52, "dns_z_bit", "", "dns.z_flag_set";
    /// A response where a request belongs.
    NOT_REQUEST = 53, "dns_not_request", "", "dns.not_request";
    /// A request where a response belongs.
    NOT_RESPONSE = 54, "dns_not_response", "", "dns.not_response";
    /// Authorities cannot be read.
    AUTHORITIES = 55, "dns_invalid_authorities", "", "dns.invalid_authorities";
    /// Additional records cannot be read.
    ADDITIONALS = 56, "dns_invalid_additionals", "", "dns.invalid_additionals";
    /// More open exchanges than a flow may have: the oldest were told unanswered.
    TOO_MANY_OPEN = 57, "dns_too_many_open", "", "";
    /// A TCP stream that cannot be cut into messages any more.
    FRAMING_LOST = 58, "dns_framing_lost", "", "dns.malformed_data";
}

/// The deviation that a fault is.
pub fn of_fault(fault: Fault) -> &'static AnomalyKind {
    match fault {
        Fault::HeaderShort => &HEADER_SHORT,
        Fault::NameEnds => &NAME_ENDS,
        Fault::ForwardPointer => &FORWARD_POINTER,
        Fault::NameLoops => &NAME_LOOPS,
        Fault::LabelPastEnd => &LABEL_PAST_END,
        Fault::LabelTooLong => &LABEL_TOO_LONG,
        Fault::NameOverflows => &NAME_OVERFLOWS,
        Fault::QuestionShort => &QUESTION_SHORT,
        Fault::RecordShort => &RECORD_SHORT,
        Fault::DataPastEnd => &DATA_PAST_END,
        Fault::DataEmpty => &DATA_EMPTY,
        Fault::AddressLength => &ADDRESS_LENGTH,
        Fault::LocationLength => &LOCATION_LENGTH,
        Fault::ServiceLength => &SERVICE_LENGTH,
        Fault::DataShort => &DATA_SHORT,
        Fault::StringPastEnd => &STRING_PAST_END,
        Fault::TagPastEnd => &TAG_PAST_END,
        Fault::OptionPastEnd => &OPTION_PAST_END,
    }
}

/// A word on the stack: what Zeek tells beside a name is a number or two.
struct Word {
    buf: [u8; 40],
    len: usize,
}

impl Word {
    const EMPTY: Self = Self { buf: [0; 40], len: 0 };
    fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }
}

impl std::fmt::Write for Word {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        let end = self.len.saturating_add(s.len());
        let room = self.buf.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Tells a deviation with a number.
pub fn tell_number(cx: &mut Cx<'_>, kind: &'static AnomalyKind, n: u32) {
    let mut word = Word::EMPTY;
    let _ = write!(word, "{n}");
    cx.anomaly_with(kind, word.bytes());
}

/// Tells a note.
pub fn tell_note(cx: &mut Cx<'_>, note: Note) {
    let (kind, number) = match note {
        Note::NameTooLong => (&NAME_TOO_LONG, None),
        Note::PointerDepth(_) => (&POINTER_DEPTH, None),
        Note::LengthMismatch => (&LENGTH_MISMATCH, None),
        Note::UnknownType(t) => (&UNKNOWN_TYPE, Some(u32::from(t))),
        Note::SvcValueTooBig(claimed, left) => {
            let mut word = Word::EMPTY;
            let _ = write!(word, "{claimed} capped to {left}");
            cx.anomaly_with(&SVC_VALUE, word.bytes());
            return;
        }
        Note::SvcMandatory => (&SVC_MANDATORY, None),
        Note::SvcAlpn => (&SVC_ALPN, None),
        Note::SvcNoDefaultAlpn => (&SVC_NO_DEFAULT_ALPN, None),
        Note::SvcPort => (&SVC_PORT, None),
        Note::SvcHint => (&SVC_HINT, None),
        Note::SvcKey => (&SVC_KEY, None),
        Note::SvcAliasParams => (&SVC_ALIAS, None),
        Note::KeyFlags(f) => (&KEY_FLAGS, Some(u32::from(f))),
        Note::KeyRevoked(f) => (&KEY_REVOKED, Some(u32::from(f))),
        Note::KeyProtocol(p) => (&KEY_PROTOCOL, Some(u32::from(p))),
        Note::Algorithm(key, a) => {
            let kind = match (a, key) {
                (1, true) => &KEY_MD5,
                (1, false) => &SIG_MD5,
                (252, true) => &KEY_INDIRECT,
                (252, false) => &SIG_INDIRECT,
                (253, true) => &KEY_PRIVATE_DNS,
                (253, false) => &SIG_PRIVATE_DNS,
                (254, true) => &KEY_PRIVATE_OID,
                (254, false) => &SIG_PRIVATE_OID,
                (_, true) => &KEY_UNKNOWN,
                (_, false) => &SIG_UNKNOWN,
            };
            (kind, Some(u32::from(a)))
        }
        Note::Digest(d) => (if d == 0 { &DS_RESERVED } else { &DS_UNKNOWN }, Some(u32::from(d))),
        Note::Bitmap(nsec3, w) => {
            (if nsec3 { &NSEC3_BITMAP } else { &NSEC_BITMAP }, Some(u32::from(w)))
        }
        Note::LocVersion(v) => (&LOC_VERSION, Some(u32::from(v))),
    };
    match number {
        Some(n) => tell_number(cx, kind, n),
        None => cx.anomaly(kind),
    }
}
