//! Tunnels over UDP with small headers: VXLAN (RFC 7348) with its group policy and generic
//! protocol extensions, Geneve (RFC 8926), AYIYA (draft-massar-v6ops-ayiya).

use super::{enter, wrap};
use crate::decoder::Cx;
use crate::link::{self, Parent};
use crate::note::NoteKind;
use crate::{Inner, Packet, Tunnel};

/// A VXLAN datagram.
pub(super) fn vxlan<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    let Some((&[flags, _, _, next, ..], frame)) =
        data.split_first_chunk::<8>().filter(|([flags, ..], _)| flags & 0x08 != 0)
    else {
        cx.note(NoteKind::VxlanInvalid);
        return None;
    };
    if frame.is_empty() {
        cx.note(NoteKind::VxlanEmpty);
        return None;
    }
    if cx.suricata() {
        let kind = match *frame {
            [_, _, _, _, _, _, _, _, _, _, _, _, t0, t1, ..] => u16::from_be_bytes([t0, t1]),
            _ => 0,
        };
        if !matches!(kind, 0x0806 | 0x0800 | 0x86dd | 0x8100 | 0x88a8 | 0x9100) {
            cx.note_with(NoteKind::VxlanPayloadUnknown, u32::from(kind));
            return None;
        }
    }
    let generic = flags & 0x04 != 0 && !cx.zeek() && !cx.suricata();
    wrap(cx, Tunnel::Vxlan, frame, p.cut_len, |cx, f, bytes| match next {
        1 | 2 if generic => link::raw_ip(cx, f, bytes),
        4 if generic => link::ethertype(cx, f, 0x894f, bytes, Parent::Tunnel),
        _ => link::ethernet(cx, f, bytes),
    })
}

/// Whether Suricata takes a datagram for VXLAN: all that is reserved has to be 0.
pub(super) fn vxlan_for_suricata(data: &[u8]) -> bool {
    data.len() >= 22 && matches!(data.first_chunk::<8>(), Some(&[8, 0, 0, 0, _, _, _, 0]))
}

/// A Geneve datagram.
pub(super) fn geneve<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    let Some(&[first, _, t0, t1, ..]) = data.first_chunk::<8>() else {
        cx.note(NoteKind::GeneveInvalid);
        return None;
    };
    if first >> 6 != 0 {
        cx.note_with(NoteKind::GeneveVersion, u32::from(first >> 6));
        return None;
    }
    let Some(frame) = data.get(geneve_header(first)..) else {
        cx.note(NoteKind::GeneveInvalid);
        return None;
    };
    if frame.is_empty() {
        cx.note(NoteKind::GeneveEmpty);
        return None;
    }
    let kind = u16::from_be_bytes([t0, t1]);
    if !matches!(kind, 0x0800 | 0x86dd | 0x6558 | 0x0806) {
        cx.note_with(NoteKind::GenevePayloadUnknown, u32::from(kind));
        if cx.suricata() {
            return None;
        }
    }
    wrap(cx, Tunnel::Geneve, frame, p.cut_len, |cx, f, bytes| {
        link::ethertype(cx, f, kind, bytes, Parent::Tunnel);
    })
}

fn geneve_header(first: u8) -> usize {
    usize::from(first & 0x3f).saturating_mul(4).saturating_add(8)
}

/// Whether Suricata takes a datagram for Geneve: nothing reserved, and options that add up.
pub(super) fn geneve_for_suricata(data: &[u8]) -> bool {
    let Some(&[first, flags, _, _, _, _, _, 0]) = data.first_chunk::<8>() else { return false };
    let Some(mut options) = data.get(8..geneve_header(first)) else { return false };
    while let Some(&[_, _, _, len]) = options.first_chunk::<4>() {
        let step = usize::from(len & 0x1f).saturating_mul(4).saturating_add(4);
        match options.get(step..) {
            Some(rest) => options = rest,
            None => return false,
        }
    }
    first >> 6 == 0 && flags & 0x3f == 0 && options.is_empty()
}

/// An AYIYA datagram.
pub(super) fn ayiya<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    const FORWARD: u8 = 1;
    let Some(&[identity, signature, op, next, ..]) = data.first_chunk::<8>() else {
        cx.note(NoteKind::AyiyaInvalid);
        return None;
    };
    let len = (1usize << (identity >> 4))
        .saturating_add(usize::from(signature >> 4).saturating_mul(4))
        .saturating_add(8);
    let Some(packet) = data.get(len..) else {
        cx.note(NoteKind::AyiyaInvalid);
        return None;
    };
    if op & 0xf != FORWARD {
        return None;
    }
    if packet.is_empty() {
        cx.note(NoteKind::AyiyaEmpty);
        return None;
    }
    if !matches!(next, 4 | 41) {
        return None;
    }
    wrap(cx, Tunnel::Ayiya, packet, p.cut_len, link::raw_ip)
}

/// The second and third byte of the commonest header.
pub(super) fn looks_like_ayiya(data: &[u8]) -> bool {
    matches!(data, [_, 0x52, 0x11, ..])
}
