//! Packets from the builder, decoded: what they are, and what is wrong with them.

use std::net::IpAddr;
use watchpost_wire::build::{self, ethernet, ipv4, ipv6, raw};
use watchpost_wire::{
    Checksums, DecodeOptions, Decoder, Dialect, Frame, LinkType, Net, NoteKind, Notes, Packet,
    Transport, Tunnel,
};

const A: &str = "10.0.0.1";
const B: &str = "10.0.0.2";
const A6: &str = "2001:db8::1";
const B6: &str = "2001:db8::2";

fn addr(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Decodes an Ethernet frame; what was noted by name, the frame and its packet.
struct Seen {
    bytes: Vec<u8>,
    decoder: Decoder,
    link: LinkType,
    cut: u32,
}

impl Seen {
    fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, decoder: Decoder::default(), link: LinkType::ETHERNET, cut: 0 }
    }
    fn by(mut self, dialect: Dialect) -> Self {
        let options = match dialect {
            Dialect::Watchpost => DecodeOptions::default(),
            Dialect::Zeek => DecodeOptions::zeek(),
            Dialect::Suricata => DecodeOptions::suricata(),
        };
        self.decoder = Decoder::new(DecodeOptions { checksums: Checksums::Ignore, ..options });
        self
    }
    fn on(mut self, link: LinkType) -> Self {
        self.link = link;
        self
    }
    fn captured(mut self, len: usize) -> Self {
        self.cut = (self.bytes.len() - len) as u32;
        self.bytes.truncate(len);
        self
    }
    fn frame(&self) -> (Frame<'_>, Notes) {
        let mut notes = Notes::new();
        let wire = self.bytes.len() as u32 + self.cut;
        (self.decoder.frame(self.link, &self.bytes, wire, &mut notes), notes)
    }
    fn packet(&self) -> (Option<Packet<'_>>, Notes) {
        let (frame, mut notes) = self.frame();
        (self.decoder.packet(&frame, &mut notes), notes)
    }
    /// Frames and packets through all tunnels.
    fn all(&self) -> (Vec<(Frame<'_>, Option<Packet<'_>>)>, Notes) {
        let (mut frame, mut notes) = self.frame();
        let mut all = Vec::new();
        loop {
            let packet = self.decoder.packet(&frame, &mut notes);
            all.push((frame, packet));
            let Some(inner) = packet.and_then(|p| self.decoder.inner(&p, &mut notes)) else {
                return (all, notes);
            };
            frame = inner.frame;
        }
    }
    fn notes(&self) -> Vec<NoteKind> {
        self.all().1.iter().map(|n| n.kind).collect()
    }
}

#[test]
fn a_syn_with_options_over_ethernet() {
    let seen = Seen::of(
        ethernet()
            .ipv4(A, B)
            .ttl(3)
            .tos(0x10)
            .tcp(40000, 80)
            .syn()
            .seq(7)
            .window(1024)
            .mss(1460)
            .sack_permitted()
            .timestamps(1, 2)
            .raw_options([1])
            .window_scale(7)
            .bytes(),
    );
    let (packet, notes) = seen.packet();
    let p = packet.unwrap();
    assert_eq!((p.src, p.dst, p.proto, p.ttl, p.tos), (addr(A), addr(B), 6, 3, 0x10));
    assert_eq!(p.ports, (40000, 80));
    assert!(p.tracked && p.sound && !p.bad_checksum);
    let Transport::Tcp(t) = p.transport else { panic!("{p:?}") };
    assert_eq!((t.seq, t.flags, t.window, t.payload_len), (7, 2, 1024, 0));
    assert_eq!(t.options.mss, Some(1460));
    assert!(t.options.sack_permitted);
    assert_eq!(t.options.timestamps, Some((1, 2)));
    assert_eq!(t.options.window_scale, Some(7));
    assert!(notes.is_empty());
}

#[test]
fn data_is_cut_at_the_ip_length_and_padding_is_left_out() {
    let bytes = ethernet().padded().ipv4(A, B).tcp(1, 2).push().seq(9).payload("hi").bytes();
    assert_eq!(bytes.len(), 60);
    let seen = Seen::of(bytes);
    let (packet, notes) = seen.packet();
    let Transport::Tcp(t) = packet.unwrap().transport else { panic!() };
    assert_eq!((t.payload, t.payload_len), (&b"hi"[..], 2));
    assert!(notes.is_empty());
}

