//! MIME bodies taken apart: multipart of any nesting, messages within.
//!
//! Bytes go in as they come; out go the steps of [`Part`]s. Part bodies are streamed: only a line
//! that may still be a boundary is held, and the line end before it, which belongs to the boundary
//! and not to the part. Headers of a part are lines ended by CR, LF or both; in a part's body only
//! CRLF ends a line, since bodies are binary.
//!
//! A part that names its length is read by length, if the caller says so ([`Part::Headers`]).
//!
//! Bounds: nesting ([`LEVELS_MOST`]), a header line ([`HEADER_MOST`]), the bytes held ([`HELD_MOST`]);
//! beyond them bytes count as body, or a header is cut.
//!
//! Source: RFC 2046 section 5.1, RFC 7578 (form data).

use smallvec::SmallVec;

use super::line::{Cut, End, Ends, LineBuffer};
use super::media::MediaType;
use super::parser::header_strict;

/// Deepest nesting of multipart and message types.
pub(crate) const LEVELS_MOST: usize = 8;
/// Longest header line of a part; what goes beyond is dropped.
const HEADER_MOST: usize = 16 << 10;
/// Longest boundary (RFC 2046 allows 70).
const BOUNDARY_MOST: usize = 256;
/// Most bytes of a line held to tell whether it is a boundary: two dashes, the boundary, two more.
const HELD_MOST: usize = BOUNDARY_MOST + 4;

/// A step of a MIME body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A part begins.
    Begin,
    /// A header of it.
    Header { name: &'a [u8], value: &'a [u8] },
    /// Its headers are over.
    Headers,
    /// Bytes of its body.
    Data(&'a [u8]),
    /// It ends.
    End,
    /// The outermost closing boundary: what follows is no part of the body.
    Closed,
}

/// What a level of nesting is.
#[derive(Clone, Debug)]
enum Level {
    /// Parts between boundaries; whether one is open.
    Multipart { boundary: Vec<u8>, open: bool },
    /// A message: headers and a body of its own.
    Message,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Between parts: lines are let pass until a boundary.
    Between,
    /// In the headers of a part.
    Headers,
    /// At the start of a line of a body.
    LineStart,
    /// Further on in a line of a body.
    Line,
    /// In a body of known length.
    Measured,
    /// After a boundary, up to the end of its line; the parts that follow it.
    AfterBoundary,
    /// After the outermost closing boundary.
    Over,
}

/// A MIME body on its way.
#[derive(Debug)]
pub(crate) struct Multipart {
    levels: SmallVec<[Level; 1]>,
    at: At,
    line: LineBuffer,
    /// A header that may go on in the next line.
    header: Vec<u8>,
    /// Start of a body line, while it may be a boundary.
    held: SmallVec<[u8; 96]>,
    /// A line end that belongs to the body only if no boundary follows: 0, CR, or CRLF.
    pending: u8,
    /// The type of the part whose headers are read: a new level, if it needs one.
    next: Option<Level>,
    /// What the line after a boundary leads to.
    closing: bool,
    /// Bytes left of a part of known length.
    left: u64,
    /// Line ends of one byte among headers and between parts since [`Self::take_short_ends`].
    short_ends: u64,
    /// Whether those are counted, and a feed stops at each line end.
    counts: bool,
    /// The last byte fed ended a line, or a part of known length.
    line_over: bool,
    /// A line among them ended in CR alone, and another followed.
    lone_cr: bool,
}

/// Receives the steps; answers [`Part::Headers`] with the part's length, if it has one.
pub(crate) type Out<'a> = dyn FnMut(Part<'_>) -> Option<u64> + 'a;

impl Multipart {
    /// A body of parts with this boundary.
    pub(crate) fn new(boundary: &[u8]) -> Self {
        let boundary = boundary.get(..BOUNDARY_MOST).unwrap_or(boundary).to_vec();
        Self::at_level(Level::Multipart { boundary, open: false }, At::Between)
    }

