//! IPv6 (RFC 8200) and its extension headers: hop-by-hop and destination options, routing,
//! fragment, authentication (RFC 4302), mobility (RFC 6275), HIP (RFC 7401), shim6 (RFC 5533).

use super::blank;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Fragment, Frame, Packet, Transport, Tunnel, checksum, transport};
use std::net::{IpAddr, Ipv6Addr};

pub(crate) const HOP_BY_HOP: u8 = 0;
pub(crate) const ROUTING: u8 = 43;
pub(crate) const FRAGMENT: u8 = 44;
pub(crate) const ESP: u8 = 50;
pub(crate) const AUTHENTICATION: u8 = 51;
pub(crate) const NONE: u8 = 59;
pub(crate) const DESTINATION: u8 = 60;
pub(crate) const MOBILITY: u8 = 135;
pub(crate) const HIP: u8 = 139;
pub(crate) const SHIM6: u8 = 140;

/// An IPv6 packet, header first.
#[inline]
pub(super) fn decode<'a>(
    cx: &mut Cx<'_, '_>,
    data: &'a [u8],
    frame: &Frame<'_>,
) -> Option<Packet<'a>> {
    let wire_len = frame.wire_len;
    let Some((head, rest)) = data.split_first_chunk::<40>() else {
        cx.note(if data.len() < 20 { NoteKind::Ipv4Truncated } else { NoteKind::Ipv6Truncated });
        return None;
    };
    let [c0, c1, _, _, l0, l1, next, hops, addrs @ ..] = *head;
    let (src, dst) = addrs.split_at(16);
    let addr =
        |a: &[u8]| IpAddr::V6(Ipv6Addr::from_octets(a.first_chunk().copied().unwrap_or_default()));
    let plen = usize::from(u16::from_be_bytes([l0, l1]));
    let total = plen.saturating_add(40);
    let mut p = blank(cx, addr(src), addr(dst), frame);
    p.ttl = hops;
    p.tos = c0 << 4 | c1 >> 4;
    p.proto = next;
    p.ip_len = total as u32;
    if is_extension(cx, next) {
        return extended(cx, p, data, rest, total, wire_len);
    }
    if ((wire_len as usize) < total || data.len() < total) && cut(cx, data, total, wire_len) {
        return None;
    }
    // Zeek does not cut where nothing should be left, and so takes padding for a payload.
    let body = if plen == 0 && cx.zeek() { rest } else { rest.get(..plen).unwrap_or(rest) };
    p.header_len = 40;
    p.header = head;
    p.body = body;
    p.body_len = plen as u32;
    if next == NONE {
        no_next(cx, &mut p);
        return Some(p);
    }
    transport::decode(cx, &mut p);
    Some(p)
}

/// Less was on the wire, or was captured, than the header says. Whether that is the end.
#[cold]
fn cut(cx: &mut Cx<'_, '_>, data: &[u8], total: usize, wire_len: u32) -> bool {
    ((wire_len as usize) < total && cx.stops(NoteKind::IpLengthBeyondWire))
        || (data.len() < total && cx.stops(NoteKind::Ipv6CutByCapture))
}

/// Headers that are walked over. Zeek knows no HIP and no shim6; behind ESP all is secret.
const fn is_extension(cx: &Cx<'_, '_>, next: u8) -> bool {
    match next {
        HOP_BY_HOP | ROUTING | FRAGMENT | ESP | AUTHENTICATION | DESTINATION | MOBILITY => true,
        HIP | SHIM6 => !cx.zeek(),
        _ => false,
    }
}

/// What the walk over the extension headers remembers.
#[derive(Default)]
struct Seen {
    hop_by_hop: bool,
    destination: u8,
    routing: bool,
    authentication: bool,
    fragment: bool,
    final_dst: bool,
    home: bool,
    jumbo: Option<u32>,
}