#[test]
fn what_the_capture_cut_keeps_its_length() {
    let whole = ethernet().ipv4(A, B).tcp(1, 2).payload([7; 500]).bytes();
    let seen = Seen::of(whole.clone()).captured(100);
    let (packet, notes) = seen.packet();
    let p = packet.unwrap();
    let Transport::Tcp(t) = p.transport else { panic!() };
    assert_eq!((t.payload.len(), t.payload_len, p.cut_len), (46, 500, whole.len() as u32 - 100));
    assert_eq!(notes.iter().map(|n| n.kind).collect::<Vec<_>>(), [NoteKind::Ipv4CutByCapture]);
    // Zeek takes it as well, Suricata does not.
    assert!(Seen::of(whole.clone()).captured(100).by(Dialect::Zeek).packet().0.is_some());
    assert!(Seen::of(whole).captured(100).by(Dialect::Suricata).packet().0.is_none());
}

#[test]
fn udp_and_icmp_of_both_versions() {
    let seen = Seen::of(ethernet().ipv6(A6, B6).udp(5353, 53).payload("name").bytes());
    let (packet, notes) = seen.packet();
    let p = packet.unwrap();
    let Transport::Udp(u) = p.transport else { panic!() };
    assert_eq!((p.src, p.ip_len, u.payload, u.payload_len), (addr(A6), 52, &b"name"[..], 4));
    assert!(notes.is_empty());

    let quoted = ipv4(B, A).udp(53, 99).payload("answer").bytes();
    let seen = Seen::of(ethernet().ipv4(A, B).icmp(3, 3).payload(&quoted).bytes());
    let (packet, notes) = seen.packet();
    let Transport::Icmp(i) = packet.unwrap().transport else { panic!() };
    let q = i.quoted.unwrap();
    assert_eq!((q.src, q.dst, q.proto, q.src_port, q.dst_port), (addr(B), addr(A), 17, 53, 99));
    assert!(notes.is_empty());

    let seen = Seen::of(ethernet().ipv6(A6, B6).icmp(128, 0).id(3).seq(4).payload("x").bytes());
    let (packet, notes) = seen.packet();
    let Transport::Icmp(i) = packet.unwrap().transport else { panic!() };
    assert_eq!((i.kind, i.id, i.rest, i.payload_len), (128, 3, [0, 3, 0, 4], 1));
    assert!(notes.is_empty());
}

#[test]
fn tags_labels_and_sessions_are_told() {
    let seen = Seen::of(ethernet().service_vlan(100).vlan(7).ipv4(A, B).udp(1, 2).bytes());
    let (frame, _) = seen.frame();
    assert_eq!((frame.vlans, frame.vlan_count), ([100, 7, 0], 2));
    let seen = Seen::of(ethernet().mpls(16).mpls(17).ipv6(A6, B6).udp(1, 2).bytes());
    assert_eq!(seen.frame().0.mpls, Some(16));
    assert!(seen.packet().0.is_some());
    let seen = Seen::of(ethernet().pppoe(9).ipv4(A, B).udp(1, 2).payload("12").bytes());
    assert_eq!(seen.frame().0.pppoe_session, Some(9));
    assert!(seen.packet().1.is_empty());
    let seen = Seen::of(ethernet().snap().ipv4(A, B).udp(1, 2).bytes());
    assert!(seen.packet().0.is_some());
    let seen = Seen::of(ethernet().arp(1).sender([1; 6], A).target([0; 6], B).bytes());
    let Net::Arp(arp) = seen.frame().0.net else { panic!() };
    assert_eq!((arp.op, arp.sender_ip, arp.target_ip), (1, [10, 0, 0, 1], [10, 0, 0, 2]));
}

#[test]
fn fragments_of_both_versions_cover_the_datagram() {
    let data: Vec<u8> = (0..3000u32).map(|i| i as u8).collect();
    let v4 = ethernet().ipv4(A, B).id(77).udp(1, 2).payload(&data);
    let v6 = ethernet().ipv6(A6, B6).id(78).udp(1, 2).payload(&data);
    for (id, frames, datagram) in [
        (77, v4.fragments(1400), v4.bytes()[34..].to_vec()),
        (78, v6.fragments(1400), v6.bytes()[54..].to_vec()),
    ] {
        assert_eq!(frames.len(), 3);
        let decoder = Decoder::default();
        let mut notes = Notes::new();
        let mut body = Vec::new();
        let len = frames.len();
        for (n, bytes) in frames.iter().enumerate() {
            let frame = decoder.frame(LinkType::ETHERNET, bytes, bytes.len() as u32, &mut notes);
            let p = decoder.packet(&frame, &mut notes).unwrap();
            let f = p.fragment.unwrap();
            assert_eq!((f.id, f.offset, f.more, f.next), (id, body.len() as u32, n + 1 < len, 17));
            assert!(matches!(p.transport, Transport::None));
            body.extend_from_slice(p.body);
        }
        assert_eq!(body, datagram);
        assert!(notes.is_empty());
    }
}

