//! Content-Transfer-Encoding of MIME parts, undone piece by piece.
//!
//! Bytes that do not belong to the encoding are let pass over in base64, and stay as they are in
//! quoted-printable, as mail programs do. Source: RFC 2045 section 6.

use super::media::first_token;
use super::parser::hex_digit;

/// How a part's body is encoded, with what is held of it between pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// It is not.
    #[default]
    Plain,
    /// Six bits a character; those that make no byte yet.
    Base64 { bits: u32, count: u8, over: bool },
    /// `=XX`, and `=` at the end of a line; what is held of one: its second byte, and how many.
    QuotedPrintable { held: u8, count: u8 },
}

/// Decoded bytes handed on at a time.
const PIECE: usize = 512;

impl Transfer {
    /// By the value of the header.
    pub(crate) fn named(value: &[u8]) -> Self {
        let word = first_token(value).0;
        if word.eq_ignore_ascii_case(b"base64") {
            Self::Base64 { bits: 0, count: 0, over: false }
        } else if word.eq_ignore_ascii_case(b"quoted-printable") {
            Self::QuotedPrintable { held: 0, count: 0 }
        } else {
            Self::Plain
        }
    }

    /// Decodes the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        if *self == Self::Plain {
            out(bytes);
            return;
        }
        let mut piece: smallvec::SmallVec<[u8; PIECE]> = smallvec::SmallVec::new();
        for c in bytes {
            match self {
                Self::Plain => {}
                Self::Base64 { bits, count, over } => {
                    let value = match c {
                        _ if *over => continue,
                        b'A'..=b'Z' => c.wrapping_sub(b'A'),
                        b'a'..=b'z' => c.wrapping_sub(b'a').wrapping_add(26),
                        b'0'..=b'9' => c.wrapping_sub(b'0').wrapping_add(52),
                        b'+' => 62,
                        b'/' => 63,
                        b'=' => {
                            *over = true;
                            continue;
                        }
                        _ => continue,
                    };
                    *bits = *bits << 6 | u32::from(value);
                    *count = count.saturating_add(6);
                    if *count >= 8 {
                        *count = count.saturating_sub(8);
                        piece.push((*bits >> *count) as u8);
                    }
                }
                Self::QuotedPrintable { held, count } => match (*count, *held, *c) {
                    (0, _, b'=') => *count = 1,
                    (0, _, c) => piece.push(c),
                    // A line end after the sign is no part of the body.
                    (1, _, b'\r') => (*held, *count) = (b'\r', 2),
                    (1, _, b'\n') => *count = 0,
                    (1, _, c) => (*held, *count) = (c, 2),
                    (_, b'\r', b'\n') => *count = 0,
                    (_, a, b) => {
                        *count = 0;
                        match (hex_digit(a), hex_digit(b)) {
                            (Some(a), Some(b)) => piece.push(a << 4 | b),
                            _ => piece.extend_from_slice(&[b'=', a, b]),
                        }
                    }
                },
            }
            if piece.len() >= PIECE.saturating_sub(2) {
                out(&piece);
                piece.clear();
            }
        }
        if !piece.is_empty() {
            out(&piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_gives_the_same_bytes() {
        let cases: [(&[u8], &[u8], &[u8]); 3] = [
            (b"base64", b"aGVsbG8g\r\nd29ybGQ=\r\n", b"hello world"),
            (
                b"Quoted-Printable",
                b"caf=C3=A9 =\r\nau=3Dlait =zz",
                "caf\u{e9} au=lait =zz".as_bytes(),
            ),
            (b"8bit", b"as =41 is", b"as =41 is"),
        ];
        for (name, text, expected) in cases {
            for piece in 1..=text.len() {
                let mut t = Transfer::named(name);
                let mut got = Vec::new();
                text.chunks(piece).for_each(|p| t.feed(p, &mut |b| got.extend_from_slice(b)));
                assert_eq!(got, expected, "{piece}");
            }
        }
    }
}
