//! Names and numbers of certificates as text, in the two forms that the field's logs have.

use std::fmt::Write as _;

use smallvec::SmallVec;

use super::der::{integer, tag};
use super::oids;
use super::parser::{Attribute, Name};

/// Appends a name in the form of RFC 2253 as OpenSSL writes it: last attribute first, short names,
/// control and non-ASCII bytes as `\XX`, unknown attributes and odd types as `#` and their encoding.
pub fn push_rfc2253(out: &mut Vec<u8>, name: Name<'_>) {
    let attributes: SmallVec<[Attribute<'_>; 12]> = name.attributes().collect();
    let mut separator: Option<u8> = None;
    for a in attributes.iter().rev() {
        if let Some(c) = separator {
            out.push(c);
        }
        // Going backwards, what joins is told by the later of the two.
        separator = Some(if a.joined { b'+' } else { b',' });
        let known = oids::attribute(a.oid.0);
        match known {
            Some((short, _)) => out.extend_from_slice(short.as_bytes()),
            None => out.extend_from_slice(a.oid.to_string().as_bytes()),
        }
        out.push(b'=');
        let width = match a.value.tag {
            _ if known.is_none() => None,
            tag::UTF8_STRING => Some(0),
            // Numeric, Printable, T61, IA5, times, Visible
            0x12..=0x14 | 0x16..=0x18 | 0x1a => Some(1),
            tag::BMP_STRING if a.value.body.len().is_multiple_of(2) => Some(2),
            tag::UNIVERSAL_STRING if a.value.body.len().is_multiple_of(4) => Some(4),
            _ => None,
        };
        if let Some(w) = width {
            push_escaped(out, a.value.body, w);
        } else {
            out.push(b'#');
            push_hex_upper(out, a.value.whole);
        }
    }
}

/// Appends a value; `width` is bytes per character, 0 for UTF-8.
fn push_escaped(out: &mut Vec<u8>, body: &[u8], width: usize) {
    if width == 0 {
        let last = body.len().saturating_sub(1);
        for (i, b) in body.iter().enumerate() {
            push_char_byte(out, *b, i == 0, i == last);
        }
        return;
    }
    let last = body.chunks(width).len().saturating_sub(1);
    for (i, unit) in body.chunks(width).enumerate() {
        let code = unit.iter().fold(0u32, |n, b| n << 8 | u32::from(*b));
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        for b in c.encode_utf8(&mut [0; 4]).bytes() {
            push_char_byte(out, b, i == 0, i == last);
        }
    }
}

fn push_char_byte(out: &mut Vec<u8>, b: u8, first: bool, last: bool) {
    match b {
        b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => out.extend([b'\\', b]),
        b' ' if first || last => out.extend([b'\\', b]),
        b'#' if first => out.extend([b'\\', b]),
        0..0x20 | 0x7f.. => {
            out.push(b'\\');
            push_hex_upper(out, &[b]);
        }
        _ => out.push(b),
    }
}

/// Appends bytes as capital hexadecimal digits.
pub(super) fn push_hex_upper(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for b in bytes {
        for v in [b >> 4, b & 15] {
            out.push(HEX.get(usize::from(v)).copied().unwrap_or(b'0'));
        }
    }
}

/// Appends a name as EVE writes it: attributes in their order, `C=US, O=Example, CN=www + L=x`,
/// nothing escaped. False where a value is not text: then EVE has a complaint in place of the name.
pub fn push_eve(out: &mut String, name: Name<'_>) {
    let start = out.len();
    for a in name.attributes() {
        if out.len() > start {
            out.push_str(if a.joined { " + " } else { ", " });
        }
        match oids::attribute(a.oid.0) {
            Some((_, long)) => out.push_str(long),
            None => {
                // Writing to a String doesn't fail.
                let _ = write!(out, "{:?}", a.oid);
            }
        }
        out.push('=');
        if !push_eve_value(out, &a) {
            out.truncate(start);
            out.push_str("<X509Error: Invalid X.509 name>");
            return;
        }
    }
}

fn push_eve_value(out: &mut String, a: &Attribute<'_>) -> bool {
    let body = a.value.body;
    match a.value.tag {
        tag::UTF8_STRING | 0x12..=0x16 | 0x19..=0x1b | 0x07 => match str::from_utf8(body) {
            Ok(s) => out.push_str(s),
            Err(_) => return false,
        },
        tag::BMP_STRING => {
            let (pairs, odd) = body.as_chunks::<2>();
            let text: Result<String, _> =
                char::decode_utf16(pairs.iter().map(|p| u16::from_be_bytes(*p))).collect();
            match text {
                Ok(s) if odd.is_empty() => out.push_str(&s),
                _ => return false,
            }
        }
        tag::UNIVERSAL_STRING => {
            let (units, odd) = body.as_chunks::<4>();
            for u in units {
                match char::from_u32(u32::from_be_bytes(*u)) {
                    Some(c) => out.push(c),
                    None => return false,
                }
            }
            return odd.is_empty();
        }
        _ => {
            for b in body {
                let _ = write!(out, "{b:02X}");
            }
        }
    }
    true
}

/// Appends a serial number as OpenSSL prints it: hexadecimal, a line break in C's escape after
/// every 35 bytes, a minus sign before negative ones.
pub fn push_serial(out: &mut Vec<u8>, serial: &[u8]) {
    let (v, negative) = integer(serial);
    if !negative {
        for (i, b) in v.iter().enumerate() {
            if i > 0 && i % 35 == 0 {
                out.extend_from_slice(b"\\\n");
            }
            push_hex_upper(out, &[*b]);
        }
        return;
    }
    out.push(b'-');
    // Two's complement.
    let mut digits: SmallVec<[u8; 24]> = v.iter().map(|b| !b).collect();
    for d in digits.iter_mut().rev() {
        let (sum, carry) = d.overflowing_add(1);
        *d = sum;
        if !carry {
            break;
        }
    }
    let zeros = digits.iter().take_while(|d| **d == 0).count();
    let zeros = zeros.min(digits.len().saturating_sub(1));
    push_hex_upper(out, digits.get(zeros..).unwrap_or_default());
}

/// Appends a serial number as EVE writes it: `0A:BC` with its padding.
pub fn push_serial_eve(out: &mut String, serial: &[u8]) {
    for (i, b) in serial.iter().enumerate() {
        if i > 0 {
            out.push(':');
        }
        let _ = write!(out, "{b:02X}");
    }
}

/// Appends a big-endian number in decimal (RSA's exponent; a long one stays hexadecimal).
pub fn push_decimal(out: &mut Vec<u8>, number: &[u8]) {
    if number.len() > 16 {
        out.extend_from_slice(b"0x");
        push_hex_upper(out, number);
        return;
    }
    let n = number.iter().fold(0u128, |n, b| n << 8 | u128::from(*b));
    out.extend_from_slice(n.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_escaped_as_rfc_2253_and_openssl_say() {
        assert_eq!(value(|o| push_escaped(o, b"VeriSign, Inc.", 1)), "VeriSign\\, Inc.");
        assert_eq!(value(|o| push_escaped(o, b" #a ", 1)), "\\ #a\\ ");
        assert_eq!(value(|o| push_escaped(o, b"#a", 1)), "\\#a");
        assert_eq!(value(|o| push_escaped(o, b"=\r\n", 1)), "=\\0D\\0A");
        assert_eq!(value(|o| push_escaped(o, "ü".as_bytes(), 0)), "\\C3\\BC");
        assert_eq!(value(|o| push_escaped(o, &[0xfc], 1)), "\\C3\\BC");
        assert_eq!(value(|o| push_escaped(o, &[0, 0xfc], 2)), "\\C3\\BC");
    }

    #[test]
    fn serials_with_padding_and_sign() {
        assert_eq!(value(|o| push_serial(o, &[0, 0x99, 0xfa])), "99FA");
        assert_eq!(value(|o| push_serial(o, &[1])), "01");
        assert_eq!(value(|o| push_serial(o, &[0])), "00");
        assert_eq!(value(|o| push_serial(o, &[0xff])), "-01");
        assert_eq!(value(|o| push_decimal(o, &[1, 0, 1])), "65537");
    }
}
