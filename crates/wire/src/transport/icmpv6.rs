//! ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) and multicast listeners (RFC 2710, 3810).

use super::icmp::carried;
use super::{quoted, too_short, wrong_checksum};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Icmp, Packet, Transport};

/// An ICMPv6 message.
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let Some((&[kind, code, _, _, r0, r1, r2, r3], payload)) = p.body.split_first_chunk::<8>()
    else {
        return too_short(cx, p, 8, NoteKind::Icmpv6Truncated, NoteKind::Icmpv6Missing);
    };
    judge(cx, kind, code);
    let quoted = if (1..=4).contains(&kind) { quoted::v6(cx, payload) } else { None };
    match kind {
        130..=132 if p.ttl != 1 => cx.note_with(NoteKind::MldHopLimit, u32::from(p.ttl)),
        _ => {}
    }
    match kind {
        131 | 132 if payload.len() < 16 => cx.note(NoteKind::MldTruncated),
        143 => listeners(cx, u16::from_be_bytes([r2, r3]), payload),
        // Zeek looks into these only where a script asks.
        134..=137 if !cx.zeek() => discovery(cx, kind, payload),
        _ => {}
    }
    if wrong_checksum(cx, p) {
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

/// Types and their codes as IANA lists them.
fn judge(cx: &mut Cx<'_, '_>, kind: u8, code: u8) {
    let known = match kind {
        1 => code <= 6,
        3 => code <= 1,
        4 => code <= 2,
        2 | 128..=137 | 141..=149 | 154 | 156..=159 => code == 0,
        138 => code <= 2 || code == 255,
        139 | 140 => code <= 2,
        150..=153 => true,
        155 => code <= 3 || (128..=132).contains(&code),
        100 | 101 | 200 | 201 => {
            return cx.note_with(NoteKind::Icmpv6TypeExperimental, kind.into());
        }
        5..=99 | 102..=126 | 160.. => {
            return cx.note_with(NoteKind::Icmpv6TypeUnassigned, kind.into());
        }
        0 | 127 => return cx.note_with(NoteKind::Icmpv6TypeUnknown, kind.into()),
    };
    // Experimental mobility (150) and multicast routers (151 to 153) judge their codes themselves.
    if !known {
        cx.note_with(NoteKind::Icmpv6CodeUnknown, u32::from(code));
    }
}

/// A report of multicast listeners, version 2.
fn listeners(cx: &mut Cx<'_, '_>, count: u16, payload: &[u8]) {
    if payload.len() < usize::from(count).saturating_mul(20) {
        return cx.note(NoteKind::MldReportTruncated);
    }
    let mut rest = payload;
    for _ in 0..count {
        if rest.is_empty() {
            return;
        }
        let Some((&[_, aux, s0, s1], tail)) = rest.split_first_chunk::<4>() else {
            return cx.note(NoteKind::MldRecordTruncated);
        };
        let sources = usize::from(u16::from_be_bytes([s0, s1]));
        let len = sources
            .saturating_add(1)
            .saturating_mul(16)
            .saturating_add(usize::from(aux).saturating_mul(4));
        match tail.get(len..) {
            Some(next) => rest = next,
            None => return cx.note(NoteKind::MldRecordTruncated),
        }
    }
}

/// Options of neighbour discovery, behind the fixed part of each message.
fn discovery(cx: &mut Cx<'_, '_>, kind: u8, payload: &[u8]) {
    let (fixed, short) = match kind {
        134 => (8usize, NoteKind::NdAdvertisementShort),
        135 => (16, NoteKind::NdNeighborSolicitShort),
        136 => (16, NoteKind::NdNeighborAdvertShort),
        _ => (32, NoteKind::NdRedirectShort),
    };
    let Some(mut rest) = payload.get(fixed..) else {
        return cx.note_pair(short, fixed as u32, payload.len() as u32);
    };
    while !rest.is_empty() {
        let Some(&[_, words]) = rest.first_chunk::<2>() else {
            return cx.note(NoteKind::NdOptionsTruncated);
        };
        if words == 0 {
            return cx.note(NoteKind::NdOptionZero);
        }
        match rest.get(usize::from(words).saturating_mul(8)..) {
            Some(next) => rest = next,
            None => return cx.note(NoteKind::NdOptionsTruncated),
        }
    }
}
