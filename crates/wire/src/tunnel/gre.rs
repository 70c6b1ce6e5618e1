//! GRE (RFC 2784, 2890), its version 1 for PPTP (RFC 2637), and ERSPAN
//! (draft-foschiano-erspan) of types I to III in it.

use super::{enter, wrap};
use crate::checksum::Sum;
use crate::decoder::Cx;
use crate::link::{self, Parent};
use crate::note::NoteKind;
use crate::{Inner, Packet, Tunnel};

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const STRICT_ROUTE: u16 = 0x0800;
const RECURSION: u16 = 0x0700;
const ACKNOWLEDGEMENT: u16 = 0x0080;

const BRIDGE: u16 = 0x6558;
const PPP: u16 = 0x880b;
const ERSPAN_I_II: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;

/// A GRE packet, over IP or over UDP (RFC 8086).
pub(super) fn decode<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    let Some(&[f0, f1, p0, p1]) = data.first_chunk::<4>() else {
        cx.note(NoteKind::GreTruncated);
        return None;
    };
    let flags = u16::from_be_bytes([f0, f1]);
    let proto = u16::from_be_bytes([p0, p1]);
    let len = if cx.suricata() {
        suricata_header(cx, data, flags, proto)?
    } else {
        header(cx, data, flags, proto)?
    };
    if flags & 7 == 0 && flags & CHECKSUM != 0 && cx.verify() && p.cut_len == 0 {
        let whole = p.body.len() as u32 == p.body_len;
        if whole && !Sum::default().add(data).is_right() {
            cx.note(NoteKind::GreChecksum);
        }
    }
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    let payload = data.get(len..).unwrap_or_default();
    if flags & 7 == 1 {
        return pptp(cx, p, data, payload);
    }
    let cut = if cx.zeek() { 0 } else { p.cut_len };
    match proto {
        ERSPAN_I_II => erspan(cx, p, payload, flags & SEQUENCE != 0),
        ERSPAN_III if !cx.suricata() => erspan_iii(cx, p, payload),
        BRIDGE => {
            if payload.len() <= 14 && cx.stops(NoteKind::GrePayloadTruncated) {
                return None;
            }
            wrap(cx, Tunnel::Gre, payload, cut, link::ethernet)
        }
        _ if aruba(cx, proto) => {
            if payload.is_empty() {
                cx.note(NoteKind::GrePayloadTruncated);
                return None;
            }
            wrap(cx, Tunnel::Gre, payload, cut, |cx, f, bytes| {
                link::wifi(cx, f, bytes);
            })
        }
        // Zeek takes all else for IP.
        _ if cx.zeek() => wrap(cx, Tunnel::Gre, payload, cut, link::raw_ip),
        PPP => wrap(cx, Tunnel::Gre, payload, cut, link::ppp),
        0x0800 | 0x86dd | 0x0806 | 0x8100 => wrap(cx, Tunnel::Gre, payload, cut, |cx, f, bytes| {
            link::ethertype(cx, f, proto, bytes, Parent::Tunnel);
        }),
        _ if cx.suricata() => None,
        _ => wrap(cx, Tunnel::Gre, payload, cut, |cx, f, bytes| {
            link::ethertype(cx, f, proto, bytes, Parent::Tunnel);
        }),
    }
}

/// Aruba's access points send 802.11 frames in GRE, numbered by a range of their own.
fn aruba(cx: &Cx<'_, '_>, proto: u16) -> bool {
    if cx.suricata() {
        return false;
    }
    if cx.zeek() {
        let tens = proto & 0xf == 0;
        return proto == 0x9000
            || (tens && proto & 0x8200 == 0x8200)
            || (tens && proto & 0x8300 == 0x8300 && proto <= 0x8370);
    }
    (0x8200..=0x8370).contains(&proto) && proto & 0xf == 0
}

/// The length of the header by its flags.
fn length(flags: u16) -> usize {
    let mut len = 4usize;
    for bit in [CHECKSUM, KEY, SEQUENCE, ACKNOWLEDGEMENT] {
        if flags & bit != 0 {
            len = len.saturating_add(4);
        }
    }
    len
}

