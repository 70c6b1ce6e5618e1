//! L2TP: version 2 over UDP (RFC 2661) carries PPP; version 3 (RFC 3931) carries what was agreed
//! in its control connection, which is Ethernet nearly always.

use super::{enter, wrap};
use crate::decoder::Cx;
use crate::link;
use crate::note::NoteKind;
use crate::{Inner, Packet, Tunnel};

/// A datagram on the L2TP port.
pub(super) fn over_udp<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    data: &'a [u8],
) -> Option<Inner<'a>> {
    let (&[flags, version], _) = data.split_first_chunk::<2>()?;
    match version & 0xf {
        2 => version_2(cx, p, data, flags),
        // Flags, a reserved word, then as over IP.
        3 if flags & 0x80 == 0 => version_3(cx, p, data.get(4..)?),
        3 => None,
        _ => {
            cx.note_with(NoteKind::L2tpInvalid, u32::from(version & 0xf));
            None
        }
    }
}

/// L2TP version 3 directly over IP. A session of 0 is the control connection's.
pub(super) fn over_ip<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>) -> Option<Inner<'a>> {
    version_3(cx, p, p.body)
}

fn version_2<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    data: &'a [u8],
    flags: u8,
) -> Option<Inner<'a>> {
    const CONTROL: u8 = 0x80;
    const LENGTH: u8 = 0x40;
    const SEQUENCE: u8 = 0x08;
    const OFFSET: u8 = 0x02;
    if flags & CONTROL != 0 {
        return None;
    }
    let mut at = 2usize;
    let mut payload = data;
    if flags & LENGTH != 0 {
        let len = be16(data, at);
        payload = data.get(..len).unwrap_or(data);
        at = 4;
    }
    // Tunnel and session.
    at = at.saturating_add(4);
    if flags & SEQUENCE != 0 {
        at = at.saturating_add(4);
    }
    if flags & OFFSET != 0 {
        at = at.saturating_add(2).saturating_add(be16(data, at));
    }
    let Some(ppp) = payload.get(at..).filter(|b| !b.is_empty()) else {
        cx.note(NoteKind::L2tpInvalid);
        return None;
    };
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    wrap(cx, Tunnel::L2tp, ppp, p.cut_len, link::ppp)
}

/// The length of the cookie and of the sublayer before the frame is known to the ends only. The
/// first place where an Ethernet frame with a known type could begin is taken.
fn version_3<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    let (session, rest) = data.split_first_chunk::<4>()?;
    if *session == [0; 4] {
        return None;
    }
    let frame = [0, 4, 8, 12].into_iter().filter_map(|at| rest.get(at..)).find(|f| plausible(f))?;
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    wrap(cx, Tunnel::L2tp, frame, p.cut_len, link::ethernet)
}

fn plausible(frame: &[u8]) -> bool {
    match (be16(frame, 12), frame.get(14).copied().unwrap_or(0) >> 4) {
        (0x0800, 4) | (0x86dd, 6) => true,
        (0x0806, _) => frame.get(14..18) == Some(&[0, 1, 8, 0]),
        (0x8100, _) => matches!(be16(frame, 16), 0x0800 | 0x86dd | 0x0806),
        _ => false,
    }
}

fn be16(data: &[u8], at: usize) -> usize {
    data.get(at..).and_then(|d| d.first_chunk()).map_or(0, |b| usize::from(u16::from_be_bytes(*b)))
}
