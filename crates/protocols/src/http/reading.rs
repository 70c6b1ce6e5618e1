//! The two readings of HTTP, and what decides how a body is framed.
//!
//! Where endpoints disagree, sensors disagree too. [`Reading::Strict`] is Zeek's: a line that is no
//! message stops its direction, chunked needs HTTP/1.1, bodies without a length are lines.
//! [`Reading::Lenient`] is libhtp's: anything is a message, what browsers let pass is let pass. The
//! profile of the run chooses; our own reads leniently, since rules inspect what a server would see.
//!
//! Everything here is a decision over headers: no state of the stream.

use model::{AnomalyKind, Profile};

use super::anomalies as a;
use super::line::Ends;
use super::media::{ContentRange, MediaType, RangeFault, content_range, first_token};
use super::parser::{
    Version, find_ignore_case, leading_number, length_lenient, starts_with_ignore_case,
};
use super::transaction::{HttpTransaction, Message};

/// Longest line of the lenient reading (Suricata's field limit).
const LINE_MOST_LENIENT: usize = 18_000;
/// Longest line of the strict reading.
const LINE_MOST_STRICT: usize = 1 << 20;

/// Whose reading is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Zeek's.
    Strict,
    /// libhtp's.
    Lenient,
}

impl Reading {
    pub(crate) const fn of(profile: &Profile) -> Self {
        if profile.is_zeek() { Self::Strict } else { Self::Lenient }
    }
    pub(crate) const fn is_strict(self) -> bool {
        matches!(self, Self::Strict)
    }
    /// What ends a line of this direction.
    pub(crate) const fn ends(self, request: bool) -> Ends {
        match self {
            Self::Lenient if request => Ends::Lf,
            _ => Ends::Any,
        }
    }
    pub(crate) const fn line_most(self) -> usize {
        match self {
            Self::Strict => LINE_MOST_STRICT,
            Self::Lenient => LINE_MOST_LENIENT,
        }
    }
}

/// How long a body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    #[default]
    None,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Until the connection ends.
    UntilClose,
    /// Until the connection ends, or the body says that it is over; read as lines.
    Lines,
    /// It can't be told: nothing of the connection can be read further.
    Broken,
}

/// Encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// gzip or deflate: the form is found out by content.
    Deflated,
    /// One that is not undone.
    Other,
}

/// What a message's headers say of its body, gathered header by header.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BodyFacts {
    pub(crate) length: Option<u64>,
    pub(crate) range: Option<ContentRange>,
    pub(crate) chunked: bool,
    pub(crate) deflated: bool,
    expects_100: bool,
}

/// Where a message stands, as far as its headers' meaning depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) request: bool,
    pub(crate) status: u16,
    pub(crate) version: Option<Version>,
    /// Headers of the message itself, not of a part in its body.
    pub(crate) top: bool,
}

