//! Small link layers: BSD loopback, Cisco HDLC, FDDI, NFLOG.

use super::{Parent, ethertype, raw_ip};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, Net};

/// BSD loopback: the address family in the byte order of the machine that captured. Both orders
/// are taken, since a file does not say which it was.
pub(super) fn null<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    let Some((&b, rest)) = data.split_first_chunk::<4>() else {
        return cx.note(NoteKind::NullTruncated);
    };
    let family = u32::from_le_bytes(b);
    let swapped = family > 0xffff && cx.options.dialect == crate::Dialect::Watchpost;
    family_of(cx, f, if swapped { u32::from_be_bytes(b) } else { family }, rest);
}

/// OpenBSD loopback: the same in network order.
pub(super) fn null_big_endian<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    match data.split_first_chunk::<4>() {
        Some((b, rest)) => family_of(cx, f, u32::from_be_bytes(*b), rest),
        None => cx.note(NoteKind::NullTruncated),
    }
}

fn family_of<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, family: u32, rest: &'a [u8]) {
    if !cx.suricata() && !cx.deeper() {
        return;
    }
    if rest.is_empty() && cx.zeek() {
        return cx.note(NoteKind::NullTruncated);
    }
    match family {
        // AF_INET, and AF_INET6 of the BSDs and Darwin.
        2 | 24 | 28 | 30 => raw_ip(cx, f, rest),
        // AF_INET6 of Linux, Windows and Solaris.
        10 | 23 | 26 if !cx.zeek() => raw_ip(cx, f, rest),
        _ => {
            cx.note_with(NoteKind::NullFamilyUnknown, family);
            f.net = Net::Other(0);
        }
    }
}

/// Cisco HDLC: address, control, EtherType.
pub(super) fn cisco_hdlc<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    match data.split_first_chunk::<4>() {
        Some((&[_, _, t0, t1], rest)) => {
            ethertype(cx, f, u16::from_be_bytes([t0, t1]), rest, Parent::Ethernet);
        }
        None => cx.note(NoteKind::HdlcTruncated),
    }
}

/// FDDI: 13 bytes of frame control and addresses, then LLC and SNAP.
pub(super) fn fddi<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    match data.split_first_chunk::<21>() {
        Some((_, rest)) if !rest.is_empty() => raw_ip(cx, f, rest),
        _ => cx.note(NoteKind::FddiTruncated),
    }
}

/// NFLOG: the address family, then fields of type and length in the capturing machine's byte
/// order (little endian nearly always); the packet is the field of type 9.
pub(super) fn nflog<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    const PAYLOAD: u16 = 9;
    if !cx.deeper() {
        return;
    }
    let Some((&[family, version, _, _], mut rest)) = data.split_first_chunk::<4>() else {
        return cx.note(NoteKind::NflogTruncated);
    };
    if rest.is_empty() {
        return cx.note(NoteKind::NflogTruncated);
    }
    if version != 0 {
        return cx.note_with(NoteKind::NflogVersion, u32::from(version));
    }
    loop {
        let Some((&[l0, l1, t0, t1], body)) =
            rest.split_first_chunk::<4>().filter(|(_, body)| !body.is_empty())
        else {
            return cx.note(NoteKind::NflogNoPayload);
        };
        let len = usize::from(u16::from_le_bytes([l0, l1]));
        if u16::from_le_bytes([t0, t1]) == PAYLOAD {
            // The payload is the last field: its length is not needed to find its end.
            return match family {
                2 | 10 => raw_ip(cx, f, body),
                _ => f.net = Net::Other(0),
            };
        }
        if len < 4 {
            return cx.note(NoteKind::NflogTlvShort);
        }
        let step = len.next_multiple_of(4);
        match rest.get(step..) {
            Some(next) => rest = next,
            None => {
                return cx.note_pair(NoteKind::NflogTlvOverrun, step as u32, rest.len() as u32);
            }
        }
    }
}