    /// A body that is a message. Its first part begins at once.
    pub(crate) fn message(out: &mut Out<'_>) -> Self {
        out(Part::Begin);
        Self::at_level(Level::Message, At::Headers)
    }

    fn at_level(level: Level, at: At) -> Self {
        Self {
            levels: smallvec::smallvec![level],
            at,
            line: LineBuffer::default(),
            header: Vec::new(),
            held: SmallVec::new(),
            pending: 0,
            next: None,
            closing: false,
            left: 0,
            short_ends: 0,
            counts: false,
            line_over: false,
            lone_cr: false,
        }
    }

    /// Whether the outermost closing boundary was seen.
    pub(crate) fn is_over(&self) -> bool {
        self.at == At::Over
    }

    /// Counts line ends of one byte from here on; a feed stops at each line end.
    pub(crate) const fn count_short_ends(&mut self) {
        self.counts = true;
    }

    /// Bytes by which a count of lines with two bytes for each end is beyond what came.
    pub(crate) fn take_short_ends(&mut self) -> u64 {
        std::mem::take(&mut self.short_ends)
    }

    /// Whether a line ended in CR alone since the last call.
    pub(crate) fn take_lone_cr(&mut self) -> bool {
        std::mem::take(&mut self.lone_cr)
    }

    /// So many bytes are lost. `false` where they may have held a boundary.
    pub(crate) fn gap(&mut self, lost: u64, out: &mut Out<'_>) -> bool {
        if self.at != At::Measured || lost > self.left {
            return false;
        }
        self.left = self.left.saturating_sub(lost);
        self.measured_over(out);
        true
    }

    /// Takes the next bytes of the body. Returns how many were taken: all, unless the closing
    /// boundary ended the body before, or line ends are counted.
    pub(crate) fn feed(&mut self, input: &[u8], out: &mut Out<'_>) -> usize {
        let mut rest = input;
        while !rest.is_empty() && self.at != At::Over {
            self.line_over = false;
            let used = match self.at {
                At::Between | At::Headers | At::AfterBoundary => self.by_line(rest, out),
                At::LineStart => self.line_start(rest, out),
                At::Line => self.within_line(rest, out),
                At::Measured => self.measured(rest, out),
                At::Over => 0,
            };
            rest = rest.get(used..).unwrap_or_default();
            if self.counts && self.line_over {
                break;
            }
        }
        input.len().saturating_sub(rest.len())
    }

    /// Whether the last byte fed ended a line.
    pub(crate) const fn is_line_over(&self) -> bool {
        self.line_over
    }

    /// Whether the last line has no end yet.
    pub(crate) fn in_line(&self) -> bool {
        match self.at {
            At::Between | At::Headers => self.line.len() > 0,
            At::LineStart => !self.held.is_empty(),
            At::Line | At::AfterBoundary => true,
            At::Measured => false,
            At::Over => false,
        }
    }

    /// Takes a piece of the body that stands for a line, though no line end follows. `true` where it
    /// fell among headers.
    pub(crate) fn piece(&mut self, text: &[u8], out: &mut Out<'_>) -> bool {
        let in_headers = self.at == At::Headers;
        match self.at {
            At::Headers => self.header_line(text, out),
            At::Over => {}
            At::Measured => {
                self.measured(text, out);
            }
            _ => match self.boundary_of(text) {
                Some((level, closing)) => {
                    self.closing = closing;
                    self.close_parts(level, out);
                    self.after_boundary(out);
                }
                None if self.at == At::Between => {}
                None => {
                    out(Part::Data(text));
                }
            },
        }
        in_headers
    }