#[test]
fn tunnels_are_unwrapped_one_by_one() {
    let load = || ethernet().vlan(5).ipv4("192.168.0.1", "192.168.0.2").tcp(5, 6).payload("load");
    let bare = || ipv4("192.168.0.1", "192.168.0.2").tcp(5, 6).payload("load");
    let bare6 = || ipv6("2001:0:4137:9e76::1", "2001:db8::9").tcp(5, 6).payload("load");
    let outer = || ethernet().ipv4(A, B);
    for (name, frame, tunnel) in [
        ("vxlan", outer().udp(50000, 4789).vxlan(1).carry(&load()).bytes(), Tunnel::Vxlan),
        ("geneve", outer().udp(50000, 6081).geneve(1).carry(&load()).bytes(), Tunnel::Geneve),
        ("geneve ip", outer().udp(50000, 6081).geneve(1).carry(&bare()).bytes(), Tunnel::Geneve),
        ("gtp", outer().udp(2152, 2152).gtp(1).carry(&bare()).bytes(), Tunnel::Gtpv1),
        (
            "gtp seq",
            outer().udp(2152, 2152).gtp(1).sequence(4).carry(&bare6()).bytes(),
            Tunnel::Gtpv1,
        ),
        ("teredo", outer().udp(50000, 3544).carry(&bare6()).bytes(), Tunnel::Teredo),
        ("teredo elsewhere", outer().udp(50000, 60000).carry(&bare6()).bytes(), Tunnel::Teredo),
        ("ipip", outer().carry(&bare()).bytes(), Tunnel::Ip),
        ("6in4", outer().carry(&bare6()).bytes(), Tunnel::Ip),
        ("4in6", ethernet().ipv6(A6, B6).carry(&bare()).bytes(), Tunnel::Ip),
        ("gre", outer().gre().carry(&bare()).bytes(), Tunnel::Gre),
        (
            "gre key",
            outer().gre().key(9).sequence(1).checksum().carry(&bare6()).bytes(),
            Tunnel::Gre,
        ),
        ("eogre", outer().gre().carry(&load()).bytes(), Tunnel::Gre),
        ("gre in udp", outer().udp(50000, 4754).gre().carry(&bare()).bytes(), Tunnel::Gre),
        ("erspan i", outer().gre().proto(0x88be).carry(&load()).bytes(), Tunnel::Erspan),
        ("erspan ii", outer().erspan(3).mirrored_vlan(9).carry(&load()).bytes(), Tunnel::Erspan),
    ] {
        let seen = Seen::of(frame);
        let (all, notes) = seen.all();
        assert_eq!(all.len(), 2, "{name}: {:?}", &*notes);
        let (frame, packet) = all[1];
        assert_eq!((frame.tunnel, frame.depth), (Some(tunnel), 1), "{name}");
        let Transport::Tcp(t) = packet.unwrap().transport else { panic!("{name}") };
        assert_eq!(t.payload, b"load", "{name}");
        assert!(notes.is_empty(), "{name}: {:?}", &*notes);
    }
}

