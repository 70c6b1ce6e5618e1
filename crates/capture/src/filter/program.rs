//! A filter as it runs: tests with two jumps each, always forward to the answer.
//!
//! **Invariant:** a jump leads to a test compiled earlier, which has a lower index, so a run ends
//! after at most as many steps as there are tests.

use std::net::IpAddr;

use wire::{Frame, Net, Packet};

use crate::PacketRef;

/// What a filter looks at.
pub(super) struct Subject<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) packet: Option<&'a Packet<'a>>,
    pub(super) raw: &'a PacketRef<'a>,
}

/// A filter as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Test(Test),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// Which end of a packet a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Either,
    Src,
    Dst,
    Both,
}

/// Where an address may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// IP and address resolution.
    Any,
    Ip,
    Arp,
}

/// An IP version, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
    Both,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Ip(Family),
    EtherType(u16),
    Proto(Family, u8),
    Net4 {
        side: Side,
        within: Within,
        net: u32,
        mask: u32,
    },
    Net6 {
        side: Side,
        net: u128,
        mask: u128,
    },
    /// Ports from .. to, of a protocol or of any that has ports.
    Port {
        side: Side,
        proto: Option<u8>,
        from: u16,
        to: u16,
    },
    Mac {
        side: Side,
        mac: [u8; 6],
    },
    /// The lowest bit of the first byte of the destination.
    MacMulticast,
    Vlan(Option<u16>),
    Mpls(Option<u32>),
    Pppoe(Option<u16>),
    Compare {
        left: Value,
        how: Comparison,
        right: Value,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
}

/// A computed number, in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value(pub(super) Vec<Step>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Number(u32),
    /// Length on the wire.
    Length,
    /// `size` bytes (1, 2 or 4) of a header, at the offset on the stack.
    Load {
        from: Header,
        size: u8,
    },
    Negate,
    Binary(Binary),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
}

/// Where a byte access counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    Link,
    Ip4,
    Ip6,
    Arp,
    /// The transport header of a protocol.
    Transport(u8),
}

/// Values on the stack of a computation at most; the parser refuses what needs more.
pub(super) const STACK: usize = 24;

const ACCEPT: u32 = u32::MAX;
const REJECT: u32 = u32::MAX - 1;

/// Tests and jumps.
#[derive(Clone, Debug)]
pub(super) struct Program {
    nodes: Vec<Node>,
    entry: u32,
}

#[derive(Clone, Debug)]
struct Node {
    test: Test,
    yes: u32,
    no: u32,
}

/// Lays an expression out; none takes everything.
pub(super) fn compile(expr: Option<Expr>) -> Program {
    let mut program = Program { nodes: Vec::new(), entry: ACCEPT };
    if let Some(expr) = expr {
        program.entry = program.emit(expr, ACCEPT, REJECT);
    }
    program
}

impl Program {
    /// Emits an expression that leads to `yes` or `no`; the answer is where it begins. What runs
    /// last is emitted first.
    fn emit(&mut self, expr: Expr, yes: u32, no: u32) -> u32 {
        match expr {
            Expr::Test(test) => {
                let index = self.nodes.len() as u32;
                self.nodes.push(Node { test, yes, no });
                index
            }
            Expr::Not(inner) => self.emit(*inner, no, yes),
            Expr::All(parts) => {
                parts.into_iter().rev().fold(yes, |next, part| self.emit(part, next, no))
            }
            Expr::Any(parts) => {
                parts.into_iter().rev().fold(no, |next, part| self.emit(part, yes, next))
            }
        }
    }

    #[inline]
    pub(super) fn run(&self, subject: &Subject<'_>) -> bool {
        let mut at = self.entry;
        while let Some(node) = self.nodes.get(at as usize) {
            at = if node.test.holds(subject) { node.yes } else { node.no };
        }
        at == ACCEPT
    }
}

