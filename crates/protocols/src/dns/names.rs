//! Names of numbers: record types, classes, response codes, opcodes, as Zeek's dns.log and
//! Suricata's EVE write them. The mnemonics are those of IANA's registries; where the two programs
//! differ from those or from each other, a second table says so.

use std::borrow::Cow;

/// (number, mnemonic) of record types, sorted.
const TYPES: &[(u16, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (3, "MD"),
    (4, "MF"),
    (5, "CNAME"),
    (6, "SOA"),
    (7, "MB"),
    (8, "MG"),
    (9, "MR"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (19, "X25"),
    (20, "ISDN"),
    (21, "RT"),
    (22, "NSAP"),
    (23, "NSAP-PTR"),
    (24, "SIG"),
    (25, "KEY"),
    (26, "PX"),
    (27, "GPOS"),
    (28, "AAAA"),
    (29, "LOC"),
    (30, "NXT"),
    (31, "EID"),
    (32, "NIMLOC"),
    (33, "SRV"),
    (34, "ATMA"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (38, "A6"),
    (39, "DNAME"),
    (40, "SINK"),
    (41, "OPT"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (56, "NINFO"),
    (57, "RKEY"),
    (58, "TALINK"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (63, "ZONEMD"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (100, "UINFO"),
    (101, "UID"),
    (102, "GID"),
    (103, "UNSPEC"),
    (104, "NID"),
    (105, "L32"),
    (106, "L64"),
    (107, "LP"),
    (108, "EUI48"),
    (109, "EUI64"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (253, "MAILB"),
    (254, "MAILA"),
    (255, "*"),
    (256, "URI"),
    (257, "CAA"),
    (32768, "TA"),
    (32769, "DLV"),
    (65281, "WINS"),
    (65282, "WINS-R"),
    (65422, "XPF"),
    (65521, "INTEGRITY"),
];

/// Types of the table above that Suricata writes as numbers.
const EVE_NUMBERS: &[u16] = &[
    31, 32, 40, 53, 56, 57, 58, 61, 62, 63, 64, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
    251, 252, 253, 257, 32768, 32769, 65281, 65282, 65422, 65521,
];

const RCODES: [&str; 11] = [
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSet", "NOTAUTH", "NOTZONE",
];

fn mnemonic(rtype: u16) -> Option<&'static str> {
    // Nearly all there is.
    match rtype {
        1 => return Some("A"),
        5 => return Some("CNAME"),
        12 => return Some("PTR"),
        28 => return Some("AAAA"),
        65 => return Some("HTTPS"),
        _ => {}
    }
    let i = TYPES.binary_search_by_key(&rtype, |&(n, _)| n).ok()?;
    TYPES.get(i).map(|&(_, name)| name)
}

/// A record type as dns.log has it in `qtype_name`.
pub(super) fn zeek_type(rtype: u16) -> Cow<'static, str> {
    mnemonic(rtype).map_or_else(|| Cow::Owned(format!("query-{rtype}")), Cow::Borrowed)
}

/// A record type as EVE has it in `rrtype`.
pub(super) fn eve_type(rtype: u16) -> Cow<'static, str> {
    match mnemonic(rtype) {
        Some("*") => Cow::Borrowed("ANY"),
        Some("NSAP-PTR") => Cow::Borrowed("NSAPPTR"),
        Some(name) if rtype < 31 || !EVE_NUMBERS.contains(&rtype) => Cow::Borrowed(name),
        _ => Cow::Owned(rtype.to_string()),
    }
}

/// A class as dns.log has it in `qclass_name`.
pub(super) fn zeek_class(class: u16) -> Cow<'static, str> {
    Cow::Borrowed(match class {
        1 => "C_INTERNET",
        2 => "C_CSNET",
        3 => "C_CHAOS",
        4 => "C_HESIOD",
        254 => "C_NONE",
        255 => "C_ANY",
        n => return Cow::Owned(format!("qclass-{n}")),
    })
}

/// A response code as dns.log has it in `rcode_name`.
pub(super) fn zeek_rcode(rcode: u8) -> Cow<'static, str> {
    RCODES
        .get(usize::from(rcode))
        .map_or_else(|| Cow::Owned(format!("unassigned-{rcode}")), |name| Cow::Borrowed(*name))
}

/// A response code as EVE has it in `rcode`.
pub(super) fn eve_rcode(rcode: u8) -> Cow<'static, str> {
    match RCODES.get(usize::from(rcode)) {
        Some(&"NXRRSet") => Cow::Borrowed("NXRRSET"),
        Some(name) => Cow::Borrowed(*name),
        None => Cow::Owned(rcode.to_string()),
    }
}

/// An opcode as dns.log has it in `opcode_name`; NetBIOS has its own.
pub(super) fn zeek_opcode(opcode: u8, netbios: bool) -> Cow<'static, str> {
    Cow::Borrowed(match (netbios, opcode) {
        (false, 0) => "query",
        (false, 1) => "iquery",
        (false, 2) => "server-status",
        (false, 4) => "notify",
        (false, 5) => "dynamic-update",
        (false, 6) => "dso",
        (false, n) => return Cow::Owned(format!("opcode-{n}")),
        (true, 0) => "netbios-query",
        (true, 5) => "netbios-registration",
        (true, 6) => "netbios-release",
        (true, 7) => "netbios-wack",
        (true, 8) => "netbios-refresh",
        (true, n) => return Cow::Owned(format!("netbios-opcode-{n}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_the_languages_differ_where_they_do() {
        assert!(TYPES.is_sorted_by_key(|t| t.0));
        assert_eq!(zeek_type(255), "*");
        assert_eq!(eve_type(255), "ANY");
        assert_eq!(zeek_type(252), "AXFR");
        assert_eq!(eve_type(252), "252");
        assert_eq!(eve_type(65534), "65534");
        assert_eq!(zeek_type(54), "query-54");
        assert_eq!(zeek_rcode(8), "NXRRSet");
        assert_eq!(eve_rcode(8), "NXRRSET");
        assert_eq!(eve_rcode(12), "12");
    }
}
