//! MPLS (RFC 3032): a stack of labels, and a guess at what is under it, since nothing says.

use super::ethernet::network;
use super::{ethernet, raw_ip};
use crate::Frame;
use crate::decoder::Cx;
use crate::note::NoteKind;

/// A label stack and what is under it.
pub(super) fn mpls<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let mut rest = data;
    let label = loop {
        let Some((&[a, b, c, _], tail)) = rest.split_first_chunk::<4>() else {
            cx.note(NoteKind::MplsTruncated);
            return;
        };
        rest = tail;
        let label = u32::from_be_bytes([0, a, b, c]) >> 4;
        f.mpls.get_or_insert(label);
        if c & 1 == 1 {
            break label;
        }
    };
    if rest.is_empty() {
        cx.note(NoteKind::MplsEmpty);
        return;
    }
    // Zeek takes whatever is under the stack for IP.
    if cx.zeek() {
        return raw_ip(cx, f, rest);
    }
    match label {
        0 => return network(cx, f, 0x0800, rest),
        2 => return network(cx, f, 0x86dd, rest),
        1 => return cx.note(NoteKind::MplsRouterAlertAtBottom),
        3 => return cx.note(NoteKind::MplsImplicitNull),
        4..16 if cx.stops(NoteKind::MplsReservedLabel) => return,
        _ => {}
    }
    if rest.len() < 4 {
        cx.note(NoteKind::MplsPayloadShort);
        return;
    }
    match rest.first().map_or(0, |b| b >> 4) {
        4 | 6 => raw_ip(cx, f, rest),
        // An Ethernet pseudowire with a control word (RFC 4448).
        0 => ethernet(cx, f, rest.get(4..).unwrap_or_default()),
        _ => cx.note(NoteKind::MplsPayloadUnknown),
    }
}
