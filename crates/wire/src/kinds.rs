//! The table of deviations: our name, what it means, and what Zeek and Suricata call it.
//!
//! One row is one fact about the bytes. `tells` is a name under which a program reports the fact and
//! goes on; `drops` one after which it stops with the packet. A fact may be silent in one of them
//! (`NONE`), and two facts may share a name where a program does not tell them apart.

use crate::note::{NoteInfo, WeirdScope};

struct Zeek(Option<&'static str>, WeirdScope, bool);
struct Suricata(Option<&'static str>, bool);

/// Zeek says nothing and goes on.
const Z_NONE: Zeek = Zeek(None, WeirdScope::Net, false);
/// Zeek says nothing and stops.
const Z_QUITS: Zeek = Zeek(None, WeirdScope::Net, true);
/// Suricata says nothing and goes on.
const S_NONE: Suricata = Suricata(None, false);
/// A weird of no packet in particular, after which Zeek stops.
const fn net(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Net, true)
}
/// The same, but Zeek goes on.
const fn net_tells(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Net, false)
}
/// A weird of an address pair, after which Zeek stops.
const fn pair(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Pair, true)
}
/// The same, but Zeek goes on.
const fn pair_tells(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Pair, false)
}
/// A weird raised by the header chain itself, before anyone knows of tunnels; Zeek goes on.
const fn header_tells(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Header, false)
}
/// A weird of a connection: the connection exists, its packet is not looked into.
const fn conn(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Conn, true)
}
/// The same, but the packet is looked into.
const fn conn_tells(name: &'static str) -> Zeek {
    Zeek(Some(name), WeirdScope::Conn, false)
}
/// A decoder event after which no flow sees the packet.
const fn drops(name: &'static str) -> Suricata {
    Suricata(Some(name), true)
}
/// A decoder event only.
const fn tells(name: &'static str) -> Suricata {
    Suricata(Some(name), false)
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $zeek:expr, $suricata:expr;)+) => {
        /// What a [`crate::Note`] says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum NoteKind { $($(#[doc = $doc])+ $kind,)+ }

        impl NoteKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// What is known of this kind.
            pub const fn info(self) -> &'static NoteInfo {
                match self {
                    $(Self::$kind => {
                        const ZEEK: Zeek = $zeek;
                        const SURICATA: Suricata = $suricata;
                        const INFO: NoteInfo = NoteInfo {
                            name: $name,
                            meaning: concat!($($doc),+),
                            zeek: ZEEK.0,
                            zeek_scope: ZEEK.1,
                            zeek_drops: ZEEK.2,
                            suricata: SURICATA.0,
                            suricata_drops: SURICATA.1,
                        };
                        &INFO
                    })+
                }
            }
        }
    };
}

