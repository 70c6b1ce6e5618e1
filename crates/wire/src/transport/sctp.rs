//! SCTP (RFC 9260): the common header, and a walk over the chunks for what is wrong with them.

use crate::checksum::crc32c;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Packet, Sctp, Transport};

/// More chunks, and more chunks of data, are told of.
const MOST_CHUNKS: u32 = 16;
/// The header of a chunk of data.
const DATA_HEADER: usize = 16;

/// An SCTP packet.
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let Some((&[s0, s1, d0, d1, t0, t1, t2, t3, c0, c1, c2, c3], chunks)) =
        p.body.split_first_chunk::<12>()
    else {
        p.transport = Transport::None;
        p.tracked = false;
        let cut = p.body_len >= 12;
        return cx.note(if cut {
            NoteKind::TransportCutByCapture
        } else {
            NoteKind::SctpTruncated
        });
    };
    p.ports = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    let tag = u32::from_be_bytes([t0, t1, t2, t3]);
    if !walk(cx, chunks, tag) {
        p.tracked = false;
    }
    // The sum is stored little endian; one of 0 was left to the card.
    let sum = u32::from_le_bytes([c0, c1, c2, c3]);
    if cx.verify() && p.body.len() as u32 == p.body_len && sum != 0 && crc32c(p.body, 8) != sum {
        p.bad_checksum = true;
    }
    p.transport = Transport::Sctp(Sctp {
        src_port: p.ports.0,
        dst_port: p.ports.1,
        tag,
        payload: chunks,
        payload_len: p.body_len.saturating_sub(12),
    });
}

/// `false` where the dialect stops at a broken chunk.
fn walk(cx: &mut Cx<'_, '_>, mut rest: &[u8], tag: u32) -> bool {
    const DATA: u8 = 0;
    const INIT: u8 = 1;
    const INIT_ACK: u8 = 2;
    let (mut count, mut data, mut init) = (0u32, 0u32, false);
    while !rest.is_empty() {
        let Some(&[kind, _, l0, l1]) = rest.first_chunk::<4>() else {
            return !cx.stops(NoteKind::SctpChunkTruncated);
        };
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        if len < 4 || len > rest.len() {
            return !cx.stops(NoteKind::SctpChunkLength);
        }
        if count == MOST_CHUNKS {
            cx.note(NoteKind::SctpChunksTooMany);
        }
        count = count.saturating_add(1);
        match kind {
            INIT => {
                init = true;
                if tag != 0 {
                    cx.note(NoteKind::SctpInitTag);
                }
            }
            INIT_ACK => init = true,
            DATA => {
                if len >= DATA_HEADER {
                    if data == MOST_CHUNKS {
                        cx.note(NoteKind::SctpDataChunksTooMany);
                    }
                    data = data.saturating_add(1);
                }
                if tag == 0 {
                    cx.note(NoteKind::SctpDataTag);
                }
            }
            _ => {}
        }
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    if init && count > 1 {
        cx.note(NoteKind::SctpInitBundled);
    }
    true
}
