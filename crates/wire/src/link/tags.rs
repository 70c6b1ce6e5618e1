//! Tags between Ethernet and what it carries: VLAN (802.1Q, 802.1ad), provider backbone bridges
//! (802.1ah), Cisco's VN-tag, the E-tag of 802.1BR, and the network service header (RFC 8300).

use super::ethernet::length;
use super::{Parent, ethernet, ethertype, mpls, raw_ip};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, Net};

/// A VLAN tag and what is behind it.
pub(crate) fn vlan<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if f.vlan_count >= 3 {
        cx.note(NoteKind::VlanThird);
        if cx.stops(NoteKind::VlanTooMany) {
            return;
        }
    }
    if !cx.deeper() {
        return;
    }
    let Some((&[i0, i1, t0, t1], rest)) = data.split_first_chunk::<4>() else {
        cx.note(NoteKind::VlanTruncated);
        return;
    };
    if rest.is_empty() && cx.zeek() {
        cx.note(NoteKind::VlanTruncated);
        return;
    }
    push_vlan(cx, f, u16::from_be_bytes([i0, i1]) & 0xfff);
    let kind = u16::from_be_bytes([t0, t1]);
    if kind <= 1500 {
        if cx.suricata() {
            cx.note_with(NoteKind::VlanTypeUnknown, u32::from(kind));
        }
        return length(cx, f, kind, rest, NoteKind::VlanTruncated);
    }
    if kind < 1536 {
        cx.note_with(NoteKind::VlanTypeUndefined, u32::from(kind));
        return;
    }
    ethertype(cx, f, kind, rest, Parent::Vlan);
    if matches!(f.net, Net::Other(t) if t == kind) {
        cx.note_with(NoteKind::VlanTypeUnknown, u32::from(kind));
    }
}

/// Keeps a VLAN id. Of more than three the first two and the last are kept; Zeek keeps the first
/// and the last.
pub(crate) fn push_vlan(cx: &mut Cx<'_, '_>, f: &mut Frame<'_>, id: u16) {
    if f.vlan_count == 2 {
        cx.note(NoteKind::VlanThird);
    }
    let keep = if cx.zeek() { 1 } else { 2 };
    let at = usize::from(f.vlan_count).min(keep);
    if let Some(slot) = f.vlans.get_mut(at) {
        *slot = id;
        f.vlan_count = (at as u8).saturating_add(1);
    }
}

/// A provider backbone bridge header: 4 bytes of service tag, then a whole Ethernet frame.
pub(super) fn pbb<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let least = if cx.zeek() { 19 } else { 18 };
    match data.get(4..) {
        Some(inner) if data.len() >= least => {
            if cx.suricata() {
                // It reads the customer's type itself and counts one layer.
                cx.layers = cx.layers.saturating_sub(1);
            }
            ethernet(cx, f, inner);
        }
        _ => cx.note(NoteKind::PbbTruncated),
    }
}

/// Cisco's VN-tag: 4 bytes of tag, then a type.
pub(super) fn vntag<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some((&[.., t0, t1], rest)) = data.split_first_chunk::<6>() else {
        cx.note(NoteKind::VntagTruncated);
        return;
    };
    if rest.is_empty() && cx.zeek() {
        cx.note(NoteKind::VntagTruncated);
        return;
    }
    let kind = u16::from_be_bytes([t0, t1]);
    ethertype(cx, f, kind, rest, Parent::Vntag);
    if matches!(f.net, Net::Other(t) if t == kind) {
        cx.note_with(NoteKind::VntagTypeUnknown, u32::from(kind));
    }
}

/// An E-tag: 6 bytes of tag, then a type.
pub(super) fn etag<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some((&[.., t0, t1], rest)) = data.split_first_chunk::<8>() else {
        cx.note(NoteKind::EtagTruncated);
        return;
    };
    let kind = u16::from_be_bytes([t0, t1]);
    ethertype(cx, f, kind, rest, Parent::Vlan);
    if matches!(f.net, Net::Other(t) if t == kind) {
        cx.note_with(NoteKind::EtagTypeUnknown, u32::from(kind));
    }
}

/// A network service header.
pub(super) fn nsh<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some(&[v, l, kind, next, ..]) = data.first_chunk::<8>() else {
        cx.note(NoteKind::NshTruncated);
        return;
    };
    if v >> 6 != 0 {
        cx.note_with(NoteKind::NshVersion, u32::from(v >> 6));
        return;
    }
    let len = usize::from(l & 0x3f).saturating_mul(4);
    let Some(rest) = data.get(len..).filter(|r| !r.is_empty()) else {
        cx.note(NoteKind::NshLength);
        return;
    };
    match kind {
        0 | 0xf => return cx.note(NoteKind::NshTypeReserved),
        1 if len != 24 => return cx.note(NoteKind::NshLength),
        1 | 2 => {}
        _ => return cx.note(NoteKind::NshTypeUnknown),
    }
    match next {
        1 | 2 => raw_ip(cx, f, rest),
        3 => ethernet(cx, f, rest),
        5 => mpls::mpls(cx, f, rest),
        _ => cx.note_with(NoteKind::NshPayloadUnknown, u32::from(next)),
    }
}
