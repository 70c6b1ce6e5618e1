//! Fingerprints of hellos: JA3 and JA3S (Salesforce), JA4 and JA4S (FoxIO).
//!
//! JA3 is the MD5 of a text that is worth keeping (rules inspect it), so the text is appended to a
//! buffer of the caller. JA4 sorts; its lists live on the stack for hellos of common size. GREASE
//! numbers (RFC 8701) are left out of all of them.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use sha2::Sha256;
use smallvec::SmallVec;

use super::names::is_grease;
use super::parser::{
    ClientHello, DTLS10, DTLS12, DTLS13, SSL3, ServerHello, TLS10, TLS11, TLS12, TLS13, extension,
    numbers8, numbers16, point_formats, protocol_names, selected_version,
};

/// An MD5 as 32 hexadecimal digits.
pub type Md5Hex = [u8; 32];
/// `t13d1516h2_8daaf6152771_02713d6af862`.
pub type Ja4 = [u8; 36];
/// `t130200_1301_234ea6891581`.
pub type Ja4s = [u8; 25];

/// Whose reading of the corner cases a JA4 follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ja4Style {
    /// FoxIO's text: empty lists hash to zeros, and without signature algorithms there is no
    /// underscore before them; the version is the highest offered.
    Specification,
    /// Suricata's: everything is hashed as it stands, the version is the first known one offered.
    Suricata,
}

fn push_number(out: &mut Vec<u8>, n: u16) {
    let mut digits = [0u8; 5];
    let mut at = digits.len();
    let mut n = n;
    for slot in digits.iter_mut().rev() {
        *slot = b'0'.wrapping_add((n % 10) as u8);
        n = n.wrapping_div(10);
        at = at.saturating_sub(1);
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

fn push_list(out: &mut Vec<u8>, numbers: impl Iterator<Item = u16>) {
    let mut first = true;
    for n in numbers.filter(|n| !is_grease(*n)) {
        if !first {
            out.push(b'-');
        }
        first = false;
        push_number(out, n);
    }
}

/// Appends JA3's text of a client: version, suites, extensions, groups, point formats.
pub fn ja3_text(hello: &ClientHello<'_>, out: &mut Vec<u8>) {
    push_number(out, hello.version);
    out.push(b',');
    push_list(out, hello.ciphers.iter());
    out.push(b',');
    push_list(out, hello.extensions.iter().map(|e| e.kind));
    out.push(b',');
    let groups = hello.extensions.find(extension::SUPPORTED_GROUPS).unwrap_or_default();
    push_list(out, numbers16(groups).iter());
    out.push(b',');
    let formats = hello.extensions.find(extension::EC_POINT_FORMATS).unwrap_or_default();
    push_list(out, point_formats(formats).iter().map(|b| u16::from(*b)));
}

/// Appends JA3S's text of a server: version, suite, extensions.
pub fn ja3s_text(hello: &ServerHello<'_>, out: &mut Vec<u8>) {
    push_number(out, hello.version);
    out.push(b',');
    push_list(out, std::iter::once(hello.cipher));
    out.push(b',');
    push_list(out, hello.extensions.iter().map(|e| e.kind));
}

/// The MD5 of a JA3 text.
pub fn ja3_hash(text: &[u8]) -> Md5Hex {
    let mut out = [b'0'; 32];
    hex_into(&mut out, &Md5::digest(text));
    out
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex_digit(v: u8) -> u8 {
    HEX.get(usize::from(v & 15)).copied().unwrap_or(b'0')
}

/// Writes bytes as hexadecimal digits into as many slots as there are.
pub fn hex_into(out: &mut [u8], bytes: &[u8]) {
    for (pair, b) in out.chunks_mut(2).zip(bytes) {
        for (slot, v) in pair.iter_mut().zip([b >> 4, *b]) {
            *slot = hex_digit(v);
        }
    }
}

/// A fixed text that is written from its start.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Self {
        Self { bytes: [b'0'; N], len: 0 }
    }
    fn put(&mut self, bytes: &[u8]) {
        for b in bytes {
            if let Some(slot) = self.bytes.get_mut(self.len) {
                *slot = *b;
                self.len = self.len.saturating_add(1);
            }
        }
    }
    fn put_count(&mut self, n: usize) {
        let n = n.min(99) as u8;
        self.put(&[b'0'.wrapping_add(n.wrapping_div(10)), b'0'.wrapping_add(n % 10)]);
    }
    fn put_hash(&mut self, hasher: Sha256) {
        let mut hex = [b'0'; 12];
        hex_into(&mut hex, &hasher.finalize());
        self.put(&hex);
    }
}

const fn version_code(version: u16) -> &'static [u8; 2] {
    match version {
        TLS13 => b"13",
        TLS12 => b"12",
        TLS11 => b"11",
        TLS10 => b"10",
        SSL3 => b"s3",
        0x0002 => b"s2",
        DTLS10 => b"d1",
        DTLS12 => b"d2",
        DTLS13 => b"d3",
        _ => b"00",
    }
}

