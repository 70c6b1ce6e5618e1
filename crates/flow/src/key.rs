//! What names a flow: a pair of endpoints, a protocol, and where the profile says so its VLANs and
//! the depth of the tunnel it came in.
//!
//! A key is the same for both directions; [`Tuple`] remembers which way this packet goes. ICMP has
//! types where others have ports: a request and its answer share a key because each type knows its
//! counterpart, other types are flows of one direction (Zeek) or of their type (Suricata).

use std::net::IpAddr;

use base::Uid;
use model::Profile;
use wire::{Packet, Transport};

/// IP protocol numbers.
pub mod proto {
    /// ICMP for IPv4.
    pub const ICMP: u8 = 1;
    /// Internet Group Management.
    pub const IGMP: u8 = 2;
    /// IPv4 in IP.
    pub const IPIP: u8 = 4;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// IPv6 in IP.
    pub const IPV6: u8 = 41;
    /// Generic Routing Encapsulation.
    pub const GRE: u8 = 47;
    /// Encapsulating Security Payload.
    pub const ESP: u8 = 50;
    /// ICMP for IPv6.
    pub const ICMPV6: u8 = 58;
    /// No next header.
    pub const NONE: u8 = 59;
    /// SCTP.
    pub const SCTP: u8 = 132;
    /// Mobility header.
    pub const MOBILITY: u8 = 135;
}

/// A flow's name in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    low: [u8; 16],
    high: [u8; 16],
    low_port: u16,
    high_port: u16,
    vlans: [u16; 3],
    proto: u8,
    depth: u8,
    v6: bool,
    /// The key names one direction only.
    one_way: bool,
}

/// Six words, fed one by one: the derived hash would feed every field and its length.
impl std::hash::Hash for FlowKey {
    #[inline]
    fn hash<H: std::hash::Hasher>(&self, h: &mut H) {
        let (low, high) = (u128::from_le_bytes(self.low), u128::from_le_bytes(self.high));
        let [a, b, c] = self.vlans.map(u64::from);
        h.write_u128(low);
        h.write_u128(high);
        let kind = u64::from(self.proto) << 8 | u64::from(self.depth);
        let flags = u64::from(self.v6) << 1 | u64::from(self.one_way);
        h.write_u64(
            u64::from(self.low_port) << 48 | u64::from(self.high_port) << 32 | kind << 2 | flags,
        );
        h.write_u64(a << 32 | b << 16 | c);
    }
}

impl FlowKey {
    /// The key as bytes, for names derived from it.
    pub fn bytes(&self) -> [u8; 46] {
        let mut out = [0u8; 46];
        let [l0, l1] = self.low_port.to_be_bytes();
        let [h0, h1] = self.high_port.to_be_bytes();
        let [a, b, c] = self.vlans.map(u16::to_be_bytes);
        let tail = [
            l0,
            l1,
            h0,
            h1,
            a[0],
            a[1],
            b[0],
            b[1],
            c[0],
            c[1],
            self.proto,
            self.depth,
            u8::from(self.v6),
            u8::from(self.one_way),
        ];
        let all = self.low.iter().chain(&self.high).chain(&tail);
        for (slot, b) in out.iter_mut().zip(all) {
            *slot = *b;
        }
        out
    }
}

/// A packet's flow key and which way the packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuple {
    /// The key.
    pub key: FlowKey,
    /// Sender.
    pub src: IpAddr,
    /// Receiver.
    pub dst: IpAddr,
    /// Sender's port; the type of ICMP.
    pub src_port: u16,
    /// Receiver's port; the counterpart (or code) of ICMP.
    pub dst_port: u16,
    /// Sent from the key's high endpoint.
    pub from_high: bool,
}

/// Where a packet comes from, besides its own headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// VLAN ids, from the outside in.
    pub vlans: [u16; 3],
    /// Tunnels around it.
    pub depth: u8,
}

impl Place {
    /// Where a frame comes from.
    pub fn of(frame: &wire::Frame<'_>) -> Self {
        let mut vlans = [0u16; 3];
        let tags = frame.vlans.into_iter().take(usize::from(frame.vlan_count));
        for (slot, v) in vlans.iter_mut().zip(tags) {
            *slot = v;
        }
        Self { vlans, depth: frame.depth }
    }
}

pub(crate) fn octets(a: IpAddr) -> [u8; 16] {
    match a {
        IpAddr::V4(v) => v.to_ipv6_mapped().octets(),
        IpAddr::V6(v) => v.octets(),
    }
}

