//! Properties: nothing panics, what was built is what is decoded, and a cut capture shows a prefix.

use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchpost_wire::build::{Build, Ethernet, ethernet};
use watchpost_wire::fuzz::TARGETS;
use watchpost_wire::{Decoder, LinkType, Notes, Packet, Transport};

fn pair() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(a, b)| {
            (IpAddr::V4(Ipv4Addr::from_bits(a)), IpAddr::V4(Ipv4Addr::from_bits(b)))
        }),
        any::<(u128, u128)>().prop_map(|(a, b)| {
            (IpAddr::V6(Ipv6Addr::from_bits(a)), IpAddr::V6(Ipv6Addr::from_bits(b)))
        }),
    ]
}

/// What is below IP.
fn link() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0u8..4, 0..3)
}

/// A whole frame: link layers by number, an IP header, a transport header, a payload.
fn frame(
    layers: &[u8],
    (src, dst): (IpAddr, IpAddr),
    transport: u8,
    (src_port, dst_port): (u16, u16),
    seq: u32,
    payload: &[u8],
) -> Vec<u8> {
    fn transported<L: Clone + Into<watchpost_wire::build::Layer>>(
        below: Build<L>,
        ends: (IpAddr, IpAddr),
        transport: u8,
        ports: (u16, u16),
        seq: u32,
        payload: &[u8],
    ) -> Vec<u8> {
        let ip = below.ip(ends.0, ends.1);
        match transport {
            0 => ip.tcp(ports.0, ports.1).seq(seq).timestamps(seq, 1).payload(payload).bytes(),
            1 => ip.udp(ports.0, ports.1).payload(payload).bytes(),
            _ => ip.icmp(if ends.0.is_ipv4() { 8 } else { 128 }, 0).payload(payload).bytes(),
        }
    }
    let start: Build<Ethernet> = ethernet();
    match layers {
        [0, ..] => {
            transported(start.vlan(5), (src, dst), transport, (src_port, dst_port), seq, payload)
        }
        [1, ..] => transported(
            start.vlan(5).vlan(6),
            (src, dst),
            transport,
            (src_port, dst_port),
            seq,
            payload,
        ),
        [2, ..] => {
            transported(start.mpls(77), (src, dst), transport, (src_port, dst_port), seq, payload)
        }
        [3, ..] => {
            transported(start.pppoe(9), (src, dst), transport, (src_port, dst_port), seq, payload)
        }
        _ => transported(start, (src, dst), transport, (src_port, dst_port), seq, payload),
    }
}

fn decode<'a>(bytes: &'a [u8], wire_len: usize, notes: &mut Notes) -> Option<Packet<'a>> {
    let decoder = Decoder::default();
    let frame = decoder.frame(LinkType::ETHERNET, bytes, wire_len as u32, notes);
    decoder.packet(&frame, notes)
}

fn payload_of<'a>(packet: &Packet<'a>) -> Option<(&'a [u8], u32)> {
    match packet.transport {
        Transport::Tcp(t) => Some((t.payload, t.payload_len)),
        Transport::Udp(u) => Some((u.payload, u.payload_len)),
        Transport::Icmp(i) => Some((i.payload, i.payload_len)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        for (_, target) in TARGETS {
            target(&data);
        }
    }

    #[test]
    fn every_link_type_bears_random_bytes(
        link in prop_oneof![Just(0u16), Just(9), Just(10), Just(12), Just(50), Just(51), Just(101),
            Just(104), Just(105), Just(108), Just(113), Just(119), Just(127), Just(163), Just(192),
            Just(239), Just(276)],
        data in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = link.to_be_bytes().to_vec();
        bytes.extend(data);
        watchpost_wire::fuzz::fuzz_link(&bytes);
    }

    #[test]
    fn what_was_built_is_decoded(
        layers in link(),
        ends in pair(),
        transport in 0u8..3,
        ports in (1u16..1000, 1u16..1000),
        seq in any::<u32>(),
        payload in proptest::collection::vec(any::<u8>(), 0..1400),
    ) {
        let bytes = frame(&layers, ends, transport, ports, seq, &payload);
        let mut notes = Notes::new();
        let packet = decode(&bytes, bytes.len(), &mut notes).unwrap();
        prop_assert_eq!((packet.src, packet.dst), ends);
        prop_assert!(notes.is_empty(), "{:?}", &*notes);
        prop_assert!(!packet.bad_checksum && packet.tracked && packet.sound);
        let (found, len) = payload_of(&packet).unwrap();
        prop_assert_eq!(found, &payload[..]);
        prop_assert_eq!(len as usize, payload.len());
        if transport < 2 {
            prop_assert_eq!(packet.ports, ports);
        }
        if let Transport::Tcp(t) = packet.transport {
            prop_assert_eq!((t.seq, t.options.timestamps), (seq, Some((seq, 1))));
        }
    }

    #[test]
    fn a_cut_capture_shows_a_prefix_of_the_payload(
        layers in link(),
        ends in pair(),
        transport in 0u8..3,
        payload in proptest::collection::vec(any::<u8>(), 0..600),
        keep in 0usize..800,
    ) {
        let whole = frame(&layers, ends, transport, (1, 2), 3, &payload);
        let cut = &whole[..keep.min(whole.len())];
        let mut notes = Notes::new();
        if let Some(packet) = decode(cut, whole.len(), &mut notes)
            && let Some((found, len)) = payload_of(&packet)
        {
            prop_assert_eq!((packet.src, packet.dst), ends);
            prop_assert!(payload.starts_with(found));
            prop_assert_eq!(len as usize, payload.len());
            prop_assert_eq!(packet.cut_len as usize, whole.len() - cut.len());
        }
    }

    #[test]
    fn damaged_packets_never_panic(
        layers in link(),
        ends in pair(),
        transport in 0u8..3,
        ports in prop_oneof![Just((1u16, 2u16)), Just((9, 4789)), Just((9, 6081)), Just((2152, 2152)),
            Just((9, 3544)), Just((9, 5072)), Just((9, 4754)), Just((1701, 1701))],
        payload in proptest::collection::vec(any::<u8>(), 0..200),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = frame(&layers, ends, transport, ports, 3, &payload);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(keep.index(bytes.len()) + 1);
        watchpost_wire::fuzz::fuzz_ethernet(&bytes);
    }
}
