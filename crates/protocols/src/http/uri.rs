//! Percent-decoding and the parts of a request target.
//!
//! Two decodings, as two programs show the target: [`unescape`] is Zeek's (the whole target, with
//! what is odd about it named), [`normal_path`] that of libhtp's path (decoded, `%u` too, dot
//! segments resolved). [`Target`] takes a target apart without judging it.
//!
//! Source: RFC 3986 (generic syntax; 5.2.4 for dot segments), RFC 9112 section 3.2 (forms of a
//! target).

use super::parser::{decimal, hex_digit, is_space};

/// What is odd about the escapes of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EscapeFaults {
    /// A percent sign ends the target.
    pub percent_at_end: bool,
    /// A percent sign and one character end the target.
    pub partial_at_end: bool,
    /// Two percent signs in a row.
    pub double_percent: bool,
    /// A percent sign that escapes nothing.
    pub bare_percent: bool,
}

/// Appends `target` with its escapes undone (`%41`, `%u0041`) to `out`.
pub fn unescape(target: &[u8], out: &mut Vec<u8>) -> EscapeFaults {
    let mut faults = EscapeFaults::default();
    let mut rest = target;
    while let Some(i) = memchr::memchr(b'%', rest) {
        let (plain, from) = rest.split_at_checked(i).unwrap_or((rest, b""));
        out.extend_from_slice(plain);
        let after = from.get(1..).unwrap_or_default();
        rest = match after {
            [] => {
                faults.percent_at_end = true;
                out.push(b'%');
                b""
            }
            [c] => {
                faults.partial_at_end = true;
                out.extend_from_slice(&[b'%', *c]);
                b""
            }
            [b'%', ..] => {
                faults.double_percent = true;
                after
            }
            [a, b, tail @ ..] => {
                if let (Some(a), Some(b)) = (hex_digit(*a), hex_digit(*b)) {
                    out.push(a << 4 | b);
                    tail
                } else if let (b'u', Some((wide, tail))) = (*a, u_escape(after)) {
                    let [high, low] = wide.to_be_bytes();
                    if high != 0 {
                        out.push(high);
                    }
                    out.push(low);
                    tail
                } else {
                    faults.bare_percent = true;
                    out.extend_from_slice(&[b'%', *a]);
                    after.get(1..).unwrap_or_default()
                }
            }
        };
    }
    out.extend_from_slice(rest);
    faults
}

/// The value of `uXXXX` at the start of `bytes`, and what follows it.
fn u_escape(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, tail) = bytes.get(1..)?.split_at_checked(4)?;
    let wide = digits.iter().try_fold(0u16, |n, c| Some(n << 4 | u16::from(hex_digit(*c)?)))?;
    matches!(bytes.first(), Some(b'u' | b'U')).then_some((wide, tail))
}

/// A target taken apart. Parts are as they stand, undecoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// Before the colon of an absolute URI.
    pub scheme: Option<&'a [u8]>,
    /// Host of an absolute URI or an authority.
    pub host: Option<&'a [u8]>,
    /// Its port's text.
    pub port: Option<&'a [u8]>,
    /// The path.
    pub path: Option<&'a [u8]>,
    /// After the question mark.
    pub query: Option<&'a [u8]>,
}

impl<'a> Target<'a> {
    /// Takes an origin form (`/path?query`) or an absolute form (`http://host/path`) apart.
    pub fn parse(target: &'a [u8]) -> Self {
        let mut out = Self::default();
        let mut rest = target;
        if !target.starts_with(b"/")
            && let Some(i) = memchr::memchr(b':', target)
        {
            out.scheme = target.get(..i);
            rest = target.get(i.saturating_add(1)..).unwrap_or_default();
            let authority = credentials_skipped(rest);
            if let Some((host, after)) = host_of(authority) {
                out.host = Some(host);
                (out.port, rest) = port_of(after);
            } else if authority.len() < rest.len() {
                rest = authority;
            }
        }
        let end = rest.iter().position(|c| matches!(c, b'?' | b'#')).unwrap_or(rest.len());
        let (path, after) = rest.split_at_checked(end).unwrap_or((rest, b""));
        out.path = (!path.is_empty()).then_some(path);
        if let Some(query) = after.strip_prefix(b"?") {
            let end = memchr::memchr(b'#', query).unwrap_or(query.len());
            out.query = query.get(..end);
        }
        out
    }