/// A packet with extension headers.
#[inline(never)]
fn extended<'a>(
    cx: &mut Cx<'_, '_>,
    mut p: Packet<'a>,
    data: &'a [u8],
    rest: &'a [u8],
    total: usize,
    wire_len: u32,
) -> Option<Packet<'a>> {
    // Suricata knows nothing beyond the payload length and looks at the headers within only.
    if cx.suricata() && cut(cx, data, total, wire_len) {
        return None;
    }
    let payload = total.saturating_sub(40);
    let mut seen = Seen::default();
    let mut next = p.proto;
    let mut left = if cx.suricata() { rest.get(..payload).unwrap_or(rest) } else { rest };
    let mut end = End::Transport;
    let mut fragment = None;
    // Each turn takes at least 8 bytes, so the packet's length bounds the walk.
    while is_extension(cx, next) {
        let kind = next;
        let len = match (kind, left) {
            (FRAGMENT | ESP, _) => 8,
            (AUTHENTICATION, &[_, n, ..]) => authentication_len(cx, n),
            (_, &[_, n, ..]) => usize::from(n).saturating_add(1).saturating_mul(8),
            _ => usize::MAX,
        };
        let Some((header, tail)) = left.split_at_checked(len).filter(|_| left.len() >= 2) else {
            // Zeek leaves a header that is cut for the next layer to wonder at.
            if !cx.zeek() {
                cx.note(NoteKind::Ipv6ExtensionTruncated);
                end = End::Broken;
            }
            break;
        };
        if kind == ESP && !cx.zeek() {
            break;
        }
        next = header.first().copied().unwrap_or(NONE);
        left = tail;
        match kind {
            ESP => {
                end = End::Secret;
                next = ESP;
                break;
            }
            MOBILITY if cx.zeek() => {
                end = End::Mobility;
                break;
            }
            FRAGMENT => {
                if header.get(1) != Some(&0) {
                    cx.note(NoteKind::Ipv6FragmentReserved);
                }
                if seen.fragment {
                    cx.note(NoteKind::Ipv6FragmentDuplicate);
                    continue;
                }
                seen.fragment = true;
                let f = fragment_of(header);
                if f.offset == 0 && !f.more {
                    cx.note(NoteKind::Ipv6FragmentUseless);
                    // Zeek puts it together like any other.
                    if !cx.zeek() {
                        continue;
                    }
                }
                fragment = Some(f);
                end = End::Fragment;
                break;
            }
            _ => options_of(cx, &mut p, &mut seen, kind, header),
        }
    }
    if cut_late(cx, data, total, wire_len) {
        return None;
    }
    finish(cx, p, data, left, total, seen.jumbo, next, end, fragment)
}

/// The same check for those who made it after the walk.
fn cut_late(cx: &mut Cx<'_, '_>, data: &[u8], total: usize, wire_len: u32) -> bool {
    !cx.suricata()
        && ((wire_len as usize) < total || data.len() < total)
        && cut(cx, data, total, wire_len)
}

/// Where the walk ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Transport,
    Fragment,
    Secret,
    Mobility,
    Broken,
}

#[allow(clippy::too_many_arguments)] // the results of the walk
fn finish<'a>(
    cx: &mut Cx<'_, '_>,
    mut p: Packet<'a>,
    data: &'a [u8],
    left: &'a [u8],
    total: usize,
    jumbo: Option<u32>,
    next: u8,
    end: End,
    fragment: Option<Fragment>,
) -> Option<Packet<'a>> {
    let header_len = data.len().saturating_sub(left.len());
    let total = match jumbo {
        Some(len) if total == 40 => (len as usize).saturating_add(40),
        _ => total,
    };
    if header_len > total {
        cx.note(NoteKind::Ipv6HeadersBeyondLength);
        return None;
    }
    let payload = total.saturating_sub(header_len);
    p.ip_len = total as u32;
    p.header_len = header_len.min(usize::from(u16::MAX)) as u16;
    p.header = data.get(..header_len).unwrap_or_default();
    p.body = if payload == 0 && cx.zeek() { left } else { left.get(..payload).unwrap_or(left) };
    p.body_len = payload as u32;
    p.proto = next;
    match end {
        End::Fragment => {
            let Some(f) = fragment else { return Some(p) };
            if data.len() < total {
                cx.note(NoteKind::FragmentCutByCapture);
                if f.offset != 0 {
                    p.tracked = false;
                    return Some(p);
                }
                transport::decode(cx, &mut p);
                return Some(p);
            }
            if f.more && payload % 8 != 0 {
                cx.note(NoteKind::Ipv6FragmentLength);
            }
            p.fragment = Some(f);
        }
        End::Secret => p.tracked = false,
        End::Mobility => mobility(cx, &mut p, data, header_len),
        End::Broken => p.tracked = false,
        End::Transport if next == NONE => no_next(cx, &mut p),
        End::Transport => transport::decode(cx, &mut p),
    }
    Some(p)
}