#[test]
fn other_link_types() {
    let ip = ipv4(A, B).udp(1, 2).payload("x").bytes();
    let with = |head: &[u8]| raw(head).raw(&ip).bytes();
    let mut radiotap = vec![0, 0, 8, 0, 0, 0, 0, 0];
    let wifi_snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let mut qos = vec![0x88, 1];
    qos.extend([0; 24]);
    qos.extend(wifi_snap);
    radiotap.extend(&qos);
    let mut ppi = vec![0, 0, 8, 0, 105, 0, 0, 0];
    ppi.extend(&qos);
    let mut prism = vec![0; 144];
    prism[4] = 144;
    prism.extend(&qos);
    let mut avs = vec![0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64];
    avs.resize(64, 0);
    avs.extend(&qos);
    let mut amsdu = vec![0x88, 1];
    amsdu.extend([0; 22]);
    amsdu.extend([0x80, 0]);
    amsdu.extend([1; 12]);
    amsdu.extend((ip.len() as u16 + 8).to_be_bytes());
    amsdu.extend(wifi_snap);
    for (link, head) in [
        (LinkType::RAW, vec![]),
        (LinkType::RAW_BSD, vec![]),
        (LinkType::IPV4, vec![]),
        (LinkType::NULL, vec![2, 0, 0, 0]),
        (LinkType::NULL, vec![0, 0, 0, 2]),
        (LinkType::LOOP, vec![0, 0, 0, 2]),
        (LinkType::PPP, vec![0xff, 3, 0, 0x21]),
        (LinkType::PPP, vec![0, 0x21]),
        (LinkType::PPP, vec![0x21]),
        (LinkType::PPP_SERIAL, vec![0xff, 3, 0, 0x21]),
        (LinkType::CISCO_HDLC, vec![0x0f, 0, 8, 0]),
        (LinkType::LINUX_SLL, vec![0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]),
        (LinkType::LINUX_SLL2, vec![8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]),
        (LinkType::NFLOG, vec![2, 0, 0, 0, 8, 0, 1, 0, 9, 9, 9, 9, 29, 0, 9, 0]),
        (LinkType::IEEE802_11, qos),
        (LinkType::IEEE802_11, amsdu),
        (LinkType::IEEE802_11_RADIOTAP, radiotap),
        (LinkType::PPI, ppi),
        (LinkType::IEEE802_11_PRISM, prism),
        (LinkType::IEEE802_11_AVS, avs),
    ] {
        let seen = Seen::of(with(&head)).on(link);
        let (packet, notes) = seen.packet();
        let Some(p) = packet else { panic!("{link:?} {:?}", &*notes) };
        assert_eq!(p.ports, (1, 2), "{link:?}");
        assert!(notes.is_empty(), "{link:?} {:?}", &*notes);
    }
}

#[test]
fn an_aggregate_yields_all_its_packets() {
    let subframe = |port: u16, pad: bool| {
        let ip = ipv4(A, B).udp(port, 2).payload([0; 3]).bytes();
        let mut bytes = vec![1; 12];
        bytes.extend((ip.len() as u16 + 8).to_be_bytes());
        bytes.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        bytes.extend(ip);
        if pad {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    };
    let mut frame = vec![0x88, 1];
    frame.extend([0; 22]);
    frame.extend([0x80, 0]);
    frame.extend(subframe(1, true));
    frame.extend(subframe(2, true));
    frame.extend(subframe(3, false));
    let seen = Seen::of(frame).on(LinkType::IEEE802_11);
    let (mut frame, mut notes) = seen.frame();
    let mut ports = Vec::new();
    loop {
        ports.push(seen.decoder.packet(&frame, &mut notes).unwrap().ports.0);
        match seen.decoder.next(&frame, &mut notes) {
            Some(next) => frame = next,
            None => break,
        }
    }
    assert_eq!(ports, [1, 2, 3]);
    assert!(notes.is_empty());
}

#[test]
fn ipv6_extension_headers_are_walked() {
    let seen = Seen::of(
        ethernet()
            .ipv6(A6, B6)
            .extension(0, [5, 2, 0, 0, 0, 0])
            .extension(60, [1, 2, 0, 0, 3, 0])
            .extension(43, [[4, 1, 0, 0, 0, 0].as_slice(), &[9; 16]].concat())
            .extension(51, [0; 22])
            .extension(139, [0; 6])
            .tcp(1, 2)
            .payload("x")
            .bytes(),
    );
    let (packet, notes) = seen.packet();
    let p = packet.unwrap();
    assert_eq!((p.proto, p.header_len), (6, 40 + 8 + 8 + 24 + 24 + 8));
    assert!(matches!(p.transport, Transport::Tcp(t) if t.payload == b"x"));
    let kinds: Vec<_> = notes.iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [NoteKind::Ipv6DestinationOptionUnknown]);
}

