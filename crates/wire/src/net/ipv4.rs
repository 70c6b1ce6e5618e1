//! IPv4 (RFC 791).

use super::blank;
use crate::checksum::Sum;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Fragment, Frame, Packet, transport};
use std::net::{IpAddr, Ipv4Addr};

/// An IPv4 packet, header first.
#[inline]
pub(super) fn decode<'a>(
    cx: &mut Cx<'_, '_>,
    data: &'a [u8],
    frame: &Frame<'_>,
) -> Option<Packet<'a>> {
    let wire_len = frame.wire_len;
    let Some(&[vhl, tos, l0, l1, i0, i1, f0, f1, ttl, proto, _, _, s0, s1, s2, s3, d0, d1, d2, d3]) =
        data.first_chunk::<20>()
    else {
        cx.note(NoteKind::Ipv4Truncated);
        return None;
    };
    let header_len = usize::from(vhl & 0xf) << 2;
    let said = usize::from(u16::from_be_bytes([l0, l1]));
    let mut total = said;
    if header_len < 20 || said < header_len || wire_len < said as u32 || data.len() < said {
        total = doubtful(cx, header_len, said, data.len(), wire_len)?;
    }
    let (Some(header), Some(rest)) = (data.get(..header_len), data.get(header_len..)) else {
        cx.note(NoteKind::Ipv4HeaderCut);
        return None;
    };
    let payload = total.saturating_sub(header_len);
    // Zeek does not cut where nothing should be left, and so takes padding for a payload.
    let body = if payload == 0 && cx.zeek() { rest } else { rest.get(..payload).unwrap_or(rest) };

    let mut p = blank(
        cx,
        IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
        frame,
    );
    p.proto = proto;
    p.ttl = ttl;
    p.tos = tos;
    p.ip_len = said as u32;
    p.header_len = header_len as u16;
    p.header = header;
    p.body = body;
    p.body_len = payload as u32;
    if header_len > 20 {
        options(cx, &mut p, header.get(20..).unwrap_or_default());
    }
    if cx.verify() && !Sum::default().add(header).is_right() {
        p.bad_checksum = true;
        if cx.stops(NoteKind::Ipv4Checksum) {
            p.tracked = false;
            return Some(p);
        }
    }
    let place = u16::from_be_bytes([f0, f1]);
    if place & 0x3fff != 0 {
        let fragment = Fragment {
            id: u32::from(u16::from_be_bytes([i0, i1])),
            offset: u32::from(place & 0x1fff) << 3,
            more: place & 0x2000 != 0,
            next: proto,
        };
        if data.len() >= total {
            p.fragment = Some(fragment);
            return Some(p);
        }
        // What was not captured whole cannot be put together; the first piece shows the ports.
        cx.note(NoteKind::FragmentCutByCapture);
        if fragment.offset != 0 {
            p.tracked = false;
            return Some(p);
        }
    }
    transport::decode(cx, &mut p);
    Some(p)
}

/// Lengths that do not agree. Yields the total length to go on with.
#[cold]
fn doubtful(
    cx: &mut Cx<'_, '_>,
    header_len: usize,
    said: usize,
    captured: usize,
    wire_len: u32,
) -> Option<usize> {
    if header_len < 20 && !cx.zeek() {
        cx.note(NoteKind::Ipv4HeaderLengthSmall);
        return None;
    }
    let mut total = said;
    if said == 0 {
        if cx.stops(NoteKind::Ipv4LengthZero) || (cx.zeek() && cx.verify()) {
            return None;
        }
        // All that was captured, padding and all: nothing says where it ends.
        total = captured;
    }
    if (wire_len as usize) < total && cx.stops(NoteKind::IpLengthBeyondWire) {
        return None;
    }
    if header_len > total {
        cx.note(NoteKind::Ipv4HeaderBeyondLength);
        return None;
    }
    if header_len > captured {
        cx.note(NoteKind::Ipv4HeaderCut);
        if cx.suricata() {
            cx.note(NoteKind::Ipv4CutByCapture);
        }
        return None;
    }
    if header_len < 20 {
        cx.note(NoteKind::Ipv4HeaderLengthSmall);
        return None;
    }
    if captured < total && cx.stops(NoteKind::Ipv4CutByCapture) {
        return None;
    }
    Some(total)
}

/// Options: nothing of them is kept, but what is wrong with them is told.
#[cold]
fn options(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, mut rest: &[u8]) {
    const KNOWN: [u8; 10] = [7, 25, 68, 130, 131, 133, 134, 136, 137, 148];
    if !rest.len().is_multiple_of(8) {
        cx.note(NoteKind::Ipv4OptionsUnpadded);
    }
    let mut seen = 0u16;
    while let Some((&kind, tail)) = rest.split_first() {
        match kind {
            0 => return,
            1 => {
                rest = tail;
                continue;
            }
            _ => {}
        }
        let Some(&len) = tail.first() else {
            return cx.note(NoteKind::Ipv4OptionsUnended);
        };
        let Some((option, next)) = rest.split_at_checked(usize::from(len)).filter(|_| len >= 2)
        else {
            if cx.stops(NoteKind::Ipv4OptionLength) {
                p.tracked = false;
            }
            return;
        };
        rest = next;
        let Some(at) = KNOWN.iter().position(|k| *k == kind) else {
            cx.note_with(NoteKind::Ipv4OptionUnknown, u32::from(kind));
            continue;
        };
        if seen & 1 << at != 0 {
            cx.note_with(NoteKind::Ipv4OptionDuplicate, u32::from(kind));
            continue;
        }
        match judge(kind, option) {
            None => seen |= 1 << at,
            Some(wrong) => cx.note_with(wrong, u32::from(kind)),
        }
    }
}

/// Whether an option has the length and the contents of its kind (RFC 791, 1108, 2113, 4782).
fn judge(kind: u8, option: &[u8]) -> Option<NoteKind> {
    let len = option.len();
    let data = option.get(2..).unwrap_or_default();
    let size = |right: bool| (!right).then_some(NoteKind::Ipv4OptionSize);
    let sane = |right: bool| (!right).then_some(NoteKind::Ipv4OptionMalformed);
    match kind {
        // Record route, loose and strict source route: a pointer that is a multiple of 4.
        7 | 131 | 137 => size(len >= 3).or_else(|| {
            let pointer = usize::from(*data.first()?);
            sane(pointer >= 4 && pointer % 4 == 0 && pointer <= len.saturating_add(1))
        }),
        // Timestamps: records of 4 or 8 bytes.
        68 => size(len >= 5).or_else(|| {
            let &[pointer, flag, ..] = data else { return sane(false) };
            let record = if matches!(flag & 0xf, 1 | 3) { 8u8 } else { 4 };
            let behind = pointer.checked_sub(5);
            sane(
                behind.is_some_and(|b| b.is_multiple_of(record))
                    && usize::from(pointer) <= len.saturating_add(1),
            )
        }),
        // CIPSO: tags that fill the option.
        134 => size(len >= 10).or_else(|| {
            let mut tags = data.get(4..).unwrap_or_default();
            while let Some((&tag, tail)) = tags.split_first() {
                let length = usize::from(*tail.first().unwrap_or(&0));
                let known = matches!(tag, 1 | 2 | 5 | 6 | 7);
                let aligned = tag == 7 || tail.get(1) == Some(&0);
                match tags.get(length..) {
                    Some(next) if known && aligned && length >= 4 => tags = next,
                    _ => return sane(false),
                }
            }
            None
        }),
        136 | 148 => size(len == 4),
        25 => size(len >= 8),
        _ => size(len >= 3),
    }
}
