//! Every kind of deviation can be met, and by whose reading.

use std::collections::BTreeSet;
use watchpost_wire::build::{ethernet, ipv4, raw};
use watchpost_wire::{
    Checksums, DecodeOptions, Decoder, Dialect, LinkType, NoteKind, NoteKind::*, Notes,
};

const A: &str = "10.0.0.1";
const B: &str = "10.0.0.2";
const A6: &str = "2001:db8::1";
const B6: &str = "2001:db8::2";

/// An Ethernet frame of a type.
fn eth(ethertype: u16, body: &[u8]) -> Vec<u8> {
    ethernet().ethertype(ethertype).raw(body).bytes()
}
/// An 802.3 frame with a body.
fn ether_length(body: &[u8]) -> Vec<u8> {
    eth(body.len() as u16, body)
}
/// An IPv4 packet of a protocol.
fn ip4(proto: u8, body: &[u8]) -> Vec<u8> {
    ethernet().ipv4(A, B).proto(proto).raw(body).bytes()
}
/// An IPv6 packet of a protocol.
fn ip6(next: u8, body: &[u8]) -> Vec<u8> {
    ethernet().ipv6(A6, B6).next(next).raw(body).bytes()
}
/// An IPv4 packet with options.
fn options(bytes: &[u8]) -> Vec<u8> {
    ethernet().ipv4(A, B).options(bytes).udp(1, 2).bytes()
}
/// An IPv6 packet with extension headers; each begins with its own number.
fn extensions(headers: &[&[u8]]) -> Vec<u8> {
    let mut layers = headers.iter().map(|h| (h[0], &h[1..]));
    let (kind, body) = layers.next().unwrap();
    let mut packet = ethernet().ipv6(A6, B6).extension(kind, body);
    for (kind, body) in layers {
        packet = packet.extension(kind, body);
    }
    packet.udp(1, 2).bytes()
}
/// A routing header: type, segments left, and 16 bytes of address for each of `addresses`.
fn routing(kind: u8, left: u8, words: usize) -> Vec<u8> {
    let mut header = vec![43, kind, left, 0, 0, 0, 0];
    header.extend(vec![0; words * 8]);
    header
}
/// A UDP datagram to a port.
fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    ethernet().ipv4(A, B).udp(9, port).payload(payload).bytes()
}
/// An ICMP message.
fn icmp(kind: u8, code: u8, payload: &[u8]) -> Vec<u8> {
    ethernet().ipv4(A, B).icmp(kind, code).payload(payload).bytes()
}
/// An ICMPv6 message with hop limit 1.
fn icmp6(kind: u8, code: u8, payload: &[u8]) -> Vec<u8> {
    ethernet().ipv6(A6, B6).hops(1).icmp(kind, code).payload(payload).bytes()
}
/// SCTP chunks behind a header with a tag.
fn sctp(tag: u32, chunks: &[u8]) -> Vec<u8> {
    ethernet().ipv4(A, B).sctp(1, 2, tag).payload(chunks).bytes()
}
/// GRE: flags, protocol, the rest.
fn gre(flags: u16, proto: u16, rest: &[u8]) -> Vec<u8> {
    let mut body = flags.to_be_bytes().to_vec();
    body.extend(proto.to_be_bytes());
    body.extend(rest);
    ip4(47, &body)
}
/// A VLAN tag, then a type and a body.
fn vlan(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut tag = vec![0, 5];
    tag.extend(kind.to_be_bytes());
    tag.extend(body);
    eth(0x8100, &tag)
}
/// An ARP message from its first eight bytes.
fn arp(head: [u8; 8]) -> Vec<u8> {
    let mut body = head.to_vec();
    body.extend([0; 20]);
    eth(0x0806, &body)
}
/// An MPLS label, marked as the last, and a body.
fn mpls(label: u32, body: &[u8]) -> Vec<u8> {
    let mut stack = (label << 12 | 0x100).to_be_bytes().to_vec();
    stack.extend(body);
    eth(0x8847, &stack)
}
/// A data frame of 802.11: QoS or not, its subtype's flags, a body.
fn wifi(qos: bool, control: &[u8], body: &[u8]) -> Vec<u8> {
    let mut frame = vec![if qos { 0x88 } else { 0x08 }, 1];
    frame.extend([0; 22]);
    frame.extend(control);
    frame.extend(body);
    frame
}

