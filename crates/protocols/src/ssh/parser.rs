//! Banners, key exchange messages, host keys: bytes to fields, without state.

use base::{Reader, Short};

/// Message numbers of SSH 2 (RFC 4250 §4.1.2) and SSH 1 that are read.
pub mod message {
    #![allow(missing_docs)] // named as their documents name them
    pub const KEXINIT: u8 = 20;
    pub const NEWKEYS: u8 = 21;
    /// First and last number whose meaning depends on the key exchange method.
    pub const KEX_FIRST: u8 = 30;
    pub const KEX_LAST: u8 = 49;
    pub const KEXDH_REPLY: u8 = 31;
    pub const KEX_DH_GEX_REPLY: u8 = 33;
    pub const SSH1_PUBLIC_KEY: u8 = 2;
    pub const SSH1_SESSION_KEY: u8 = 3;
}

/// Most entries of a name list that are looked at.
pub const NAMES_MOST: usize = 100;

/// What a banner line says: `SSH-2.0-OpenSSH_9.6 comment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banner<'a> {
    /// Protocol version.
    pub proto: &'a [u8],
    /// Software, without the comment.
    pub software: &'a [u8],
}

impl<'a> Banner<'a> {
    /// Reads a line without its end.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"SSH-")?;
        let dash = memchr::memchr(b'-', rest).filter(|d| *d > 0)?;
        let (proto, rest) = rest.split_at_checked(dash)?;
        let software = rest.get(1..)?;
        let end = memchr::memchr3(b' ', b'\r', b'\n', software).unwrap_or(software.len());
        Some(Self { proto, software: software.get(..end)? })
    }
}

/// The version that a whole banner line offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.x.
    One,
    /// 2.x.
    Two,
    /// 1.99: either.
    Both,
}

impl Version {
    /// From a banner line, by its fifth character on, as Zeek does.
    pub fn of(line: &[u8]) -> Option<Self> {
        match line {
            [_, _, _, _, b'2', ..] => Some(Self::Two),
            [_, _, _, _, b'1', _, b'9', b'9', ..] => Some(Self::Both),
            [_, _, _, _, b'1', ..] => Some(Self::One),
            _ => None,
        }
    }
    /// The version two sides will speak: 1 or 2.
    pub const fn agreed(self, other: Self) -> Option<u8> {
        match (self, other) {
            (Self::Two | Self::Both, Self::Two | Self::Both) => Some(2),
            (Self::One, Self::One | Self::Both) | (Self::Both, Self::One) => Some(1),
            _ => None,
        }
    }
}

/// A KEXINIT message: what one side can do, in order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KexInit<'a> {
    /// Name lists in the order of RFC 4253 §7.1: key exchange, host keys, encryption, MAC,
    /// compression, languages, the last four each client to server and server to client.
    pub lists: [&'a [u8]; 10],
}

/// Places in [`KexInit::lists`].
pub mod list {
    #![allow(missing_docs)] // what they are is their name
    pub const KEX: usize = 0;
    pub const HOST_KEY: usize = 1;
    pub const ENCRYPTION: [usize; 2] = [2, 3];
    pub const MAC: [usize; 2] = [4, 5];
    pub const COMPRESSION: [usize; 2] = [6, 7];
}

impl<'a> KexInit<'a> {
    /// Reads the message behind its number.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(payload);
        r.skip(16)?;
        let mut lists: [&[u8]; 10] = [&[]; 10];
        for l in &mut lists {
            let n = r.be32()? as usize;
            *l = r.take(n)?;
        }
        r.skip(5)?;
        Ok(Self { lists })
    }
    /// One list.
    pub fn list(&self, at: usize) -> &'a [u8] {
        self.lists.get(at).copied().unwrap_or_default()
    }
    /// The text that HASSH hashes: key exchange, encryption, MAC and compression of one's own
    /// direction, `;` between.
    pub fn hassh_text(&self, server: bool, out: &mut Vec<u8>) {
        let way = usize::from(server);
        let own = |pair: [usize; 2]| pair.get(way).map_or(b"".as_slice(), |i| self.list(*i));
        let parts =
            [self.list(list::KEX), own(list::ENCRYPTION), own(list::MAC), own(list::COMPRESSION)];
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                out.push(b';');
            }
            out.extend_from_slice(part);
        }
    }
}

/// The first name of the client's list that the server has too (RFC 4253 §7.1).
pub fn negotiate<'a>(client: &'a [u8], server: &[u8]) -> Option<&'a [u8]> {
    let has = |name: &[u8]| server.split(|b| *b == b',').take(NAMES_MOST).any(|s| s == name);
    client.split(|b| *b == b',').take(NAMES_MOST).find(|name| has(name))
}

/// The message that carries the server's host key, by the method agreed on.
pub fn host_key_message(kex: &[u8]) -> Option<u8> {
    if kex.starts_with(b"diffie-hellman-group-exchange-") {
        Some(message::KEX_DH_GEX_REPLY)
    } else if kex.starts_with(b"rsa") || kex.starts_with(b"gss-") {
        None
    } else {
        Some(message::KEXDH_REPLY)
    }
}

/// Whether Zeek knows the method; it reads nothing further of others.
pub fn zeek_knows(kex: &[u8]) -> bool {
    const WHOLE: [&[u8]; 10] = [
        b"rsa1024-sha1",
        b"rsa2048-sha256",
        b"diffie-hellman-group1-sha1",
        b"diffie-hellman-group14-sha1",
        b"diffie-hellman-group14-sha256",
        b"diffie-hellman-group16-sha512",
        b"diffie-hellman-group18-sha512",
        b"diffie-hellman-group-exchange-sha1",
        b"diffie-hellman-group-exchange-sha256",
        b"ecmqv-sha2",
    ];
    const BEGIN: [&[u8]; 5] =
        [b"gss-", b"ecdh-sha2-", b"curve25519-sha256", b"sntrup761x25519-sha512", b"mlkem"];
    WHOLE.contains(&kex) || BEGIN.iter().any(|b| kex.starts_with(b))
}

/// The host key of a key exchange reply, behind the message's number.
pub fn host_key(payload: &[u8]) -> Result<&[u8], Short> {
    let mut r = Reader::new(payload);
    let n = r.be32()? as usize;
    r.take(n)
}

/// Modulus and exponent of the host key that an SSH 1 server sends, behind the message's number.
pub fn ssh1_host_key(payload: &[u8]) -> Result<(&[u8], &[u8]), Short> {
    let mut r = Reader::new(payload);
    r.skip(8)?;
    let number = |r: &mut Reader<'_>| -> Result<(), Short> {
        let bits = usize::from(r.be16()?);
        r.skip(bits.div_ceil(8))
    };
    r.skip(4)?;
    number(&mut r)?;
    number(&mut r)?;
    r.skip(4)?;
    let big =
        |r: &mut Reader<'_>| -> Result<usize, Short> { Ok(usize::from(r.be16()?).div_ceil(8)) };
    let n = big(&mut r)?;
    let exponent = r.take(n)?;
    let n = big(&mut r)?;
    Ok((r.take(n)?, exponent))
}
