//! IEEE 802.11 data frames that carry LLC and SNAP, and the headers that captures put before them:
//! radiotap, PPI, Prism, AVS. Management and control frames carry nothing for us here.

use super::{Parent, decode, ethertype};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, LinkType, Net};

/// A radiotap header: its length is at bytes 2 and 3, little endian.
pub(super) fn radiotap<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let len = match data {
        &[_, _, l0, l1, ..] => usize::from(u16::from_le_bytes([l0, l1])),
        _ => return cx.note(NoteKind::RadiotapTruncated),
    };
    match data.get(len..) {
        Some(rest) if !rest.is_empty() => {
            wifi(cx, f, rest);
        }
        _ => cx.note(NoteKind::RadiotapTruncated),
    }
}

/// A per-packet information header: its length is at bytes 2 and 3, the link type at 4 to 7.
pub(super) fn ppi<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some(&[_, _, l0, l1, t0, t1, _, _]) = data.first_chunk::<8>() else {
        return cx.note(NoteKind::WifiCaptureHeaderTruncated);
    };
    let inner = LinkType(u16::from_le_bytes([t0, t1]));
    match data.get(usize::from(u16::from_le_bytes([l0, l1])).max(8)..) {
        Some(rest) if inner == LinkType::IEEE802_11 => {
            wifi(cx, f, rest);
        }
        Some(rest) => decode(cx, f, inner, rest),
        None => cx.note(NoteKind::WifiCaptureHeaderTruncated),
    }
}

/// A Prism header: its length is at bytes 4 to 7, in either byte order.
pub(super) fn prism<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    let len = |d: &[u8; 8]| {
        let b = [d[4], d[5], d[6], d[7]];
        u32::from_le_bytes(b).min(u32::from_be_bytes(b))
    };
    // Files of this type may begin with an AVS header as well, which says so.
    match data.first_chunk::<8>() {
        Some(&[0x80, 0x21, 0x10, ..]) => avs(cx, f, data),
        Some(head) => behind(cx, f, data, len(head)),
        None => cx.note(NoteKind::WifiCaptureHeaderTruncated),
    }
}

/// An AVS header: version, then its length, both big endian.
pub(super) fn avs<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    match data.first_chunk::<8>() {
        Some(&[_, _, _, _, ref len @ ..]) => behind(cx, f, data, u32::from_be_bytes(*len)),
        None => cx.note(NoteKind::WifiCaptureHeaderTruncated),
    }
}

fn behind<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8], len: u32) {
    if !cx.deeper() {
        return;
    }
    match data.get(len.max(8) as usize..) {
        Some(rest) => {
            wifi(cx, f, rest);
        }
        None => cx.note(NoteKind::WifiCaptureHeaderTruncated),
    }
}

/// An 802.11 frame. `false` where it carries nothing that is decoded.
pub(crate) fn wifi<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) -> bool {
    if !cx.deeper() {
        return false;
    }
    // Shorter control and management frames are normal; Zeek asks for a data frame's header first.
    let (Some(&control), Some(&flags)) = (data.first(), data.get(1)) else {
        cx.note(NoteKind::WifiTruncated);
        return false;
    };
    let (kind, subtype) = (control >> 2 & 3, control >> 4);
    let is_data = kind & 2 != 0;
    if cx.zeek() && data.len() <= 24 {
        cx.note(NoteKind::WifiTruncated);
        return false;
    }
    if !is_data || subtype & 4 != 0 || (kind == 3 && !cx.zeek()) {
        return false;
    }
    let mut len = 24usize;
    if flags & 3 == 3 {
        len = 30;
    }
    if data.len() <= len {
        cx.note(NoteKind::WifiTruncated);
        return false;
    }
    let mut aggregate = false;
    if subtype & 8 != 0 {
        aggregate = data.get(len).is_some_and(|qos| qos & 0x80 != 0);
        len = len.saturating_add(2);
        // High throughput control follows where the order bit is set.
        if flags & 0x80 != 0 && !cx.zeek() {
            len = len.saturating_add(4);
        }
    }
    // Encrypted: all that can be told is who speaks to whom. Zeek looks on unless there is QoS.
    let protected = flags & 0x40 != 0;
    if protected && (subtype & 8 != 0 || !cx.zeek()) {
        addresses(f, data, flags);
        return true;
    }
    let Some(body) = data.get(len..).filter(|b| !b.is_empty()) else {
        cx.note(NoteKind::WifiTruncated);
        return false;
    };
    addresses(f, data, flags);
    if aggregate { subframe(cx, f, body) } else { snap(cx, f, body) }
}

/// Who sends and who receives stands in other places by the direction flags.
fn addresses(f: &mut Frame<'_>, data: &[u8], flags: u8) {
    let (dst, src) = match flags & 3 {
        0 => (4, 10),
        1 => (16, 10),
        2 => (4, 16),
        _ => (16, 24),
    };
    let at = |i: usize| data.get(i..).and_then(|d| d.first_chunk::<6>()).copied();
    f.dst_mac = at(dst);
    f.src_mac = at(src);
}

/// The first subframe of an aggregate (A-MSDU); the others stay in [`Frame::aggregate`].
pub(crate) fn subframe<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) -> bool {
    f.aggregate = &[];
    let Some((&[.., l0, l1], rest)) = data.split_first_chunk::<14>() else {
        cx.note(NoteKind::AmsduHeaderTruncated);
        return false;
    };
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let Some((body, tail)) = rest.split_at_checked(len) else {
        cx.note(NoteKind::AmsduTruncated);
        return false;
    };
    if !snap(cx, f, body) && cx.stops(NoteKind::AmsduInnerInvalid) {
        return false;
    }
    // Subframes begin at multiples of four; Zeek forgets the 14 bytes of the header.
    let pad = if cx.zeek() { len % 4 } else { len.wrapping_add(2).wrapping_neg() % 4 };
    f.aggregate = tail.get(pad..).unwrap_or(tail);
    true
}

/// LLC and SNAP with the null organisation code, or nothing.
fn snap<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) -> bool {
    match data.split_first_chunk::<8>() {
        None => {
            cx.note(NoteKind::WifiLlcTruncated);
            false
        }
        Some((&[0xaa, 0xaa, 0x03, 0, 0, 0, t0, t1], rest)) => {
            ethertype(cx, f, u16::from_be_bytes([t0, t1]), rest, Parent::Plain);
            !matches!(f.net, Net::Other(_) | Net::Nothing)
        }
        Some(_) => false,
    }
}
