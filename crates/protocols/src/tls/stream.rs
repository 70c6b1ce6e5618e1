//! A direction's bytes to records, and records' contents to handshake messages.
//!
//! What lies whole in the input is handed on where it lies; what is split is collected in one
//! buffer per direction, bounded by the length that its header gives (a record has at most 64 KiB,
//! a message [`MESSAGE_MOST`]). Application data is never collected, only counted to its end.

use base::Dir;

use super::parser::{HANDSHAKE_HEADER, RECORD_HEADER, RecordHeader, content};

/// Longest handshake message that is collected; a longer one is stepped over.
pub const MESSAGE_MOST: usize = 512 << 10;

/// How a connection's records are framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Not known yet: the first record decides.
    #[default]
    Open,
    /// SSL 3 and TLS.
    Tls,
    /// SSLv2.
    V2,
}

/// A direction's record layer.
#[derive(Debug, Default)]
pub struct Records {
    header: [u8; RECORD_HEADER],
    have: usize,
    body: Vec<u8>,
    /// Bytes of the record that are still to come.
    left: usize,
    v2: bool,
    /// What `body` holds has been handed out.
    spent: bool,
}

/// What the next bytes make.
#[derive(Debug)]
pub enum Taken<'a> {
    /// Not a whole record yet.
    More,
    /// A record with its content; application data comes without.
    Record(RecordHeader, &'a [u8]),
    /// An SSLv2 record: what follows its length, the message type first.
    V2(&'a [u8]),
    /// These bytes begin no record.
    Bad([u8; RECORD_HEADER]),
}

impl Records {
    /// Takes from the input up to the end of the next record.
    pub fn take<'a, 'i: 'a>(
        &'a mut self,
        framing: Framing,
        dir: Dir,
        input: &mut &'i [u8],
    ) -> Taken<'a> {
        if self.spent {
            self.body.clear();
            self.spent = false;
        }
        if self.have < RECORD_HEADER {
            let n = input.len().min(RECORD_HEADER.saturating_sub(self.have));
            let (head, rest) = split(input, n);
            for (slot, b) in self.header.iter_mut().skip(self.have).zip(head) {
                *slot = *b;
            }
            self.have = self.have.saturating_add(n);
            *input = rest;
            if self.have < RECORD_HEADER {
                return Taken::More;
            }
            match frame(self.header, framing, dir) {
                Frame::Tls(len) => {
                    self.v2 = false;
                    self.left = len;
                }
                Frame::V2(len) => {
                    self.v2 = true;
                    let [_, _, start @ ..] = self.header;
                    self.body.extend_from_slice(&start);
                    self.left = len;
                }
                Frame::Bad => {
                    self.have = 0;
                    return Taken::Bad(self.header);
                }
            }
        }
        let header = RecordHeader::parse(self.header);
        let n = input.len().min(self.left);
        let (part, rest) = split(input, n);
        *input = rest;
        self.left = self.left.saturating_sub(n);
        if !self.v2 && header.kind == content::APPLICATION {
            if self.left > 0 {
                return Taken::More;
            }
            self.have = 0;
            return Taken::Record(header, &[]);
        }
        if self.left == 0 && self.body.is_empty() {
            self.have = 0;
            return Taken::Record(header, part);
        }
        self.body.extend_from_slice(part);
        if self.left > 0 {
            return Taken::More;
        }
        self.have = 0;
        self.spent = true;
        if self.v2 { Taken::V2(&self.body) } else { Taken::Record(header, &self.body) }
    }
    /// Lets go of the buffer.
    pub fn free(&mut self) {
        *self = Self::default();
    }
}

/// The first `n` bytes, or all, and the rest.
const fn split(bytes: &[u8], n: usize) -> (&[u8], &[u8]) {
    match bytes.split_at_checked(n) {
        Some(parts) => parts,
        None => (bytes, &[]),
    }
}

enum Frame {
    Tls(usize),
    /// Bytes that follow the five of the header.
    V2(usize),
    Bad,
}

fn frame(header: [u8; RECORD_HEADER], framing: Framing, dir: Dir) -> Frame {
    let [h0, h1, h2, h3, h4] = header;
    let v2 = || {
        let len = usize::from(u16::from_be_bytes([h0 & 0x7f, h1]));
        len.checked_sub(3).map_or(Frame::Bad, Frame::V2)
    };
    let tls = RecordHeader::parse(header);
    match framing {
        Framing::V2 => v2(),
        Framing::Tls if tls.version_ok() => Frame::Tls(usize::from(tls.len)),
        Framing::Open if h0 & 0x80 != 0 => match (dir, h2) {
            (Dir::Orig, 1) if matches!((h3, h4), (0, 2) | (3, 0..=3)) => v2(),
            (Dir::Resp, 4) if h4 < 2 => v2(),
            _ => Frame::Bad,
        },
        Framing::Open if tls.version_ok() && (20..=30).contains(&h0) => {
            Frame::Tls(usize::from(tls.len))
        }
        _ => Frame::Bad,
    }
}

/// A direction's handshake messages.
#[derive(Debug, Default)]
pub struct Messages {
    buf: Vec<u8>,
    /// Bytes of a message that is stepped over.
    skip: usize,
    spent: bool,
}

