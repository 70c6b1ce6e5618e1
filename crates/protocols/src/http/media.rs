//! The values of structured headers: media types with parameters, names in Content-Disposition,
//! Content-Range, Basic credentials.
//!
//! Pure functions over one value. Source: RFC 9110 (8.3 Content-Type, 14.4 Content-Range),
//! RFC 6266 (Content-Disposition), RFC 8187 (`filename*`), RFC 2046 (boundary), RFC 7617 (Basic).

use super::parser::{find_ignore_case, is_blank, is_space, leading_number, skip, span};

/// The first token of a value, in the class of RFC 2045: visible, no separators; comments in
/// parentheses and whatever is no token are stepped over.
pub fn first_token(value: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = value;
    loop {
        rest = skip(rest, is_blank);
        match rest {
            [] => return (b"", b""),
            [b'(', ..] => rest = after_comment(rest),
            [c, ..] if is_mime_token(*c) => return span(rest, is_mime_token),
            [_, tail @ ..] => rest = tail,
        }
    }
}

/// What follows a comment at the start of `bytes`; nothing where it is not closed.
fn after_comment(bytes: &[u8]) -> &[u8] {
    let mut depth = 0u32;
    let mut escaped = false;
    for (i, c) in bytes.iter().enumerate() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            b'\\' => escaped = true,
            _ => {}
        }
        if depth == 0 {
            return bytes.get(i.saturating_add(1)..).unwrap_or_default();
        }
    }
    b""
}

const fn is_mime_token(c: u8) -> bool {
    c >= 33
        && c <= 126
        && !matches!(
            c,
            b'(' | b')'
                | b'<'
                | b'>'
                | b'@'
                | b','
                | b';'
                | b':'
                | b'\\'
                | b'"'
                | b'/'
                | b'['
                | b']'
                | b'?'
                | b'='
        )
}

/// A media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaType<'a> {
    /// Before the slash.
    pub kind: &'a [u8],
    /// After it.
    pub subtype: &'a [u8],
    /// Its parameters, undivided.
    pub parameters: &'a [u8],
}

impl<'a> MediaType<'a> {
    /// Reads a media type; `None` where there is no `type/subtype`.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (kind, rest) = first_token(value);
        let rest = skip(rest, is_blank).strip_prefix(b"/")?;
        let (subtype, parameters) = first_token(rest);
        (!kind.is_empty() && !subtype.is_empty()).then_some(Self { kind, subtype, parameters })
    }
    /// Whether it is a `multipart/…`.
    pub fn is_multipart(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"multipart")
    }
    /// Whether it is a `message/…`.
    pub fn is_message(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"message")
    }
    /// The boundary of a multipart type. Characters that the grammar does not allow in a token are
    /// let pass, since senders use them.
    pub fn boundary(&self) -> Option<&'a [u8]> {
        boundary(self.parameters)
    }
}

/// The value of the parameter `boundary` in `;name=value;…`.
pub fn boundary(parameters: &[u8]) -> Option<&[u8]> {
    let i = find_ignore_case(parameters, b"boundary=")?;
    let value = parameters.get(i.saturating_add(9)..)?;
    let found = match value.strip_prefix(b"\"") {
        Some(quoted) => span(quoted, |c| c != b'"').0,
        None => span(value, |c| (33..=126).contains(&c) && !matches!(c, b'"' | b';' | b',')).0,
    };
    (!found.is_empty()).then_some(found)
}

/// The name in a Content-Disposition or Content-Type value as Zeek takes it: after the last
/// `name=` or `name*=`, quotes, language and escapes removed. Appended to `out`; `false` where the
/// value has none.
pub fn name_parameter(value: &[u8], word: &[u8], out: &mut Vec<u8>) -> bool {
    if last_name(value, word).is_none() {
        return false;
    }
    let Some(from) = last_name(value, b"name") else { return false };
    let mut name = skip(from, is_blank);
    if let Some(quoted) = name.strip_prefix(b"\"") {
        name = span(quoted, |c| c != b'"').0;
    }
    if let Some(rest) = after_language(name) {
        name = rest;
    }
    super::uri::unescape(name, out);
    true
}

