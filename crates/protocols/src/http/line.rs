//! Lines out of a stream, however it was cut.
//!
//! A line that lies whole in one input is borrowed from it; only one that goes on in the next is
//! copied, into a buffer that is kept for its capacity. A carriage return at the end of an input is
//! held back until the next byte says whether a line feed belongs to it, so that the cut does not
//! matter.

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// CR, LF or both.
    Any,
    /// LF; carriage returns before it are no part of the line.
    Lf,
}

/// What ended a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// CR without LF.
    Cr,
    /// LF, or CR and LF.
    Lf,
}

/// What came of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut<'a> {
    /// A line, without its end; so many bytes of the input belong to it.
    Line { text: &'a [u8], used: usize, end: End },
    /// The input was taken whole; the line goes on.
    More,
}

/// The beginning of a line whose end has not come yet.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    held: Vec<u8>,
}

impl LineBuffer {
    /// Bytes held.
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// Forgets what is held; capacity stays, unless a monster left it.
    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.held.shrink_to(KEPT_CAPACITY);
    }

    /// What is held, as a line that the stream's end ended; `None` where nothing is held.
    pub(crate) fn rest(&self) -> Option<&[u8]> {
        let line = self.held.strip_suffix(b"\r").unwrap_or(&self.held);
        (!self.held.is_empty()).then_some(line)
    }

    /// Takes up to one line from a non-empty `input`. After a line the buffer has to be cleared.
    pub(crate) fn take<'a>(&'a mut self, input: &'a [u8], ends: Ends) -> Cut<'a> {
        if ends == Ends::Any && self.held.last() == Some(&b'\r') {
            let lf = input.first() == Some(&b'\n');
            let text = self.held.strip_suffix(b"\r").unwrap_or_default();
            let end = if lf { End::Lf } else { End::Cr };
            return Cut::Line { text, used: usize::from(lf), end };
        }
        let found = match ends {
            Ends::Any => memchr::memchr2(b'\r', b'\n', input),
            Ends::Lf => memchr::memchr(b'\n', input),
        };
        let Some(at) = found else {
            self.held.extend_from_slice(input);
            return Cut::More;
        };
        let (head, tail) = input.split_at_checked(at).unwrap_or((input, b""));
        let (extra, end) = match tail {
            [b'\r', b'\n', ..] => (2, End::Lf),
            [b'\r'] => {
                self.held.extend_from_slice(input);
                return Cut::More;
            }
            [b'\r', ..] => (1, End::Cr),
            _ => (1, End::Lf),
        };
        let used = at.saturating_add(extra);
        let mut text = if self.held.is_empty() {
            head
        } else {
            self.held.extend_from_slice(head);
            &self.held
        };
        if ends == Ends::Lf {
            while let Some(shorter) = text.strip_suffix(b"\r") {
                text = shorter;
            }
        }
        Cut::Line { text, used, end }
    }
}

/// Capacity that a cleared buffer may keep.
const KEPT_CAPACITY: usize = 4096;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]], ends: Ends) -> Vec<(Vec<u8>, End)> {
        let mut b = LineBuffer::default();
        let mut out = Vec::new();
        for p in pieces {
            let mut rest = *p;
            while !rest.is_empty() {
                match b.take(rest, ends) {
                    Cut::More => break,
                    Cut::Line { text, used, end } => {
                        out.push((text.to_vec(), end));
                        b.clear();
                        rest = &rest[used..];
                    }
                }
            }
        }
        out
    }

    #[test]
    fn every_cut_gives_the_same_lines() {
        let text: &[u8] = b"one\r\ntwo\rthree\n\r\r\nlast\n";
        for ends in [Ends::Any, Ends::Lf] {
            let whole = lines(&[text], ends);
            for i in 0..text.len() {
                for j in i..text.len() {
                    let cut = [&text[..i], &text[i..j], &text[j..]];
                    assert_eq!(lines(&cut, ends), whole, "{i} {j}");
                }
            }
        }
        assert_eq!(lines(&[text], Ends::Any).len(), 6);
        assert_eq!(lines(&[text], Ends::Lf)[1].0, b"two\rthree");
    }
}