#[test]
fn a_routing_header_of_type_0_names_the_destination() {
    let mut body = vec![0, 1, 0, 0, 0, 0];
    body.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    let frame = ethernet().ipv6(A6, B6).extension(43, &body).udp(1, 2).bytes();
    for (dialect, dst) in [
        (Dialect::Watchpost, "2001:db8::9"),
        (Dialect::Zeek, "2001:db8::9"),
        (Dialect::Suricata, B6),
    ] {
        let seen = Seen::of(frame.clone()).by(dialect);
        let (packet, notes) = seen.packet();
        assert_eq!(packet.unwrap().dst, addr(dst), "{dialect:?}");
        assert!(notes.has(NoteKind::Ipv6Routing0));
    }
}

/// Broken packets: what is noted, and who still has a packet, and a flow for it.
#[test]
fn deviations_have_names_and_each_program_its_reading() {
    use NoteKind::*;
    let good = || ethernet().ipv4(A, B);
    let mut short = ethernet().ipv4(A, B).udp(1, 2).bytes();
    short.truncate(14 + 10);
    // (frame, first note by our reading, [ours, zeek's, suricata's] flow)
    for (frame, kind, flows) in [
        (vec![0; 10], EthernetTruncated, [false, false, false]),
        (good().version(7).udp(1, 2).bytes(), Ipv4WrongVersion, [false, false, false]),
        (short, Ipv4Truncated, [false, false, false]),
        (good().total_len(0).udp(1, 2).bytes(), Ipv4LengthZero, [true, true, false]),
        (good().total_len(500).udp(1, 2).bytes(), IpLengthBeyondWire, [true, false, false]),
        (good().total_len(10).udp(1, 2).bytes(), Ipv4HeaderBeyondLength, [false, false, false]),
        (good().header_words(4).udp(1, 2).bytes(), Ipv4HeaderLengthSmall, [false, false, false]),
        (good().proto(6).payload([0; 8]).bytes(), TcpTruncated, [false, false, false]),
        (good().tcp(1, 2).header_words(4).bytes(), TcpHeaderLengthSmall, [true, true, false]),
        (good().tcp(1, 2).header_words(9).bytes(), TcpHeaderBeyondSegment, [true, true, false]),
        (good().udp(1, 2).len(99).bytes(), UdpLengthMismatch, [true, true, false]),
        (good().udp(1, 2).len(8).payload("xy").bytes(), UdpLengthMismatch, [true, true, true]),
        (good().icmp(77, 0).bytes(), IcmpTypeUnknown, [true, true, true]),
        (
            good().proto(58).payload([128, 0, 0, 0, 0, 0, 0, 0]).bytes(),
            Ipv4CarriesIcmpv6,
            [true, true, false],
        ),
        (good().proto(200).payload([0; 8]).bytes(), Ipv4ProtocolUnknown, [true, true, false]),
        (good().options([7, 3, 5, 0]).udp(1, 2).bytes(), Ipv4OptionsUnpadded, [true, true, true]),
        (
            good().options([7, 60, 5, 0, 0, 0, 0, 0]).udp(1, 2).bytes(),
            Ipv4OptionLength,
            [true, true, false],
        ),
        (ethernet().ipv6(A6, B6).next(59).bytes(), Ipv6NoNextHeader, [false, false, false]),
        (
            ethernet().ipv6(A6, B6).payload_len(200).udp(1, 2).bytes(),
            IpLengthBeyondWire,
            [true, false, false],
        ),
        (good().gre().proto(0x0800).payload("").bytes(), Ipv4Truncated, [true, false, false]),
    ] {
        let ours = Seen::of(frame.clone()).by(Dialect::Watchpost);
        assert!(ours.notes().contains(&kind), "{kind:?}: {:?}", ours.notes());
        let dialects = [Dialect::Watchpost, Dialect::Zeek, Dialect::Suricata];
        for (dialect, flow) in dialects.into_iter().zip(flows) {
            let seen = Seen::of(frame.clone()).by(dialect);
            assert_eq!(seen.packet().0.is_some_and(|p| p.tracked), flow, "{kind:?} {dialect:?}");
        }
    }
}

