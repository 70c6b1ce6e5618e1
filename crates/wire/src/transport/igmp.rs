//! IGMP (RFC 2236, 3376): nothing is kept, but what is wrong is told.

use crate::Packet;
use crate::decoder::Cx;
use crate::note::NoteKind;

/// More sources than fit into any packet.
const MOST_SOURCES: usize = (65535 - 24 - 12) / 4;

/// An IGMP message.
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &Packet<'_>) {
    let Some((&[kind, ..], rest)) = p.body.split_first_chunk::<8>() else {
        return cx.note(NoteKind::IgmpTruncated);
    };
    match kind {
        // A query of version 3 lists sources behind four bytes more.
        0x11 => {
            let Some((&[_, _, n0, n1], sources)) = rest.split_first_chunk::<4>() else { return };
            let count = usize::from(u16::from_be_bytes([n0, n1]));
            if count > MOST_SOURCES {
                cx.note(NoteKind::IgmpMalformed);
            } else if sources.len() < count.saturating_mul(4) {
                cx.note(NoteKind::IgmpV3Truncated);
            }
        }
        0x22 => records(cx, p.body, rest),
        _ => {}
    }
}

/// A report of version 3: records with sources and auxiliary data.
fn records(cx: &mut Cx<'_, '_>, body: &[u8], mut rest: &[u8]) {
    let count = match *body {
        [_, _, _, _, _, _, n0, n1, ..] => u16::from_be_bytes([n0, n1]),
        _ => 0,
    };
    for _ in 0..count {
        let Some((&[_, aux, s0, s1, ..], tail)) = rest.split_first_chunk::<8>() else {
            return cx.note(NoteKind::IgmpV3Truncated);
        };
        let sources = usize::from(u16::from_be_bytes([s0, s1]));
        let len = usize::from(aux).saturating_add(sources).saturating_mul(4);
        match tail.get(len..) {
            Some(next) => rest = next,
            None => return cx.note(NoteKind::IgmpMalformed),
        }
    }
}