impl Test {
    #[inline]
    fn holds(&self, s: &Subject<'_>) -> bool {
        match self {
            Self::Ip(family) => s.version().is_some_and(|v4| family.has(v4)),
            Self::EtherType(kind) => s.ethertype() == Some(*kind),
            Self::Proto(family, proto) => {
                s.packet.is_some_and(|p| carries(p) == *proto && family.has(p.src.is_ipv4()))
            }
            Self::Net4 { side, within, net, mask } => s
                .ends4(*within)
                .is_some_and(|(src, dst)| side.either(src & mask == *net, dst & mask == *net)),
            Self::Net6 { side, net, mask } => match s.packet.map(|p| (p.src, p.dst)) {
                Some((IpAddr::V6(src), IpAddr::V6(dst))) => {
                    side.either(src.to_bits() & mask == *net, dst.to_bits() & mask == *net)
                }
                _ => false,
            },
            Self::Port { side, proto, from, to } => s.ports(*proto).is_some_and(|(src, dst)| {
                side.either((*from..=*to).contains(&src), (*from..=*to).contains(&dst))
            }),
            Self::Mac { side, mac } => {
                side.either(s.frame.src_mac == Some(*mac), s.frame.dst_mac == Some(*mac))
            }
            Self::MacMulticast => s.frame.dst_mac.is_some_and(|[first, ..]| first & 1 != 0),
            Self::Vlan(id) => {
                let kept = usize::from(s.frame.vlan_count).min(s.frame.vlans.len());
                let tags = s.frame.vlans.get(..kept).unwrap_or_default();
                id.map_or(!tags.is_empty(), |id| tags.contains(&id))
            }
            Self::Mpls(label) => {
                s.frame.mpls.is_some_and(|seen| label.is_none_or(|label| label == seen))
            }
            Self::Pppoe(session) => {
                s.frame.pppoe_session.is_some_and(|seen| session.is_none_or(|id| id == seen))
            }
            Self::Compare { left, how, right } => match (left.of(s), right.of(s)) {
                (Some(left), Some(right)) => how.holds(left, right),
                _ => false,
            },
        }
    }
}

impl Side {
    fn either(self, src: bool, dst: bool) -> bool {
        match self {
            Self::Either => src || dst,
            Self::Src => src,
            Self::Dst => dst,
            Self::Both => src && dst,
        }
    }
}

impl Family {
    fn has(self, v4: bool) -> bool {
        match self {
            Self::V4 => v4,
            Self::V6 => !v4,
            Self::Both => true,
        }
    }
}

impl Comparison {
    fn holds(self, left: u32, right: u32) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }
}