    /// The body ends, whether or not its closing boundary was seen.
    pub(crate) fn end(&mut self, out: &mut Out<'_>) {
        if self.at == At::Headers && self.line.rest().is_some() {
            let line = std::mem::take(&mut self.line);
            self.header_line(line.rest().unwrap_or_default(), out);
        }
        if self.at == At::Headers {
            self.headers_over(out);
        }
        if self.at == At::LineStart && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            match self.boundary_of(&held) {
                Some((level, _)) => self.close_parts(level, out),
                None => {
                    self.flush_pending(out);
                    out(Part::Data(&held));
                }
            }
        }
        if self.at != At::Over {
            self.close_parts(0, out);
            if matches!(self.levels.first(), Some(Level::Message)) {
                out(Part::End);
            }
            self.at = At::Over;
        }
    }

    /// Lines of headers, and those between parts.
    fn by_line(&mut self, input: &[u8], out: &mut Out<'_>) -> usize {
        let mut line = std::mem::take(&mut self.line);
        let held = line.len();
        let used = match line.take(input, Ends::Any) {
            Cut::More => {
                if line.len() > HEADER_MOST {
                    line.clear();
                }
                input.len()
            }
            Cut::Line { text, used, end } => {
                self.line_over = true;
                self.lone_cr |= end == End::Cr && input.get(used).is_some_and(|c| *c != b'\r');
                if self.counts && held.saturating_add(used).saturating_sub(text.len()) == 1 {
                    self.short_ends = self.short_ends.saturating_add(1);
                }
                match self.at {
                    At::AfterBoundary => self.after_boundary(out),
                    At::Between => {
                        if let Some((level, closing)) = self.boundary_of(text) {
                            self.closing = closing;
                            self.close_parts(level, out);
                            self.after_boundary(out);
                        }
                    }
                    _ => self.header_line(text, out),
                }
                line.clear();
                used
            }
        };
        self.line = line;
        used
    }

    /// The level whose boundary a line begins with, outermost first, and whether it closes.
    fn boundary_of(&self, line: &[u8]) -> Option<(usize, bool)> {
        let dashed = line.strip_prefix(b"--")?;
        self.levels.iter().enumerate().find_map(|(i, level)| match level {
            Level::Multipart { boundary, .. } => {
                let after = dashed.strip_prefix(boundary.as_slice())?;
                Some((i, after.starts_with(b"--")))
            }
            Level::Message => None,
        })
    }

    /// Ends every part within the level, and the levels inside it.
    fn close_parts(&mut self, level: usize, out: &mut Out<'_>) {
        self.pending = 0;
        while self.levels.len() > level.saturating_add(1) {
            // A nested level is the body of a part; that part ends with what is around it.
            let _ = match self.levels.pop() {
                Some(Level::Multipart { open: true, .. } | Level::Message) => out(Part::End),
                _ => None,
            };
        }
        if let Some(Level::Multipart { open, .. }) = self.levels.last_mut()
            && std::mem::take(open)
        {
            out(Part::End);
        }
    }

    /// The line of a boundary is over: a part begins, or the level is closed.
    fn after_boundary(&mut self, out: &mut Out<'_>) {
        if !std::mem::take(&mut self.closing) {
            if let Some(Level::Multipart { open, .. }) = self.levels.last_mut() {
                *open = true;
            }
            self.begin(out);
        } else if self.levels.len() <= 1 {
            self.at = At::Over;
            out(Part::Closed);
        } else {
            self.levels.pop();
            self.at = At::Between;
        }
    }

    fn begin(&mut self, out: &mut Out<'_>) {
        self.at = At::Headers;
        self.next = None;
        self.header.clear();
        out(Part::Begin);
    }

    fn header_line(&mut self, text: &[u8], out: &mut Out<'_>) {
        // A boundary in the midst of headers ends the part too.
        if let Some((level, closing)) = self.boundary_of(text) {
            self.header_over(out);
            self.closing = closing;
            self.close_parts(level, out);
            self.after_boundary(out);
            return;
        }
        match text {
            [] | [0, ..] => self.headers_over(out),
            [b' ' | b'\t', ..] if !self.header.is_empty() => {
                let room = HEADER_MOST.saturating_sub(self.header.len());
                self.header.extend_from_slice(text.get(..room).unwrap_or(text));
            }
            _ => {
                self.header_over(out);
                self.header.extend_from_slice(text.get(..HEADER_MOST).unwrap_or(text));
            }
        }
    }

    /// A header is whole.
    fn header_over(&mut self, out: &mut Out<'_>) {
        let header = std::mem::take(&mut self.header);
        if let Some((name, value)) = header_strict(&header) {
            if name.eq_ignore_ascii_case(b"content-type") {
                self.next = MediaType::parse(value).and_then(|t| {
                    if t.is_message() {
                        Some(Level::Message)
                    } else if t.is_multipart() {
                        let b = t.boundary()?;
                        let boundary = b.get(..BOUNDARY_MOST).unwrap_or(b).to_vec();
                        Some(Level::Multipart { boundary, open: false })
                    } else {
                        None
                    }
                });
            }
            out(Part::Header { name, value });
        }
        self.header = header;
        self.header.clear();
    }

    fn headers_over(&mut self, out: &mut Out<'_>) {
        self.header_over(out);
        let length = out(Part::Headers);
        match self.next.take() {
            Some(level) if self.levels.len() < LEVELS_MOST => {
                let is_message = matches!(level, Level::Message);
                self.levels.push(level);
                if is_message {
                    self.begin(out);
                } else {
                    self.at = At::Between;
                }
            }
            _ => match length {
                Some(n) => {
                    (self.at, self.left) = (At::Measured, n);
                    self.measured_over(out);
                }
                None => self.at = At::LineStart,
            },
        }
    }

    /// Bytes of a part of known length.
    fn measured(&mut self, input: &[u8], out: &mut Out<'_>) -> usize {
        let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len());
        out(Part::Data(input.get(..n).unwrap_or(input)));
        self.left = self.left.saturating_sub(n as u64);
        self.measured_over(out);
        n
    }

    /// A part of known length ends with its last byte; a boundary has to follow.
    fn measured_over(&mut self, out: &mut Out<'_>) {
        if self.left > 0 {
            return;
        }
        self.at = At::Between;
        self.line_over = true;
        if let Some(Level::Multipart { open, .. }) = self.levels.last_mut() {
            *open = false;
        }
        out(Part::End);
    }

    /// At the start of a body line: hold it while it may be a boundary.
    fn line_start(&mut self, input: &[u8], out: &mut Out<'_>) -> usize {
        let mut used = 0;
        for c in input {
            self.held.push(*c);
            used = usize::saturating_add(used, 1);
            let line_over = *c == b'\n' || *c == b'\r';
            if let Some((level, closing)) = self.boundary_of(&self.held) {
                // Two bytes more tell whether it closes, unless the line is over before.
                let whole = match self.levels.get(level) {
                    Some(Level::Multipart { boundary, .. }) => {
                        self.held.len() >= boundary.len().saturating_add(4)
                    }
                    _ => true,
                };
                if whole || line_over {
                    self.held.clear();
                    self.closing = closing;
                    self.close_parts(level, out);
                    self.at = At::AfterBoundary;
                    if line_over {
                        // The line reader sees the line's end itself.
                        used = used.saturating_sub(1);
                    }
                    return used;
                }
            } else if line_over || self.held.len() >= HELD_MOST || !self.may_be_boundary() {
                let held = std::mem::take(&mut self.held);
                self.flush_pending(out);
                self.at = At::Line;
                // A line end goes through the general case.
                let body = if line_over {
                    used = used.saturating_sub(1);
                    held.get(..held.len().saturating_sub(1)).unwrap_or_default()
                } else {
                    held.as_slice()
                };
                if !body.is_empty() {
                    out(Part::Data(body));
                }
                return used;
            }
        }
        used
    }

    /// Whether what is held is the beginning of some boundary's line.
    fn may_be_boundary(&self) -> bool {
        let held = self.held.as_slice();
        let Some(after) = held.strip_prefix(b"--") else {
            return b"--".starts_with(held);
        };
        self.levels.iter().any(|l| match l {
            Level::Multipart { boundary, .. } => {
                boundary.starts_with(after) || after.starts_with(boundary)
            }
            Level::Message => false,
        })
    }

    /// Within a body line: data up to its end.
    fn within_line(&mut self, input: &[u8], out: &mut Out<'_>) -> usize {
        if self.pending == 1 {
            if input.first() == Some(&b'\n') {
                self.pending = 2;
                self.line_over = true;
                self.at = At::LineStart;
                return 1;
            }
            self.flush_pending(out);
        }
        match memchr::memchr(b'\r', input) {
            Some(i) => {
                let (data, _) = input.split_at_checked(i).unwrap_or((input, b""));
                if !data.is_empty() {
                    out(Part::Data(data));
                }
                self.pending = 1;
                i.saturating_add(1)
            }
            None => {
                out(Part::Data(input));
                input.len()
            }
        }
    }

    fn flush_pending(&mut self, out: &mut Out<'_>) {
        let _ = match std::mem::take(&mut self.pending) {
            0 => None,
            1 => out(Part::Data(b"\r")),
            _ => out(Part::Data(b"\r\n")),
        };
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Steps as text; adjacent data is joined, so that cuts don't show.
    fn steps(body: &[u8], boundary: &[u8], cut: impl Fn(usize) -> usize) -> (String, usize) {
        let mut text = String::new();
        let mut m = Multipart::new(boundary);
        let mut used = 0;
        let mut last_data = false;
        let mut note = |p: Part<'_>| {
            let lossy = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
            let again = std::mem::replace(&mut last_data, matches!(p, Part::Data(_))) && last_data;
            let _ = match p {
                Part::Begin => write!(text, "|B"),
                Part::Header { name, value } => write!(text, "|{}={}", lossy(name), lossy(value)),
                Part::Headers => write!(text, "|H"),
                Part::End => write!(text, "|E"),
                Part::Closed => write!(text, "|C"),
                Part::Data(d) if again => write!(text, "{}", lossy(d)),
                Part::Data(d) => write!(text, "|D:{}", lossy(d)),
            };
            None
        };
        let mut i = 0;
        let mut n = 0;
        while i < body.len() && !m.is_over() {
            let step = cut(n).clamp(1, body.len() - i);
            used += m.feed(&body[i..i + step], &mut note);
            i += step;
            n += 1;
        }
        m.end(&mut note);
        (text, used)
    }

    const FORM: &[u8] =
        b"preamble\r\n--xx\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\none\r\ntwo\r\n\
        --xx\r\nA: b\r\n\r\n\r\r\n--x\r\n\r\n--xx--\r\nepilogue";

    #[test]
    fn parts_come_out_with_their_bytes() {
        let (text, used) = steps(FORM, b"xx", |_| usize::MAX);
        assert_eq!(
            text,
            "|B|Content-Disposition=form-data; name=\"a\"|H|D:one\r\ntwo|E|B|A=b|H|D:\r\r\n--x\r\n|E|C"
        );
        assert_eq!(used, FORM.len() - "epilogue".len());
    }

    #[test]
    fn nested_levels_end_with_what_is_around_them() {
        let body =
            b"--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nin\r\n--i--\r\n\
            --o\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nmail\r\n--o--\r\n";
        let (text, _) = steps(body, b"o", |_| usize::MAX);
        assert_eq!(
            text,
            "|B|Content-Type=multipart/mixed; boundary=i|H|B|H|D:in|E|E|B|Content-Type=message/rfc822|H\
             |B|Subject=s|H|D:mail|E|E|C"
        );
    }

    #[test]
    fn every_cut_gives_the_same_parts() {
        let whole = steps(FORM, b"xx", |_| usize::MAX);
        for piece in 1..20 {
            assert_eq!(steps(FORM, b"xx", |_| piece), whole, "{piece}");
        }
        let mut seed = 1u32;
        for _ in 0..300 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let s = seed;
            let cut = |n: usize| (s.rotate_left(n as u32 % 31) % 9) as usize + 1;
            assert_eq!(steps(FORM, b"xx", cut), whole);
        }
    }
}