fn offered_version(hello: &ClientHello<'_>, style: Ja4Style) -> u16 {
    let Some(body) = hello.extensions.find(extension::SUPPORTED_VERSIONS) else {
        return hello.version;
    };
    let mut offered = numbers8(body).iter().filter(|v| !is_grease(*v));
    match style {
        // DTLS numbers fall as versions rise.
        Ja4Style::Specification if hello.version >> 8 == 0xfe => {
            offered.filter(|v| v >> 8 == 0xfe).min().unwrap_or(hello.version)
        }
        Ja4Style::Specification => offered.max().unwrap_or(hello.version),
        Ja4Style::Suricata => {
            offered.find(|v| super::names::eve_version_known(*v)).unwrap_or(0).max(hello.version)
        }
    }
}

fn alpn_code(hello: &ClientHello<'_>) -> [u8; 2] {
    let body = hello.extensions.find(extension::ALPN).unwrap_or_default();
    let Some(name) = protocol_names(body).find(|n| !n.is_empty()) else { return *b"00" };
    let (first, last) = match name {
        [a, b] if is_grease(u16::from_be_bytes([*a, *b])) => return *b"00",
        [a, .., z] => (*a, *z),
        [a] => (*a, *a),
        [] => return *b"00",
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [first, last]
    } else {
        [hex_digit(first >> 4), hex_digit(last)]
    }
}

/// Numbers as four hexadecimal digits each, with commas, into a hash.
fn hash_list(hasher: &mut Sha256, numbers: impl Iterator<Item = u16>) {
    let mut first = true;
    for n in numbers {
        let mut hex = [b','; 5];
        if let Some(digits) = hex.get_mut(1..) {
            hex_into(digits, &n.to_be_bytes());
        }
        hasher.update(hex.get(usize::from(first)..).unwrap_or_default());
        first = false;
    }
}

/// JA4 of a client; `transport` is `t` (TCP), `d` (DTLS) or `q` (QUIC).
pub fn ja4(hello: &ClientHello<'_>, transport: u8, style: Ja4Style) -> Ja4 {
    let mut ciphers: SmallVec<[u16; 96]> =
        hello.ciphers.iter().filter(|c| !is_grease(*c)).collect();
    let mut kinds: SmallVec<[u16; 48]> =
        hello.extensions.iter().map(|e| e.kind).filter(|k| !is_grease(*k)).collect();
    let sni = kinds.contains(&extension::SERVER_NAME);
    let mut text = Text::<36>::new();
    text.put(&[transport]);
    text.put(version_code(offered_version(hello, style)));
    text.put(if sni { b"d" } else { b"i" });
    text.put_count(ciphers.len());
    text.put_count(kinds.len());
    text.put(&alpn_code(hello));
    text.put(b"_");
    let strict = style == Ja4Style::Specification;
    if strict && ciphers.is_empty() {
        text.put(b"000000000000");
    } else {
        ciphers.sort_unstable();
        let mut hasher = Sha256::new();
        hash_list(&mut hasher, ciphers.iter().copied());
        text.put_hash(hasher);
    }
    text.put(b"_");
    if strict && kinds.is_empty() {
        text.put(b"000000000000");
        return text.bytes;
    }
    kinds.retain(|k| !matches!(*k, extension::SERVER_NAME | extension::ALPN));
    kinds.sort_unstable();
    let mut hasher = Sha256::new();
    hash_list(&mut hasher, kinds.iter().copied());
    let body = hello.extensions.find(extension::SIGNATURE_ALGORITHMS).unwrap_or_default();
    let mut algorithms = numbers16(body).iter().filter(|a| !is_grease(*a)).peekable();
    if !strict || algorithms.peek().is_some() {
        hasher.update(b"_");
    }
    hash_list(&mut hasher, algorithms);
    text.put_hash(hasher);
    text.bytes
}