    /// Takes an authority form (`host:port`, of CONNECT and the Host header) apart.
    pub fn parse_authority(authority: &'a [u8]) -> Self {
        match host_of(authority) {
            Some((host, after)) => {
                Self { host: Some(host), port: port_of(after).0, ..Self::default() }
            }
            None => Self::default(),
        }
    }
}

/// `user:password@` after two slashes is stepped over.
fn credentials_skipped(rest: &[u8]) -> &[u8] {
    match rest.strip_prefix(b"//") {
        Some(after) if !after.starts_with(b"/") => match memchr::memchr(b'@', after) {
            Some(i) => after.get(i.saturating_add(1)..).unwrap_or_default(),
            None => rest,
        },
        _ => rest,
    }
}

/// A host at the start of `bytes` (after two slashes, if they are there), and what follows it.
fn host_of(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.strip_prefix(b"//").unwrap_or(bytes);
    if bytes.starts_with(b"/") {
        return None;
    }
    let lead = bytes.iter().take_while(|c| **c == b' ').count();
    let bytes = bytes.get(lead..).unwrap_or_default();
    let end = if bytes.starts_with(b"[") {
        let inner = bytes.iter().position(|c| matches!(c, b'/' | b'?' | b'#' | b']'));
        match inner {
            Some(i) if bytes.get(i) == Some(&b']') => i.saturating_add(1),
            Some(i) => i,
            None => bytes.len(),
        }
    } else {
        bytes.iter().position(|c| matches!(c, b'/' | b'?' | b'#' | b':')).unwrap_or(bytes.len())
    };
    let (host, after) = bytes.split_at_checked(end)?;
    let kept = host.iter().rposition(|c| *c != b' ').map_or(0, |i| i.saturating_add(1));
    (end > 0).then_some((host.get(..kept)?, after))
}

/// A port after a colon, and what follows it.
fn port_of(bytes: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some(after) = bytes.strip_prefix(b":") else { return (None, bytes) };
    let end = after.iter().position(|c| matches!(c, b'/' | b'?' | b'#')).unwrap_or(after.len());
    match after.split_at_checked(end) {
        Some((port, tail)) if !port.is_empty() => (Some(super::parser::trim(port)), tail),
        _ => (None, bytes),
    }
}

/// A port's number: 1 to 65535.
pub fn port_number(text: &[u8]) -> Option<u16> {
    decimal(text).and_then(|n| u16::try_from(n).ok()).filter(|n| *n != 0)
}

/// Appends a path as libhtp normalises it: `%XX` and `%uXXXX` decoded, backslashes turned, slashes
/// in a row made one, characters beyond ASCII made `?`, dot segments resolved.
pub fn normal_path(path: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    let mut rest = path;
    while let [c, tail @ ..] = rest {
        rest = tail;
        let mut byte = *c;
        if *c == b'%' {
            if let Some((wide, after)) = u_escape(tail) {
                // Characters beyond one byte have no byte of their own; the low one stands for them.
                byte = wide as u8;
                rest = after;
            } else if let [a, b, after @ ..] = tail
                && let (Some(a), Some(b)) = (hex_digit(*a), hex_digit(*b))
            {
                byte = a << 4 | b;
                rest = after;
            }
        }
        match byte {
            b'\\' => byte = b'/',
            // Bytes that go on in a character whose first stands for all.
            0x80..=0xbf => continue,
            0xc0..=0xff => byte = b'?',
            _ => {}
        }
        let again = byte == b'/' && out.get(from..).is_some_and(|o| o.last() == Some(&b'/'));
        if !again {
            out.push(byte);
        }
    }
    // A path without dots after slashes is normal already: the usual case.
    let decoded = out.get(from..).unwrap_or_default();
    if decoded.starts_with(b".") || memchr::memmem::find(decoded, b"/.").is_some() {
        let raw = decoded.to_vec();
        out.truncate(from);
        without_dot_segments(&raw, out);
    }
}

