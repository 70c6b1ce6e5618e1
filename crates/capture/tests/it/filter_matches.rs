//! Which packets filter expressions take.

use base::Ts;
use watchpost_capture::{Filter, PacketRef};
use wire::build::{ethernet, ipv4};
use wire::{DecodeOptions, Decoder, LinkType, Notes};

/// A frame of a link as a reader hands it on.
struct Sample {
    link: u16,
    bytes: Vec<u8>,
}

fn on_ethernet(bytes: Vec<u8>) -> Sample {
    Sample { link: 1, bytes }
}

fn takes(expression: &str, sample: &Sample) -> bool {
    let filter = Filter::parse(expression).unwrap_or_else(|e| {
        panic!("{}", e.iter().map(|d| d.render(expression)).collect::<String>())
    });
    let (decoder, mut notes) = (Decoder::new(DecodeOptions::default()), Notes::new());
    let raw = PacketRef {
        ts: Ts(0),
        link: LinkType(sample.link),
        wire_len: sample.bytes.len() as u32,
        data: &sample.bytes,
        iface: 0,
        number: 1,
    };
    let frame = decoder.frame(raw.link, raw.data, raw.wire_len, &mut notes);
    let packet = decoder.packet(&frame, &mut notes);
    filter.matches(&frame, packet.as_ref(), &raw)
}

#[track_caller]
fn check(sample: &Sample, taken: &[&str], refused: &[&str]) {
    for expression in taken {
        assert!(takes(expression, sample), "not taken: {expression}");
        let empty = expression.is_empty();
        assert!(
            empty || !takes(&format!("not ({expression})"), sample),
            "taken: not ({expression})"
        );
    }
    for expression in refused {
        assert!(!takes(expression, sample), "taken: {expression}");
        assert!(takes(&format!("!({expression})"), sample), "not taken: !({expression})");
    }
}

#[test]
fn hosts_networks_and_ports_of_a_tcp_packet() {
    let syn = ethernet()
        .from([2, 0, 0, 0, 0, 1])
        .to([2, 0, 0, 0, 0, 2])
        .ipv4("10.0.0.1", "192.168.7.9")
        .tcp(40000, 80)
        .syn()
        .mss(1460)
        .bytes();
    check(
        &on_ethernet(syn),
        &[
            "",
            "ip",
            "tcp",
            "host 10.0.0.1",
            "10.0.0.1",
            "host 192.168.7.9",
            "src host 10.0.0.1",
            "src 10.0.0.1",
            "dst 192.168.7.9",
            "src or dst host 192.168.7.9",
            "src and dst net 0.0.0.0/0",
            "ip host 10.0.0.1",
            "net 10",
            "net 192.168",
            "net 192.168.7",
            "src net 10.0.0.0/8",
            "dst net 192.168.0.0 mask 255.255.0.0",
            "10.0.0.0/8",
            "port 80",
            "port http",
            "tcp port 80",
            "dst port 80",
            "tcp src port 40000",
            "portrange 79-81",
            "tcp dst portrange 1-1023",
            "port 80 and host 10.0.0.1",
            "tcp port 443 or 80",
            "tcp port (443 or 80)",
            "host (10.0.0.1 or 10.0.0.2) and dst port (80 or 443)",
            "host 10.9.9.9 or 10.0.0.1",
            "not udp",
            "! udp && tcp",
            "udp || tcp",
            "ip proto 6",
            "ip proto tcp",
            r"ip proto \tcp",
            "proto 6",
            "ether proto ip",
            r"ether proto \ip",
            "ether proto 0x800",
            "ether host 02:00:00:00:00:01",
            "ether src 2:0:0:0:0:1",
            "ether dst 02-00-00-00-00-02",
            "ether host 0200.0000.0002",
            "less 58",
            "greater 58",
            "len = 58",
            "len >= 58 and len <= 58",
            "(len - 14) * 2 == 88",
            "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
            "tcp[13] = 2",
            "tcp[tcpflags] == tcp-syn",
            "tcp[0:2] = 40000",
            "tcp[2:2] = 80",
            "ip[2:2] = 44",
            "ip[0] & 0xf = 5",
            "ip[9] = 6",
            "ip[12:4] = 0x0a000001",
            "ip[20:2] = 40000",
            "ether[12:2] = 0x0800",
            "((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) = 0",
            "tcp[12] >> 4 << 2 = 24",
            "2 + 3 * 4 = 14",
            "7 % 4 = 3 and 8 / 2 = 4 and 5 ^ 1 = 4 and -1 = 0xffffffff",
            "tcp or udp and udp or tcp",
        ],
        &[
            "ip6",
            "udp",
            "icmp",
            "arp",
            "host 10.0.0.2",
            "dst host 10.0.0.1",
            "src net 192.168.0.0/16",
            "arp host 10.0.0.1",
            "port 81",
            "udp port 80",
            "src port 80",
            "tcp src port 80",
            "port 80 and not host 10.0.0.1",
            "tcp port 443 or 8080",
            "tcp port (not 80 and not 40000)",
            "ip6 proto tcp",
            "ether host 02:00:00:00:00:03",
            "ether src 02:00:00:00:00:02",
            "ether multicast",
            "broadcast",
            "ip multicast",
            "vlan",
            "mpls",
            "pppoes",
            "less 57",
            "greater 59",
            "tcp[tcpflags] & tcp-ack != 0",
            "udp[0:2] = 40000",
            "tcp[60] = 0",
            "tcp[4000000000:4] >= 0",
            "ip6[0] = 0x45",
            "1 / 0 = 0",
            // Equal precedence, from the left: (tcp or udp) and udp.
            "tcp or udp and udp",
        ],
    );
}