impl BodyFacts {
    /// Takes note of a header as the strict reading does.
    pub(crate) fn note(
        &mut self,
        name: &[u8],
        value: &[u8],
        at: Situation,
        odd: &mut dyn FnMut(&'static AnomalyKind, &[u8]),
    ) {
        let is = |n: &[u8]| name.eq_ignore_ascii_case(n);
        let (token, rest) = first_token(value);
        if is(b"content-length") {
            self.content_length(token, at, odd);
        } else if is(b"content-range") && at.status == 206 {
            self.content_range(value, odd);
        } else if is(b"transfer-encoding") {
            if !at.top {
                odd(&a::NESTED_TRANSFER_ENCODING, b"");
            } else if token.eq_ignore_ascii_case(b"chunked") && at.version == Some(Version::V1_1) {
                self.chunked = true;
                if !rest.is_empty() {
                    odd(&a::CHUNKED_MULTI, rest);
                }
                if self.length.is_some() {
                    odd(&a::LENGTH_AND_CHUNKED, b"");
                }
            }
        } else if is(b"content-encoding") {
            let known = [&b"gzip"[..], b"x-gzip", b"deflate"];
            self.deflated |= known.iter().any(|k| token.eq_ignore_ascii_case(k));
        } else if is(b"expect") {
            if !token.eq_ignore_ascii_case(b"100-continue") {
                odd(&a::EXPECT_OTHER, token);
            }
            self.expects_100 = true;
            if self.length == Some(0) {
                odd(&a::LENGTH_0_AND_EXPECT, b"");
            }
        }
    }

    fn content_length(
        &mut self,
        token: &[u8],
        at: Situation,
        odd: &mut dyn FnMut(&'static AnomalyKind, &[u8]),
    ) {
        if self.chunked {
            odd(&a::LENGTH_AND_CHUNKED, b"");
        }
        if token.is_empty() {
            return;
        }
        let Some(n) = leading_number(token, 10).and_then(|n| u64::try_from(n).ok()) else {
            odd(if at.request { &a::BAD_LENGTH } else { &a::BAD_LENGTH_RESPONSE }, token);
            self.length = Some(0);
            return;
        };
        if n > 0 && token.first() == Some(&b'0') {
            odd(&a::LENGTH_LEADING_ZEROS, token);
        }
        self.length = Some(match self.range {
            Some(r) if r.len != n => {
                odd(&a::RANGE_NOT_LENGTH, b"");
                r.len.max(n)
            }
            _ => n,
        });
        if n == 0 && self.expects_100 {
            odd(&a::LENGTH_0_AND_EXPECT, b"");
        }
    }

    fn content_range(&mut self, value: &[u8], odd: &mut dyn FnMut(&'static AnomalyKind, &[u8])) {
        if self.chunked {
            odd(&a::RANGE_AND_CHUNKED, b"");
        }
        let mut text = Vec::new();
        let range = match content_range(value, &mut text) {
            Ok(range) => range,
            Err(fault) => {
                match fault {
                    RangeFault::Unit => odd(&a::RANGE_UNIT, b""),
                    RangeFault::Syntax => odd(&a::RANGE_SYNTAX, b""),
                    RangeFault::Numbers => odd(&a::RANGE_SYNTAX, &text),
                    RangeFault::Negative => odd(&a::RANGE_NEGATIVE, &text),
                    RangeFault::Backwards => odd(&a::RANGE_BACKWARDS, &text),
                    RangeFault::Overflow => odd(&a::RANGE_OVERFLOW, &text),
                }
                return;
            }
        };
        if range.bad_whole {
            odd(&a::RANGE_WHOLE, &text);
        }
        self.range = Some(range);
        self.length = Some(match self.length {
            Some(n) if n > 0 => {
                if n != range.len {
                    odd(&a::RANGE_NOT_LENGTH, b"");
                }
                n.max(range.len)
            }
            _ => range.len,
        });
    }
}

/// What the body is, by its media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Media {
    /// One piece.
    #[default]
    Plain,
    /// Parts.
    Multipart,
    /// A message within the message.
    Message,
}

/// What the strict reading makes of a Content-Type.
pub(crate) fn media_strict(m: &Message) -> Media {
    match m.last_header(b"content-type").and_then(MediaType::parse) {
        Some(t) if t.is_multipart() && t.boundary().is_some() => Media::Multipart,
        Some(t) if t.is_message() => Media::Message,
        _ => Media::Plain,
    }
}

/// The framing of the strict reading. `connection_close`: a response said that the connection ends.
pub(crate) fn framing_strict(
    facts: &BodyFacts,
    media: Media,
    tx: &HttpTransaction,
    request: bool,
    connection_close: bool,
) -> Framing {
    if !request {
        // Zeek compares as far as the method goes: `HE` is HEAD.
        let head = tx.method.is_some() && starts_with_ignore_case(b"HEAD", tx.method_bytes());
        let status = tx.status.unwrap_or(0);
        if head || matches!(status, 100..=199 | 204 | 304) {
            return Framing::None;
        }
    }
    if media != Media::Plain {
        return match facts.length {
            Some(0) => Framing::None,
            // The end is where the parts end, or the length.
            Some(n) => Framing::Length(n),
            None => Framing::Lines,
        };
    }
    if facts.chunked {
        return Framing::Chunked;
    }
    match facts.length {
        Some(0) => Framing::None,
        Some(n) => Framing::Length(n),
        None if connection_close || facts.deflated => Framing::UntilClose,
        None if request => Framing::None,
        None => Framing::Lines,
    }
}

/// The framing of a request in the lenient reading.
pub(crate) fn request_framing_lenient(
    m: &Message,
    odd: &mut dyn FnMut(&'static AnomalyKind, &[u8]),
) -> Framing {
    if let Some(te) = m.header(b"transfer-encoding") {
        if find_ignore_case(te, b"chunked").is_some() {
            return Framing::Chunked;
        }
        odd(&a::BAD_TRANSFER_ENCODING, te);
        return Framing::Broken;
    }
    match m.header(b"content-length") {
        None => Framing::None,
        Some(text) => match length_lenient(text) {
            Some(0) => Framing::None,
            Some(n) => Framing::Length(n),
            None => {
                odd(&a::BAD_LENGTH, text);
                Framing::Broken
            }
        },
    }
}

/// The framing of a response in the lenient reading.
pub(crate) fn response_framing_lenient(
    tx: &HttpTransaction,
    odd: &mut dyn FnMut(&'static AnomalyKind, &[u8]),
) -> Framing {
    let m = &tx.response;
    let te = m.header(b"transfer-encoding");
    let length = m.header(b"content-length");
    if tx.method_bytes() == b"HEAD" {
        return Framing::None;
    }
    // No body is due, but clients take one that is announced.
    let status = tx.status.unwrap_or(0);
    if matches!(status, 100..=199 | 204 | 304) {
        if te.is_none() && length.is_none() {
            return Framing::None;
        }
        odd(&a::UNEXPECTED_RESPONSE_BODY, b"");
    }
    if let Some(te) = te.filter(|te| find_ignore_case(te, b"chunked").is_some()) {
        if !te.eq_ignore_ascii_case(b"chunked") {
            odd(&a::CHUNKED_MULTI, te);
        }
        return Framing::Chunked;
    }
    match length {
        Some(text) => match length_lenient(text) {
            Some(0) => Framing::None,
            Some(n) => Framing::Length(n),
            None => {
                odd(&a::BAD_LENGTH_RESPONSE, text);
                Framing::Broken
            }
        },
        None => {
            let kind = m.header(b"content-type").unwrap_or_default();
            if find_ignore_case(kind, b"multipart/byteranges").is_some() {
                // Such a body would end where its parts end; libhtp gives up.
                return Framing::Broken;
            }
            Framing::UntilClose
        }
    }
}

/// Encodings that are undone at most, one over the other.
pub(crate) const CODINGS_MOST: usize = 2;

/// The encodings of a body in the lenient reading, outermost (last named) first.
pub(crate) fn codings_lenient(value: &[u8]) -> impl DoubleEndedIterator<Item = Coding> + '_ {
    value.split(|c| matches!(c, b',' | b' ')).filter(|w| !w.is_empty()).filter_map(|w| {
        if find_ignore_case(w, b"gzip").is_some() || find_ignore_case(w, b"deflate").is_some() {
            Some(Coding::Deflated)
        } else if [&b"br"[..], b"lzma", b"zstd", b"compress"]
            .iter()
            .any(|o| w.eq_ignore_ascii_case(o))
        {
            Some(Coding::Other)
        } else {
            None
        }
    })
}