/// What follows the last `word=` (or `word*=`, blanks let pass) of a value.
fn last_name<'a>(value: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    let mut rest = value;
    while let Some(i) = find_ignore_case(rest, word) {
        rest = rest.get(i.saturating_add(word.len())..).unwrap_or_default();
        let after = skip(rest, is_blank);
        let after = after.strip_prefix(b"*").unwrap_or(after);
        if let Some(value) = after.strip_prefix(b"=") {
            found = Some(value);
        }
    }
    found
}

/// What follows `charset'language'` (RFC 8187), if it stands there.
fn after_language(name: &[u8]) -> Option<&[u8]> {
    let is_tag = |c: u8| c.is_ascii_alphanumeric() || (33..=126).contains(&c) && c != b'\'';
    let (charset, rest) = span(name, is_tag);
    let (_, rest) = span(rest.strip_prefix(b"'")?, is_tag);
    (!charset.is_empty()).then_some(rest.strip_prefix(b"'")?)
}

/// The name in a Content-Disposition value as Suricata takes it: the parameter `filename=`,
/// quotes removed, nothing decoded.
pub fn filename_plain(value: &[u8]) -> Option<&[u8]> {
    let mut rest = skip(value, is_space);
    while !rest.is_empty() {
        let (parameter, after) = until_semicolon(rest);
        rest = skip(after, is_space);
        if super::parser::starts_with_ignore_case(parameter, b"filename=") {
            let name = parameter.get(9..).unwrap_or_default();
            let name = name.strip_prefix(b"\"").unwrap_or(name);
            let name = name.strip_suffix(b"\"").unwrap_or(name);
            return (!name.is_empty()).then_some(name);
        }
    }
    None
}

/// `bytes` up to a semicolon outside quotes, and what follows it.
fn until_semicolon(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut quoted = false;
    let mut escaped = false;
    for (i, c) in bytes.iter().enumerate() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                let after = bytes.get(i.saturating_add(1)..).unwrap_or_default();
                return (bytes.get(..i).unwrap_or_default(), after);
            }
            _ => {}
        }
    }
    (bytes, b"")
}

/// A Content-Range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// First byte.
    pub first: u64,
    /// How many bytes.
    pub len: u64,
    /// Size of the whole, if told.
    pub whole: Option<u64>,
    /// The size of the whole could not be read.
    pub bad_whole: bool,
}

impl ContentRange {
    /// Whether it says all of where it belongs, and is not the whole.
    pub fn is_part(&self) -> bool {
        let after = self.first.saturating_add(self.len);
        self.whole.is_some_and(|n| after > 1 && after <= n && self.len < n)
    }
}

/// Why a Content-Range was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeFault {
    /// The unit is not bytes.
    Unit,
    /// Not `first-last/whole`.
    Syntax,
    /// Not `first-last/whole`: the numbers.
    Numbers,
    /// A negative end.
    Negative,
    /// The end is before the start.
    Backwards,
    /// The length does not fit.
    Overflow,
}

