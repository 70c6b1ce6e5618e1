//! TLS handshakes (RFC 5246, RFC 8446) as an observer sees them: what is in the clear is real,
//! what is encrypted is noise.

use crate::{Random, Side, Tape, Tcp, der};

/// Who the server is.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Its name, as asked for and in its certificate.
    pub name: &'a str,
    /// Organisation and name of the issuer; the site's own name for a certificate of its own hand.
    pub issuer: (&'a str, &'a str),
    /// TLS 1.3 rather than 1.2.
    pub tls13: bool,
    /// Whether the client is a browser; else it is a small program that offers little.
    pub browser: bool,
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 5);
    for piece in body.chunks(16_384) {
        out.extend_from_slice(&[kind, 3, 3]);
        out.extend_from_slice(&(piece.len() as u16).to_be_bytes());
        out.extend_from_slice(piece);
    }
    out
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(body);
    out
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u16).to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(prefixed(body));
    out
}

/// A client's hello, in its record.
pub fn client_hello(site: &Site<'_>, random: &mut Random) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random.bytes(32));
    let session = if site.browser { 32 } else { 0 };
    body.push(session);
    body.extend(random.bytes(session.into()));
    let ciphers: &[u16] = if site.browser {
        &[
            0x2A2A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009C,
            0x009D,
        ]
    } else {
        &[0xC02F, 0xC030, 0x009C, 0x002F]
    };
    body.extend(prefixed(&ciphers.iter().flat_map(|c| c.to_be_bytes()).collect::<Vec<_>>()));
    body.extend_from_slice(&[1, 0]);
    let mut extensions = Vec::new();
    if site.browser {
        extensions.extend(extension(0x3A3A, &[]));
    }
    let mut sni = vec![0];
    sni.extend(prefixed(site.name.as_bytes()));
    extensions.extend(extension(0, &prefixed(&sni)));
    extensions.extend(extension(23, &[]));
    extensions.extend(extension(0xFF01, &[0]));
    extensions.extend(extension(10, &prefixed(&[0, 29, 0, 23, 0, 24])));
    extensions.extend(extension(11, &[1, 0]));
    extensions.extend(extension(13, &prefixed(&[4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1])));
    if site.browser {
        extensions.extend(extension(16, &prefixed(b"\x02h2\x08http/1.1")));
        extensions.extend(extension(43, &[4, 3, 4, 3, 3]));
        extensions.extend(extension(45, &[1, 1]));
        let mut share = vec![0, 29];
        share.extend(prefixed(&random.bytes(32)));
        extensions.extend(extension(51, &prefixed(&share)));
    }
    body.extend(prefixed(&extensions));
    record(22, &message(1, &body))
}

fn server_hello(site: &Site<'_>, random: &mut Random) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random.bytes(32));
    body.push(32);
    body.extend(random.bytes(32));
    let mut extensions = Vec::new();
    if site.tls13 {
        body.extend_from_slice(&[0x13, 0x01, 0]);
        extensions.extend(extension(43, &[3, 4]));
        let mut share = vec![0, 29];
        share.extend(prefixed(&random.bytes(32)));
        extensions.extend(extension(51, &share));
    } else {
        body.extend_from_slice(&[0xC0, 0x2F, 0]);
        extensions.extend(extension(0xFF01, &[0]));
        extensions.extend(extension(11, &[1, 0]));
        if site.browser {
            extensions.extend(extension(16, &prefixed(b"\x08http/1.1")));
        }
    }
    body.extend(prefixed(&extensions));
    message(2, &body)
}

fn certificates(site: &Site<'_>) -> Vec<u8> {
    let mut list = Vec::new();
    let mut add = |der: &[u8]| {
        list.extend_from_slice(&(der.len() as u32).to_be_bytes()[1..]);
        list.extend_from_slice(der);
    };
    // A server's certificate is the same at every visit.
    let mut fixed =
        Random::new(site.name.bytes().fold(7, |h, b| h * 31 % 1_000_003 + u64::from(b)));
    add(&der::certificate(site.name, site.issuer, &mut fixed));
    if site.issuer.1 != site.name {
        add(&der::certificate(site.issuer.1, (site.issuer.0, "Example Root"), &mut fixed));
    }
    let mut body = (list.len() as u32).to_be_bytes()[1..].to_vec();
    body.extend(list);
    message(11, &body)
}

/// The handshake, after the connection was opened.
pub fn handshake(tcp: &mut Tcp, tape: &mut Tape, site: &Site<'_>, random: &mut Random) {
    tcp.say(tape, Side::Client, &client_hello(site, random), random);
    let hello = server_hello(site, random);
    if site.tls13 {
        let mut out = record(22, &hello);
        out.extend(record(20, &[1]));
        // Extensions, certificate, its proof and the end: all encrypted.
        let rest = random.within(2200, 4200);
        out.extend(record(23, &random.bytes(rest)));
        tcp.say(tape, Side::Server, &out, random);
        let mut out = record(20, &[1]);
        out.extend(record(23, &random.bytes(69)));
        tcp.say(tape, Side::Client, &out, random);
        return;
    }
    let mut out = hello;
    out.extend(certificates(site));
    let mut exchange = vec![3, 0, 29, 32];
    exchange.extend(random.bytes(32));
    exchange.extend_from_slice(&[4, 1]);
    exchange.extend(prefixed(&random.bytes(256)));
    out.extend(message(12, &exchange));
    out.extend(message(14, &[]));
    tcp.say(tape, Side::Server, &record(22, &out), random);
    let mut key = vec![32];
    key.extend(random.bytes(32));
    let mut out = record(22, &message(16, &key));
    out.extend(record(20, &[1]));
    out.extend(record(22, &random.bytes(40)));
    tcp.say(tape, Side::Client, &out, random);
    let mut out = record(20, &[1]);
    out.extend(record(22, &random.bytes(40)));
    tcp.say(tape, Side::Server, &out, random);
}

/// Encrypted bytes.
pub fn data(tcp: &mut Tcp, tape: &mut Tape, side: Side, bytes: usize, random: &mut Random) {
    tcp.say(tape, side, &record(23, &random.bytes(bytes + 24)), random);
}

/// The alert that ends a session, encrypted.
pub fn goodbye(tcp: &mut Tcp, tape: &mut Tape, side: Side, site: &Site<'_>, random: &mut Random) {
    let (kind, len) = if site.tls13 { (23, 19) } else { (21, 26) };
    tcp.say(tape, side, &record(kind, &random.bytes(len)), random);
}

/// A fatal alert in the clear: the handshake fails.
pub fn refuse(tcp: &mut Tcp, tape: &mut Tape, random: &mut Random) {
    tcp.say(tape, Side::Server, &record(21, &[2, 40]), random);
}
