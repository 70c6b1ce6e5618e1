//! DNS messages (RFC 1035, RFC 6762, RFC 4795).

use std::net::{Ipv4Addr, Ipv6Addr};

/// What an answer holds.
#[derive(Clone, Debug)]
pub enum Data {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name.
    Cname(String),
    /// A name for an address.
    Ptr(String),
    /// A mail server.
    Mx(u16, String),
    /// Text, in pieces of at most 255 bytes.
    Txt(Vec<u8>),
    /// A service.
    Srv(u16, String),
}

/// Types of questions.
pub mod types {
    /// IPv4 address.
    pub const A: u16 = 1;
    /// Name for an address.
    pub const PTR: u16 = 12;
    /// Mail server.
    pub const MX: u16 = 15;
    /// Text.
    pub const TXT: u16 = 16;
    /// IPv6 address.
    pub const AAAA: u16 = 28;
    /// Service.
    pub const SRV: u16 = 33;
}

impl Data {
    fn kind(&self) -> u16 {
        match self {
            Self::A(_) => types::A,
            Self::Aaaa(_) => types::AAAA,
            Self::Cname(_) => 5,
            Self::Ptr(_) => types::PTR,
            Self::Mx(..) => types::MX,
            Self::Txt(_) => types::TXT,
            Self::Srv(..) => types::SRV,
        }
    }
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::A(a) => out.extend_from_slice(&a.octets()),
            Self::Aaaa(a) => out.extend_from_slice(&a.octets()),
            Self::Cname(n) | Self::Ptr(n) => name(&mut out, n),
            Self::Mx(weight, n) => {
                out.extend_from_slice(&weight.to_be_bytes());
                name(&mut out, n);
            }
            Self::Txt(text) => {
                for piece in text.chunks(255) {
                    out.push(piece.len() as u8);
                    out.extend_from_slice(piece);
                }
            }
            Self::Srv(port, n) => {
                out.extend_from_slice(&[0, 0, 0, 0]);
                out.extend_from_slice(&port.to_be_bytes());
                name(&mut out, n);
            }
        }
        out
    }
}

/// A name as labels.
pub fn name(out: &mut Vec<u8>, text: &str) {
    for label in text.split('.').filter(|l| !l.is_empty()) {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
}

fn head(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    for word in [id, flags].into_iter().chain(counts) {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out
}

/// A question with EDNS, as today's resolvers ask.
pub fn query(id: u16, host: &str, kind: u16) -> Vec<u8> {
    let mut out = head(id, 0x0100, [1, 0, 0, 1]);
    name(&mut out, host);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    out.extend_from_slice(&[0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]);
    out
}

/// A question without extras, as mDNS and LLMNR ask.
pub fn plain_query(id: u16, flags: u16, host: &str, kind: u16) -> Vec<u8> {
    let mut out = head(id, flags, [1, 0, 0, 0]);
    name(&mut out, host);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    out
}

/// An answer; each record is the question's name, compressed, unless a name comes with it.
pub fn answer(
    id: u16,
    flags: u16,
    host: &str,
    kind: u16,
    answers: &[(Option<&str>, Data)],
) -> Vec<u8> {
    let mut out = head(id, flags, [1, answers.len() as u16, 0, 0]);
    name(&mut out, host);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    for (owner, data) in answers {
        match owner {
            Some(owner) => name(&mut out, owner),
            None => out.extend_from_slice(&[0xC0, 0x0C]),
        }
        out.extend_from_slice(&data.kind().to_be_bytes());
        out.extend_from_slice(&[0, 1, 0, 0, 0x0E, 0x10]);
        let bytes = data.bytes();
        out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
        out.extend_from_slice(&bytes);
    }
    out
}

/// Flags of a good answer.
pub const GOOD: u16 = 0x8180;
/// Flags of "no such name".
pub const NXDOMAIN: u16 = 0x8183;

/// A message with the length that TCP wants before it.
pub fn over_tcp(message: &[u8]) -> Vec<u8> {
    let mut out = (message.len() as u16).to_be_bytes().to_vec();
    out.extend_from_slice(message);
    out
}