kinds! {
    // Frames and the layers above them that are below IP.

    /// A link type that nobody here decodes.
    LinkTypeUnsupported = "link_type_unsupported", Z_NONE, S_NONE;
    /// More layers in one packet than are followed, before a network header was reached.
    TooManyLayers = "too_many_layers", net("max_packet_analyzer_depth_exceeded"), drops("decoder.too_many_layers");
    /// More layers in one packet than are followed, counted through its tunnels.
    TooManyTunnelLayers = "too_many_tunnel_layers", pair("max_packet_analyzer_depth_exceeded"), drops("decoder.too_many_layers");
    /// An Ethernet frame is shorter than its header.
    EthernetTruncated = "ethernet_truncated", net("truncated_ethernet_frame"), drops("decoder.ethernet.pkt_too_small");
    /// An Ethernet frame has a header and at most two bytes more.
    EthernetShort = "ethernet_short", net("truncated_ethernet_frame"), S_NONE;
    /// A Cisco FabricPath header is cut short.
    FabricPathTruncated = "fabricpath_truncated", net("truncated_link_header_cfp"), drops("decoder.dce.pkt_too_small");
    /// The type or length field of Ethernet is between the two ranges (1501 to 1535).
    EthertypeUndefined = "ethertype_undefined", net("undefined_ether_type"), tells("decoder.ethernet.unknown_ethertype");
    /// An EtherType that is not decoded.
    EthertypeUnknown = "ethertype_unknown", Z_NONE, tells("decoder.ethernet.unknown_ethertype");
    /// A VLAN tag is cut short.
    VlanTruncated = "vlan_truncated", net("truncated_VLAN_header"), drops("decoder.vlan.header_too_small");
    /// The type or length field of a VLAN tag is between the two ranges.
    VlanTypeUndefined = "vlan_type_undefined", net("undefined_vlan_protocol"), drops("decoder.vlan.unknown_type");
    /// A VLAN tag is followed by a type that is not decoded.
    VlanTypeUnknown = "vlan_type_unknown", Z_NONE, drops("decoder.vlan.unknown_type");
    /// A third VLAN tag, which takes the place of the second where only two are kept.
    VlanThird = "vlan_third", net_tells("triple_tagged_vlan_unsupported"), S_NONE;
    /// A fourth VLAN tag or more.
    VlanTooMany = "vlan_too_many", Z_NONE, drops("decoder.vlan.too_many_layers");
    /// A provider backbone bridge header (802.1ah) is cut short.
    PbbTruncated = "pbb_truncated", net("truncated_PBB_header"), drops("decoder.ieee8021ah.header_too_small");
    /// A VN-tag is cut short.
    VntagTruncated = "vntag_truncated", net("truncated_vntag_header"), drops("decoder.vntag.header_too_small");
    /// A VN-tag is followed by a type that is not decoded.
    VntagTypeUnknown = "vntag_type_unknown", Z_NONE, drops("decoder.vntag.unknown_type");
    /// An E-tag (802.1BR) is cut short.
    EtagTruncated = "etag_truncated", Z_QUITS, drops("decoder.etag.header_too_small");
    /// An E-tag is followed by a type that is not decoded.
    EtagTypeUnknown = "etag_type_unknown", Z_NONE, drops("decoder.etag.unknown_type");
    /// An LLC header is cut short.
    LlcTruncated = "llc_truncated", net("truncated_llc_header"), S_NONE;
    /// The LLC part of a SNAP header is cut short.
    SnapLlcTruncated = "snap_llc_truncated", net("truncated_snap_llc_header"), S_NONE;
    /// A SNAP header is cut short.
    SnapTruncated = "snap_truncated", net("truncated_snap_header"), S_NONE;
    /// A frame of Novell's raw 802.3, whose IPX nobody decodes.
    NovellRaw = "novell_raw", net("no_suitable_analyzer_found"), S_NONE;
    /// An MPLS label stack has no bottom in what was captured.
    MplsTruncated = "mpls_truncated", net("truncated_link_header"), drops("decoder.mpls.header_too_small");
    /// An MPLS label stack carries nothing.
    MplsEmpty = "mpls_empty", net("truncated_link_header"), drops("decoder.mpls.pkt_too_small");
    /// What an MPLS label stack carries is too short to tell what it is.
    MplsPayloadShort = "mpls_payload_short", Z_NONE, drops("decoder.mpls.pkt_too_small");
    /// The router alert label is at the bottom of the stack.
    MplsRouterAlertAtBottom = "mpls_router_alert_at_bottom", Z_NONE, drops("decoder.mpls.bad_label_router_alert");
    /// The implicit null label, which never belongs on the wire.
    MplsImplicitNull = "mpls_implicit_null", Z_NONE, drops("decoder.mpls.bad_label_implicit_null");
    /// A reserved label is at the bottom of the stack.
    MplsReservedLabel = "mpls_reserved_label", Z_NONE, drops("decoder.mpls.bad_label_reserved");
    /// What an MPLS label stack carries is neither IP nor an Ethernet pseudowire.
    MplsPayloadUnknown = "mpls_payload_unknown", Z_NONE, drops("decoder.mpls.unknown_payload_type");
    /// A PPP header is cut short.
    PppTruncated = "ppp_truncated", net("truncated_ppp_header"), drops("decoder.ppp.pkt_too_small");
    /// A PPP header in HDLC framing is cut short.
    PppHdlcTruncated = "ppp_hdlc_truncated", net("truncated_ppp_hdlc_header"), drops("decoder.ppp.pkt_too_small");
    /// A PPP header on a serial line is cut short.
    PppSerialTruncated = "ppp_serial_truncated", net("truncated_ppp_serial_header"), drops("decoder.ppp.pkt_too_small");
    /// PPP carries a protocol number that nobody assigned.
    PppProtocolUnknown = "ppp_protocol_unknown", Z_NONE, drops("decoder.ppp.wrong_type");
    /// PPP carries a protocol that is assigned but not decoded.
    PppProtocolUnsupported = "ppp_protocol_unsupported", Z_NONE, tells("decoder.ppp.unsup_proto");
    /// A packet with a Van Jacobson uncompressed header is too short for it.
    PppVjTruncated = "ppp_vj_truncated", Z_NONE, drops("decoder.ppp.vju_pkt_too_small");
    /// An IPv4 packet in PPP is too short for its header.
    PppIpv4Truncated = "ppp_ipv4_truncated", Z_NONE, drops("decoder.ppp.ip4_pkt_too_small");
    /// An IPv6 packet in PPP is too short for its header.
    PppIpv6Truncated = "ppp_ipv6_truncated", Z_NONE, drops("decoder.ppp.ip6_pkt_too_small");
    /// A PPPoE header is cut short.
    PppoeTruncated = "pppoe_truncated", net("truncated_pppoe_header"), drops("decoder.pppoe.pkt_too_small");
    /// More follows a PPPoE payload than its length field says.
    PppoeExtraData = "pppoe_extra_data", net_tells("pppoe_extra_data_after_payload"), S_NONE;
    /// A PPPoE payload is shorter than its length field says.
    PppoePayloadTruncated = "pppoe_payload_truncated", net_tells("pppoe_truncated_payload"), S_NONE;
    /// A PPPoE discovery code that does not exist.
    PppoeCodeUnknown = "pppoe_code_unknown", Z_NONE, drops("decoder.pppoe.wrong_code");
    /// The tags of a PPPoE discovery packet do not fit into it.
    PppoeTagsMalformed = "pppoe_tags_malformed", Z_NONE, drops("decoder.pppoe.malformed_tags");
    /// A Linux cooked header is cut short.
    SllTruncated = "sll_truncated", net("truncated_Linux_SLL_header"), drops("decoder.sll.pkt_too_small");
    /// A Linux cooked header of version 2 is cut short.
    Sll2Truncated = "sll2_truncated", net("truncated_Linux_SLL2_header"), drops("decoder.sll2.pkt_too_small");
    /// A BSD loopback header is cut short.
    NullTruncated = "null_truncated", net("null_analyzer_failed"), drops("decoder.ltnull.pkt_too_small");
    /// A BSD loopback header names an address family that is not IP.
    NullFamilyUnknown = "null_family_unknown", Z_NONE, tells("decoder.ltnull.unsupported_type");
    /// A Cisco HDLC header is cut short.
    HdlcTruncated = "hdlc_truncated", Z_QUITS, drops("decoder.chdlc.pkt_too_small");
    /// An FDDI header is cut short.
    FddiTruncated = "fddi_truncated", net("FDDI_analyzer_failed"), S_NONE;
    /// An NFLOG header is cut short.
    NflogTruncated = "nflog_truncated", net("truncated_nflog_header"), S_NONE;
    /// An NFLOG header of another version than 0.
    NflogVersion = "nflog_version", net("unknown_nflog_version"), S_NONE;
    /// An NFLOG packet has no payload field.
    NflogNoPayload = "nflog_no_payload", net("nflog_no_pcap_payload"), S_NONE;
    /// An NFLOG field is shorter than its own header.
    NflogTlvShort = "nflog_tlv_short", net("nflog_bad_tlv_len"), S_NONE;
    /// An NFLOG field is longer than what is left (its length, then what is left).
    NflogTlvOverrun = "nflog_tlv_overrun", net("nflog_bad_tlv_len"), S_NONE;
    /// A network service header (RFC 8300) is cut short.
    NshTruncated = "nsh_truncated", Z_QUITS, drops("decoder.nsh.header_too_small");
    /// A network service header of another version than 0.
    NshVersion = "nsh_version", Z_QUITS, tells("decoder.nsh.unsupported_version");
    /// The length of a network service header does not fit its type or the packet.
    NshLength = "nsh_length", Z_QUITS, drops("decoder.nsh.bad_header_length");
    /// A network service header of a reserved type.
    NshTypeReserved = "nsh_type_reserved", Z_QUITS, tells("decoder.nsh.reserved_type");
    /// A network service header of a type that is not assigned.
    NshTypeUnknown = "nsh_type_unknown", Z_QUITS, tells("decoder.nsh.unsupported_type");
    /// A network service header carries a protocol that is not decoded.
    NshPayloadUnknown = "nsh_payload_unknown", Z_QUITS, tells("decoder.nsh.unknown_payload");

    // Wireless.

    /// A radiotap header is cut short.
    RadiotapTruncated = "radiotap_truncated", net("truncated_radiotap_header"), S_NONE;
    /// A PPI, Prism or AVS header is cut short.
    WifiCaptureHeaderTruncated = "wifi_capture_header_truncated", Z_NONE, S_NONE;
    /// An 802.11 header is cut short.
    WifiTruncated = "wifi_truncated", net("truncated_802_11_header"), S_NONE;
    /// A subframe header of an 802.11 aggregate is cut short.
    AmsduHeaderTruncated = "amsdu_header_truncated", net("truncated_802_11_amsdu_header"), S_NONE;
    /// A subframe of an 802.11 aggregate is cut short.
    AmsduTruncated = "amsdu_truncated", net("truncated_802_11_amsdu_packet"), S_NONE;
    /// A subframe of an 802.11 aggregate carries nothing that is decoded.
    AmsduInnerInvalid = "amsdu_inner_invalid", net("invalid_802_11_amsdu_inner_packet"), S_NONE;
    /// The LLC header in an 802.11 frame is cut short.
    WifiLlcTruncated = "wifi_llc_truncated", net("truncated_802_11_llc_header"), S_NONE;

    // ARP.

    /// An ARP header is cut short.
    ArpTruncated = "arp_truncated", net("truncated_ARP"), drops("decoder.arp.pkt_too_small");
    /// An ARP message is shorter than the addresses it declares.
    ArpAddressesTruncated = "arp_addresses_truncated", net("truncated_ARP"), drops("decoder.arp.invalid_pkt");
    /// ARP for hardware other than Ethernet.
    ArpHardwareUnsupported = "arp_hardware_unsupported", Z_QUITS, drops("decoder.arp.unsupported_hardware");
    /// ARP for a protocol other than IPv4.
    ArpProtocolUnsupported = "arp_protocol_unsupported", Z_QUITS, drops("decoder.arp.unsupported_protocol");
    /// The hardware address size of ARP is not 6.
    ArpHardwareSize = "arp_hardware_size", Z_QUITS, drops("decoder.arp.invalid_hardware_size");
    /// The protocol address size of ARP is not 4.
    ArpProtocolSize = "arp_protocol_size", Z_QUITS, drops("decoder.arp.invalid_protocol_size");
    /// An ARP operation that is not decoded.
    ArpOperationUnsupported = "arp_operation_unsupported", Z_QUITS, drops("decoder.arp.unsupported_opcode");

    // IP.

    /// The IP version is neither 4 nor 6.
    UnknownIpVersion = "unknown_ip_version", net("unknown_ip_version"), drops("decoder.ipraw.invalid_ip_version");
    /// What came as IPv4 says another version.
    Ipv4WrongVersion = "ipv4_wrong_version", Z_NONE, drops("decoder.ipv4.wrong_ip_version");
    /// What came as IPv6 says another version.
    Ipv6WrongVersion = "ipv6_wrong_version", Z_NONE, drops("decoder.ipv6.wrong_ip_version");
    /// A packet is shorter than an IPv4 header.
    Ipv4Truncated = "ipv4_truncated", net("truncated_IP"), drops("decoder.ipv4.pkt_too_small");
    /// An IPv6 packet is shorter than its header.
    Ipv6Truncated = "ipv6_truncated", net("truncated_IP"), drops("decoder.ipv6.pkt_too_small");
    /// The total length of an IPv4 header is 0 (a segment captured before the network card cut it).
    Ipv4LengthZero = "ipv4_length_zero", net_tells("ip_hdr_len_zero"), drops("decoder.ipv4.iplen_smaller_than_hlen");
    /// The length of an IP packet exceeds the frame on the wire.
    IpLengthBeyondWire = "ip_length_beyond_wire", net("truncated_IP_len"), S_NONE;
    /// An IPv4 packet was not captured whole.
    Ipv4CutByCapture = "ipv4_cut_by_capture", Z_NONE, drops("decoder.ipv4.trunc_pkt");
    /// An IPv6 packet was not captured whole.
    Ipv6CutByCapture = "ipv6_cut_by_capture", Z_NONE, drops("decoder.ipv6.trunc_pkt");
    /// The header length field of IPv4 is below 20 bytes.
    Ipv4HeaderLengthSmall = "ipv4_header_length_small", net("IPv4_min_header_size"), drops("decoder.ipv4.hlen_too_small");
    /// The header of IPv4 is longer than the packet says it is.
    Ipv4HeaderBeyondLength = "ipv4_header_beyond_length", net("invalid_IP_header_size"), drops("decoder.ipv4.iplen_smaller_than_hlen");
    /// The header of IPv4 is longer than what was captured.
    Ipv4HeaderCut = "ipv4_header_cut", net("internally_truncated_header"), S_NONE;
    /// The extension headers of IPv6 are longer than the packet says it is.
    Ipv6HeadersBeyondLength = "ipv6_headers_beyond_length", net("invalid_IP_header_size"), drops("decoder.ipv6.trunc_exthdr");
    /// The header checksum of IPv4 is wrong.
    Ipv4Checksum = "ipv4_checksum", pair("bad_IP_checksum"), S_NONE;
    /// A fragment was not captured whole.
    FragmentCutByCapture = "fragment_cut_by_capture", pair_tells("incompletely_captured_fragment"), S_NONE;
    /// An IPv4 option has an unassigned number.
    Ipv4OptionUnknown = "ipv4_option_unknown", Z_NONE, tells("decoder.ipv4.opt_invalid");
    /// The length of an IPv4 option does not fit into the header.
    Ipv4OptionLength = "ipv4_option_length", Z_NONE, drops("decoder.ipv4.opt_invalid_len");
    /// The length of an IPv4 option is not that of its kind.
    Ipv4OptionSize = "ipv4_option_size", Z_NONE, tells("decoder.ipv4.opt_invalid_len");
    /// The contents of an IPv4 option make no sense.
    Ipv4OptionMalformed = "ipv4_option_malformed", Z_NONE, tells("decoder.ipv4.opt_malformed");
    /// The options of IPv4 do not end at a multiple of 8 bytes.
    Ipv4OptionsUnpadded = "ipv4_options_unpadded", Z_NONE, tells("decoder.ipv4.opt_pad_required");
    /// The last byte of the options of IPv4 is no end mark.
    Ipv4OptionsUnended = "ipv4_options_unended", Z_NONE, tells("decoder.ipv4.opt_eol_required");
    /// An IPv4 option occurs twice.
    Ipv4OptionDuplicate = "ipv4_option_duplicate", Z_NONE, tells("decoder.ipv4.opt_duplicate");
    /// ICMPv6 in IPv4.
    Ipv4CarriesIcmpv6 = "ipv4_carries_icmpv6", Z_NONE, drops("decoder.ipv4.icmpv6");
    /// IPv4 carries a protocol that is not decoded.
    Ipv4ProtocolUnknown = "ipv4_protocol_unknown", Z_NONE, tells("decoder.ipv4.unknown_protocol");
    /// An extension header of IPv6 is cut short.
    Ipv6ExtensionTruncated = "ipv6_extension_truncated", Z_NONE, drops("decoder.ipv6.trunc_exthdr");
    /// A second fragment header.
    Ipv6FragmentDuplicate = "ipv6_fragment_duplicate", Z_NONE, tells("decoder.ipv6.exthdr_dupl_fh");
    /// A fragment header on a packet that is no fragment.
    Ipv6FragmentUseless = "ipv6_fragment_useless", Z_NONE, tells("decoder.ipv6.exthdr_useless_fh");
    /// The reserved field of a fragment header is not 0.
    Ipv6FragmentReserved = "ipv6_fragment_reserved", Z_NONE, tells("decoder.ipv6.fh_non_zero_reserved_field");
    /// A fragment that is not the last has a length that is no multiple of 8.
    Ipv6FragmentLength = "ipv6_fragment_length", Z_NONE, tells("decoder.ipv6.frag_invalid_length");
    /// A second routing header.
    Ipv6RoutingDuplicate = "ipv6_routing_duplicate", Z_NONE, tells("decoder.ipv6.exthdr_dupl_rh");
    /// A routing header after one that named the final destination.
    Ipv6RoutingAfterFinal = "ipv6_routing_after_final", header_tells("multiple_routing_headers"), S_NONE;
    /// A routing header of type 0, which is forbidden (RFC 5095).
    Ipv6Routing0 = "ipv6_routing0", header_tells("routing0_hdr"), tells("decoder.ipv6.rh_type_0");
    /// A routing header of type 0 has an odd length.
    Ipv6Routing0Length = "ipv6_routing0_length", header_tells("odd_routing0_len"), S_NONE;
    /// A routing header of type 2 (Mobile IPv6) has another length than 2.
    Ipv6Routing2Length = "ipv6_routing2_length", header_tells("bad_routing2_len"), S_NONE;
    /// A routing header of a type that is not known (its type).
    Ipv6RoutingUnknown = "ipv6_routing_unknown", header_tells("unknown_routing_type"), S_NONE;
    /// A second hop-by-hop header.
    Ipv6HopByHopDuplicate = "ipv6_hop_by_hop_duplicate", Z_NONE, tells("decoder.ipv6.exthdr_dupl_hh");
    /// A third destination options header.
    Ipv6DestinationDuplicate = "ipv6_destination_duplicate", Z_NONE, tells("decoder.ipv6.exthdr_dupl_dh");
    /// A second authentication header.
    Ipv6AuthenticationDuplicate = "ipv6_authentication_duplicate", Z_NONE, tells("decoder.ipv6.exthdr_dupl_ah");
    /// The reserved field of an authentication header is not 0.
    Ipv6AuthenticationReserved = "ipv6_authentication_reserved", Z_NONE, tells("decoder.ipv6.exthdr_ah_res_not_null");
    /// The length of an option does not fit into its extension header.
    Ipv6OptionLength = "ipv6_option_length", Z_NONE, tells("decoder.ipv6.exthdr_invalid_optlen");
    /// The length of a destination option does not fit into its extension header.
    Ipv6DestinationOptionLength = "ipv6_destination_option_length", header_tells("bad_ipv6_dest_opt_len"), tells("decoder.ipv6.exthdr_invalid_optlen");
    /// A second home address option.
    Ipv6HomeAddressDuplicate = "ipv6_home_address_duplicate", header_tells("multiple_home_addr_opts"), S_NONE;
    /// A home address option without an address.
    Ipv6HomeAddressLength = "ipv6_home_address_length", header_tells("bad_home_addr_len"), S_NONE;
    /// A hop-by-hop option that is not known.
    Ipv6HopByHopOptionUnknown = "ipv6_hop_by_hop_option_unknown", Z_NONE, tells("decoder.ipv6.hopopts_unknown_opt");
    /// A destination option that is not known.
    Ipv6DestinationOptionUnknown = "ipv6_destination_option_unknown", Z_NONE, tells("decoder.ipv6.dstopts_unknown_opt");
    /// A hop-by-hop header of nothing but padding.
    Ipv6HopByHopOnlyPadding = "ipv6_hop_by_hop_only_padding", Z_NONE, tells("decoder.ipv6.hopopts_only_padding");
    /// A destination options header of nothing but padding.
    Ipv6DestinationOnlyPadding = "ipv6_destination_only_padding", Z_NONE, tells("decoder.ipv6.dstopts_only_padding");
    /// A padding option of no length.
    Ipv6PaddingZero = "ipv6_padding_zero", Z_NONE, tells("decoder.ipv6.zero_len_padn");
    /// The header chain of IPv6 ends with no next header.
    Ipv6NoNextHeader = "ipv6_no_next_header", pair("ipv6_no_next"), S_NONE;
    /// Data after a header chain that ends with no next header.
    Ipv6DataAfterNone = "ipv6_data_after_none", Z_NONE, tells("decoder.ipv6.data_after_none_header");
    /// IPv6 carries a protocol that is not decoded.
    Ipv6NextHeaderUnknown = "ipv6_next_header_unknown", Z_NONE, tells("decoder.ipv6.unknown_next_header");
    /// ICMP of version 4 in IPv6.
    Ipv6CarriesIcmpv4 = "ipv6_carries_icmpv4", Z_NONE, tells("decoder.ipv6.icmpv4");
    /// The checksum of a mobility header is wrong.
    MobilityChecksum = "mobility_checksum", pair("bad_MH_checksum"), S_NONE;
    /// Data behind a mobility header.
    MobilityPiggyback = "mobility_piggyback", pair_tells("mobility_piggyback"), S_NONE;

    // Transport.

    /// The captured bytes end within a transport header.
    TransportCutByCapture = "transport_cut_by_capture", pair("internally_truncated_header"), S_NONE;
    /// A packet that carries TCP is shorter than its header.
    TcpTruncated = "tcp_truncated", pair("truncated_header"), drops("decoder.tcp.pkt_too_small");
    /// A packet says that it carries TCP and carries nothing.
    TcpMissing = "tcp_missing", pair("internally_truncated_header"), drops("decoder.tcp.pkt_too_small");
    /// The header length field of TCP is below 20 bytes.
    TcpHeaderLengthSmall = "tcp_header_length_small", conn("bad_TCP_header_len"), drops("decoder.tcp.invalid_optlen");
    /// The header of TCP is longer than the segment.
    TcpHeaderBeyondSegment = "tcp_header_beyond_segment", conn("truncated_header"), drops("decoder.tcp.hlen_too_small");
    /// The options of TCP are longer than what was captured.
    TcpOptionsCutByCapture = "tcp_options_cut_by_capture", conn("truncated_header"), S_NONE;
    /// The length of a TCP option does not fit into the header, or is not that of its kind.
    TcpOptionLength = "tcp_option_length", Z_NONE, tells("decoder.tcp.opt_invalid_len");
    /// A TCP option occurs twice.
    TcpOptionDuplicate = "tcp_option_duplicate", Z_NONE, tells("decoder.tcp.opt_duplicate");
    /// The checksum of TCP is wrong.
    TcpChecksum = "tcp_checksum", conn("bad_TCP_checksum"), S_NONE;
    /// A packet that carries UDP is shorter than its header.
    UdpTruncated = "udp_truncated", pair("truncated_header"), drops("decoder.udp.hlen_too_small");
    /// A packet says that it carries UDP and carries nothing.
    UdpMissing = "udp_missing", pair("internally_truncated_header"), drops("decoder.udp.hlen_too_small");
    /// The length of a UDP datagram is not that of the packet (the first, then the second).
    UdpLengthMismatch = "udp_length_mismatch", conn_tells("UDP_datagram_length_mismatch"), S_NONE;
    /// The length of a UDP datagram exceeds the packet.
    UdpLengthBeyondPacket = "udp_length_beyond_packet", Z_NONE, drops("decoder.udp.pkt_too_small");
    /// The length of a UDP datagram is below that of its header.
    UdpLengthBelowHeader = "udp_length_below_header", Z_NONE, drops("decoder.udp.len_invalid");
    /// The checksum of UDP is wrong.
    UdpChecksum = "udp_checksum", conn("bad_UDP_checksum"), S_NONE;
    /// An ICMP message is shorter than its header.
    IcmpTruncated = "icmp_truncated", pair("truncated_header"), drops("decoder.icmpv4.pkt_too_small");
    /// A packet says that it carries ICMP and carries nothing.
    IcmpMissing = "icmp_missing", pair("internally_truncated_header"), drops("decoder.icmpv4.pkt_too_small");
    /// An ICMP type that is not known.
    IcmpTypeUnknown = "icmp_type_unknown", Z_NONE, tells("decoder.icmpv4.unknown_type");
    /// A code that does not go with its ICMP type.
    IcmpCodeUnknown = "icmp_code_unknown", Z_NONE, tells("decoder.icmpv4.unknown_code");
    /// The message, or the packet that an ICMP error quotes, is cut short.
    IcmpQuoteTruncated = "icmp_quote_truncated", Z_NONE, tells("decoder.icmpv4.ipv4_trunc_pkt");
    /// The packet that an ICMP error quotes is not IPv4.
    IcmpQuoteVersion = "icmp_quote_version", Z_NONE, tells("decoder.icmpv4.ipv4_unknown_ver");
    /// The checksum of ICMP is wrong.
    IcmpChecksum = "icmp_checksum", conn("bad_ICMP_checksum"), S_NONE;
    /// An ICMPv6 message is shorter than its header.
    Icmpv6Truncated = "icmpv6_truncated", pair("truncated_header"), drops("decoder.icmpv6.pkt_too_small");
    /// A packet says that it carries ICMPv6 and carries nothing.
    Icmpv6Missing = "icmpv6_missing", pair("internally_truncated_header"), drops("decoder.icmpv6.pkt_too_small");
    /// An ICMPv6 type that is not known.
    Icmpv6TypeUnknown = "icmpv6_type_unknown", Z_NONE, tells("decoder.icmpv6.unknown_type");
    /// A code that does not go with its ICMPv6 type.
    Icmpv6CodeUnknown = "icmpv6_code_unknown", Z_NONE, tells("decoder.icmpv6.unknown_code");
    /// An ICMPv6 type that nobody assigned.
    Icmpv6TypeUnassigned = "icmpv6_type_unassigned", Z_NONE, tells("decoder.icmpv6.unassigned_type");
    /// An ICMPv6 type for private experiments.
    Icmpv6TypeExperimental = "icmpv6_type_experimental", Z_NONE, tells("decoder.icmpv6.experimentation_type");
    /// The packet that an ICMPv6 error quotes is cut short.
    Icmpv6QuoteTruncated = "icmpv6_quote_truncated", Z_NONE, tells("decoder.icmpv6.ipv6_trunc_pkt");
    /// The packet that an ICMPv6 error quotes is not IPv6.
    Icmpv6QuoteVersion = "icmpv6_quote_version", Z_NONE, tells("decoder.icmpv6.ipv6_unknown_version");
    /// A multicast listener message with another hop limit than 1.
    MldHopLimit = "mld_hop_limit", Z_NONE, tells("decoder.icmpv6.mld_message_with_invalid_hl");
    /// A multicast listener message of version 1 is cut short.
    MldTruncated = "mld_truncated", conn_tells("truncated_ICMPv6_MLDv1"), S_NONE;
    /// A multicast listener report of version 2 is too short for its records.
    MldReportTruncated = "mld_report_truncated", conn_tells("truncated_ICMPv6_MLDv2"), S_NONE;
    /// A record of a multicast listener report is cut short.
    MldRecordTruncated = "mld_record_truncated", conn_tells("truncated_ICMPv6_MLDv2_record"), S_NONE;
    /// A router advertisement ends before its options (the offset, then the length).
    NdAdvertisementShort = "nd_advertisement_short", net_tells("icmp6_ra_bad_opt_offset"), S_NONE;
    /// A neighbour advertisement ends before its options (the offset, then the length).
    NdNeighborAdvertShort = "nd_neighbor_advert_short", net_tells("icmp6_na_bad_opt_offset"), S_NONE;
    /// A neighbour solicitation ends before its options (the offset, then the length).
    NdNeighborSolicitShort = "nd_neighbor_solicit_short", net_tells("icmp6_ns_bad_opt_offset"), S_NONE;
    /// A redirect ends before its options (the offset, then the length).
    NdRedirectShort = "nd_redirect_short", net_tells("icmp6_redirect_bad_opt_offset"), S_NONE;
    /// The options of neighbour discovery are cut short.
    NdOptionsTruncated = "nd_options_truncated", conn_tells("truncated_ICMPv6_ND_options"), S_NONE;
    /// An option of neighbour discovery has no length.
    NdOptionZero = "nd_option_zero", conn_tells("zero_length_ICMPv6_ND_option"), S_NONE;
    /// An IGMP message is shorter than its header.
    IgmpTruncated = "igmp_truncated", Z_NONE, drops("decoder.igmp.pkt_too_small");
    /// An IGMP message of version 3 is too short for what it lists.
    IgmpV3Truncated = "igmp_v3_truncated", Z_NONE, drops("decoder.igmp.v3_pkt_too_small");
    /// An IGMP message whose counts make no sense.
    IgmpMalformed = "igmp_malformed", Z_NONE, drops("decoder.igmp.malformed");
    /// An SCTP packet is shorter than its header.
    SctpTruncated = "sctp_truncated", Z_NONE, drops("decoder.sctp.pkt_too_small");
    /// An SCTP chunk is cut before its length.
    SctpChunkTruncated = "sctp_chunk_truncated", Z_NONE, drops("decoder.sctp.chunk_too_small");
    /// The length of an SCTP chunk is impossible.
    SctpChunkLength = "sctp_chunk_length", Z_NONE, drops("decoder.sctp.chunk_len_invalid");
    /// An SCTP INIT that is not alone in its packet.
    SctpInitBundled = "sctp_init_bundled", Z_NONE, tells("decoder.sctp.init_chunk_bundled");
    /// An SCTP INIT with a verification tag.
    SctpInitTag = "sctp_init_tag", Z_NONE, tells("decoder.sctp.init_with_non_zero_vtag");
    /// SCTP data without a verification tag.
    SctpDataTag = "sctp_data_tag", Z_NONE, tells("decoder.sctp.data_with_zero_vtag");
    /// More SCTP chunks in a packet than are followed.
    SctpChunksTooMany = "sctp_chunks_too_many", Z_NONE, tells("decoder.sctp.too_many_chunks");
    /// More SCTP data chunks in a packet than are followed.
    SctpDataChunksTooMany = "sctp_data_chunks_too_many", Z_NONE, tells("decoder.sctp.too_many_data_chunks");
    /// An ESP packet is shorter than its header.
    EspTruncated = "esp_truncated", Z_NONE, drops("decoder.esp.pkt_too_small");

    // Tunnels.

    /// More tunnels in tunnels than are followed.
    TunnelTooDeep = "tunnel_too_deep", pair("exceeded_tunnel_max_depth"), S_NONE;
    /// More tunnels around a GTP packet than are followed.
    GtpTooDeep = "gtp_too_deep", net("tunnel_depth"), S_NONE;
    /// What IP carries as IP has another version.
    InnerIpVersion = "inner_ip_version", pair("invalid_inner_IP_version"), S_NONE;
    /// The IP packet in an IP packet is longer than what carries it.
    InnerIpTruncated = "inner_ip_truncated", pair("truncated_inner_IP"), S_NONE;
    /// The IP packet in an IP packet is shorter than what carries it.
    InnerIpLength = "inner_ip_length", pair("inner_IP_payload_length_mismatch"), S_NONE;
    /// IPv4 in IPv6 that is shorter than its header.
    Ipv4InIpv6Truncated = "ipv4_in_ipv6_truncated", Z_NONE, drops("decoder.ipv6.ipv4_in_ipv6_too_small");
    /// What IPv6 carries as IPv4 has another version.
    Ipv4InIpv6Version = "ipv4_in_ipv6_version", Z_NONE, drops("decoder.ipv6.ipv4_in_ipv6_wrong_version");
    /// IPv6 in IPv6 that is shorter than its header.
    Ipv6InIpv6Truncated = "ipv6_in_ipv6_truncated", Z_NONE, drops("decoder.ipv6.ipv6_in_ipv6_too_small");
    /// What IPv6 carries as IPv6 has another version.
    Ipv6InIpv6Version = "ipv6_in_ipv6_version", Z_NONE, drops("decoder.ipv6.ipv6_in_ipv6_wrong_version");
    /// A GRE packet is shorter than the least header.
    GreTruncated = "gre_truncated", pair("truncated_GRE"), drops("decoder.gre.pkt_too_small");
    /// A GRE packet ends within what its flags promise.
    GreHeaderTruncated = "gre_header_truncated", pair("truncated_GRE"), drops("decoder.gre.version0_hdr_too_big");
    /// A GRE packet of version 1 ends within what its flags promise.
    Gre1HeaderTruncated = "gre1_header_truncated", pair("truncated_GRE"), drops("decoder.gre.version1_hdr_too_big");
    /// What GRE carries is shorter than its own header.
    GrePayloadTruncated = "gre_payload_truncated", pair("truncated_GRE"), S_NONE;
    /// A GRE version that does not exist (the version).
    GreVersion = "gre_version", pair("unknown_gre_version"), drops("decoder.gre.wrong_version");
    /// GRE of version 1 with another protocol than PPP (the protocol).
    GrePptpProtocol = "gre_pptp_protocol", pair("egre_protocol_type"), drops("decoder.gre.version1_wrong_protocol");
    /// GRE with a routing field, which is deprecated.
    GreRouting = "gre_routing", pair("gre_routing"), S_NONE;
    /// GRE with reserved flags.
    GreFlagsUnknown = "gre_flags_unknown", pair("unknown_gre_flags"), S_NONE;
    /// GRE with a recursion count.
    GreRecursion = "gre_recursion", Z_NONE, drops("decoder.gre.version0_recur");
    /// GRE of version 0 with reserved flags.
    GreFlags = "gre_flags", Z_NONE, drops("decoder.gre.version0_flags");
    /// The source route of a GRE packet is broken.
    GreSourceRoute = "gre_source_route", Z_NONE, drops("decoder.gre.version0_malformed_sre_hdr");
    /// GRE of version 1 with a checksum.
    Gre1Checksum = "gre1_checksum", Z_NONE, drops("decoder.gre.version1_chksum");
    /// GRE of version 1 with a routing field.
    Gre1Routing = "gre1_routing", Z_NONE, drops("decoder.gre.version1_route");
    /// GRE of version 1 with a strict source route.
    Gre1SourceRoute = "gre1_source_route", Z_NONE, drops("decoder.gre.version1_ssr");
    /// GRE of version 1 with a recursion count.
    Gre1Recursion = "gre1_recursion", Z_NONE, drops("decoder.gre.version1_recur");
    /// GRE of version 1 with reserved flags.
    Gre1Flags = "gre1_flags", Z_NONE, drops("decoder.gre.version1_flags");
    /// GRE of version 1 without a key.
    Gre1NoKey = "gre1_no_key", Z_NONE, drops("decoder.gre.version1_no_key");
    /// PPP in GRE carries no IP.
    GrePppNotIp = "gre_ppp_not_ip", pair("non_ip_packet_in_encap"), S_NONE;
    /// The checksum of GRE is wrong.
    GreChecksum = "gre_checksum", Z_NONE, S_NONE;
    /// An ERSPAN header is cut short.
    ErspanTruncated = "erspan_truncated", Z_NONE, tells("decoder.erspan.header_too_small");
    /// An ERSPAN version that does not go with its GRE header.
    ErspanVersion = "erspan_version", Z_NONE, tells("decoder.erspan.unsupported_version");
    /// A datagram to a VXLAN port has no VXLAN header.
    VxlanInvalid = "vxlan_invalid", Z_QUITS, S_NONE;
    /// A VXLAN header that carries nothing.
    VxlanEmpty = "vxlan_empty", pair("vxlan_empty_packet"), S_NONE;
    /// VXLAN carries a frame of a type that is not expected.
    VxlanPayloadUnknown = "vxlan_payload_unknown", Z_NONE, tells("decoder.vxlan.unknown_payload_type");
    /// A datagram to a Geneve port has no Geneve header.
    GeneveInvalid = "geneve_invalid", Z_QUITS, S_NONE;
    /// A Geneve version other than 0 (the version).
    GeneveVersion = "geneve_version", pair("geneve_invalid_version"), S_NONE;
    /// A Geneve header that carries nothing.
    GeneveEmpty = "geneve_empty", pair("geneve_empty_packet"), S_NONE;
    /// Geneve carries a type that is not decoded.
    GenevePayloadUnknown = "geneve_payload_unknown", Z_NONE, tells("decoder.geneve.unknown_payload_type");
    /// A datagram to a Teredo port is no Teredo packet.
    TeredoInvalid = "teredo_invalid", Z_QUITS, S_NONE;
    /// A Teredo packet of no next header that carries data nevertheless.
    TeredoBubbleWithPayload = "teredo_bubble_with_payload", conn_tells("Teredo_bubble_with_payload"), S_NONE;
    /// A datagram to a GTP port has no GTP header of version 1, or one that is broken.
    GtpInvalid = "gtp_invalid", Z_QUITS, S_NONE;
    /// A datagram to an AYIYA port has no AYIYA header.
    AyiyaInvalid = "ayiya_invalid", Z_QUITS, S_NONE;
    /// An AYIYA header that carries nothing.
    AyiyaEmpty = "ayiya_empty", pair("ayiya_empty_packet"), S_NONE;
    /// A datagram to an L2TP port has no L2TP header, or one that is broken.
    L2tpInvalid = "l2tp_invalid", Z_QUITS, S_NONE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_our_own_and_occur_once() {
        let mut names: Vec<_> = NoteKind::ALL.iter().map(|k| k.info().name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(all < 256);
    }

    #[test]
    fn every_row_says_what_it_means() {
        for kind in NoteKind::ALL {
            let info = kind.info();
            assert!(info.meaning.trim().ends_with('.'), "{}", info.name);
            assert!(info.suricata.is_none_or(|s| s.starts_with("decoder.")), "{}", info.name);
        }
    }
}
