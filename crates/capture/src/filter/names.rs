//! Names with a number: services, protocols, frame types, and the constants of byte accesses.

/// Ports by the name of their service (IANA's names and common aliases).
const SERVICES: &[(&str, u16)] = &[
    ("amqp", 5672),
    ("bgp", 179),
    ("bootpc", 68),
    ("bootps", 67),
    ("coap", 5683),
    ("dhcpv6-client", 546),
    ("dhcpv6-server", 547),
    ("discard", 9),
    ("dns", 53),
    ("domain", 53),
    ("echo", 7),
    ("epmap", 135),
    ("finger", 79),
    ("ftp", 21),
    ("ftp-data", 20),
    ("gopher", 70),
    ("http", 80),
    ("http-alt", 8080),
    ("https", 443),
    ("ident", 113),
    ("imap", 143),
    ("imap2", 143),
    ("imaps", 993),
    ("ipp", 631),
    ("irc", 6667),
    ("isakmp", 500),
    ("kerberos", 88),
    ("l2tp", 1701),
    ("ldap", 389),
    ("ldaps", 636),
    ("llmnr", 5355),
    ("mdns", 5353),
    ("memcached", 11211),
    ("microsoft-ds", 445),
    ("modbus", 502),
    ("mqtt", 1883),
    ("ms-sql-s", 1433),
    ("mysql", 3306),
    ("netbios-dgm", 138),
    ("netbios-ns", 137),
    ("netbios-ssn", 139),
    ("nfs", 2049),
    ("nntp", 119),
    ("ntp", 123),
    ("openvpn", 1194),
    ("pop2", 109),
    ("pop3", 110),
    ("pop3s", 995),
    ("postgresql", 5432),
    ("pptp", 1723),
    ("radius", 1812),
    ("radius-acct", 1813),
    ("rdp", 3389),
    ("redis", 6379),
    ("rsync", 873),
    ("sip", 5060),
    ("sips", 5061),
    ("smtp", 25),
    ("smtps", 465),
    ("snmp", 161),
    ("snmp-trap", 162),
    ("snmptrap", 162),
    ("socks", 1080),
    ("ssdp", 1900),
    ("ssh", 22),
    ("stun", 3478),
    ("submission", 587),
    ("sunrpc", 111),
    ("syslog", 514),
    ("tacacs", 49),
    ("telnet", 23),
    ("tftp", 69),
    ("time", 37),
    ("vnc", 5900),
    ("vxlan", 4789),
    ("whois", 43),
    ("www", 80),
    ("xmpp-client", 5222),
];

/// Transport protocols by name.
const PROTOCOLS: &[(&str, u8)] = &[
    ("icmp", 1),
    ("igmp", 2),
    ("ipip", 4),
    ("tcp", 6),
    ("igrp", 9),
    ("udp", 17),
    ("dccp", 33),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmp6", 58),
    ("ospf", 89),
    ("pim", 103),
    ("vrrp", 112),
    ("carp", 112),
    ("l2tp", 115),
    ("sctp", 132),
    ("udplite", 136),
];

/// Frame types by name.
const ETHERTYPES: &[(&str, u16)] = &[
    ("ip", 0x0800),
    ("arp", 0x0806),
    ("rarp", 0x8035),
    ("atalk", 0x809b),
    ("aarp", 0x80f3),
    ("ip6", 0x86dd),
    ("loopback", 0x9000),
    ("lldp", 0x88cc),
];

/// Values that byte accesses are compared with, and offsets of the bytes.
const CONSTANTS: &[(&str, u32)] = &[
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp6type", 0),
    ("icmp6code", 1),
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6-destinationunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-multicastlistenerquery", 130),
    ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138),
    ("icmp6-nodeinformationquery", 139),
    ("icmp6-nodeinformationresponse", 140),
    ("icmp6-ineighbordiscoverysolicit", 141),
    ("icmp6-ineighbordiscoveryadvert", 142),
    ("icmp6-multicastlistenerreportv2", 143),
    ("icmp6-homeagentdiscoveryrequest", 144),
    ("icmp6-homeagentdiscoveryreply", 145),
    ("icmp6-mobileprefixsolicit", 146),
    ("icmp6-mobileprefixadvert", 147),
    ("icmp6-certpathsolicit", 148),
    ("icmp6-certpathadvert", 149),
    ("icmp6-multicastrouteradvert", 151),
    ("icmp6-multicastroutersolicit", 152),
    ("icmp6-multicastrouterterm", 153),
];

