//! DTLS (RFC 6347, RFC 9147): datagrams to records, and pieces of handshake messages put together.
//!
//! Per direction one message is put together at a time, as senders do; a piece of another message
//! begins anew. A message has at most [`MESSAGE_MOST`] bytes and [`PIECES_MOST`] pieces.

use base::{Dir, Reader};
use model::Cx;
use smallvec::SmallVec;

use super::anomalies as odd;
use super::parser::{DTLS10, DTLS12, DtlsFragment, DtlsRecord, RecordHeader, content};
use super::session::Session;
use super::stream::Message;
use crate::x509::KnownCertificates;

/// Longest message that is put together.
const MESSAGE_MOST: u32 = 100_000;
/// Most pieces of a message that don't touch each other.
const PIECES_MOST: usize = 32;
/// Records with another version that are borne before the flow is given up.
const STRANGE_MOST: u16 = 10;

/// One direction's message in pieces.
#[derive(Debug, Default)]
struct Pieces {
    message: u16,
    kind: u8,
    len: u32,
    open: bool,
    bytes: Vec<u8>,
    /// What has come, as ranges that don't touch.
    ranges: SmallVec<[(u32, u32); 8]>,
}

impl Pieces {
    /// Takes a piece in. True when the message is whole.
    fn add(&mut self, f: &DtlsFragment<'_>) -> Result<bool, ()> {
        let end = f.offset.saturating_add(f.data.len() as u32);
        if f.len > MESSAGE_MOST || end > f.len {
            return Err(());
        }
        if !self.open && self.message == f.message && self.len == f.len && self.kind == f.kind {
            // Sent again after it was whole.
            return Ok(false);
        }
        if !self.open || self.message != f.message || self.len != f.len || self.kind != f.kind {
            self.bytes.clear();
            self.bytes.resize(f.len as usize, 0);
            self.ranges.clear();
            (self.message, self.kind, self.len, self.open) = (f.message, f.kind, f.len, true);
        }
        if let Some(slot) = self.bytes.get_mut(f.offset as usize..end as usize) {
            slot.copy_from_slice(f.data);
        }
        let (mut from, mut to) = (f.offset, end);
        self.ranges.retain(|(a, b)| {
            let touches = *a <= to && from <= *b;
            if touches {
                from = from.min(*a);
                to = to.max(*b);
            }
            !touches
        });
        if self.ranges.len() >= PIECES_MOST {
            self.open = false;
            return Err(());
        }
        self.ranges.push((from, to));
        self.open = (from, to) != (0, self.len);
        Ok(!self.open)
    }
}

/// DTLS in one flow.
#[derive(Debug, Default)]
pub(super) struct Dtls {
    pieces: [Pieces; 2],
    strange: u16,
}

impl Dtls {
    /// Reads a datagram.
    pub(super) fn datagram(
        &mut self,
        session: &mut Session,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        bytes: &[u8],
    ) {
        /// STUN's magic cookie: WebRTC speaks both on one flow.
        const STUN: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
        if bytes.len() > 20 && bytes.get(4..8) == Some(&STUN) {
            return;
        }
        let mut r = Reader::new(bytes);
        while let Some(first) = r.rest().first() {
            if session.ssl.is_dtls13() && first & 0xe0 == 0x20 {
                session.unified(cx, dir);
                return;
            }
            let Ok(record) = DtlsRecord::read(&mut r) else { return };
            if !matches!(record.version, DTLS10 | DTLS12) {
                self.strange = self.strange.saturating_add(1);
                if self.strange > STRANGE_MOST {
                    cx.anomaly(&odd::BAD_RECORD);
                    session.violation(cx, true);
                }
                return;
            }
            self.strange = 0;
            if record.epoch > 0 {
                session.encrypted_record(cx);
            } else if record.kind == content::HANDSHAKE {
                self.handshake(session, shared, cx, dir, &record);
            } else {
                let h = RecordHeader {
                    kind: record.kind,
                    version: record.version,
                    len: record.body.len() as u16,
                };
                session.record(shared, cx, dir, h, record.body);
            }
            if session.ssl.over {
                return;
            }
        }
    }

    fn handshake(
        &mut self,
        session: &mut Session,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        record: &DtlsRecord<'_>,
    ) {
        let mut r = Reader::new(record.body);
        while !r.is_empty() {
            let Ok(f) = DtlsFragment::read(&mut r) else {
                cx.anomaly(&odd::BAD_FRAGMENT);
                return;
            };
            if f.offset == 0 && f.data.len() as u64 == u64::from(f.len) {
                session.message(shared, cx, dir, Message { kind: f.kind, body: f.data }, true);
                continue;
            }
            let mut pieces = std::mem::take(dir.of_mut(&mut self.pieces));
            match pieces.add(&f) {
                Ok(true) => {
                    let m = Message { kind: f.kind, body: &pieces.bytes };
                    session.message(shared, cx, dir, m, true);
                }
                Ok(false) => {}
                Err(()) => {
                    cx.anomaly(&odd::BAD_FRAGMENT);
                    session.violation(cx, false);
                }
            }
            *dir.of_mut(&mut self.pieces) = pieces;
        }
    }

    /// Lets go of buffers.
    pub(super) fn free(&mut self) {
        self.pieces = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_any_order_and_twice() {
        let whole: Vec<u8> = (0..100).collect();
        let mut p = Pieces::default();
        let mut add = |offset: usize, n: usize| {
            let data = &whole[offset..offset + n];
            p.add(&DtlsFragment { kind: 11, len: 100, message: 2, offset: offset as u32, data })
        };
        assert_eq!(add(60, 40), Ok(false));
        assert_eq!(add(0, 30), Ok(false));
        assert_eq!(add(0, 30), Ok(false));
        assert_eq!(add(20, 45), Ok(true));
        assert_eq!(add(20, 45), Ok(false));
        assert_eq!(p.bytes, whole);
    }

    #[test]
    fn a_piece_past_the_end_or_a_huge_message_is_refused() {
        let f = |len, offset| DtlsFragment { kind: 1, len, message: 0, offset, data: &[1, 2] };
        assert!(Pieces::default().add(&f(2, 1)).is_err());
        assert!(Pieces::default().add(&f(MESSAGE_MOST + 1, 0)).is_err());
    }
}