/// What a frame is told of.
fn noted(dialect: Dialect, checksums: Checksums, link: LinkType, bytes: &[u8]) -> Vec<NoteKind> {
    let options = match dialect {
        Dialect::Watchpost => DecodeOptions::default(),
        Dialect::Zeek => DecodeOptions::zeek(),
        Dialect::Suricata => DecodeOptions::suricata(),
    };
    let decoder = Decoder::new(DecodeOptions { checksums, ..options });
    let mut notes = Notes::new();
    let mut frame = decoder.frame(link, bytes, bytes.len() as u32, &mut notes);
    while let Some(packet) = decoder.packet(&frame, &mut notes) {
        match decoder.inner(&packet, &mut notes) {
            Some(inner) => frame = inner.frame,
            None => break,
        }
    }
    notes.iter().map(|n| n.kind).collect()
}

#[test]
fn every_kind_can_be_met() {
    let mut met = BTreeSet::new();
    let mut expect = |dialect, link, bytes: &[u8], kinds: &[NoteKind]| {
        let got = noted(dialect, Checksums::Ignore, link, bytes);
        for kind in kinds {
            assert!(got.contains(kind), "{kind:?} is not in {got:?} by {dialect:?}");
            met.insert(*kind);
        }
    };
    let (ours, zeek, suricata) = (Dialect::Watchpost, Dialect::Zeek, Dialect::Suricata);
    let on_ethernet = LinkType::ETHERNET;
    let ip = ipv4(A, B).udp(1, 2).bytes();
    let jumbled: &[(Dialect, Vec<u8>, &[NoteKind])] = &[
        // Ethernet and its tags.
        (ours, vec![0; 13], &[EthernetTruncated]),
        (ours, eth(0x0800, &[0; 2]), &[EthernetShort, Ipv4Truncated]),
        (ours, eth(0x8903, &[0; 10]), &[FabricPathTruncated]),
        (ours, eth(1510, &[0; 40]), &[EthertypeUndefined]),
        (ours, eth(0x9999, &[0; 40]), &[EthertypeUnknown]),
        (ours, eth(0x8100, &[0; 3]), &[VlanTruncated]),
        (ours, vlan(1510, &[0; 40]), &[VlanTypeUndefined]),
        (ours, vlan(0x9999, &[0; 40]), &[VlanTypeUnknown]),
        (ours, ethernet().vlan(1).vlan(2).vlan(3).ipv4(A, B).bytes(), &[VlanThird]),
        (ours, ethernet().vlan(1).vlan(2).vlan(3).vlan(4).ipv4(A, B).bytes(), &[VlanTooMany]),
        (ours, eth(0x88e7, &[0; 17]), &[PbbTruncated]),
        (ours, eth(0x8926, &[0; 5]), &[VntagTruncated]),
        (ours, eth(0x8926, &[0, 0, 0, 0, 0x99, 0x99, 1, 1]), &[VntagTypeUnknown]),
        (ours, eth(0x893f, &[0; 7]), &[EtagTruncated]),
        (ours, eth(0x893f, &[0, 0, 0, 0, 0, 0, 0x99, 0x99, 1]), &[EtagTypeUnknown]),
        (ours, ether_length(&[0x42, 0x42, 0]), &[LlcTruncated]),
        (ours, eth(2, &[0xaa, 0xaa, 3]), &[SnapLlcTruncated]),
        (ours, ether_length(&[0xaa, 0xaa, 3, 0]), &[SnapTruncated]),
        (ours, ether_length(&[0xff; 30]), &[NovellRaw]),
        (ours, eth(0x8847, &[0; 8]), &[MplsTruncated]),
        (ours, mpls(16, &[]), &[MplsEmpty]),
        (ours, mpls(16, &[0x45, 0]), &[MplsPayloadShort]),
        (ours, mpls(1, &ip), &[MplsRouterAlertAtBottom]),
        (ours, mpls(3, &ip), &[MplsImplicitNull]),
        (ours, mpls(9, &ip), &[MplsReservedLabel]),
        (ours, mpls(16, &[0x90; 40]), &[MplsPayloadUnknown]),
        (ours, eth(0x8864, &[0; 5]), &[PppoeTruncated]),
        (ours, ethernet().pppoe(1).len(2).ipv4(A, B).bytes(), &[PppoeExtraData]),
        (ours, ethernet().pppoe(1).len(99).ipv4(A, B).bytes(), &[PppoePayloadTruncated]),
        (ours, eth(0x8863, &[0x11, 0x33, 0, 0, 0, 0]), &[PppoeCodeUnknown]),
        (ours, eth(0x8863, &[0x11, 0x09, 0, 0, 0, 9]), &[PppoeTagsMalformed]),
        (ours, eth(0x8864, &[0x11, 0, 0, 1, 0, 2, 0x80, 0x11]), &[PppProtocolUnknown]),
        (ours, eth(0x8864, &[0x11, 0, 0, 1, 0, 2, 0x80, 0x23]), &[PppProtocolUnsupported]),
        (ours, eth(0x8864, &[0x11, 0, 0, 1, 0, 3, 0, 0x2f, 1]), &[PppVjTruncated]),
        (suricata, eth(0x8864, &[0x11, 0, 0, 1, 0, 3, 0, 0x21, 1]), &[PppIpv4Truncated]),
        (suricata, eth(0x8864, &[0x11, 0, 0, 1, 0, 3, 0, 0x57, 1]), &[PppIpv6Truncated]),
        (ours, eth(0x894f, &[0; 7]), &[NshTruncated]),
        (ours, eth(0x894f, &[0x40, 2, 2, 1, 0, 0, 0, 0, 9]), &[NshVersion]),
        (ours, eth(0x894f, &[0, 9, 2, 1, 0, 0, 0, 0, 9]), &[NshLength]),
        (ours, eth(0x894f, &[0, 2, 0, 1, 0, 0, 0, 0, 9]), &[NshTypeReserved]),
        (ours, eth(0x894f, &[0, 2, 7, 1, 0, 0, 0, 0, 9]), &[NshTypeUnknown]),
        (ours, eth(0x894f, &[0, 2, 2, 9, 0, 0, 0, 0, 9]), &[NshPayloadUnknown]),
        // ARP.
        (ours, eth(0x0806, &[0; 7]), &[ArpTruncated]),
        (ours, eth(0x0806, &[0, 1, 8, 0, 6, 4, 0, 1, 0]), &[ArpAddressesTruncated]),
        (ours, arp([0, 9, 8, 0, 6, 4, 0, 1]), &[ArpHardwareUnsupported]),
        (ours, arp([0, 1, 8, 9, 6, 4, 0, 1]), &[ArpProtocolUnsupported]),
        (ours, arp([0, 1, 8, 0, 5, 4, 0, 1]), &[ArpHardwareSize]),
        (ours, arp([0, 1, 8, 0, 6, 3, 0, 1]), &[ArpProtocolSize]),
        (ours, arp([0, 1, 8, 0, 6, 4, 0, 9]), &[ArpOperationUnsupported]),
        // IP.
        (ours, mpls(0, &[0x60; 40]), &[Ipv4WrongVersion]),
        (ours, mpls(2, &[0x40; 40]), &[Ipv6WrongVersion]),
        (ours, ethernet().ipv4(A, B).version(9).bytes(), &[UnknownIpVersion]),
        (ours, eth(0x86dd, &[0x60; 39]), &[Ipv6Truncated]),
        (ours, ethernet().ipv4(A, B).total_len(0).udp(1, 2).bytes(), &[Ipv4LengthZero]),
        (
            ours,
            ethernet().ipv4(A, B).total_len(99).udp(1, 2).bytes(),
            &[IpLengthBeyondWire, Ipv4CutByCapture],
        ),
        (ours, ethernet().ipv6(A6, B6).payload_len(99).udp(1, 2).bytes(), &[Ipv6CutByCapture]),
        (ours, ethernet().ipv4(A, B).header_words(4).udp(1, 2).bytes(), &[Ipv4HeaderLengthSmall]),
        (ours, ethernet().ipv4(A, B).header_words(9).bytes(), &[Ipv4HeaderBeyondLength]),
        (ours, ethernet().ipv4(A, B).header_words(9).total_len(60).bytes(), &[Ipv4HeaderCut]),
        (
            ours,
            ethernet().ipv4(A, B).fragment(8, true).total_len(99).raw([0; 8]).bytes(),
            &[FragmentCutByCapture],
        ),
        (ours, options(&[99, 2, 0, 0, 0, 0, 0, 0]), &[Ipv4OptionUnknown]),
        (ours, options(&[7, 99, 0, 0]), &[Ipv4OptionLength, Ipv4OptionsUnpadded]),
        (ours, options(&[148, 3, 0, 0]), &[Ipv4OptionSize]),
        (ours, options(&[7, 7, 5, 0, 0, 0, 0, 0]), &[Ipv4OptionMalformed]),
        (ours, options(&[1, 1, 1, 7]), &[Ipv4OptionsUnended]),
        (ours, options(&[148, 4, 0, 0, 148, 4, 0, 0]), &[Ipv4OptionDuplicate]),
        (ours, ip4(58, &[128, 0, 0, 0, 0, 0, 0, 0]), &[Ipv4CarriesIcmpv6]),
        (ours, ip4(200, &[0; 8]), &[Ipv4ProtocolUnknown]),
        (ours, ethernet().ipv6(A6, B6).next(0).raw([17, 0, 1]).bytes(), &[Ipv6ExtensionTruncated]),
        (
            ours,
            ethernet()
                .ipv6(A6, B6)
                .payload_len(2)
                .extension(60, [1, 4, 0, 0, 0, 0])
                .udp(1, 2)
                .bytes(),
            &[Ipv6HeadersBeyondLength],
        ),
        (
            ours,
            extensions(&[&[44, 0, 0, 0, 0, 0, 0], &[44, 0, 0, 0, 0, 0, 0]]),
            &[Ipv6FragmentUseless, Ipv6FragmentDuplicate],
        ),
        (ours, ip6(44, &[17, 9, 0, 1, 0, 0, 0, 0, 1]), &[Ipv6FragmentReserved, Ipv6FragmentLength]),
        (
            ours,
            extensions(&[&routing(0, 1, 2), &routing(0, 1, 2)]),
            &[Ipv6Routing0, Ipv6RoutingAfterFinal, Ipv6RoutingDuplicate],
        ),
        (ours, extensions(&[&routing(0, 1, 3)]), &[Ipv6Routing0Length]),
        (ours, extensions(&[&routing(2, 1, 4)]), &[Ipv6Routing2Length]),
        (ours, extensions(&[&routing(9, 1, 2)]), &[Ipv6RoutingUnknown]),
        (
            ours,
            extensions(&[&[0, 5, 2, 0, 0, 1, 0], &[0, 5, 2, 0, 0, 1, 0]]),
            &[Ipv6HopByHopDuplicate, Ipv6PaddingZero],
        ),
        (
            ours,
            extensions(&[&[60, 1, 4], &[60, 1, 4], &[60, 1, 4]]),
            &[Ipv6DestinationDuplicate, Ipv6DestinationOnlyPadding],
        ),
        (
            ours,
            extensions(&[&[51, 1, 1], &[51, 0, 0]]),
            &[Ipv6AuthenticationDuplicate, Ipv6AuthenticationReserved],
        ),
        (ours, extensions(&[&[0, 5, 99]]), &[Ipv6OptionLength]),
        (ours, extensions(&[&[60, 7, 99]]), &[Ipv6DestinationOptionLength]),
        (
            ours,
            extensions(&[&[&[60, 0xc9, 16][..], &[1; 16], &[0xc9, 16], &[2; 16]].concat()]),
            &[Ipv6HomeAddressDuplicate],
        ),
        (ours, extensions(&[&[60, 0xc9, 4, 0, 0, 0, 0]]), &[Ipv6HomeAddressLength]),
        (ours, extensions(&[&[0, 9, 4, 0, 0, 0, 0]]), &[Ipv6HopByHopOptionUnknown]),
        (ours, extensions(&[&[60, 9, 4, 0, 0, 0, 0]]), &[Ipv6DestinationOptionUnknown]),
        (ours, extensions(&[&[0, 1, 4, 0, 0, 0, 0]]), &[Ipv6HopByHopOnlyPadding]),
        (ours, ip6(59, &[1]), &[Ipv6NoNextHeader, Ipv6DataAfterNone]),
        (ours, ip6(200, &[0; 8]), &[Ipv6NextHeaderUnknown]),
        (ours, ip6(1, &[8, 0, 0, 0, 0, 0, 0, 0]), &[Ipv6CarriesIcmpv4]),
        (zeek, ip6(135, &[17, 0, 0, 0, 0, 0, 0, 0]), &[MobilityPiggyback]),
        // Transport.
        (
            ours,
            ethernet().ipv4(A, B).total_len(60).tcp(1, 2).bytes()[..50].to_vec(),
            &[TransportCutByCapture],
        ),
        (ours, ip4(6, &[0; 19]), &[TcpTruncated]),
        (ours, ip4(6, &[]), &[TcpMissing]),
        (ours, ethernet().ipv4(A, B).tcp(1, 2).header_words(4).bytes(), &[TcpHeaderLengthSmall]),
        (ours, ethernet().ipv4(A, B).tcp(1, 2).header_words(6).bytes(), &[TcpHeaderBeyondSegment]),
        (
            ours,
            ethernet().ipv4(A, B).total_len(80).tcp(1, 2).header_words(9).bytes(),
            &[TcpOptionsCutByCapture],
        ),
        (ours, ethernet().ipv4(A, B).tcp(1, 2).option(2, [5]).bytes(), &[TcpOptionLength]),
        (ours, ethernet().ipv4(A, B).tcp(1, 2).mss(5).mss(6).bytes(), &[TcpOptionDuplicate]),
        (ours, ip4(17, &[0; 7]), &[UdpTruncated]),
        (ours, ip4(17, &[]), &[UdpMissing]),
        (
            ours,
            ethernet().ipv4(A, B).udp(1, 2).len(99).bytes(),
            &[UdpLengthMismatch, UdpLengthBeyondPacket],
        ),
        (ours, ethernet().ipv4(A, B).udp(1, 2).len(7).bytes(), &[UdpLengthBelowHeader]),
        (ours, ip4(1, &[8, 0, 0, 0]), &[IcmpTruncated]),
        (ours, ip4(1, &[]), &[IcmpMissing]),
        (ours, icmp(77, 0, &[]), &[IcmpTypeUnknown]),
        (ours, icmp(8, 7, &[]), &[IcmpCodeUnknown]),
        (ours, icmp(3, 0, &[0x45; 9]), &[IcmpQuoteTruncated]),
        (ours, icmp(3, 0, &[0x65; 29]), &[IcmpQuoteVersion]),
        (ours, ip6(58, &[128, 0, 0, 0]), &[Icmpv6Truncated]),
        (ours, ip6(58, &[]), &[Icmpv6Missing]),
        (ours, icmp6(127, 0, &[]), &[Icmpv6TypeUnknown]),
        (ours, icmp6(128, 1, &[]), &[Icmpv6CodeUnknown]),
        (ours, icmp6(50, 0, &[]), &[Icmpv6TypeUnassigned]),
        (ours, icmp6(200, 0, &[]), &[Icmpv6TypeExperimental]),
        (ours, icmp6(1, 0, &[0x60; 9]), &[Icmpv6QuoteTruncated]),
        (ours, icmp6(1, 0, &[0x45; 40]), &[Icmpv6QuoteVersion]),
        (ours, ethernet().ipv6(A6, B6).icmp(130, 0).payload([0; 16]).bytes(), &[MldHopLimit]),
        (ours, icmp6(131, 0, &[0; 4]), &[MldTruncated]),
        (
            ours,
            ethernet().ipv6(A6, B6).hops(1).icmp(143, 0).rest([0, 0, 0, 2]).bytes(),
            &[MldReportTruncated],
        ),
        (
            ours,
            ethernet()
                .ipv6(A6, B6)
                .hops(1)
                .icmp(143, 0)
                .rest([0, 0, 0, 1])
                .payload([4, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
                .bytes(),
            &[MldRecordTruncated],
        ),
        (ours, icmp6(134, 0, &[0; 4]), &[NdAdvertisementShort]),
        (ours, icmp6(135, 0, &[0; 4]), &[NdNeighborSolicitShort]),
        (ours, icmp6(136, 0, &[0; 4]), &[NdNeighborAdvertShort]),
        (ours, icmp6(137, 0, &[0; 4]), &[NdRedirectShort]),
        (ours, icmp6(134, 0, &[0, 0, 0, 0, 0, 0, 0, 0, 1, 9]), &[NdOptionsTruncated]),
        (ours, icmp6(134, 0, &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]), &[NdOptionZero]),
        (ours, ip4(2, &[0x11; 7]), &[IgmpTruncated]),
        (ours, ip4(2, &[0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]), &[IgmpV3Truncated]),
        (ours, ip4(2, &[0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), &[IgmpMalformed]),
        (ours, ip4(132, &[0; 11]), &[SctpTruncated]),
        (ours, sctp(1, &[9, 0]), &[SctpChunkTruncated]),
        (ours, sctp(1, &[9, 0, 0, 99]), &[SctpChunkLength]),
        (ours, sctp(1, &[1, 0, 0, 4, 9, 0, 0, 4]), &[SctpInitTag, SctpInitBundled]),
        (ours, sctp(0, &[0, 0, 0, 4]), &[SctpDataTag]),
        (ours, sctp(1, &[9, 0, 0, 4].repeat(17)), &[SctpChunksTooMany]),
        (
            ours,
            sctp(1, &[0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].repeat(17)),
            &[SctpDataChunksTooMany],
        ),
        (ours, ip4(50, &[0; 7]), &[EspTruncated]),
        // Tunnels.
        (ours, ip4(4, &[0x65; 40]), &[InnerIpVersion]),
        (ours, ip4(41, &[0x60; 39]), &[InnerIpTruncated]),
        (ours, ip4(4, &[&ip[..], &[0; 4]].concat()), &[InnerIpLength]),
        (ours, ip6(4, &[0x45; 19]), &[Ipv4InIpv6Truncated]),
        (ours, ip6(4, &[0x65; 29]), &[Ipv4InIpv6Version]),
        (ours, ip6(41, &[0x60; 39]), &[Ipv6InIpv6Truncated]),
        (ours, ip6(41, &[0x45; 49]), &[Ipv6InIpv6Version]),
        (ours, ip4(47, &[0; 3]), &[GreTruncated]),
        (ours, gre(0x2000, 0x0800, &[]), &[GreHeaderTruncated]),
        (ours, gre(0x2001, 0x880b, &[]), &[Gre1HeaderTruncated]),
        (ours, gre(0, 0x6558, &[0; 9]), &[GrePayloadTruncated]),
        (ours, gre(5, 0x0800, &[]), &[GreVersion]),
        (ours, gre(0x2001, 0x0800, &[0; 8]), &[GrePptpProtocol]),
        (ours, gre(0x4000, 0x0800, &[0; 9]), &[GreRouting]),
        (ours, gre(0x4000, 0x0800, &[0, 0, 0, 0, 1]), &[GreSourceRoute]),
        (ours, gre(0x0008, 0x0800, &ip), &[GreFlagsUnknown]),
        (suricata, gre(0x0100, 0x0800, &ip), &[GreRecursion]),
        (suricata, gre(0x0008, 0x0800, &ip), &[GreFlags]),
        (suricata, gre(0x8001, 0x880b, &ip), &[Gre1Checksum]),
        (suricata, gre(0x4001, 0x880b, &ip), &[Gre1Routing]),
        (suricata, gre(0x0801, 0x880b, &ip), &[Gre1SourceRoute]),
        (suricata, gre(0x0101, 0x880b, &ip), &[Gre1Recursion]),
        (suricata, gre(0x0009, 0x880b, &ip), &[Gre1Flags]),
        (suricata, gre(0x0001, 0x880b, &ip), &[Gre1NoKey]),
        (zeek, gre(0x2001, 0x880b, &[0, 9, 0, 0, 0xff, 3, 0xc0, 0x21, 1]), &[GrePppNotIp]),
        (ours, gre(0x1000, 0x88be, &[0; 9]), &[ErspanTruncated]),
        (ours, gre(0x1000, 0x88be, &[0; 40]), &[ErspanVersion]),
        (ours, udp(4789, &[0; 9]), &[VxlanInvalid]),
        (ours, udp(4789, &[8, 0, 0, 0, 0, 0, 0, 0]), &[VxlanEmpty]),
        (
            suricata,
            ethernet()
                .ipv4(A, B)
                .udp(9, 4789)
                .vxlan(1)
                .ethernet()
                .ethertype(0x9999)
                .raw([0; 20])
                .bytes(),
            &[VxlanPayloadUnknown],
        ),
        (ours, udp(6081, &[0; 7]), &[GeneveInvalid]),
        (ours, udp(6081, &[0x40, 0, 0x65, 0x58, 0, 0, 0, 0]), &[GeneveVersion]),
        (ours, udp(6081, &[0, 0, 0x65, 0x58, 0, 0, 0, 0]), &[GeneveEmpty]),
        (ours, udp(6081, &[0, 0, 0x99, 0x99, 0, 0, 0, 0, 1]), &[GenevePayloadUnknown]),
        (ours, udp(3544, &[0x60; 39]), &[TeredoInvalid]),
        (
            ours,
            ethernet()
                .ipv4(A, B)
                .udp(9, 3544)
                .ipv6(A6, B6)
                .next(59)
                .payload_len(0)
                .raw([1; 4])
                .bytes(),
            &[TeredoBubbleWithPayload],
        ),
        (ours, udp(2152, &[0; 9]), &[GtpInvalid]),
        (ours, udp(5072, &[0xf0, 0x52, 0x11, 41, 0, 0, 0, 0]), &[AyiyaInvalid]),
        (ours, udp(5072, &[0, 0, 0x11, 41, 0, 0, 0, 0, 0]), &[AyiyaEmpty]),
        (ours, udp(1701, &[0, 9, 0, 0, 0, 0]), &[L2tpInvalid]),
    ];
    for (dialect, bytes, kinds) in jumbled {
        expect(*dialect, on_ethernet, bytes, kinds);
    }

    // Other link types.
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 0x99, 0x99];
    let links: &[(LinkType, Vec<u8>, NoteKind)] = &[
        (LinkType(999), vec![0; 40], LinkTypeUnsupported),
        (LinkType::PPP, vec![0], PppTruncated),
        (LinkType::PPP_SERIAL, vec![0; 4], PppSerialTruncated),
        (LinkType::LINUX_SLL, vec![0; 15], SllTruncated),
        (LinkType::LINUX_SLL2, vec![0; 19], Sll2Truncated),
        (LinkType::NULL, vec![0; 3], NullTruncated),
        (LinkType::NULL, vec![99, 0, 0, 0, 1], NullFamilyUnknown),
        (LinkType::CISCO_HDLC, vec![0; 3], HdlcTruncated),
        (LinkType::FDDI, vec![0; 21], FddiTruncated),
        (LinkType::NFLOG, vec![0; 4], NflogTruncated),
        (LinkType::NFLOG, vec![2, 9, 0, 0, 1], NflogVersion),
        (LinkType::NFLOG, vec![2, 0, 0, 0, 1], NflogNoPayload),
        (LinkType::NFLOG, vec![2, 0, 0, 0, 3, 0, 1, 0, 0], NflogTlvShort),
        (LinkType::NFLOG, vec![2, 0, 0, 0, 99, 0, 1, 0, 0], NflogTlvOverrun),
        (LinkType::IEEE802_11_RADIOTAP, vec![0, 0, 99, 0], RadiotapTruncated),
        (LinkType::IEEE802_11_AVS, vec![0; 7], WifiCaptureHeaderTruncated),
        (LinkType::IEEE802_11, wifi(false, &[], &[]), WifiTruncated),
        (LinkType::IEEE802_11, wifi(true, &[0x80, 0], &[0; 13]), AmsduHeaderTruncated),
        (LinkType::IEEE802_11, wifi(true, &[0x80, 0], &[1; 14]), AmsduTruncated),
        (
            LinkType::IEEE802_11,
            wifi(true, &[0x80, 0], &[&[0; 13][..], &[8], &snap].concat()),
            AmsduInnerInvalid,
        ),
        (LinkType::IEEE802_11, wifi(false, &[], &[0; 7]), WifiLlcTruncated),
    ];
    for (link, bytes, kind) in links {
        expect(ours, *link, bytes, &[*kind]);
    }
    expect(zeek, LinkType::PPP, &[0xff, 3, 0, 0x21], &[PppHdlcTruncated]);

    // Too much of one thing.
    let mut nested = ip.clone();
    for _ in 0..20 {
        nested = ipv4(A, B).proto(4).payload(&nested).bytes();
    }
    expect(ours, LinkType::RAW, &nested, &[TunnelTooDeep]);
    let user = ipv4(A, B).udp(9, 2152).gtp(1).ipv4(A, B).udp(1, 2).bytes();
    let mut nested = user;
    for _ in 0..4 {
        nested = ipv4(A, B).proto(4).payload(&nested).bytes();
    }
    expect(zeek, LinkType::RAW, &nested, &[GtpTooDeep]);
    // 29 layers of tags before a tunnel.
    let mut tagged = eth(0x0800, &ipv4(A, B).proto(4).payload(&ip).bytes());
    for _ in 0..30 {
        tagged = eth(0x6558, &tagged);
    }
    expect(ours, on_ethernet, &tagged, &[TooManyTunnelLayers]);
    let mut stacked = raw([0; 60]).bytes();
    for _ in 0..40 {
        stacked = eth(0x6558, &stacked);
    }
    expect(ours, on_ethernet, &stacked, &[TooManyLayers]);

    // Checksums.
    for (bytes, kind) in [
        (ethernet().ipv4(A, B).bad_checksum().bytes(), Ipv4Checksum),
        (ethernet().ipv4(A, B).tcp(1, 2).bad_checksum().bytes(), TcpChecksum),
        (ethernet().ipv4(A, B).udp(1, 2).bad_checksum().bytes(), UdpChecksum),
        (ethernet().ipv4(A, B).icmp(8, 0).bad_checksum().bytes(), IcmpChecksum),
        (gre(0x8000, 0x0800, &[&[0; 4], &ip[..]].concat()), GreChecksum),
    ] {
        assert!(noted(ours, Checksums::Verify, on_ethernet, &bytes).contains(&kind), "{kind:?}");
        met.insert(kind);
    }
    let mobility = ip6(135, &[59, 0, 0, 0, 1, 1, 0, 0]);
    assert!(noted(zeek, Checksums::Verify, on_ethernet, &mobility).contains(&MobilityChecksum));
    met.insert(MobilityChecksum);

    let missing: Vec<_> = NoteKind::ALL.iter().filter(|k| !met.contains(k)).collect();
    assert!(missing.is_empty(), "nobody meets {missing:?}");
}