impl Subject<'_> {
    /// Whether the packet is IPv4, or IPv6; `None` for neither.
    fn version(&self) -> Option<bool> {
        if let Some(packet) = self.packet {
            return Some(packet.src.is_ipv4());
        }
        match self.frame.net {
            Net::Ip([first, ..]) => match first >> 4 {
                4 => Some(true),
                6 => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn ethertype(&self) -> Option<u16> {
        match self.frame.net {
            Net::Ip(_) => self.version().map(|v4| if v4 { 0x0800 } else { 0x86dd }),
            Net::Arp(_) => Some(0x0806),
            Net::Other(kind) => Some(kind),
            Net::Nothing => None,
        }
    }

    /// Both IPv4 addresses of a packet or of an address resolution.
    fn ends4(&self, within: Within) -> Option<(u32, u32)> {
        match (self.frame.net, within) {
            (Net::Arp(arp), Within::Any | Within::Arp) => {
                Some((u32::from_be_bytes(arp.sender_ip), u32::from_be_bytes(arp.target_ip)))
            }
            (_, Within::Arp) => None,
            _ => match self.packet.map(|p| (p.src, p.dst)) {
                Some((IpAddr::V4(src), IpAddr::V4(dst))) => Some((src.to_bits(), dst.to_bits())),
                _ => None,
            },
        }
    }

    /// Both ports. They are taken from the body, since a first fragment has them too.
    fn ports(&self, proto: Option<u8>) -> Option<(u16, u16)> {
        let packet = self.packet?;
        let has_ports = match proto {
            Some(proto) => carries(packet) == proto,
            None => matches!(carries(packet), 6 | 17 | 132),
        };
        if !has_ports {
            return None;
        }
        let [a, b, c, d] = *first_piece(packet)?.first_chunk::<4>()?;
        Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    fn load(&self, from: Header, at: u32, size: u8) -> Option<u32> {
        let arp;
        let bytes = match from {
            Header::Link => self.raw.data,
            Header::Ip4 | Header::Ip6 => {
                let Net::Ip(bytes) = self.frame.net else { return None };
                (self.version()? == (from == Header::Ip4)).then_some(bytes)?
            }
            Header::Arp => {
                let Net::Arp(seen) = self.frame.net else { return None };
                arp = arp_bytes(&seen);
                arp.as_slice()
            }
            Header::Transport(proto) => {
                let packet = self.packet.filter(|p| carries(p) == proto)?;
                first_piece(packet)?
            }
        };
        let (at, size) = (at as usize, usize::from(size));
        let bytes = bytes.get(at..at.checked_add(size)?)?;
        Some(bytes.iter().fold(0u32, |value, b| value << 8 | u32::from(*b)))
    }
}

/// The transport protocol, which a fragment has too.
fn carries(packet: &Packet<'_>) -> u8 {
    packet.fragment.map_or(packet.proto, |fragment| fragment.next)
}

/// What follows the network header, unless it is a later fragment.
fn first_piece<'a>(packet: &Packet<'a>) -> Option<&'a [u8]> {
    packet.fragment.is_none_or(|f| f.offset == 0).then_some(packet.body)
}

/// An ARP message for Ethernet and IPv4 as it stood on the wire (RFC 826).
fn arp_bytes(arp: &wire::Arp) -> [u8; 28] {
    let [op_high, op_low] = arp.op.to_be_bytes();
    let head = [0, 1, 8, 0, 6, 4, op_high, op_low];
    let mut bytes = [0u8; 28];
    let parts = head
        .iter()
        .chain(&arp.sender_mac)
        .chain(&arp.sender_ip)
        .chain(&arp.target_mac)
        .chain(&arp.target_ip);
    for (slot, b) in bytes.iter_mut().zip(parts) {
        *slot = *b;
    }
    bytes
}

impl Value {
    /// The number, unless a byte that it needs isn't there.
    fn of(&self, s: &Subject<'_>) -> Option<u32> {
        let mut stack = [0u32; STACK];
        let mut height = 0usize;
        for step in &self.0 {
            let value = match *step {
                Step::Number(n) => n,
                Step::Length => s.raw.wire_len,
                Step::Load { from, size } => s.load(from, pop(&stack, &mut height)?, size)?,
                Step::Negate => pop(&stack, &mut height)?.wrapping_neg(),
                Step::Binary(how) => {
                    let right = pop(&stack, &mut height)?;
                    how.of(pop(&stack, &mut height)?, right)?
                }
            };
            *stack.get_mut(height)? = value;
            height = height.saturating_add(1);
        }
        pop(&stack, &mut height)
    }
}

fn pop(stack: &[u32; STACK], height: &mut usize) -> Option<u32> {
    *height = height.checked_sub(1)?;
    stack.get(*height).copied()
}

impl Binary {
    /// As the kernel's filter machine computes: 32 bits, wrapping; nothing divides by zero.
    fn of(self, left: u32, right: u32) -> Option<u32> {
        Some(match self {
            Self::Add => left.wrapping_add(right),
            Self::Subtract => left.wrapping_sub(right),
            Self::Multiply => left.wrapping_mul(right),
            Self::Divide => left.checked_div(right)?,
            Self::Remainder => left.checked_rem(right)?,
            Self::And => left & right,
            Self::Or => left | right,
            Self::Xor => left ^ right,
            Self::ShiftLeft => left.checked_shl(right).unwrap_or(0),
            Self::ShiftRight => left.checked_shr(right).unwrap_or(0),
        })
    }
}
