//! What decoding yields: borrowed views of a frame, its network and its transport header.

use std::net::IpAddr;

/// A link type by its LINKTYPE number (the pcap registry), as capture files store it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

macro_rules! link_types {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)+) => {
        impl LinkType {
            $($(#[doc = $doc])+ pub const $name: Self = Self($number);)+
        }
    };
}

link_types! {
    /// BSD loopback.
    NULL = 0;
    /// Ethernet.
    ETHERNET = 1;
    /// PPP, in HDLC framing where it begins with 0xff.
    PPP = 9;
    /// FDDI.
    FDDI = 10;
    /// Raw IP as old BSD captures number it.
    RAW_BSD = 12;
    /// Raw IP as OpenBSD captures number it.
    RAW_OPENBSD = 14;
    /// PPP on a serial line.
    PPP_SERIAL = 50;
    /// PPPoE, session stage, without Ethernet.
    PPP_ETHER = 51;
    /// Raw IP.
    RAW = 101;
    /// Cisco HDLC.
    CISCO_HDLC = 104;
    /// IEEE 802.11.
    IEEE802_11 = 105;
    /// OpenBSD loopback.
    LOOP = 108;
    /// Linux cooked capture.
    LINUX_SLL = 113;
    /// IEEE 802.11 behind a Prism header.
    IEEE802_11_PRISM = 119;
    /// IEEE 802.11 behind a radiotap header.
    IEEE802_11_RADIOTAP = 127;
    /// IEEE 802.11 behind an AVS header.
    IEEE802_11_AVS = 163;
    /// Per-packet information, with any link type behind.
    PPI = 192;
    /// Raw IPv4.
    IPV4 = 228;
    /// Raw IPv6.
    IPV6 = 229;
    /// Linux netfilter log.
    NFLOG = 239;
    /// Linux cooked capture, version 2.
    LINUX_SLL2 = 276;
}

/// A frame with its link layers taken off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// Source hardware address, where the link has one.
    pub src_mac: Option<[u8; 6]>,
    /// Destination hardware address.
    pub dst_mac: Option<[u8; 6]>,
    /// VLAN ids from the outside in (12 bits each); the first `vlan_count` are valid.
    pub vlans: [u16; 3],
    /// How many VLAN tags there were (at most 3 are kept).
    pub vlan_count: u8,
    /// Outermost MPLS label.
    pub mpls: Option<u32>,
    /// PPPoE session.
    pub pppoe_session: Option<u16>,
    /// What the link carries.
    pub net: Net<'a>,
    /// Length of `net` on the wire, from its IP header to the end of the frame; more than the
    /// captured bytes where the capture cut the frame.
    pub wire_len: u32,
    /// Bytes at the frame's end that were on the wire but not captured.
    pub cut_len: u32,
    /// How many tunnels are around this frame.
    pub depth: u8,
    /// How many layers were taken off to get here, through all tunnels.
    pub layers: u8,
    /// The innermost tunnel around this frame.
    pub tunnel: Option<Tunnel>,
    /// Further subframes of an aggregated 802.11 frame (A-MSDU): see [`crate::Decoder::next`].
    pub aggregate: &'a [u8],
}

/// What a link or a tunnel carries.
#[derive(Clone, Copy, Debug, Default)]
pub enum Net<'a> {
    /// An IPv4 or IPv6 packet, header first.
    Ip(&'a [u8]),
    /// Address resolution.
    Arp(Arp),
    /// A network protocol that is counted but not decoded, by EtherType.
    Other(u16),
    /// Nothing that could be decoded, or nothing at all.
    #[default]
    Nothing,
}

/// An ARP message for Ethernet and IPv4 (RFC 826).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub op: u16,
    /// Sender's hardware address.
    pub sender_mac: [u8; 6],
    /// Sender's protocol address.
    pub sender_ip: [u8; 4],
    /// Target's hardware address.
    pub target_mac: [u8; 6],
    /// Target's protocol address.
    pub target_ip: [u8; 4],
}

