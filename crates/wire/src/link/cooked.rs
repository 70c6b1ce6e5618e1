//! Linux cooked captures, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).

use super::{Parent, ethertype};
use crate::Frame;
use crate::decoder::Cx;
use crate::note::NoteKind;

/// Version 1: packet type, hardware type, address length, address (8), protocol.
pub(super) fn sll<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some((&[_, _, _, _, _, alen, a0, a1, a2, a3, a4, a5, _, _, t0, t1], rest)) =
        data.split_first_chunk::<16>()
    else {
        return cx.note(NoteKind::SllTruncated);
    };
    if rest.is_empty() && cx.zeek() {
        return cx.note(NoteKind::SllTruncated);
    }
    if alen == 6 {
        f.src_mac = Some([a0, a1, a2, a3, a4, a5]);
    }
    ethertype(cx, f, u16::from_be_bytes([t0, t1]), rest, Parent::Plain);
}

/// Version 2: protocol first, an interface number, no room wasted.
pub(super) fn sll2<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some((header, rest)) = data.split_first_chunk::<20>() else {
        return cx.note(NoteKind::Sll2Truncated);
    };
    if rest.is_empty() && cx.zeek() {
        return cx.note(NoteKind::Sll2Truncated);
    }
    let &[t0, t1, _, _, _, _, _, _, _, _, _, alen, a0, a1, a2, a3, a4, a5, _, _] = header;
    if alen == 6 {
        f.src_mac = Some([a0, a1, a2, a3, a4, a5]);
    }
    ethertype(cx, f, u16::from_be_bytes([t0, t1]), rest, Parent::Plain);
}
