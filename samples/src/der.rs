//! X.509 certificates as DER (RFC 5280), well-formed but for their signatures, which are noise.

use crate::Random;

/// A tag, a length, and what it holds.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..0x80 => out.push(n as u8),
        n @ 0x80..0x100 => out.extend_from_slice(&[0x81, n as u8]),
        n => {
            out.push(0x82);
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

const SHA256_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11];
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];

fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[tlv(6, oid), tlv(5, &[])])
}

/// A name: organisation and common name.
fn distinguished(organisation: &str, common: &str) -> Vec<u8> {
    let part = |oid: u8, text: &str| {
        tlv(0x31, &sequence(&[tlv(6, &[0x55, 0x04, oid]), tlv(0x0C, text.as_bytes())]))
    };
    let country = tlv(0x31, &sequence(&[tlv(6, &[0x55, 0x04, 6]), tlv(0x13, b"CH")]));
    sequence(&[country, part(10, organisation), part(3, common)])
}

/// A certificate of `common`, issued by `issuer` (organisation, common name).
pub fn certificate(common: &str, issuer: (&str, &str), random: &mut Random) -> Vec<u8> {
    let mut serial = random.bytes(16);
    serial[0] = 0x4A;
    let mut modulus = random.bytes(257);
    modulus[0] = 0;
    modulus[1] |= 0x80;
    let key = sequence(&[tlv(2, &modulus), tlv(2, &[1, 0, 1])]);
    let bits = |bytes: &[u8]| tlv(3, &[&[0], bytes].concat());
    let alternative =
        sequence(&[tlv(0x82, common.as_bytes()), tlv(0x82, format!("www.{common}").as_bytes())]);
    let extensions = sequence(&[
        sequence(&[tlv(6, &[0x55, 0x1D, 0x13]), tlv(1, &[0xFF]), tlv(4, &sequence(&[]))]),
        sequence(&[tlv(6, &[0x55, 0x1D, 0x11]), tlv(4, &alternative)]),
    ]);
    let subject = if issuer.1 == common { issuer.0 } else { "Example Traders" };
    let body = sequence(&[
        tlv(0xA0, &tlv(2, &[2])),
        tlv(2, &serial),
        algorithm(SHA256_RSA),
        distinguished(issuer.0, issuer.1),
        sequence(&[tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z")]),
        distinguished(subject, common),
        sequence(&[algorithm(RSA), bits(&key)]),
        tlv(0xA3, &extensions),
    ]);
    sequence(&[body, algorithm(SHA256_RSA), bits(&random.bytes(256))])
}