/// RFC 3986, 5.2.4, over bytes; `out` never shrinks below where it stood.
fn without_dot_segments(path: &[u8], out: &mut Vec<u8>) {
    let floor = out.len();
    let mut segments = path.split(|c| *c == b'/').peekable();
    let mut first = true;
    while let Some(segment) = segments.next() {
        let has_slash = !std::mem::take(&mut first);
        let last = segments.peek().is_none();
        match segment {
            b"." => {}
            b".." => {
                let kept = out.get(floor..).unwrap_or_default();
                let cut = memchr::memrchr(b'/', kept).unwrap_or(0);
                out.truncate(floor.saturating_add(cut));
            }
            _ => {
                if has_slash && (out.len() > floor || path.starts_with(b"/")) {
                    out.push(b'/');
                }
                out.extend_from_slice(segment);
            }
        }
        if last {
            break;
        }
    }
}

/// Whether a host is one that resolvers would take: labels of letters, digits, `-` and `_`, or an
/// address in brackets.
pub fn is_host(host: &[u8]) -> bool {
    if host.is_empty() || host.len() > 255 {
        return false;
    }
    if let Some(inner) = host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]")) {
        let text = str::from_utf8(inner).unwrap_or_default();
        return text.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |l: &[u8]| {
        l.len() <= 63 && l.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
    };
    !host.starts_with(b".")
        && memchr::memmem::find(host, b"..").is_none()
        && !host.iter().any(|c| is_space(*c))
        && host.split(|c| *c == b'.').all(label)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests {
    use super::*;

    fn text(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut v = Vec::new();
        f(&mut v);
        String::from_utf8_lossy(&v).into_owned()
    }

    #[test]
    fn escapes_are_undone_and_their_faults_named() {
        type Case = (&'static str, &'static str, fn(&EscapeFaults) -> bool);
        let cases: &[Case] = &[
            ("/a%20b", "/a b", |f| *f == EscapeFaults::default()),
            ("/%", "/%", |f| f.percent_at_end),
            ("/%5", "/%5", |f| f.partial_at_end),
            ("/%%41", "/A", |f| f.double_percent),
            ("/%zz", "/%zz", |f| f.bare_percent),
            ("/%u0041%u4142", "/AAB", |f| *f == EscapeFaults::default()),
        ];
        for (from, to, fault) in cases {
            let mut out = Vec::new();
            let faults = unescape(from.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), *to, "{from}");
            assert!(fault(&faults), "{from} {faults:?}");
        }
    }

    #[test]
    fn a_target_is_taken_apart() {
        let t = Target::parse(b"http://u:p@h.example:8080/p/q?x=1#f");
        assert_eq!(t.host, Some(&b"h.example"[..]));
        assert_eq!(t.port, Some(&b"8080"[..]));
        assert_eq!(t.path, Some(&b"/p/q"[..]));
        assert_eq!(t.query, Some(&b"x=1"[..]));
        let t = Target::parse(b"/only?q");
        assert_eq!((t.host, t.path, t.query), (None, Some(&b"/only"[..]), Some(&b"q"[..])));
        let t = Target::parse_authority(b"[::1]:443");
        assert_eq!((t.host, t.port), (Some(&b"[::1]"[..]), Some(&b"443"[..])));
    }

    #[test]
    fn paths_become_normal() {
        for (from, to) in [
            ("/a/b/c/./../../g", "/a/g"),
            ("/%41%2fb", "/A/b"),
            ("/../../../images.gif", "/images.gif"),
            ("./one", "one"),
            ("/", "/"),
            ("/a//b\\%2fc", "/a/b/c"),
            ("/%FCh", "/?h"),
            ("/%", "/%"),
        ] {
            assert_eq!(text(|o| normal_path(from.as_bytes(), o)), to, "{from}");
        }
    }

    #[test]
    fn hosts_are_judged() {
        assert!(is_host(b"www.example.com") && is_host(b"[::1]") && is_host(b"10.0.0.1"));
        assert!(!is_host(b"a..b") && !is_host(b"a b") && !is_host(b"") && !is_host(b"[zz]"));
    }
}
