//! PPP (RFC 1661) in its framings, and PPPoE (RFC 2516).

use super::ethernet::network;
use super::mpls;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, Net};

/// PPP, with or without the two bytes of HDLC framing (RFC 1662), its protocol field compressed
/// or not.
pub(crate) fn ppp<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    if cx.zeek() {
        // It knows no compressed protocol field, and wants a byte behind the header.
        let (skip, kind) = match data {
            [0xff, 0x03, ..] => (2usize, NoteKind::PppHdlcTruncated),
            _ => (0, NoteKind::PppTruncated),
        };
        let rest = data.get(skip..).and_then(|d| d.split_first_chunk::<2>());
        return match rest {
            _ if data.len() <= 2 => cx.note(NoteKind::PppTruncated),
            Some((p, rest)) if !rest.is_empty() => {
                protocol(cx, f, u16::from_be_bytes(*p), rest);
            }
            _ => cx.note(kind),
        };
    }
    let body = match data {
        [0xff, _, body @ ..] => body,
        _ => data,
    };
    match *body {
        [p, ref rest @ ..] if p & 1 == 1 => protocol(cx, f, u16::from(p), rest),
        [p, q, ref rest @ ..] => protocol(cx, f, u16::from_be_bytes([p, q]), rest),
        _ => cx.note(NoteKind::PppTruncated),
    }
}

/// PPP on a serial line: two bytes of framing always.
pub(super) fn serial<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    match data.split_first_chunk::<4>() {
        Some((&[_, _, p, q], rest)) if !rest.is_empty() => {
            protocol(cx, f, u16::from_be_bytes([p, q]), rest);
        }
        _ => cx.note(NoteKind::PppSerialTruncated),
    }
}

/// What a PPP protocol number names.
pub(crate) fn protocol<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, kind: u16, data: &'a [u8]) {
    match kind {
        0x0021 => {
            if cx.suricata() && data.len() < 20 {
                return cx.note(NoteKind::PppIpv4Truncated);
            }
            network(cx, f, 0x0800, data);
        }
        0x0057 => {
            if cx.suricata() && data.len() < 40 {
                return cx.note(NoteKind::PppIpv6Truncated);
            }
            network(cx, f, 0x86dd, data);
        }
        0x0281 if !cx.suricata() => mpls::mpls(cx, f, data),
        0x0283 if !cx.suricata() && !cx.zeek() => mpls::mpls(cx, f, data),
        // Van Jacobson, uncompressed: an IPv4 packet whose protocol field is a slot number
        // (RFC 1144); its transport header is plain TCP, which only a receiver with state can tell.
        0x002f if !cx.zeek() => {
            if data.len() < 20 {
                return cx.note(NoteKind::PppVjTruncated);
            }
            network(cx, f, 0x0800, data);
        }
        _ => {
            if !cx.zeek() {
                other(cx, kind);
            }
            f.net = Net::Other(kind);
        }
    }
}

fn other(cx: &mut Cx<'_, '_>, kind: u16) {
    match kind {
        // Control protocols, authentication, link quality, compressed datagrams.
        0x00fd | 0x8021 | 0x8057 | 0x80fd | 0x8207 | 0xc021 | 0xc023 | 0xc025 | 0xc029 | 0xc223 => {
        }
        0x002d | 0x002b | 0x0023 | 0x0025 | 0x0027 | 0x0029 | 0x0031 | 0x0033 | 0x0035 | 0x0201
        | 0x0231 | 0x0233 | 0x0281 | 0x0283 | 0x8023 | 0x8025 | 0x8027 | 0x8029 | 0x802b
        | 0x8033 | 0x8035 | 0x8281 => {
            cx.note_with(NoteKind::PppProtocolUnsupported, u32::from(kind));
        }
        _ => cx.note_with(NoteKind::PppProtocolUnknown, u32::from(kind)),
    }
}

/// PPPoE, session stage: a six-byte header, then PPP.
pub(super) fn pppoe_session<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.suricata() && !cx.deeper() {
        return;
    }
    let Some((&[_, _, s0, s1, l0, l1], body)) = data.split_first_chunk::<6>() else {
        return cx.note(NoteKind::PppoeTruncated);
    };
    let least = if cx.zeek() { 3 } else { 1 };
    if body.len() < least {
        return cx.note(NoteKind::PppoeTruncated);
    }
    f.pppoe_session = Some(u16::from_be_bytes([s0, s1]));
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    if cx.suricata() {
        if len == 0 {
            return;
        }
    } else if len < body.len() {
        cx.note(NoteKind::PppoeExtraData);
    } else if len > body.len() {
        cx.note(NoteKind::PppoePayloadTruncated);
    }
    let (kind, rest, used) = match *body {
        [p, ref rest @ ..] if p & 1 == 1 && !cx.zeek() => (u16::from(p), rest, 1),
        [p, q, ref rest @ ..] => (u16::from_be_bytes([p, q]), rest, 2usize),
        _ => return cx.note(NoteKind::PppoeTruncated),
    };
    let cut = if cx.suricata() { rest.len() } else { len.saturating_sub(used) };
    protocol(cx, f, kind, rest.get(..cut).unwrap_or(rest));
}

/// PPPoE, discovery stage: nothing to go on with, but its tags are checked.
pub(super) fn pppoe_discovery<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    f.net = Net::Other(0x8863);
    let Some((&[_, code, _, _, l0, l1], body)) = data.split_first_chunk::<6>() else {
        return cx.note(NoteKind::PppoeTruncated);
    };
    if !matches!(code, 0x07 | 0x09 | 0x19 | 0x65 | 0xa7) {
        return cx.note_with(NoteKind::PppoeCodeUnknown, u32::from(code));
    }
    if usize::from(u16::from_be_bytes([l0, l1])) > body.len() {
        cx.note(NoteKind::PppoeTagsMalformed);
    }
}
