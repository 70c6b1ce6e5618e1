//! Bytes to the lines of HTTP/1.x: request line, status line, header line, chunk size, numbers.
//!
//! Pure functions over one line without its end; nothing here keeps state, allocates or fails.
//! There are two readings of a request line, because endpoints and sensors differ about it and
//! evasion lives in the difference: [`request_line_strict`] is how Zeek reads (a line that is not
//! a request is refused and named), [`request_line_lenient`] how servers and Suricata do (anything
//! is a request). Which one is followed is policy (see [`super::reading`]).
//!
//! Source: RFC 9112 (HTTP/1.1), RFC 1945 (HTTP/1.0), RFC 5234 for the token class.

/// A protocol version as major and minor digit; 0.0 where none could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Before the dot.
    pub major: u8,
    /// After the dot.
    pub minor: u8,
}

impl Version {
    /// HTTP/0.9, which has no version text.
    pub const V0_9: Self = Self { major: 0, minor: 9 };
    /// HTTP/1.1.
    pub const V1_1: Self = Self { major: 1, minor: 1 };

    /// The text that logs show, `1.1`.
    pub const fn text(self) -> [u8; 3] {
        [b'0'.wrapping_add(self.major % 10), b'.', b'0'.wrapping_add(self.minor % 10)]
    }

    /// Reads `d.d` at the start of `bytes`.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [a, b'.', b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
                Some(Self { major: a.wrapping_sub(b'0'), minor: b.wrapping_sub(b'0') })
            }
            _ => None,
        }
    }
}

/// A request line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The target as it stands on the line; `None` where the line has a method only.
    pub target: Option<&'a [u8]>,
    /// The protocol's text (`HTTP/1.1`); empty for HTTP/0.9.
    pub protocol: &'a [u8],
    /// The version, if one was named and could be read.
    pub version: Option<Version>,
    /// No protocol text at all: HTTP/0.9.
    pub is_0_9: bool,
    /// `HTTP/` was not written in capitals.
    pub lower_case: bool,
    /// The target is missing: `HTTP/` stands in its place.
    pub no_target: bool,
}

/// Why a line is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRequest {
    /// No method, or nothing after it.
    Malformed,
    /// No method, though the line ends in a protocol version.
    MalformedWithVersion,
    /// No protocol version, and no method or target that HTTP/0.9 could have.
    MalformedWithoutVersion,
}

/// Characters of a token (RFC 9110, 5.6.2) as older sensors read it: no separators, no controls.
pub const fn is_token(c: u8) -> bool {
    c > 31
        && c < 127
        && !matches!(
            c,
            b' ' | b'('
                | b')'
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
                | b'{'
                | b'}'
        )
}

/// Space and tab.
pub const fn is_blank(c: u8) -> bool {
    matches!(c, b' ' | b'\t')
}

/// White space of the C locale.
pub const fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c)
}

/// Characters that a URI may have (RFC 3986), percent sign included.
const fn is_uri(c: u8) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            b':' | b'/'
                | b'?'
                | b'#'
                | b'['
                | b']'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'-'
                | b'_'
                | b'.'
                | b'~'
                | b'%'
        )
        // A NUL ends a C string, and counts as one of its characters.
        || c == 0
}

/// `bytes` without leading bytes of a class.
pub fn skip(bytes: &[u8], class: impl Fn(u8) -> bool) -> &[u8] {
    let n = bytes.iter().position(|c| !class(*c)).unwrap_or(bytes.len());
    bytes.get(n..).unwrap_or_default()
}

/// The leading bytes of a class, and what follows them.
pub fn span(bytes: &[u8], class: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let n = bytes.iter().position(|c| !class(*c)).unwrap_or(bytes.len());
    bytes.split_at_checked(n).unwrap_or((bytes, b""))
}

/// `bytes` without white space at either end.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let head = skip(bytes, is_space);
    let n = head.iter().rposition(|c| !is_space(*c)).map_or(0, |i| i.saturating_add(1));
    head.get(..n).unwrap_or_default()
}

/// Whether `bytes` begin with `prefix`, whatever its case.
pub fn starts_with_ignore_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|b| b.eq_ignore_ascii_case(prefix))
}

/// Where `needle` begins in `hay`, whatever its case.
pub fn find_ignore_case(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len().max(1)).position(|w| w.eq_ignore_ascii_case(needle))
}

/// The protocol's name at the start of `bytes`: what follows it, and whether its case was wrong.
fn protocol_name(bytes: &[u8]) -> Option<(&[u8], bool)> {
    let rest = bytes.get(5..)?;
    starts_with_ignore_case(bytes, b"HTTP/").then(|| (rest, !bytes.starts_with(b"HTTP/")))
}