/// The length of an authentication header: its field counts words of 4 bytes less 2.
const fn authentication_len(cx: &Cx<'_, '_>, n: u8) -> usize {
    if cx.suricata() && n == 0 {
        return 12;
    }
    (n as usize).saturating_add(2).saturating_mul(4)
}

fn fragment_of(header: &[u8]) -> Fragment {
    let Some(&[next, _, o0, o1, i0, i1, i2, i3]) = header.first_chunk::<8>() else {
        return Fragment { id: 0, offset: 0, more: false, next: NONE };
    };
    let place = u16::from_be_bytes([o0, o1]);
    Fragment {
        id: u32::from_be_bytes([i0, i1, i2, i3]),
        offset: u32::from(place & 0xfff8),
        more: place & 1 == 1,
        next,
    }
}

/// A chain that ends with nothing.
#[cold]
fn no_next(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    p.tracked = false;
    p.transport = Transport::None;
    if !p.body.is_empty() {
        cx.note(NoteKind::Ipv6DataAfterNone);
    }
    // A Teredo bubble is just that: an address with nothing to say.
    if p.tunnel != Some(Tunnel::Teredo) {
        cx.note(NoteKind::Ipv6NoNextHeader);
    }
}

/// A mobility header, with which Zeek ends a chain.
fn mobility(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, data: &[u8], header_len: usize) {
    p.tracked = false;
    p.transport = Transport::None;
    let next = p.proto;
    p.proto = MOBILITY;
    if cx.verify() {
        // The header is the last of the chain and its length is in its second byte.
        let start = last_header(data, header_len);
        let header = data.get(start..header_len).unwrap_or_default();
        let sum = checksum::Sum::pseudo(p.src, p.dst, MOBILITY, header.len() as u32).add(header);
        if !sum.is_right() {
            p.bad_checksum = true;
            if cx.stops(NoteKind::MobilityChecksum) {
                return;
            }
        }
    }
    if next != NONE {
        cx.note(NoteKind::MobilityPiggyback);
    }
}

/// Where the last header of a chain that was walked before begins.
fn last_header(data: &[u8], header_len: usize) -> usize {
    let mut at = 40usize;
    let mut kind = data.get(6).copied().unwrap_or(NONE);
    while let Some(&[next, n]) = data.get(at..).and_then(|d| d.first_chunk::<2>()) {
        let len = match kind {
            FRAGMENT => 8,
            AUTHENTICATION => usize::from(n).saturating_add(2).saturating_mul(4),
            _ => usize::from(n).saturating_add(1).saturating_mul(8),
        };
        if at.saturating_add(len) >= header_len {
            break;
        }
        at = at.saturating_add(len);
        kind = next;
    }
    at
}

/// Headers that hold something to be judged or remembered.
fn options_of(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, seen: &mut Seen, kind: u8, header: &[u8]) {
    match kind {
        HOP_BY_HOP => {
            if seen.hop_by_hop {
                return cx.note(NoteKind::Ipv6HopByHopDuplicate);
            }
            seen.hop_by_hop = true;
            options(cx, p, seen, kind, header);
        }
        DESTINATION => {
            if seen.destination >= 2 {
                cx.note(NoteKind::Ipv6DestinationDuplicate);
                if !cx.zeek() {
                    return;
                }
            }
            seen.destination = seen.destination.saturating_add(1);
            options(cx, p, seen, kind, header);
        }
        ROUTING => routing(cx, p, seen, header),
        AUTHENTICATION => {
            if header.get(2..4) != Some(&[0, 0]) {
                cx.note(NoteKind::Ipv6AuthenticationReserved);
            }
            if seen.authentication {
                cx.note(NoteKind::Ipv6AuthenticationDuplicate);
            }
            seen.authentication = true;
        }
        _ => {}
    }
}