/// An IP packet and its transport header.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// Transport protocol number, after IPv6 extension headers.
    pub proto: u8,
    /// Time to live or hop limit.
    pub ttl: u8,
    /// Type of service or traffic class.
    pub tos: u8,
    /// Length of the whole packet as its header says it (IPv6: 40 more than the payload length).
    /// May exceed what was captured.
    pub ip_len: u32,
    /// Length of the network header with options and extension headers.
    pub header_len: u16,
    /// Set when this is a fragment: then `transport` is [`Transport::None`].
    pub fragment: Option<Fragment>,
    /// The header bytes (IPv4 with options; IPv6 with extension headers up to the transport).
    pub header: &'a [u8],
    /// What follows the network header: captured bytes, cut at `ip_len`.
    pub body: &'a [u8],
    /// Bytes that follow the network header as the header says (≥ `body.len()`).
    pub body_len: u32,
    /// The transport header and its payload.
    pub transport: Transport<'a>,
    /// A checksum was verified and is wrong (network or transport).
    pub bad_checksum: bool,
    /// Source and destination port of TCP, UDP and SCTP, also where the rest of the header is
    /// broken and `transport` is [`Transport::None`]; else 0.
    pub ports: (u16, u16),
    /// Whether the dialect keeps a flow for this packet. A packet that is nothing but a tunnel's
    /// wrap, or whose transport header is refused, has none; a fragment waits for its whole.
    pub tracked: bool,
    /// Whether the dialect looks into the payload: not where the transport header is so broken
    /// that the flow only learns that there was a packet.
    pub sound: bool,
    /// How many tunnels are around this packet.
    pub depth: u8,
    /// How many layers were taken off to get here, through all tunnels.
    pub layers: u8,
    /// The innermost tunnel around this packet.
    pub tunnel: Option<Tunnel>,
    /// Bytes at the frame's end that were on the wire but not captured.
    pub cut_len: u32,
}

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification (16 bits in IPv4).
    pub id: u32,
    /// Offset in bytes of `body` in the original packet's payload.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
    /// The protocol that the reassembled payload has (IPv6: the next header of the fragment header).
    pub next: u8,
}

/// The transport layer of a packet.
#[derive(Clone, Copy, Debug, Default)]
pub enum Transport<'a> {
    /// TCP (RFC 9293).
    Tcp(Tcp<'a>),
    /// UDP (RFC 768).
    Udp(Udp<'a>),
    /// ICMP (RFC 792) or ICMPv6 (RFC 4443); `Packet::proto` tells which.
    Icmp(Icmp<'a>),
    /// SCTP (RFC 9260).
    Sctp(Sctp<'a>),
    /// Another protocol with no ports (GRE, ESP, IP in IP …): only addresses name its flow.
    #[default]
    Other,
    /// No transport header: a fragment, or a header that is cut or broken (a note says which).
    None,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number of the first payload byte (of the SYN where set).
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flag bits as on the wire: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    pub flags: u8,
    /// Window as on the wire, unscaled.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// The options that the flow table reads.
    pub options: TcpOptions,
    /// Header length in bytes with options.
    pub header_len: u8,
    /// Raw option bytes.
    pub raw_options: &'a [u8],
    /// Captured payload.
    pub payload: &'a [u8],
    /// Payload length as the headers say it (≥ `payload.len()`).
    pub payload_len: u32,
}

/// TCP options that matter to tracking; absent ones are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpOptions {
    /// Maximum segment size.
    pub mss: Option<u16>,
    /// Window scale shift.
    pub window_scale: Option<u8>,
    /// Timestamp value and echo.
    pub timestamps: Option<(u32, u32)>,
    /// SACK permitted.
    pub sack_permitted: bool,
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct Udp<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Captured payload, cut at the UDP length.
    pub payload: &'a [u8],
    /// Payload length as the headers say it.
    pub payload_len: u32,
}

/// An ICMP or ICMPv6 message.
#[derive(Clone, Copy, Debug)]
pub struct Icmp<'a> {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// Bytes 4 to 7 of the message: identifier and sequence of an echo, MTU, pointer …
    pub rest: [u8; 4],
    /// Identifier (meaningful in echo, timestamp and mask messages).
    pub id: u16,
    /// What follows the first 8 bytes.
    pub payload: &'a [u8],
    /// Payload length as the headers say it.
    pub payload_len: u32,
    /// The packet an error message quotes.
    pub quoted: Option<Quoted>,
}

/// The endpoints of a packet that an ICMP error quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// Transport protocol.
    pub proto: u8,
    /// Source port, 0 where unknown.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
}

/// An SCTP packet's common header.
#[derive(Clone, Copy, Debug)]
pub struct Sctp<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Verification tag.
    pub tag: u32,
    /// Chunks.
    pub payload: &'a [u8],
    /// Payload length as the headers say it.
    pub payload_len: u32,
}

/// How a packet came inside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tunnel {
    /// IP in IP, 6in4, 4in6.
    Ip,
    /// GRE (RFC 2784) with IP, Ethernet or PPP inside.
    Gre,
    /// ERSPAN types I to III.
    Erspan,
    /// Teredo (RFC 4380).
    Teredo,
    /// VXLAN (RFC 7348).
    Vxlan,
    /// Geneve (RFC 8926).
    Geneve,
    /// GTP-U version 1 (3GPP TS 29.281).
    Gtpv1,
    /// AYIYA.
    Ayiya,
    /// L2TP (RFC 2661, RFC 3931).
    L2tp,
}

/// What a tunnel packet carries.
#[derive(Clone, Copy, Debug)]
pub struct Inner<'a> {
    /// The kind of tunnel.
    pub tunnel: Tunnel,
    /// The carried frame; `net` is what is decoded next.
    pub frame: Frame<'a>,
}