/// Reads a Content-Range as Zeek does. Spaces in the range are removed into `out`, which is what
/// anomalies about it show.
pub fn content_range(value: &[u8], out: &mut Vec<u8>) -> Result<ContentRange, RangeFault> {
    let (unit, rest) = first_token(value);
    out.clear();
    out.extend(rest.iter().filter(|c| **c != b' '));
    if unit != b"bytes" {
        return Err(RangeFault::Unit);
    }
    let mut halves = out.splitn(2, |c| *c == b'/');
    let range = halves.next().unwrap_or_default();
    let whole = halves.next().ok_or(RangeFault::Syntax)?;
    let dash = memchr::memchr(b'-', range).ok_or(RangeFault::Syntax)?;
    let (first, last) = range.split_at_checked(dash).unwrap_or_default();
    let number = |t| leading_number(t, 10).ok_or(RangeFault::Numbers);
    let (first, last) = (number(first)?, number(last.get(1..).unwrap_or_default())?);
    let (Ok(from), Ok(to)) = (u64::try_from(first), u64::try_from(last)) else {
        return Err(RangeFault::Negative);
    };
    let span = to.checked_sub(from).ok_or(RangeFault::Backwards)?;
    if span > (i64::MAX as u64).saturating_sub(1) {
        return Err(RangeFault::Overflow);
    }
    let size = (whole != b"*").then(|| leading_number(whole, 10));
    Ok(ContentRange {
        first: from,
        len: span.saturating_add(1),
        whole: size.flatten().and_then(|n| u64::try_from(n).ok()),
        bad_whole: size == Some(None),
    })
}

/// Appends the decoding of base64 text to `out`. Characters outside the alphabet end it.
pub fn base64(text: &[u8], out: &mut Vec<u8>) {
    let mut bits = 0u32;
    let mut count = 0u32;
    for c in text {
        let value = match c {
            b'A'..=b'Z' => c.wrapping_sub(b'A'),
            b'a'..=b'z' => c.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => c.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push((bits >> count) as u8);
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests {
    use super::*;

    #[test]
    fn media_types_and_boundaries() {
        let t = MediaType::parse(b"multipart/form-data; charset=x; boundary=\"a b\"").unwrap();
        assert!(t.is_multipart());
        assert_eq!(t.boundary(), Some(&b"a b"[..]));
        let t = MediaType::parse(b" text/html;charset=utf-8").unwrap();
        assert_eq!((t.kind, t.subtype), (&b"text"[..], &b"html"[..]));
        assert_eq!(MediaType::parse(b"nonsense"), None);
        assert_eq!(boundary(b"; boundary=----x7;q"), Some(&b"----x7"[..]));
    }

    #[test]
    fn names_in_dispositions() {
        for (value, zeek, plain) in [
            ("attachment; filename=\"a%20b.txt\"", Some("a b.txt"), Some("a%20b.txt")),
            ("attachment; filename*=UTF-8''n%C3%A4", Some("n\u{e4}"), None),
            ("form-data; name=\"f\"; filename=\"x;y.exe\"", Some("x;y.exe"), Some("x;y.exe")),
            ("inline", None, None),
        ] {
            let mut out = Vec::new();
            let found = name_parameter(value.as_bytes(), b"filename", &mut out);
            assert_eq!(found.then(|| String::from_utf8(out).unwrap()).as_deref(), zeek, "{value}");
            assert_eq!(filename_plain(value.as_bytes()), plain.map(str::as_bytes), "{value}");
        }
    }

    #[test]
    fn ranges() {
        let mut s = Vec::new();
        let r = content_range(b"bytes 10-19/100", &mut s).unwrap();
        assert_eq!((r.first, r.len, r.whole), (10, 10, Some(100)));
        assert_eq!(content_range(b"bytes 10-19/*", &mut s).unwrap().whole, None);
        assert_eq!(content_range(b"lines 1-2/3", &mut s), Err(RangeFault::Unit));
        assert_eq!(content_range(b"bytes 9-2/30", &mut s), Err(RangeFault::Backwards));
        assert_eq!(content_range(b"bytes -5-2/30", &mut s), Err(RangeFault::Numbers));
        let most = format!("bytes 0-{}/5", i64::MAX);
        assert_eq!(content_range(most.as_bytes(), &mut s), Err(RangeFault::Overflow));
    }

    #[test]
    fn base64_decodes_with_and_without_padding() {
        let mut out = Vec::new();
        base64(b"dXNlcjpwYXNz", &mut out);
        base64(b"YQ==", &mut out);
        assert_eq!(out, b"user:passa");
    }
}
