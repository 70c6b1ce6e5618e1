//! GTP-U version 1 (3GPP TS 29.281): a G-PDU carries an IP packet of a mobile's user.

use super::{enter, wrap};
use crate::decoder::Cx;
use crate::link::raw_ip;
use crate::note::NoteKind;
use crate::{Inner, Packet, Tunnel};

const G_PDU: u8 = 255;

/// A GTP datagram.
pub(super) fn decode<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    if !enter(cx, 2, NoteKind::GtpTooDeep) {
        return None;
    }
    // GTP in GTP does not exist: such a datagram is something else.
    if p.tunnel == Some(Tunnel::Gtpv1) {
        cx.note(NoteKind::GtpInvalid);
        return None;
    }
    let Some((&[flags, message, ..], mut rest)) = data.split_first_chunk::<8>() else {
        cx.note(NoteKind::GtpInvalid);
        return None;
    };
    // Version 2 is for control only; without the protocol type bit it is GTP'.
    if flags >> 5 != 1 {
        cx.note_with(NoteKind::GtpInvalid, u32::from(flags >> 5));
        return None;
    }
    if flags & 0x10 == 0 || message != G_PDU {
        return None;
    }
    if flags & 7 != 0 {
        let Some((&[_, _, _, next], tail)) = rest.split_first_chunk::<4>() else {
            cx.note(NoteKind::GtpInvalid);
            return None;
        };
        rest = tail;
        // Zeek reads one extension header at least where the flag is set.
        if flags & 4 != 0 && (next != 0 || cx.zeek()) {
            rest = extensions(cx, rest)?;
        }
    }
    let proto = match rest.first().map(|b| b >> 4) {
        Some(4) => 4,
        Some(6) => 41,
        _ => {
            cx.note(NoteKind::GtpInvalid);
            return None;
        }
    };
    if let Some(wrong) = super::ip::judge(proto, rest) {
        // Longer than what was captured is the capture's fault; else it is no user's packet.
        let cut = wrong == NoteKind::InnerIpTruncated && p.cut_len > 0 && !cx.zeek();
        if !cut {
            cx.note(NoteKind::GtpInvalid);
            return None;
        }
    }
    wrap(cx, Tunnel::Gtpv1, rest, p.cut_len, raw_ip)
}

/// Extension headers: a length in words of 4 bytes, contents, and the type of the next, until 0.
fn extensions<'a>(cx: &mut Cx<'_, '_>, mut rest: &'a [u8]) -> Option<&'a [u8]> {
    loop {
        let words = rest.first().map_or(0, |n| usize::from(*n));
        let parts = rest.split_at_checked(words.saturating_mul(4)).filter(|_| words > 0);
        let Some((header, tail)) = parts else {
            cx.note(NoteKind::GtpInvalid);
            return None;
        };
        rest = tail;
        if header.last() == Some(&0) {
            return Some(rest);
        }
    }
}
