//! Scalars as text, shared by all writers.

use std::net::IpAddr;

/// A protocol number's name; numbers without a common name give `None`.
pub const fn proto_name(proto: u8) -> Option<(&'static str, &'static str)> {
    // (Zeek's transport_proto, EVE's proto)
    Some(match proto {
        1 => ("icmp", "ICMP"),
        2 => ("unknown_transport", "IGMP"),
        4 => ("unknown_transport", "IP-in-IP"),
        6 => ("tcp", "TCP"),
        17 => ("udp", "UDP"),
        41 => ("unknown_transport", "IPv6"),
        47 => ("unknown_transport", "GRE"),
        50 => ("unknown_transport", "ESP"),
        51 => ("unknown_transport", "AH"),
        58 => ("icmp", "IPv6-ICMP"),
        89 => ("unknown_transport", "OSPFIGP"),
        103 => ("unknown_transport", "PIM"),
        112 => ("unknown_transport", "VRRP"),
        132 => ("unknown_transport", "SCTP"),
        _ => return None,
    })
}

pub(super) fn count(out: &mut Vec<u8>, v: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(v).as_bytes());
}

pub(super) fn int(out: &mut Vec<u8>, v: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(v).as_bytes());
}

pub(super) fn real(out: &mut Vec<u8>, v: f64) {
    use std::io::Write as _;
    if v.is_finite() {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{v}");
    } else {
        out.push(b'0');
    }
}

/// Appends an address in its usual short form (RFC 5952).
pub fn addr(out: &mut Vec<u8>, a: IpAddr) {
    use std::io::Write as _;
    match a {
        IpAddr::V4(v) => {
            let mut first = true;
            for o in v.octets() {
                if !first {
                    out.push(b'.');
                }
                first = false;
                octet(out, o);
            }
        }
        IpAddr::V6(v) => {
            let _ = write!(out, "{v}");
        }
    }
}

/// As [`addr`], but IPv6 with all its digits, as EVE has it.
pub fn addr_full(out: &mut Vec<u8>, a: IpAddr) {
    let IpAddr::V6(v) = a else { return addr(out, a) };
    for (i, group) in v.segments().iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        for b in group.to_be_bytes() {
            out.extend_from_slice(&hex(b));
        }
    }
}

fn octet(out: &mut Vec<u8>, o: u8) {
    if o >= 100 {
        out.push(b'0'.wrapping_add(o / 100));
    }
    if o >= 10 {
        out.push(b'0'.wrapping_add(o / 10 % 10));
    }
    out.push(b'0'.wrapping_add(o % 10));
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex(b: u8) -> [u8; 2] {
    let digit = |n: u8| HEX.get(usize::from(n & 15)).copied().unwrap_or(b'0');
    [digit(b >> 4), digit(b)]
}

/// Appends `\xHH`, the field's way of writing a byte that is no text.
pub(super) fn hex_escape(out: &mut Vec<u8>, b: u8) {
    out.extend_from_slice(b"\\x");
    out.extend_from_slice(&hex(b));
}

/// Bytes that go into a JSON string as they are.
#[allow(clippy::indexing_slicing)] // made at compile time, where a panic is an error
const PLAIN: [bool; 256] = {
    let mut t = [false; 256];
    let mut i = 0x20;
    while i < 0x7f {
        t[i] = i != b'"' as usize && i != b'\\' as usize;
        i += 1;
    }
    t
};

/// Appends `bytes` as a JSON string with its quotes. Valid UTF-8 stays; a byte that is none is
/// written as `\xHH` (its backslash escaped), as Zeek and Suricata both do.
pub fn json_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    json_chars(out, bytes);
    out.push(b'"');
}

pub(super) fn json_chars(out: &mut Vec<u8>, bytes: &[u8]) {
    let plain = |b: &u8| PLAIN.get(usize::from(*b)).copied().unwrap_or(false);
    if bytes.iter().all(plain) {
        out.extend_from_slice(bytes);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid().as_bytes();
        while let Some(at) = rest.iter().position(|b| !plain(b) && *b < 0x80) {
            let (head, tail) = rest.split_at(at);
            out.extend_from_slice(head);
            let Some((b, tail)) = tail.split_first() else { break };
            match b {
                b'"' => out.extend_from_slice(b"\\\""),
                b'\\' => out.extend_from_slice(b"\\\\"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0x7f => out.push(0x7f),
                b => {
                    out.extend_from_slice(b"\\u00");
                    out.extend_from_slice(&hex(*b));
                }
            }
            rest = tail;
        }
        out.extend_from_slice(rest);
        for b in chunk.invalid() {
            out.push(b'\\');
            hex_escape(out, *b);
        }
    }
}

/// Appends bytes that somebody sent as a JSON string, in the way of Zeek's JSON logs: text stays
/// text as a whole or not at all. Where anything in it is no text (a byte that is no UTF-8, a
/// control character but for the usual white space, a private code point), every byte beyond ASCII
/// is written as `\xHH`, so that chance sequences of binary data do not pass for letters.
pub(super) fn json_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let plain = |b: &u8| PLAIN.get(usize::from(*b)).copied().unwrap_or(false);
    if bytes.iter().all(plain) || str::from_utf8(bytes).is_ok_and(|t| t.chars().all(is_text)) {
        json_string(out, bytes);
        return;
    }
    out.push(b'"');
    for b in bytes {
        if *b < 0x80 && is_text(char::from(*b)) {
            json_chars(out, &[*b]);
        } else {
            out.push(b'\\');
            hex_escape(out, *b);
        }
    }
    out.push(b'"');
}

/// As [`json_bytes`], in the way of EVE: only bytes that are no UTF-8 make a string binary.
pub(super) fn json_bytes_eve(out: &mut Vec<u8>, bytes: &[u8]) {
    if str::from_utf8(bytes).is_ok() {
        json_string(out, bytes);
        return;
    }
    out.push(b'"');
    for b in bytes {
        if *b < 0x80 {
            json_chars(out, &[*b]);
        } else {
            out.push(b'\\');
            hex_escape(out, *b);
        }
    }
    out.push(b'"');
}

const fn is_text(c: char) -> bool {
    match c {
        '\u{8}'..='\n' | '\u{c}' | '\r' => true,
        '\0'..=' ' => c as u32 == 0x20,
        '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}' => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_bytes_do_not_pass_for_letters() {
        for (bytes, want) in [
            ("żółw\t\"".as_bytes(), "\"żółw\\t\\\"\""),
            (b"a\xff\xc5\xbc\n", "\"a\\\\xff\\\\xc5\\\\xbc\\n\""),
            (b"\x01\x02__MSBROWSE__", "\"\\\\x01\\\\x02__MSBROWSE__\""),
            ("a\u{e000}".as_bytes(), "\"a\\\\xee\\\\x80\\\\x80\""),
        ] {
            let mut out = Vec::new();
            json_bytes(&mut out, bytes);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }

    #[test]
    fn strings_are_valid_json_whatever_comes() {
        for (bytes, want) in [
            (&b"plain"[..], "\"plain\""),
            (b"a\"b\\c\n\x01", "\"a\\\"b\\\\c\\n\\u0001\""),
            ("é".as_bytes(), "\"é\""),
            (b"\xff\x00a", "\"\\\\xff\\u0000a\""),
        ] {
            let mut out = Vec::new();
            json_string(&mut out, bytes);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }

    #[test]
    fn addresses_print_as_everywhere() {
        for a in ["0.0.0.0", "10.200.3.45", "2001:db8::1", "::ffff:1.2.3.4"] {
            let mut out = Vec::new();
            addr(&mut out, a.parse().unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), a);
        }
    }
}
