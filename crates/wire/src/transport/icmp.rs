//! ICMP (RFC 792).

use super::{quoted, too_short};
use crate::checksum::Sum;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Icmp, Packet, Transport};

/// An ICMP message.
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let Some((&[kind, code, _, _, r0, r1, r2, r3], payload)) = p.body.split_first_chunk::<8>()
    else {
        return too_short(cx, p, 8, NoteKind::IcmpTruncated, NoteKind::IcmpMissing);
    };
    // The highest code of a type, and whether it quotes a packet.
    let (codes, quotes) = match kind {
        0 | 8 | 13..=18 => (0, false),
        3 => (15, true),
        4 | 12 => (0, true),
        5 => (3, true),
        11 => (1, true),
        9 => (u8::MAX, false),
        _ => {
            cx.note_with(NoteKind::IcmpTypeUnknown, u32::from(kind));
            (u8::MAX, false)
        }
    };
    if code > codes {
        cx.note_with(NoteKind::IcmpCodeUnknown, u32::from(code));
    }
    // Timestamps are 12 bytes; an advertisement says itself what it lists.
    let least = match kind {
        13 | 14 => 12,
        9 => match *p.body {
            [_, _, _, _, count, words, ..] => {
                usize::from(count).saturating_mul(usize::from(words)).saturating_mul(4)
            }
            _ => 0,
        },
        _ => 0,
    };
    if payload.len() < least {
        cx.note(NoteKind::IcmpQuoteTruncated);
    }
    let quoted = if quotes && !payload.is_empty() { quoted::v4(cx, payload) } else { None };
    if cx.verify()
        && p.body.len() as u64 >= u64::from(p.body_len)
        && !Sum::default().add(p.body).is_right()
    {
        p.bad_checksum = true;
        cx.note(NoteKind::IcmpChecksum);
    }
    p.transport = Transport::Icmp(Icmp {
        kind,
        code,
        rest: [r0, r1, r2, r3],
        id: u16::from_be_bytes([r0, r1]),
        payload,
        payload_len: carried(p).saturating_sub(8),
        quoted,
    });
}

/// The message's length: the packet's word, or what is there where it says nothing.
pub(super) fn carried(p: &Packet<'_>) -> u32 {
    if p.body_len == 0 { p.body.len() as u32 } else { p.body_len }
}