#[test]
fn checksums_are_verified_or_left_alone() {
    for (frame, kind) in [
        (ethernet().ipv4(A, B).bad_checksum().udp(1, 2).bytes(), NoteKind::Ipv4Checksum),
        (
            ethernet().ipv4(A, B).tcp(1, 2).bad_checksum().payload("odd").bytes(),
            NoteKind::TcpChecksum,
        ),
        (ethernet().ipv6(A6, B6).tcp(1, 2).bad_checksum().bytes(), NoteKind::TcpChecksum),
        (
            ethernet().ipv4(A, B).udp(1, 2).bad_checksum().payload("x").bytes(),
            NoteKind::UdpChecksum,
        ),
        (
            ethernet().ipv6(A6, B6).udp(1, 2).no_checksum().payload("x").bytes(),
            NoteKind::UdpChecksum,
        ),
        (ethernet().ipv4(A, B).icmp(8, 0).bad_checksum().bytes(), NoteKind::IcmpChecksum),
        (ethernet().ipv6(A6, B6).icmp(128, 0).bad_checksum().bytes(), NoteKind::IcmpChecksum),
    ] {
        let seen = Seen::of(frame.clone());
        let (packet, notes) = seen.packet();
        assert!(packet.unwrap().bad_checksum, "{kind:?}");
        assert!(notes.has(kind), "{kind:?}");
        let seen = Seen::of(frame).by(Dialect::Watchpost);
        let (packet, notes) = seen.packet();
        assert!(!packet.unwrap().bad_checksum);
        assert!(notes.is_empty());
    }
    let none = Seen::of(ethernet().ipv4(A, B).udp(1, 2).no_checksum().payload("x").bytes());
    assert!(none.packet().1.is_empty());
    let sctp = Seen::of(
        ethernet()
            .ipv4(A, B)
            .sctp(1, 2, 3)
            .payload([0, 3, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            .bytes(),
    );
    assert!(!sctp.packet().0.unwrap().bad_checksum);
}

#[test]
fn tunnels_in_tunnels_end_somewhere() {
    let mut bytes = ipv4(A, B).udp(1, 2).bytes();
    for _ in 0..40 {
        bytes = ipv4(A, B).proto(4).payload(&bytes).bytes();
    }
    for (dialect, most) in [(Dialect::Watchpost, 9), (Dialect::Zeek, 5), (Dialect::Suricata, 9)] {
        let seen = Seen::of(bytes.clone()).on(LinkType::RAW).by(dialect);
        let (all, notes) = seen.all();
        assert!(all.len() <= most, "{dialect:?} {}", all.len());
        let last = notes.last().unwrap().kind;
        assert!(
            matches!(
                last,
                NoteKind::TunnelTooDeep | NoteKind::TooManyLayers | NoteKind::TooManyTunnelLayers
            ),
            "{last:?}"
        );
    }
}

#[test]
fn vlans_beyond_three_are_told_and_bounded() {
    let frame = ethernet().vlan(1).vlan(2).vlan(3).vlan(4).ipv4(A, B).udp(1, 2).bytes();
    let seen = Seen::of(frame.clone());
    assert_eq!(seen.frame().0.vlans, [1, 2, 4]);
    assert!(seen.notes().contains(&NoteKind::VlanTooMany));
    assert_eq!(Seen::of(frame.clone()).by(Dialect::Zeek).frame().0.vlans, [1, 4, 0]);
    assert!(Seen::of(frame).by(Dialect::Suricata).packet().0.is_none());
}

#[test]
fn a_weird_in_a_tunnel_says_so() {
    let inner = raw([0x70; 40]);
    let seen =
        Seen::of(ethernet().ipv4(A, B).gre().proto(0x0800).carry(&inner).bytes()).by(Dialect::Zeek);
    let names: Vec<_> = seen.all().1.iter().filter_map(watchpost_wire::Note::zeek_name).collect();
    assert_eq!(names, ["unknown_ip_version_in_tunnel"]);
}

#[test]
fn a_talk_is_a_conversation() {
    let frames =
        build::Talk::new(A, 4000, B, 80).open().client([1; 3000]).server("ok").close().frames();
    let decoder = Decoder::default();
    let mut notes = Notes::new();
    let mut flags = Vec::new();
    for timed in &frames {
        let frame =
            decoder.frame(LinkType::ETHERNET, &timed.frame, timed.frame.len() as u32, &mut notes);
        let Transport::Tcp(t) = decoder.packet(&frame, &mut notes).unwrap().transport else {
            panic!()
        };
        flags.push(t.flags);
    }
    assert_eq!(flags[..3], [0x02, 0x12, 0x10]);
    assert_eq!(frames.len(), 3 + 6 + 2 + 4);
    assert!(frames.windows(2).all(|w| w[0].ts < w[1].ts));
    assert!(notes.is_empty());
}