/// A handshake message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its type.
    pub kind: u8,
    /// Its content.
    pub body: &'a [u8],
}

/// What the next bytes of handshake records make.
#[derive(Debug)]
pub enum TakenMessage<'a> {
    /// Not a whole message yet.
    More,
    /// A message.
    Message(Message<'a>),
    /// A message of this type and length is too long to be collected, and is stepped over.
    TooLong(u8, usize),
}

fn split_message(bytes: &[u8]) -> Option<(u8, usize)> {
    let [kind, a, b, c] = *bytes.first_chunk::<HANDSHAKE_HEADER>()?;
    Some((kind, u32::from_be_bytes([0, a, b, c]) as usize))
}

impl Messages {
    /// Takes from a record's content up to the end of the next message.
    pub fn take<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> TakenMessage<'a> {
        if self.spent {
            self.buf.clear();
            self.spent = false;
        }
        if self.skip > 0 {
            let n = input.len().min(self.skip);
            *input = input.get(n..).unwrap_or_default();
            self.skip = self.skip.saturating_sub(n);
            if self.skip > 0 {
                return TakenMessage::More;
            }
        }
        if self.buf.is_empty() {
            let Some((kind, len)) = split_message(input) else {
                self.buf.extend_from_slice(input);
                *input = &[];
                return TakenMessage::More;
            };
            if len > MESSAGE_MOST {
                *input = input.get(HANDSHAKE_HEADER..).unwrap_or_default();
                self.skip = len;
                return TakenMessage::TooLong(kind, len);
            }
            let end = len.saturating_add(HANDSHAKE_HEADER);
            let whole: &'i [u8] = input;
            if let Some((message, rest)) = whole.split_at_checked(end) {
                *input = rest;
                let body = message.get(HANDSHAKE_HEADER..).unwrap_or_default();
                return TakenMessage::Message(Message { kind, body });
            }
        }
        // Split: the header first, then as much as it says.
        while split_message(&self.buf).is_none() {
            let Some((b, rest)) = input.split_first() else { return TakenMessage::More };
            self.buf.push(*b);
            *input = rest;
        }
        let Some((kind, len)) = split_message(&self.buf) else { return TakenMessage::More };
        if len > MESSAGE_MOST {
            self.buf.clear();
            self.skip = len;
            return TakenMessage::TooLong(kind, len);
        }
        let want = len.saturating_add(HANDSHAKE_HEADER).saturating_sub(self.buf.len());
        let n = input.len().min(want);
        let (part, rest) = split(input, n);
        self.buf.extend_from_slice(part);
        *input = rest;
        if n < want {
            return TakenMessage::More;
        }
        self.spent = true;
        let body = self.buf.get(HANDSHAKE_HEADER..).unwrap_or_default();
        TakenMessage::Message(Message { kind, body })
    }
    /// Lets go of the buffer.
    pub fn free(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_alike_however_they_are_cut() {
        let mut wire = vec![22, 3, 1, 0, 3, 1, 2, 3];
        wire.extend([23, 3, 3, 0, 2, 9, 9]);
        wire.extend([20, 3, 3, 0, 1, 1]);
        wire.extend([b'H', b'T', b'T', b'P', b'/']);
        let cut = |size: usize| {
            let (mut r, mut out) = (Records::default(), Vec::new());
            for part in wire.chunks(size) {
                let mut rest = part;
                loop {
                    match r.take(Framing::Tls, Dir::Orig, &mut rest) {
                        Taken::More => break,
                        Taken::Record(h, b) => out.push((h.kind, h.len, b.to_vec())),
                        Taken::Bad(h) => {
                            out.push((0, 0, h.to_vec()));
                            return out;
                        }
                        Taken::V2(_) => unreachable!(),
                    }
                }
            }
            out
        };
        let whole = cut(1000);
        assert_eq!(whole.len(), 4);
        assert!((1..20).all(|n| cut(n) == whole));
    }

    #[test]
    fn messages_cross_records_and_huge_ones_are_stepped_over() {
        let mut wire = vec![1, 0, 0, 2, 7, 7, 14, 0, 0, 0];
        wire.extend([11, 0x08, 0, 0]);
        wire.extend(vec![0; 0x8_0000]);
        wire.extend([11, 0x09, 0, 0]);
        wire.extend(vec![0; 0x9_0000]);
        wire.extend([2, 0, 0, 1, 5]);
        let cut = |size: usize| {
            let (mut m, mut out) = (Messages::default(), Vec::new());
            for part in wire.chunks(size) {
                let mut rest = part;
                loop {
                    match m.take(&mut rest) {
                        TakenMessage::More => break,
                        TakenMessage::Message(x) => out.push((x.kind, x.body.len())),
                        TakenMessage::TooLong(kind, len) => out.push((kind, len)),
                    }
                }
            }
            out
        };
        let whole = cut(usize::MAX);
        assert_eq!(whole, [(1, 2), (14, 0), (11, 0x8_0000), (11, 0x9_0000), (2, 1)]);
        assert!([1, 3, 5, 997, 16384].iter().all(|n| cut(*n) == whole));
    }
}