/// JA4S of a server.
pub fn ja4s(hello: &ServerHello<'_>, transport: u8) -> Ja4s {
    let version = hello
        .extensions
        .find(extension::SUPPORTED_VERSIONS)
        .and_then(selected_version)
        .unwrap_or(hello.version);
    let kinds: SmallVec<[u16; 32]> = hello.extensions.iter().map(|e| e.kind).collect();
    let mut text = Text::<25>::new();
    text.put(&[transport]);
    text.put(version_code(version));
    text.put_count(kinds.len());
    let chosen = hello.extensions.find(extension::ALPN).unwrap_or_default();
    text.put(&match protocol_names(chosen).find(|n| !n.is_empty()) {
        Some([a, .., z] | [a @ z]) if a.is_ascii_alphanumeric() && z.is_ascii_alphanumeric() => {
            [*a, *z]
        }
        Some([a, .., z] | [a @ z]) => [hex_digit(a >> 4), hex_digit(*z)],
        _ => *b"00",
    });
    text.put(b"_");
    let mut suite = [b'0'; 4];
    hex_into(&mut suite, &hello.cipher.to_be_bytes());
    text.put(&suite);
    text.put(b"_");
    if kinds.is_empty() {
        text.put(b"000000000000");
    } else {
        let mut hasher = Sha256::new();
        hash_list(&mut hasher, kinds.iter().copied());
        text.put_hash(hasher);
    }
    text.bytes
}

/// Appends a digest as `aa:bb:cc`.
pub fn push_colon_hex(out: &mut String, digest: &[u8]) {
    for (i, b) in digest.iter().enumerate() {
        if i > 0 {
            out.push(':');
        }
        // Writing to a String doesn't fail.
        let _ = write!(out, "{b:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: u16, ciphers: &[u16], exts: &[(u16, &[u8])]) -> Vec<u8> {
        let mut out = version.to_be_bytes().to_vec();
        out.extend([7; 32]);
        out.push(0);
        let suites: Vec<u8> = ciphers.iter().flat_map(|c| c.to_be_bytes()).collect();
        out.extend((suites.len() as u16).to_be_bytes());
        out.extend(suites);
        out.extend([1, 0]);
        let mut block = Vec::new();
        for (kind, body) in exts {
            block.extend(kind.to_be_bytes());
            block.extend((body.len() as u16).to_be_bytes());
            block.extend(*body);
        }
        out.extend((block.len() as u16).to_be_bytes());
        out.extend(block);
        out
    }

    #[test]
    fn ja3_is_the_published_example() {
        // The example of the JA3 project's page.
        let groups = [0, 6, 0, 23, 0, 24, 0, 25];
        let bytes = hello(
            0x0301,
            &[47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
            &[(0, &[]), (10, &groups), (11, &[1, 0])],
        );
        let parsed = ClientHello::parse(&bytes).unwrap();
        let mut text = Vec::new();
        ja3_text(&parsed, &mut text);
        assert_eq!(
            str::from_utf8(&text).unwrap(),
            "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0"
        );
        assert_eq!(&ja3_hash(&text), b"ada70206e40642a3e4461f35503241d5");
    }

    #[test]
    fn ja4_is_the_published_example() {
        // The example of FoxIO's technical details, with GREASE in each list.
        let ciphers = [
            0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
            0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
        ];
        let sigalgs = [0, 16, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1];
        let versions = [6, 0x1a, 0x1a, 3, 4, 3, 3];
        let alpn = [0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p', b'/', b'1', b'.', b'1'];
        let exts: Vec<(u16, &[u8])> = vec![
            (0x0a0a, &[]),
            (0x001b, &[]),
            (0x0000, &[]),
            (0x0033, &[]),
            (0x0010, &alpn),
            (0x4469, &[]),
            (0x0017, &[]),
            (0x002d, &[]),
            (0x000d, &sigalgs),
            (0x0005, &[]),
            (0x0023, &[]),
            (0x0012, &[]),
            (0x002b, &versions),
            (0xff01, &[]),
            (0x000b, &[]),
            (0x000a, &[]),
            (0x0015, &[]),
        ];
        let bytes = hello(0x0303, &ciphers, &exts);
        let parsed = ClientHello::parse(&bytes).unwrap();
        let got = ja4(&parsed, b't', Ja4Style::Specification);
        assert_eq!(str::from_utf8(&got).unwrap(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
        assert_eq!(got, ja4(&parsed, b't', Ja4Style::Suricata));
    }

    #[test]
    fn empty_lists_are_zeros_only_where_the_specification_is_followed() {
        let bytes = hello(0x0301, &[0x0a0a], &[]);
        let parsed = ClientHello::parse(&bytes).unwrap();
        assert_eq!(
            str::from_utf8(&ja4(&parsed, b't', Ja4Style::Specification)).unwrap(),
            "t10i000000_000000000000_000000000000"
        );
        assert_eq!(
            str::from_utf8(&ja4(&parsed, b't', Ja4Style::Suricata)).unwrap(),
            "t10i000000_e3b0c44298fc_d2e2adf7177b"
        );
    }
}
