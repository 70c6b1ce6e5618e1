//! Bodies in `gzip` and `deflate`, unpacked piece by piece.
//!
//! The form is told by the first two bytes, not by the header that named it: servers say `deflate`
//! and send zlib or raw deflate, say `gzip` and send either. Output goes on in pieces of a fixed
//! buffer, nothing is held whole. A body that unpacks to much more than its size is cut off (a
//! bomb), with the ratio and the size at which that happens as bounds.
//!
//! Source: RFC 1950 (zlib), RFC 1951 (deflate), RFC 1952 (gzip), RFC 9110 8.4.1.

use flate2::{Decompress, FlushDecompress, Status};

/// Output that is never taken for a bomb.
const BOMB_FLOOR: u64 = 1 << 20;
/// Output for each byte of input beyond which a body is a bomb. Deflate can't do more than 1032,
/// so only a stack of encodings gets there; the honest maximum is let pass.
const BOMB_RATIO: u64 = 2048;
/// Output of one body beyond which nothing more is unpacked.
const OUTPUT_MOST: u64 = 4 << 30;
/// Bytes unpacked at a time.
const PIECE: usize = 8192;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The data is damaged or no such format.
    Damaged,
    /// It unpacks to too much.
    Bomb,
}

/// One layer of compression.
#[derive(Debug)]
pub(crate) struct Inflater {
    /// `None` until the form is known, and after the end.
    unpacker: Option<Decompress>,
    head: [u8; 2],
    head_len: u8,
    over: bool,
    taken: u64,
    given: u64,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { unpacker: None, head: [0; 2], head_len: 0, over: false, taken: 0, given: 0 }
    }

    /// Unpacks `input`; after the end of the compressed data, the rest is let pass unseen.
    pub(crate) fn feed(
        &mut self,
        mut input: &[u8],
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        if self.over {
            return Ok(());
        }
        if self.unpacker.is_none() {
            while self.head_len < 2 {
                let [first, rest @ ..] = input else { return Ok(()) };
                if let Some(slot) = self.head.get_mut(self.head_len as usize) {
                    *slot = *first;
                }
                self.head_len = self.head_len.saturating_add(1);
                input = rest;
            }
            let head = self.head;
            let unpacker = match head {
                [0x1f, 0x8b] => Decompress::new_gzip(15),
                [cmf, flg] if cmf & 0x0f == 8 && u16::from_be_bytes([cmf, flg]) % 31 == 0 => {
                    Decompress::new(true)
                }
                _ => Decompress::new(false),
            };
            self.unpacker = Some(unpacker);
            self.run(&head, out)?;
        }
        self.run(input, out)
    }

    fn run(&mut self, mut input: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let mut piece = [0u8; PIECE];
        let Some(unpacker) = &mut self.unpacker else { return Ok(()) };
        while !self.over {
            let (took, gave) = (unpacker.total_in(), unpacker.total_out());
            let status = unpacker.decompress(input, &mut piece, FlushDecompress::None);
            let used = unpacker.total_in().saturating_sub(took);
            let made = unpacker.total_out().saturating_sub(gave) as usize;
            self.taken = self.taken.saturating_add(used);
            self.given = self.given.saturating_add(made as u64);
            input = input.get(used as usize..).unwrap_or_default();
            if made > 0 {
                out(piece.get(..made).unwrap_or_default());
            }
            match status {
                Ok(Status::StreamEnd) => self.over = true,
                Err(_) => {
                    self.over = true;
                    return Err(Fault::Damaged);
                }
                Ok(_) if used == 0 && made == 0 => return Ok(()),
                Ok(_) => {}
            }
            let bomb = self.given > BOMB_FLOOR
                && self.given > self.taken.saturating_mul(BOMB_RATIO)
                || self.given > OUTPUT_MOST;
            if bomb {
                self.over = true;
                return Err(Fault::Bomb);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests {
    use std::io::Write;

    use super::*;

    fn unpack(bytes: &[u8], piece: usize) -> Result<Vec<u8>, Fault> {
        let mut all = Vec::new();
        let mut i = Inflater::new();
        for p in bytes.chunks(piece) {
            i.feed(p, &mut |b| all.extend_from_slice(b))?;
        }
        Ok(all)
    }

    #[test]
    fn every_form_is_known_by_its_first_bytes_in_any_cut() {
        let text: Vec<u8> = (0..20_000u32).map(|i| (i / 7 % 251) as u8).collect();
        let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        z.write_all(&text).unwrap();
        let mut g = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        g.write_all(&text).unwrap();
        let mut d = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        d.write_all(&text).unwrap();
        for packed in [z.finish().unwrap(), g.finish().unwrap(), d.finish().unwrap()] {
            for piece in [1, 2, 3, 100, packed.len()] {
                assert_eq!(unpack(&packed, piece).unwrap(), text);
            }
            let mut tailed = packed.clone();
            tailed.extend_from_slice(b"trailing");
            assert_eq!(unpack(&tailed, 7).unwrap(), text);
        }
    }

    #[test]
    fn damage_is_told_once() {
        let mut i = Inflater::new();
        assert_eq!(i.feed(b"\x1f\x8bnonsense nonsense", &mut |_| {}), Err(Fault::Damaged));
        assert_eq!(i.feed(b"more", &mut |_| {}), Ok(()));
    }
}