/// Reads a request line as Zeek does.
///
/// A method is a token, the target ends where no character of a URI follows, and the version is
/// searched from there on; crud between them becomes part of the target. Without a version the
/// line is HTTP/0.9, which must have a target and a method of three characters at least.
pub fn request_line_strict(line: &[u8]) -> Result<RequestLine<'_>, NotRequest> {
    let (method, rest) = span(line, is_token);
    if method.is_empty() {
        let tail = line.len().checked_sub(9).and_then(|i| line.get(i..)).unwrap_or_default();
        return Err(if starts_with_ignore_case(tail, b" HTTP/") {
            NotRequest::MalformedWithVersion
        } else {
            NotRequest::Malformed
        });
    }
    let target = skip(rest, is_blank);
    if target.len() == rest.len() {
        return Err(NotRequest::Malformed);
    }
    let mut out = RequestLine { method, ..RequestLine::default() };
    let mut end = span(target, is_uri).0.len();
    if let Some((_, lower)) = protocol_name(target) {
        out.lower_case |= lower;
        if end >= target.len() {
            out.no_target = true;
            end = 0;
        }
    }
    // From the end of the target, step over blanks and look for the protocol, again and again.
    let mut at = end;
    let mut found = None;
    while at < target.len() {
        end = at;
        let here = skip(target.get(at..).unwrap_or_default(), is_blank);
        at = target.len().saturating_sub(here.len());
        if let Some((version, lower)) = protocol_name(here) {
            out.lower_case |= lower;
            out.protocol = here;
            found = Some(version);
            break;
        }
        at = at.saturating_add(1);
    }
    out.target = target.get(..end);
    match found {
        None => {
            out.is_0_9 = true;
            out.version = Some(Version::V0_9);
            if method.len() < 3 || end == 0 {
                return Err(NotRequest::MalformedWithoutVersion);
            }
        }
        Some(version) => {
            out.version = if version.len() < 3 {
                None
            } else {
                Some(Version::read(version).unwrap_or_default())
            };
        }
    }
    Ok(out)
}

/// Reads a request line as servers do: method, white space, target (which may have spaces within),
/// and the protocol after the last space. Nothing is refused.
pub fn request_line_lenient(line: &[u8]) -> RequestLine<'_> {
    let (method, rest) = span(skip(line, is_space), |c| !is_space(c));
    let rest = trim(rest);
    let mut out = RequestLine { method, ..RequestLine::default() };
    if rest.is_empty() {
        out.is_0_9 = true;
        out.version = Some(Version::V0_9);
        return out;
    }
    let split = |class: fn(u8) -> bool| {
        rest.iter().rposition(|c| class(*c)).map_or((rest, &b""[..]), |i| {
            let (target, protocol) = rest.split_at_checked(i).unwrap_or((rest, b""));
            (trim(target), trim(protocol))
        })
    };
    let (mut target, mut protocol) = split(|c| c == b' ');
    if target.len() == rest.len() && target.iter().any(|c| is_space(*c)) {
        (target, protocol) = split(is_space);
    }
    out.target = Some(target);
    out.protocol = protocol;
    if protocol.is_empty() {
        out.is_0_9 = true;
        out.version = Some(Version::V0_9);
    } else {
        out.version = protocol_version(protocol);
    }
    out
}

/// The version of a protocol's text: white space about the slash and leading zeros are let pass,
/// other versions than 0.9, 1.0 and 1.1 are not.
pub fn protocol_version(text: &[u8]) -> Option<Version> {
    let text = skip(text, is_space);
    if !starts_with_ignore_case(text, b"HTTP") {
        return None;
    }
    let text = skip(text.get(4..).unwrap_or_default(), is_space);
    let digits = skip(text.strip_prefix(b"/")?, |c| is_space(c) || c == b'0');
    match trim(digits) {
        b".9" => Some(Version::V0_9),
        b"1.0" => Some(Version { major: 1, minor: 0 }),
        b"1.1" => Some(Version::V1_1),
        _ => None,
    }
}

/// A status line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusLine<'a> {
    /// The protocol's text.
    pub protocol: &'a [u8],
    /// The version, 0.0 where it could not be read.
    pub version: Version,
    /// The code, 0 where it is not three digits.
    pub code: u16,
    /// The code's text.
    pub code_text: &'a [u8],
    /// The reason phrase; `None` where the line ends after the code.
    pub reason: Option<&'a [u8]>,
    /// `HTTP/` was not written in capitals.
    pub lower_case: bool,
}

/// Reads a status line as Zeek does: `HTTP/`, then a word of three characters. `None` for
/// anything else.
pub fn status_line_strict(line: &[u8]) -> Option<StatusLine<'_>> {
    let (rest, lower_case) = protocol_name(line)?;
    let (version, after) = span(rest, |c| !is_blank(c));
    let code = skip(after, is_blank);
    let (code_text, after) = code.split_at_checked(3)?;
    let phrase = skip(after, |c| !is_blank(c));
    let protocol_len = line.len().saturating_sub(after_len(rest, version));
    Some(StatusLine {
        protocol: line.get(..protocol_len).unwrap_or_default(),
        version: Version::read(version).unwrap_or_default(),
        code: status_code(code_text),
        code_text,
        reason: (!phrase.is_empty()).then(|| skip(phrase, is_blank)),
        lower_case,
    })
}

/// How much of `whole` follows its beginning `part`.
const fn after_len(whole: &[u8], part: &[u8]) -> usize {
    whole.len().saturating_sub(part.len())
}