#[test]
fn ipv6_behind_extension_headers() {
    let query = ethernet()
        .ipv6("2001:db8::1", "2001:db8:1::2")
        .extension(0, [0; 6])
        .udp(5000, 53)
        .payload("question")
        .bytes();
    check(
        &on_ethernet(query),
        &[
            "ip6",
            "udp",
            "udp port domain",
            "ip6 host 2001:db8::1",
            "src 2001:db8::1",
            "net 2001:db8::/32",
            "dst net 2001:db8:1::/48",
            "ip6 net 2001:db8::/32",
            "ip6 proto udp",
            "ether proto 0x86dd",
            "udp[2:2] = 53",
            "ip6[0] & 0xf0 = 0x60",
            "host 2001:db8::1 or 10.0.0.1",
        ],
        &["ip", "icmp6", "host 10.0.0.1", "net 2001:db8:2::/48", "src net 2001:db8:1::/48", "tcp"],
    );
}

#[test]
fn tags_and_labels_are_seen_through() {
    let tagged =
        ethernet().service_vlan(100).vlan(7).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
    check(
        &on_ethernet(tagged),
        &["vlan", "vlan 7", "vlan 100", "udp port 2", "vlan 7 and udp", "vlan 100 && vlan 7", "ip"],
        &["vlan 8", "not vlan", "vlan 0"],
    );
    let labelled = ethernet().mpls(1234).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
    check(&on_ethernet(labelled), &["mpls", "mpls 1234", "host 10.0.0.2"], &["mpls 1"]);
    let session = ethernet().pppoe(77).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
    check(&on_ethernet(session), &["pppoes", "pppoes 77", "udp"], &["pppoes 78", "pppoed"]);
}

#[test]
fn fragments_have_their_protocol_and_the_first_has_ports() {
    let pieces =
        ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(5000, 53).payload([7; 3000]).fragments(1480);
    let samples: Vec<_> = pieces.into_iter().map(on_ethernet).collect();
    check(&samples[0], &["udp", "udp port 53", "ip[6:2] & 0x1fff = 0", "udp[2:2] = 53"], &["tcp"]);
    let later = ["udp", "host 10.0.0.1", "ip[6:2] & 0x1fff != 0"];
    check(&samples[1], &later, &["port 53", "udp[2:2] >= 0"]);
}

#[test]
fn icmp_arp_and_other_frames() {
    let ping = ethernet().ipv4("10.0.0.1", "224.0.0.1").icmp(8, 0).id(1).bytes();
    check(
        &on_ethernet(ping),
        &[
            "icmp",
            "icmp[icmptype] = icmp-echo",
            "icmp[0] == 8",
            "icmp[icmpcode] = 0",
            "ip multicast",
        ],
        &["icmp6", "port 8", "icmp[icmptype] != icmp-echo", "ip broadcast"],
    );
    let who = ethernet()
        .to([0xff; 6])
        .arp(1)
        .sender([2, 0, 0, 0, 0, 1], "10.0.0.1")
        .target([0; 6], "10.0.0.2")
        .bytes();
    check(
        &on_ethernet(who),
        &[
            "arp",
            "host 10.0.0.1",
            "arp host 10.0.0.2",
            "arp src host 10.0.0.1",
            "dst net 10.0.0.2",
            "arp[6:2] = 1",
            "arp[14:4] = 0x0a000001",
            "ether broadcast",
            "broadcast",
            "multicast",
            "ether proto arp",
        ],
        &["ip", "ip host 10.0.0.1", "tcp", "arp[6:2] = 2", "rarp", "ether proto 0x88cc"],
    );
    let everybody = ethernet().ipv4("10.0.0.1", "255.255.255.255").udp(68, 67).bytes();
    check(&on_ethernet(everybody), &["ip broadcast", "port bootps"], &["ip multicast"]);
    let neighbour = ethernet().ipv6("fe80::1", "ff02::1").icmp(135, 0).bytes();
    check(
        &on_ethernet(neighbour),
        &["icmp6", "ip6 multicast", "icmp6[icmp6type] = icmp6-neighborsolicit"],
        &["icmp", "ip multicast"],
    );
    let discovery = ethernet().ethertype(0x88cc).raw([2, 7, 4, 0, 0, 0, 0, 0, 0]).bytes();
    check(&on_ethernet(discovery), &["ether proto 0x88cc", "ether proto lldp"], &["ip", "ip6"]);
    let associated = ethernet().ipv4("10.0.0.1", "10.0.0.2").sctp(5000, 36412, 9).bytes();
    check(&on_ethernet(associated), &["sctp", "sctp port 36412", "port 5000"], &["tcp or udp"]);
}

#[test]
fn links_without_hardware_addresses() {
    let sample = Sample { link: 101, bytes: ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).bytes() };
    check(
        &sample,
        &["tcp", "host 10.0.0.1", "link[0] = 0x45"],
        &["ether host 02:00:00:00:00:01", "broadcast", "ether multicast"],
    );
}

#[test]
fn a_long_list_of_addresses_is_one_filter() {
    let list: Vec<_> = (0..20_000).map(|n| format!("host 10.1.{}.{}", n / 200, n % 200)).collect();
    let sample = on_ethernet(ethernet().ipv4("10.1.99.199", "10.0.0.2").udp(1, 2).bytes());
    assert!(takes(&list.join(" or "), &sample));
    assert!(!takes(&list[..19_999].join(" or "), &sample));
}
