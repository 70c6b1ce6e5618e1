//! TCP (RFC 9293) and its options (RFC 7323, 2018, 7413, 2385, 5925).

use super::{too_short, wrong_checksum};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Packet, Tcp, TcpOptions, Transport};

/// A TCP segment.
#[inline]
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let body = p.body;
    let Some(&[s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, off, flags, w0, w1, _, _, u0, u1]) =
        body.first_chunk::<20>()
    else {
        return too_short(cx, p, 20, NoteKind::TcpTruncated, NoteKind::TcpMissing);
    };
    let (src_port, dst_port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    p.ports = (src_port, dst_port);
    let header_len = usize::from(off >> 4) << 2;
    if header_len < 20 || header_len as u32 > p.body_len {
        return broken(cx, p, header_len);
    }
    let payload = match body.get(header_len..) {
        Some(payload) => payload,
        None => {
            if cx.zeek() {
                return broken(cx, p, header_len);
            }
            cx.note(NoteKind::TcpOptionsCutByCapture);
            &[]
        }
    };
    let raw_options = body.get(20..header_len.min(body.len())).unwrap_or_default();
    let options =
        if raw_options.is_empty() { TcpOptions::default() } else { options(cx, raw_options) };
    if wrong_checksum(cx, p) {
        p.bad_checksum = true;
        cx.note(NoteKind::TcpChecksum);
    }
    p.transport = Transport::Tcp(Tcp {
        src_port,
        dst_port,
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags,
        window: u16::from_be_bytes([w0, w1]),
        urgent: u16::from_be_bytes([u0, u1]),
        options,
        header_len: header_len as u8,
        raw_options,
        payload,
        payload_len: p.body_len.saturating_sub(header_len as u32),
    });
}

/// A header length that is impossible: the ports are known, the rest is not.
#[cold]
fn broken(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, header_len: usize) {
    p.transport = Transport::None;
    p.sound = false;
    let kind = if header_len < 20 {
        NoteKind::TcpHeaderLengthSmall
    } else if header_len as u32 > p.body_len {
        NoteKind::TcpHeaderBeyondSegment
    } else {
        NoteKind::TcpOptionsCutByCapture
    };
    cx.note_with(kind, header_len as u32);
    if cx.suricata() {
        p.tracked = false;
    }
}

/// What the flow table reads of the options. The usual set of a connection's segments, two
/// paddings and a timestamp, is read without a loop.
#[inline]
fn options(cx: &mut Cx<'_, '_>, raw: &[u8]) -> TcpOptions {
    if let &[1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] = raw {
        let value = u32::from_be_bytes([v0, v1, v2, v3]);
        let echo = u32::from_be_bytes([e0, e1, e2, e3]);
        return TcpOptions { timestamps: Some((value, echo)), ..TcpOptions::default() };
    }
    all_options(cx, raw)
}

fn all_options(cx: &mut Cx<'_, '_>, mut rest: &[u8]) -> TcpOptions {
    let mut options = TcpOptions::default();
    let (mut sack, mut fast_open) = (false, false);
    while let Some((&kind, tail)) = rest.split_first() {
        match kind {
            0 => break,
            1 => {
                rest = tail;
                continue;
            }
            _ => {}
        }
        let Some(&len) = tail.first() else { break };
        let Some((option, next)) = rest.split_at_checked(usize::from(len)).filter(|_| len >= 2)
        else {
            cx.note_with(NoteKind::TcpOptionLength, u32::from(kind));
            break;
        };
        rest = next;
        let data = option.get(2..).unwrap_or_default();
        // Whether the length is right, and whether it was there before.
        let (fits, before) = match (kind, data) {
            (2, &[m0, m1]) => (true, options.mss.replace(u16::from_be_bytes([m0, m1])).is_some()),
            (3, &[shift]) => (true, options.window_scale.replace(shift).is_some()),
            (4, []) => (true, std::mem::replace(&mut options.sack_permitted, true)),
            (8, &[v0, v1, v2, v3, e0, e1, e2, e3]) => {
                let pair =
                    (u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3]));
                (true, options.timestamps.replace(pair).is_some())
            }
            // An empty one is useless, but common.
            (5, []) => (true, false),
            (5, blocks) => {
                let fits = blocks.len() % 8 == 0 && blocks.len() <= 32;
                (fits, fits && std::mem::replace(&mut sack, true))
            }
            (34, cookie) => {
                let fits = cookie.len() % 2 == 0 && cookie.len() <= 16;
                (fits, fits && std::mem::replace(&mut fast_open, true))
            }
            // Experiments: fast open before it had a number of its own (RFC 6994).
            (253 | 254, data) => {
                let fits = matches!(data.len(), 2 | 10);
                let cookie = data.first_chunk() == Some(&[0xf9, 0x89]);
                (fits, fits && cookie && std::mem::replace(&mut fast_open, true))
            }
            (19, digest) => (digest.len() == 16, false),
            (29, digest) => (digest.len() >= 2, false),
            (2..=4 | 8, _) => (false, false),
            _ => (true, false),
        };
        if !fits {
            cx.note_with(NoteKind::TcpOptionLength, u32::from(kind));
        }
        if before {
            cx.note_with(NoteKind::TcpOptionDuplicate, u32::from(kind));
        }
    }
    options
}