impl Tuple {
    /// The tuple of a packet; `None` for what is part of no flow.
    pub fn of(packet: &Packet<'_>, place: Place, profile: &Profile) -> Option<Self> {
        let proto = packet.proto;
        let (a, b, one_way) = match &packet.transport {
            Transport::Tcp(t) => (t.src_port, t.dst_port, false),
            Transport::Udp(u) => (u.src_port, u.dst_port, false),
            Transport::Sctp(s) if !profile.is_zeek() => (s.src_port, s.dst_port, false),
            Transport::Icmp(i) => {
                if profile.is_suricata() {
                    suricata_icmp(proto, i.kind, i.code)
                } else {
                    let (other, one_way) = counterpart(proto, i.kind, i.code);
                    (u16::from(i.kind), u16::from(other), one_way)
                }
            }
            Transport::Sctp(_) | Transport::Other => (0, 0, false),
            // A header too broken to read, but its ports are there.
            Transport::None if packet.tracked => (packet.ports.0, packet.ports.1, false),
            Transport::None => return None,
        };
        Some(Self::new(packet.src, packet.dst, a, b, proto, one_way, place, profile))
    }
    /// The tuple of the flow that an ICMP error is about.
    pub fn of_quoted(q: &wire::Quoted, place: Place, profile: &Profile) -> Self {
        Self::new(q.src, q.dst, q.src_port, q.dst_port, q.proto, false, place, profile)
    }
    #[allow(clippy::too_many_arguments)]
    fn new(
        src: IpAddr,
        dst: IpAddr,
        src_port: u16,
        dst_port: u16,
        proto: u8,
        one_way: bool,
        place: Place,
        profile: &Profile,
    ) -> Self {
        let from_high = !one_way && (src, src_port) > (dst, dst_port);
        let (low, high, low_port, high_port) =
            if from_high { (dst, src, dst_port, src_port) } else { (src, dst, src_port, dst_port) };
        let key = FlowKey {
            low: octets(low),
            high: octets(high),
            low_port,
            high_port,
            vlans: if profile.key_has_vlan { place.vlans } else { [0; 3] },
            proto,
            // Zeek's key is the five-tuple alone.
            depth: if profile.is_zeek() { 0 } else { place.depth },
            v6: src.is_ipv6(),
            one_way,
        };
        Self { key, src, dst, src_port, dst_port, from_high }
    }
}

/// The type that answers `kind`, and whether there is none (then the code stands in its place).
/// RFC 792, RFC 950, RFC 1256; RFC 4443, RFC 4861, RFC 2710, RFC 4620, RFC 6275.
pub const fn counterpart(proto: u8, kind: u8, code: u8) -> (u8, bool) {
    let other = if proto == proto::ICMP {
        match kind {
            8 => 0,
            0 => 8,
            13 => 14,
            14 => 13,
            15 => 16,
            16 => 15,
            10 => 9,
            9 => 10,
            17 => 18,
            18 => 17,
            _ => return (code, true),
        }
    } else {
        match kind {
            128 => 129,
            129 => 128,
            133 => 134,
            134 => 133,
            135 => 136,
            136 => 135,
            130 => 131,
            131 => 130,
            139 => 140,
            140 => 139,
            144 => 145,
            145 => 144,
            _ => return (code, true),
        }
    };
    (other, false)
}

/// Types and, for ICMPv6, codes as Suricata compares them.
const fn suricata_icmp(proto: u8, kind: u8, code: u8) -> (u16, u16, bool) {
    let (other, none) = counterpart(proto, kind, code);
    let other = if none { 0 } else { other };
    if proto == proto::ICMP {
        (kind as u16, other as u16, false)
    } else {
        ((kind as u16) | (code as u16) << 8, other as u16, false)
    }
}

/// Whether an ICMPv4 type is an error message about another packet.
pub const fn is_icmp_error(proto: u8, kind: u8) -> bool {
    if proto == proto::ICMP { matches!(kind, 3 | 4 | 5 | 11 | 12) } else { kind < 128 }
}

/// The number that chooses a packet's shard: the pair of addresses, hashed without direction.
/// Ports play no part, so that fragments and related flows meet; an error message goes where the
/// packet it quotes went, under the profile that counts it there (Suricata's), and is a flow between
/// its own addresses under the others; a tunnel packet is asked about its inner pair by the caller.
pub fn shard_hash(packet: &Packet<'_>, profile: &Profile) -> u64 {
    let (mut src, mut dst) = (packet.src, packet.dst);
    if let Transport::Icmp(i) = &packet.transport
        && profile.is_suricata()
        && is_icmp_error(packet.proto, i.kind)
        && let Some(q) = &i.quoted
    {
        (src, dst) = (q.src, q.dst);
    }
    pair_hash(src, dst)
}

/// Names the tunnels around what `carrier` carries, given those around the carrier itself (0 where
/// there are none). A tunnel in a flow is that flow, a tunnel right on IP its pair of addresses.
pub fn tunnel_id(around: u64, carrier: &Packet<'_>, kind: wire::Tunnel, flow: Option<Uid>) -> u64 {
    let which = match flow {
        Some(uid) => uid.0,
        None => u128::from(pair_hash(carrier.src, carrier.dst)),
    };
    let mut h = base::Hash128::new(around);
    h.write(&which.to_le_bytes());
    h.write_u64(kind as u64);
    (h.finish() as u64).max(1)
}

/// A pair of addresses, hashed without direction.
pub fn pair_hash(a: IpAddr, b: IpAddr) -> u64 {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    let mut bytes = [0u8; 32];
    for (slot, b) in bytes.iter_mut().zip(octets(a).iter().chain(&octets(b))) {
        *slot = *b;
    }
    base::hash64(0x7061_6972, &bytes)
}