/// Reads a status line as browsers do: words after optional white space.
pub fn status_line_lenient(line: &[u8]) -> StatusLine<'_> {
    let line = skip(line, |c| is_space(c) || c == 0);
    let (protocol, rest) = span(line, |c| !is_space(c));
    let (code_text, rest) = span(skip(rest, is_space), |c| !is_space(c));
    let reason = skip(rest, is_space);
    let plain = code_text.len() <= 5 && code_text.iter().all(u8::is_ascii_digit);
    let code = if plain { decimal(code_text).unwrap_or(0) } else { 0 };
    StatusLine {
        protocol,
        version: protocol_version(protocol).unwrap_or_default(),
        code: if (100..=999).contains(&code) { code as u16 } else { 0 },
        code_text,
        reason: (reason.len() < rest.len()).then_some(reason),
        lower_case: !line.starts_with(b"HTTP"),
    }
}

/// Whether a line looks enough like a status line for a browser to take it as one.
pub fn is_status_line(line: &[u8]) -> bool {
    starts_with_ignore_case(skip(line, |c| is_space(c) || c == 0), b"http")
}

/// Three digits as a number, 0 for anything else.
fn status_code(text: &[u8]) -> u16 {
    match text {
        [a, b, c] if text.iter().all(u8::is_ascii_digit) => {
            let d = |c: &u8| u16::from(c.wrapping_sub(b'0'));
            d(a).wrapping_mul(100).wrapping_add(d(b).wrapping_mul(10)).wrapping_add(d(c))
        }
        _ => 0,
    }
}

/// A header line split at its colon: name and value, white space about them removed as told.
///
/// The strict reading wants a name of visible characters directly followed (but for blanks) by the
/// colon and drops the line otherwise; the lenient reading takes a line without a colon as a value
/// without a name.
pub fn header_strict(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let visible = |c: u8| (33..=126).contains(&c) && c != b':';
    let from = skip(line, |c| !visible(c));
    let (name, rest) = span(from, visible);
    if name.is_empty() {
        return None;
    }
    let value = skip(rest, is_blank).strip_prefix(b":")?;
    Some((name, skip(value, is_space)))
}

/// See [`header_strict`].
pub fn header_lenient(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', line) {
        Some(i) => {
            let (name, rest) = line.split_at_checked(i).unwrap_or((b"", line));
            (trim(name), trim(rest.get(1..).unwrap_or_default()))
        }
        None => (b"", trim(line)),
    }
}

/// A decimal number that is all of `text`.
pub fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |n, c| {
        let d = c.is_ascii_digit().then(|| u64::from(c.wrapping_sub(b'0')))?;
        n.checked_mul(10)?.checked_add(d)
    })
}

/// A hexadecimal number that is all of `text`.
pub fn hexadecimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |n, c| {
        let d = u64::from(hex_digit(*c)?);
        n.checked_mul(16)?.checked_add(d)
    })
}

/// The value of a hexadecimal digit.
pub const fn hex_digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(c.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(c.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

/// A number at the start of `text` in a base, as `strtoll` reads it: optional sign, then digits;
/// what follows is let pass. `None` where there is no digit or the number does not fit.
pub fn leading_number(text: &[u8], base: u8) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut n: Option<i64> = None;
    for c in digits {
        let Some(d) = hex_digit(*c).filter(|d| *d < base) else { break };
        let so_far = n.unwrap_or(0).checked_mul(i64::from(base))?;
        n = Some(so_far.checked_add(i64::from(d))?);
    }
    n.map(|n| if negative { n.saturating_neg() } else { n })
}

/// What a Content-Length says in the lenient reading: the first digits in it, whatever stands
/// about them.
pub fn length_lenient(text: &[u8]) -> Option<u64> {
    let from = skip(text, |c| !c.is_ascii_digit());
    decimal(span(from, |c| c.is_ascii_digit()).0)
}

/// The size on a chunk's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkSize {
    /// A size.
    Size(u64),
    /// The line has nothing but white space: a size may follow.
    Empty,
    /// Not a size.
    Bad,
}

/// Largest chunk that is believed; a bigger one is not a size but an attack or a stray line.
const CHUNK_MOST: u64 = i32::MAX as u64;

/// Reads a chunk's size line as libhtp does: control characters, hexadecimal digits, extensions.
pub fn chunk_size_lenient(line: &[u8]) -> ChunkSize {
    let text = skip(line, |c| is_space(c) || c == 0);
    if text.is_empty() {
        return ChunkSize::Empty;
    }
    match hexadecimal(span(text, |c| c.is_ascii_hexdigit()).0) {
        Some(n) if n <= CHUNK_MOST => ChunkSize::Size(n),
        _ => ChunkSize::Bad,
    }
}

/// Reads a chunk's size line as Zeek does: digits at the very start.
pub fn chunk_size_strict(line: &[u8]) -> ChunkSize {
    match leading_number(line, 16) {
        Some(n) => ChunkSize::Size(u64::try_from(n).unwrap_or(0)),
        None => ChunkSize::Bad,
    }
}