/// A routing header. Types 0 and 2 name the final destination at their end; it is what a flow is
/// known by, but for Suricata, which goes by the address in the fixed header.
fn routing(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, seen: &mut Seen, header: &[u8]) {
    let &[_, len, kind, left, ..] = header else { return };
    let last = header.last_chunk::<16>().map(|a| IpAddr::V6(Ipv6Addr::from_octets(*a)));
    let take = |p: &mut Packet<'_>, seen: &mut Seen| {
        if let Some(last) = last {
            seen.final_dst = true;
            if !cx.suricata() {
                p.dst = last;
            }
        }
    };
    if seen.final_dst {
        cx.note(NoteKind::Ipv6RoutingAfterFinal);
        return cx.note(NoteKind::Ipv6RoutingDuplicate);
    }
    match kind {
        0 => {
            if left > 0 && len >= 2 {
                if len % 2 == 0 {
                    take(p, seen);
                } else {
                    cx.note(NoteKind::Ipv6Routing0Length);
                }
            }
            cx.note(NoteKind::Ipv6Routing0);
        }
        2 => {
            if left > 0 {
                if len == 2 {
                    take(p, seen);
                } else {
                    cx.note(NoteKind::Ipv6Routing2Length);
                }
            }
        }
        // Segment routing (RFC 8754) is in use, whatever others say of it.
        4 if !cx.zeek() => {}
        _ => cx.note_with(NoteKind::Ipv6RoutingUnknown, u32::from(kind)),
    }
    if seen.routing {
        cx.note(NoteKind::Ipv6RoutingDuplicate);
    }
    seen.routing = true;
}

/// The options of a hop-by-hop or destination header.
fn options(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, seen: &mut Seen, kind: u8, header: &[u8]) {
    const PAD1: u8 = 0;
    const PADN: u8 = 1;
    const ROUTER_ALERT: u8 = 5;
    const JUMBO: u8 = 0xc2;
    const HOME_ADDRESS: u8 = 0xc9;
    let hop = kind == HOP_BY_HOP;
    let wrong =
        if hop { NoteKind::Ipv6OptionLength } else { NoteKind::Ipv6DestinationOptionLength };
    let mut rest = header.get(2..).unwrap_or_default();
    let (mut padding, mut other) = (false, false);
    while let Some((&option, tail)) = rest.split_first() {
        if option == PAD1 {
            padding = true;
            rest = tail;
            continue;
        }
        let parts = tail.split_first().and_then(|(len, t)| t.split_at_checked(usize::from(*len)));
        let Some((data, next)) = parts else {
            cx.note(wrong);
            break;
        };
        rest = next;
        match option {
            PADN => {
                padding = true;
                if data.is_empty() {
                    cx.note(NoteKind::Ipv6PaddingZero);
                }
                continue;
            }
            ROUTER_ALERT if data.len() < 2 => {
                cx.note(NoteKind::Ipv6OptionLength);
                break;
            }
            ROUTER_ALERT => {}
            JUMBO => match data.first_chunk::<4>() {
                Some(len) => {
                    if hop && !cx.zeek() && !cx.suricata() {
                        seen.jumbo = Some(u32::from_be_bytes(*len));
                    }
                    continue;
                }
                None => {
                    cx.note(NoteKind::Ipv6OptionLength);
                    break;
                }
            },
            HOME_ADDRESS => home_address(cx, p, seen, hop, data),
            _ => cx.note_with(
                if hop {
                    NoteKind::Ipv6HopByHopOptionUnknown
                } else {
                    NoteKind::Ipv6DestinationOptionUnknown
                },
                u32::from(option),
            ),
        }
        other = true;
    }
    if padding && !other {
        cx.note(if hop {
            NoteKind::Ipv6HopByHopOnlyPadding
        } else {
            NoteKind::Ipv6DestinationOnlyPadding
        });
    }
}

/// A mobile node away from home: its flow is known by its home address.
fn home_address(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, seen: &mut Seen, hop: bool, data: &[u8]) {
    if hop {
        return;
    }
    match <[u8; 16]>::try_from(data) {
        Err(_) => cx.note(NoteKind::Ipv6HomeAddressLength),
        Ok(_) if seen.home => cx.note(NoteKind::Ipv6HomeAddressDuplicate),
        Ok(home) => {
            seen.home = true;
            if !cx.suricata() {
                p.src = IpAddr::V6(Ipv6Addr::from_octets(home));
            }
        }
    }
}
