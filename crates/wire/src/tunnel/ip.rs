//! IP in IP (RFC 2003), IPv6 in IPv4 (RFC 4213), anything in IPv6 (RFC 2473).

use super::{enter, wrap};
use crate::decoder::Cx;
use crate::link::raw_ip;
use crate::note::NoteKind;
use crate::transport::IPV6;
use crate::{Inner, Packet, Tunnel};

/// A packet whose body is a packet.
pub(super) fn decode<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>) -> Option<Inner<'a>> {
    if !enter(cx, 1, NoteKind::TunnelTooDeep) {
        return None;
    }
    if let Some(wrong) = judge(p.proto, p.body)
        && !cx.suricata()
        && cx.stops(wrong)
    {
        return None;
    }
    if cx.suricata() && !p.src.is_ipv4() && !p.tracked {
        return None;
    }
    // Zeek takes the packet for captured whole: it was just seen to be.
    let cut = if cx.zeek() { 0 } else { p.cut_len };
    wrap(cx, Tunnel::Ip, p.body, cut, |cx, f, bytes| {
        if cx.suricata() {
            let kind = if p.proto == IPV6 { 0x86dd } else { 0x0800 };
            crate::link::network(cx, f, kind, bytes);
        } else {
            raw_ip(cx, f, bytes);
        }
    })
}

/// Whether bytes are just one packet of the version that the protocol number says.
pub(super) fn judge(proto: u8, data: &[u8]) -> Option<NoteKind> {
    let (version, least) = if proto == IPV6 { (6, 40) } else { (4, 20) };
    if data.len() < least {
        // A rest that is too short for IPv4 is told as if it were of another version.
        let truncated = version == 6;
        return Some(if truncated { NoteKind::InnerIpTruncated } else { NoteKind::InnerIpVersion });
    }
    if data.first().map_or(0, |b| b >> 4) != version {
        return Some(NoteKind::InnerIpVersion);
    }
    match total(data) {
        n if n > data.len() => Some(NoteKind::InnerIpTruncated),
        n if n < data.len() => Some(NoteKind::InnerIpLength),
        _ => None,
    }
}

/// The length of a packet as its header says it.
pub(super) fn total(data: &[u8]) -> usize {
    match *data {
        [b, _, l0, l1, ..] if b >> 4 == 4 => usize::from(u16::from_be_bytes([l0, l1])),
        [b, _, _, _, l0, l1, ..] if b >> 4 == 6 => {
            usize::from(u16::from_be_bytes([l0, l1])).saturating_add(40)
        }
        _ => 0,
    }
}