/// The length of the header; what is behind it still has to be judged.
fn header(cx: &mut Cx<'_, '_>, data: &[u8], flags: u16, proto: u16) -> Option<usize> {
    let version = flags & 7;
    if version > 1 {
        cx.note_with(NoteKind::GreVersion, u32::from(version));
        return None;
    }
    let len = length(flags);
    let left = data.len().saturating_sub(len);
    // What Zeek wants behind the header before it looks at the flags.
    let least = match proto {
        _ if version == 1 => 0,
        BRIDGE => 15,
        ERSPAN_I_II if flags & SEQUENCE != 0 => 22,
        ERSPAN_I_II => 15,
        ERSPAN_III => 27,
        _ => 0,
    };
    if least > 0 && left < least && cx.stops(NoteKind::GrePayloadTruncated) {
        return None;
    }
    if version == 1 && proto != PPP {
        cx.note_with(NoteKind::GrePptpProtocol, u32::from(proto));
        return None;
    }
    let mut len = len;
    if flags & ROUTING != 0 {
        if cx.stops(NoteKind::GreRouting) {
            return None;
        }
        // Checksum and offset are there together when either is.
        if flags & CHECKSUM == 0 {
            len = len.saturating_add(4);
        }
        len = source_route(cx, data, len)?;
    }
    if flags & 0x78 != 0 && cx.stops(NoteKind::GreFlagsUnknown) {
        return None;
    }
    let need = if version == 1 { len.saturating_add(4) } else { len };
    if data.len() < need {
        let one = version == 1;
        let kind = if one { NoteKind::Gre1HeaderTruncated } else { NoteKind::GreHeaderTruncated };
        // PPTP acknowledges with packets that carry nothing, which only Zeek takes for short.
        if !(one && data.len() == len && !cx.zeek()) {
            cx.note(kind);
        }
        return None;
    }
    Some(len)
}

/// The header as Suricata reads it.
fn suricata_header(cx: &mut Cx<'_, '_>, data: &[u8], flags: u16, proto: u16) -> Option<usize> {
    let bit = |b: u16| flags & b != 0;
    let mut len = 4usize;
    let wrong = match flags & 7 {
        0 if bit(RECURSION) => Some(NoteKind::GreRecursion),
        0 if bit(0x0078) => Some(NoteKind::GreFlags),
        0 => None,
        1 if bit(CHECKSUM) => Some(NoteKind::Gre1Checksum),
        1 if bit(ROUTING) => Some(NoteKind::Gre1Routing),
        1 if bit(STRICT_ROUTE) => Some(NoteKind::Gre1SourceRoute),
        1 if bit(RECURSION) => Some(NoteKind::Gre1Recursion),
        1 if bit(0x0078) => Some(NoteKind::Gre1Flags),
        1 if proto != PPP => Some(NoteKind::GrePptpProtocol),
        1 if !bit(KEY) => Some(NoteKind::Gre1NoKey),
        1 => None,
        _ => Some(NoteKind::GreVersion),
    };
    if let Some(wrong) = wrong {
        cx.note_with(wrong, u32::from(flags & 7));
        return None;
    }
    for bit in [KEY, SEQUENCE] {
        if flags & bit != 0 {
            len = len.saturating_add(4);
        }
    }
    if flags & 7 == 1 {
        if bit(ACKNOWLEDGEMENT) {
            len = len.saturating_add(4);
        }
    } else if bit(CHECKSUM | ROUTING) {
        len = len.saturating_add(4);
    }
    if len > data.len() {
        let one = flags & 7 == 1;
        cx.note(if one { NoteKind::Gre1HeaderTruncated } else { NoteKind::GreHeaderTruncated });
        return None;
    }
    if flags & 7 == 0 && bit(ROUTING) {
        len = source_route(cx, data, len)?;
    }
    Some(len)
}