/// What tcpdump's language has and this one hasn't, and what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("gateway", "use `ether host MAC and not host ADDRESS`"),
    ("inbound", "capture files seldom tell the direction; use `src net` or `dst net`"),
    ("outbound", "capture files seldom tell the direction; use `src net` or `dst net`"),
    ("ifname", "read the files of that interface alone"),
    ("on", "read the files of that interface alone"),
    ("ifindex", "read the files of that interface alone"),
    ("rnr", "it belongs to packet filters of BSD"),
    ("rulenum", "it belongs to packet filters of BSD"),
    ("reason", "it belongs to packet filters of BSD"),
    ("action", "it belongs to packet filters of BSD"),
    ("decnet", "use `ether proto 0x6003`"),
    ("iso", "test bytes of the frame: `ether[14:2] = 0xfefe`"),
    ("clnp", "test bytes of the frame: `ether[14:2] = 0xfefe`"),
    ("isis", "test bytes of the frame: `ether[14:2] = 0xfefe`"),
    ("esis", "test bytes of the frame: `ether[14:2] = 0xfefe`"),
    ("stp", "use `ether dst 01:80:c2:00:00:00`"),
    ("ipx", "use `ether proto 0x8137`"),
    ("netbeui", "test bytes of the frame: `ether[14:2] = 0xf0f0`"),
    ("llc", "test bytes of the frame: `ether[12:2] <= 1500`"),
    ("lat", "use `ether proto 0x6004`"),
    ("moprc", "use `ether proto 0x6002`"),
    ("mopdl", "use `ether proto 0x6001`"),
    ("geneve", "use `udp port 6081`"),
    ("wlan", "wireless frames have their own tests in `watchpost wifi`"),
    ("subtype", "wireless frames have their own tests in `watchpost wifi`"),
    ("vpi", "ATM is not decoded"),
    ("vci", "ATM is not decoded"),
    ("atm", "ATM is not decoded"),
];

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

pub(super) fn service(name: &str) -> Option<u16> {
    find(SERVICES, name)
}
pub(super) fn protocol(name: &str) -> Option<u8> {
    find(PROTOCOLS, name)
}
pub(super) fn ethertype(name: &str) -> Option<u16> {
    find(ETHERTYPES, name)
}
pub(super) fn constant(name: &str) -> Option<u32> {
    find(CONSTANTS, name)
}
pub(super) fn unsupported(name: &str) -> Option<&'static str> {
    find(UNSUPPORTED, name)
}

/// The name most like `word` among all that the language knows, if one is near.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    const KEYWORDS: &[&str] = &[
        "host",
        "net",
        "port",
        "portrange",
        "src",
        "dst",
        "proto",
        "ether",
        "ip",
        "ip6",
        "arp",
        "rarp",
        "tcp",
        "udp",
        "sctp",
        "vlan",
        "mpls",
        "pppoes",
        "less",
        "greater",
        "len",
        "mask",
        "broadcast",
        "multicast",
        "and",
        "or",
        "not",
    ];
    let names = KEYWORDS
        .iter()
        .copied()
        .chain(PROTOCOLS.iter().map(|(name, _)| *name))
        .chain(CONSTANTS.iter().map(|(name, _)| *name));
    if word.len() < 3 || word.len() > 40 {
        return None;
    }
    names.map(|name| (distance(word, name), name)).filter(|(d, _)| *d <= 1).min().map(|(_, n)| n)
}

/// Insertions, deletions, replacements and swaps of neighbours between two words; 2 means more.
fn distance(word: &str, name: &str) -> usize {
    let same = word.bytes().zip(name.bytes()).take_while(|(x, y)| x == y).count();
    let word = word.as_bytes().get(same..).unwrap_or_default();
    let name = name.as_bytes().get(same..).unwrap_or_default();
    let skip = |tail: &[u8], n: usize| tail.get(n..).map(<[u8]>::to_vec);
    let swapped = |tail: &[u8]| match tail {
        [first, second, ..] => Some([*second, *first]),
        _ => None,
    };
    if word == name {
        return 0;
    }
    let surplus = skip(word, 1).as_deref() == Some(name);
    let missing = skip(name, 1).as_deref() == Some(word);
    let replaced = skip(word, 1).is_some() && skip(word, 1) == skip(name, 1);
    let turned = skip(word, 2).is_some()
        && skip(word, 2) == skip(name, 2)
        && swapped(word).as_ref().map(<[u8; 2]>::as_slice) == name.get(..2);
    if surplus || missing || replaced || turned { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        for (word, meant) in [
            ("hsot", "host"),
            ("prot", "port"),
            ("tpc", "tcp"),
            ("vlna", "vlan"),
            ("nto", "not"),
            ("portt", "port"),
            ("multicst", "multicast"),
        ] {
            // `prot` is as near to `port` as to `proto`; either helps.
            assert!(nearest(word).is_some_and(|n| distance(word, n) == 1), "{word}: {meant}");
        }
        assert_eq!(nearest("example"), None);
    }

    #[test]
    fn tables_have_no_name_twice() {
        let mut names: Vec<_> = SERVICES.iter().map(|(n, _)| *n).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