/// The source route of RFC 1701: entries of address family, offset, length, until an empty one.
fn source_route(cx: &mut Cx<'_, '_>, data: &[u8], mut len: usize) -> Option<usize> {
    loop {
        let Some(&[a0, a1, _, n]) = data.get(len..).and_then(|d| d.first_chunk::<4>()) else {
            cx.note(NoteKind::GreSourceRoute);
            return None;
        };
        len = len.saturating_add(4);
        if a0 == 0 && a1 == 0 && n == 0 {
            return Some(len);
        }
        len = len.saturating_add(usize::from(n));
        if len > data.len() {
            cx.note(NoteKind::GreSourceRoute);
            return None;
        }
    }
}

/// PPP in GRE of version 1.
fn pptp<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    data: &'a [u8],
    payload: &'a [u8],
) -> Option<Inner<'a>> {
    if cx.zeek() {
        // It expects uncompressed PPP in HDLC framing, and wants the packet to fit.
        let (&[_, _, p0, p1], packet) = payload.split_first_chunk::<4>()?;
        let proto = match u16::from_be_bytes([p0, p1]) {
            0x0021 => 4,
            0x0057 => 41,
            _ => {
                cx.note(NoteKind::GrePppNotIp);
                return None;
            }
        };
        if let Some(wrong) = super::ip::judge(proto, packet) {
            cx.note(wrong);
            return None;
        }
        return wrap(cx, Tunnel::Gre, packet, 0, link::raw_ip);
    }
    // The key of version 1 begins with the payload's length: 0 where it only acknowledges.
    if data.get(4..6) == Some(&[0, 0]) || payload.is_empty() {
        return None;
    }
    wrap(cx, Tunnel::Gre, payload, p.cut_len, link::ppp)
}

/// ERSPAN: type I has no header of its own, type II has one of 8 bytes where GRE counts.
fn erspan<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    payload: &'a [u8],
    type_ii: bool,
) -> Option<Inner<'a>> {
    let cut = if cx.zeek() { 0 } else { p.cut_len };
    if !type_ii {
        return wrap(cx, Tunnel::Erspan, payload, cut, link::ethernet);
    }
    let Some((&[v0, v1, ..], frame)) = payload.split_first_chunk::<8>() else {
        cx.note(NoteKind::ErspanTruncated);
        return None;
    };
    let word = u16::from_be_bytes([v0, v1]);
    if word >> 12 != 1 {
        cx.note_with(NoteKind::ErspanVersion, u32::from(word >> 12));
        if cx.suricata() {
            return None;
        }
    }
    wrap(cx, Tunnel::Erspan, frame, cut, |cx, f, bytes| {
        // The VLAN of the mirrored port, which was taken off the frame.
        if word & 0xfff != 0 && !cx.zeek() {
            link::push_vlan(cx, f, word & 0xfff);
        }
        link::ethernet(cx, f, bytes);
    })
}

/// ERSPAN of type III: 12 bytes, and 8 more where its last bit says so.
fn erspan_iii<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, payload: &'a [u8]) -> Option<Inner<'a>> {
    let Some((&[v0, v1, _, _, _, _, _, _, _, _, _, last], mut frame)) =
        payload.split_first_chunk::<12>()
    else {
        cx.note(NoteKind::ErspanTruncated);
        return None;
    };
    if last & 1 == 1 {
        let least = if cx.zeek() { 23 } else { 8 };
        match frame.get(8..) {
            Some(rest) if frame.len() >= least => frame = rest,
            _ => {
                cx.note(NoteKind::GrePayloadTruncated);
                return None;
            }
        }
    }
    let word = u16::from_be_bytes([v0, v1]);
    let cut = if cx.zeek() { 0 } else { p.cut_len };
    wrap(cx, Tunnel::Erspan, frame, cut, |cx, f, bytes| {
        if word & 0xfff != 0 && !cx.zeek() {
            link::push_vlan(cx, f, word & 0xfff);
        }
        link::ethernet(cx, f, bytes);
    })
}
