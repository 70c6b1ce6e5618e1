//! The messages of TLS, SSL 3, DTLS and SSLv2 as bytes: record headers, handshake messages and the
//! extensions that anybody asks about (RFC 8446, 5246, 6347, 9147, 6066, 7301; SSLv2's hello from
//! RFC 5246 appendix E.2).
//!
//! Nothing here has state, allocates or copies: a message is a set of slices into the caller's
//! bytes. A list inside a message is an iterator that stops where the bytes stop; whether it
//! stopped early is told by `malformed`, since a broken tail doesn't unmake what stood before it.

use base::{Reader, Short};

/// Record types.
pub mod content {
    /// ChangeCipherSpec.
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    /// Alert.
    pub const ALERT: u8 = 21;
    /// Handshake.
    pub const HANDSHAKE: u8 = 22;
    /// Application data.
    pub const APPLICATION: u8 = 23;
    /// Heartbeat (RFC 6520).
    pub const HEARTBEAT: u8 = 24;
}

/// Handshake message types.
pub mod handshake {
    /// HelloRequest.
    pub const HELLO_REQUEST: u8 = 0;
    /// ClientHello.
    pub const CLIENT_HELLO: u8 = 1;
    /// ServerHello (and HelloRetryRequest of TLS 1.3).
    pub const SERVER_HELLO: u8 = 2;
    /// HelloVerifyRequest of DTLS.
    pub const HELLO_VERIFY_REQUEST: u8 = 3;
    /// NewSessionTicket.
    pub const SESSION_TICKET: u8 = 4;
    /// Certificate.
    pub const CERTIFICATE: u8 = 11;
    /// ServerKeyExchange.
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    /// CertificateRequest.
    pub const CERTIFICATE_REQUEST: u8 = 13;
    /// ServerHelloDone.
    pub const SERVER_HELLO_DONE: u8 = 14;
    /// CertificateVerify.
    pub const CERTIFICATE_VERIFY: u8 = 15;
    /// ClientKeyExchange.
    pub const CLIENT_KEY_EXCHANGE: u8 = 16;
    /// Finished.
    pub const FINISHED: u8 = 20;
    /// CertificateURL.
    pub const CERTIFICATE_URL: u8 = 21;
    /// CertificateStatus.
    pub const CERTIFICATE_STATUS: u8 = 22;
}

/// Extension types.
pub mod extension {
    /// server_name.
    pub const SERVER_NAME: u16 = 0;
    /// supported_groups.
    pub const SUPPORTED_GROUPS: u16 = 10;
    /// ec_point_formats.
    pub const EC_POINT_FORMATS: u16 = 11;
    /// signature_algorithms.
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    /// application_layer_protocol_negotiation.
    pub const ALPN: u16 = 16;
    /// session_ticket.
    pub const SESSION_TICKET: u16 = 35;
    /// pre_shared_key.
    pub const PRE_SHARED_KEY: u16 = 41;
    /// early_data.
    pub const EARLY_DATA: u16 = 42;
    /// supported_versions.
    pub const SUPPORTED_VERSIONS: u16 = 43;
    /// key_share.
    pub const KEY_SHARE: u16 = 51;
    /// key_share of drafts up to 22.
    pub const KEY_SHARE_DRAFT: u16 = 40;
}

/// SSL 3.0.
pub const SSL3: u16 = 0x0300;
/// TLS 1.0.
pub const TLS10: u16 = 0x0301;
/// TLS 1.1.
pub const TLS11: u16 = 0x0302;
/// TLS 1.2.
pub const TLS12: u16 = 0x0303;
/// TLS 1.3.
pub const TLS13: u16 = 0x0304;
/// SSLv2 as its hello writes it.
pub const SSL2: u16 = 0x0002;
/// DTLS 1.0.
pub const DTLS10: u16 = 0xfeff;
/// DTLS 1.2.
pub const DTLS12: u16 = 0xfefd;
/// DTLS 1.3.
pub const DTLS13: u16 = 0xfefc;

/// Whether a number is a version of SSL, TLS (with the drafts of 1.3) or DTLS.
pub const fn is_version(version: u16) -> bool {
    matches!(version, SSL2 | SSL3..=TLS13 | DTLS10 | DTLS12 | DTLS13) || version >> 8 == 0x7f
}

/// Whether the negotiated number means TLS 1.3 or one of its drafts.
pub const fn is_tls13(version: u16) -> bool {
    version == TLS13 || version.wrapping_div(0xff) == 0x7f
}

/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3).
pub const HELLO_RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Bytes of a TLS record header.
pub const RECORD_HEADER: usize = 5;
/// Bytes of a handshake header.
pub const HANDSHAKE_HEADER: usize = 4;

/// The header of a TLS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// Type, see [`content`].
    pub kind: u8,
    /// Version as the record layer says it.
    pub version: u16,
    /// Bytes that follow.
    pub len: u16,
}

impl RecordHeader {
    /// Reads the five bytes.
    pub const fn parse(b: [u8; RECORD_HEADER]) -> Self {
        let [kind, major, minor, hi, lo] = b;
        Self {
            kind,
            version: u16::from_be_bytes([major, minor]),
            len: u16::from_be_bytes([hi, lo]),
        }
    }
    /// Whether the version is one that records carry: SSL 3 to TLS 1.2 (1.3 says 1.2).
    pub const fn version_ok(self) -> bool {
        matches!(self.version, SSL3 | TLS10 | TLS11 | TLS12)
    }
}

/// A list of two-byte numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    /// Over raw bytes; an odd last byte is not a number.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
    /// The numbers in order.
    pub fn iter(self) -> impl Iterator<Item = u16> + Clone + 'a {
        let (pairs, _) = self.0.as_chunks::<2>();
        pairs.iter().map(|p| u16::from_be_bytes(*p))
    }
    /// The bytes behind it.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// One extension of a hello.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    /// Type, see [`extension`].
    pub kind: u16,
    /// Its content.
    pub body: &'a [u8],
}

/// The extensions of a hello.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions<'a> {
    bytes: &'a [u8],
    /// The block's own length doesn't fit its message, or an extension is cut off.
    pub malformed: bool,
}

impl<'a> Extensions<'a> {
    fn read(r: &mut Reader<'a>) -> Self {
        if r.left() < 2 {
            // Extensions are optional; one stray byte is not.
            return Self { bytes: &[], malformed: !r.is_empty() };
        }
        let (bytes, cut) = match r.vec16() {
            Ok(block) => (block.rest(), false),
            Err(_) => (r.rest().get(2..).unwrap_or_default(), true),
        };
        let mut probe = Reader::new(bytes);
        while next_extension(&mut probe).is_some() {}
        Self { bytes, malformed: cut || !probe.is_empty() }
    }
    /// The extensions in the order of the wire, up to the first that is cut off.
    pub fn iter(self) -> impl Iterator<Item = Extension<'a>> + Clone {
        let mut r = Reader::new(self.bytes);
        std::iter::from_fn(move || next_extension(&mut r))
    }
    /// The first extension of a type.
    pub fn find(self, kind: u16) -> Option<&'a [u8]> {
        self.iter().find(|e| e.kind == kind).map(|e| e.body)
    }
}

fn next_extension<'a>(r: &mut Reader<'a>) -> Option<Extension<'a>> {
    let mut probe = *r;
    let kind = probe.be16().ok()?;
    let body = probe.vec16().ok()?.rest();
    *r = probe;
    Some(Extension { kind, body })
}

/// A ClientHello.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// `legacy_version`.
    pub version: u16,
    /// 32 bytes (of SSLv2 its challenge).
    pub random: &'a [u8],
    /// The session it wants to resume.
    pub session_id: &'a [u8],
    /// DTLS: the cookie of the server's HelloVerifyRequest.
    pub cookie: &'a [u8],
    /// Cipher suites offered.
    pub ciphers: Numbers<'a>,
    /// Compression methods offered.
    pub compressions: &'a [u8],
    /// Extensions.
    pub extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of the handshake message.
    pub fn parse(body: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(body);
        let version = r.be16()?;
        let random = r.take(32)?;
        let session_id = r.vec8()?.rest();
        let cookie = if matches!(version, DTLS10 | DTLS12) { r.vec8()?.rest() } else { &[] };
        let ciphers = Numbers(r.vec16()?.rest());
        let compressions = r.vec8()?.rest();
        let extensions = Extensions::read(&mut r);
        Ok(Self { version, random, session_id, cookie, ciphers, compressions, extensions })
    }
}

/// A ServerHello or HelloRetryRequest.
#[derive(Clone, Copy, Debug)]
pub struct ServerHello<'a> {
    /// `legacy_version`; drafts of TLS 1.3 up to 21 put their own number here.
    pub version: u16,
    /// 32 bytes.
    pub random: &'a [u8],
    /// The session, empty in drafts of TLS 1.3 up to 21.
    pub session_id: &'a [u8],
    /// Cipher suite chosen.
    pub cipher: u16,
    /// Compression chosen.
    pub compression: u8,
    /// Extensions.
    pub extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    /// Reads the body of the handshake message.
    pub fn parse(body: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(body);
        let version = r.be16()?;
        let random = r.take(32)?;
        // Drafts 1 to 21 left out session and compression.
        let short = version == TLS13 || version >> 8 == 0x7f;
        let session_id = if short { &[] } else { r.vec8()?.rest() };
        let cipher = r.be16()?;
        let compression = if short { 0 } else { r.u8()? };
        let extensions = Extensions::read(&mut r);
        Ok(Self { version, random, session_id, cipher, compression, extensions })
    }
    /// Whether it is a HelloRetryRequest in a ServerHello's coat.
    pub fn is_retry(&self) -> bool {
        self.random == HELLO_RETRY
    }
}

/// One name of a server_name extension.
#[derive(Clone, Copy, Debug)]
pub struct ServerName<'a> {
    /// 0 is a host name, the only kind there is.
    pub kind: u8,
    /// The name.
    pub name: &'a [u8],
}

/// The names of a server_name extension.
pub fn server_names(body: &[u8]) -> impl Iterator<Item = ServerName<'_>> {
    let mut r = Reader::new(body).vec16().unwrap_or(Reader::new(&[]));
    std::iter::from_fn(move || {
        let kind = r.u8().ok()?;
        if kind != 0 {
            // A kind without a definition has no length of its own.
            let name = r.take(r.left()).ok()?;
            return Some(ServerName { kind, name });
        }
        Some(ServerName { kind, name: r.vec16().ok()?.rest() })
    })
}

/// The protocols of an ALPN extension.
pub fn protocol_names(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(body).vec16().unwrap_or(Reader::new(&[]));
    std::iter::from_fn(move || r.vec8().ok().map(|p| p.rest()))
}

/// A list of two-byte numbers behind a two-byte length (groups, signature algorithms).
pub fn numbers16(body: &[u8]) -> Numbers<'_> {
    Numbers(Reader::new(body).vec16().map(|r| r.rest()).unwrap_or_default())
}

/// A list of two-byte numbers behind a one-byte length (supported_versions of a client).
pub fn numbers8(body: &[u8]) -> Numbers<'_> {
    Numbers(Reader::new(body).vec8().map(|r| r.rest()).unwrap_or_default())
}

/// The point formats of an ec_point_formats extension.
pub fn point_formats(body: &[u8]) -> &[u8] {
    Reader::new(body).vec8().map(|r| r.rest()).unwrap_or_default()
}

/// The one version of a server's supported_versions extension.
pub fn selected_version(body: &[u8]) -> Option<u16> {
    Reader::new(body).be16().ok()
}

/// The group of a server's key_share (of a HelloRetryRequest the group that it asks for).
pub fn selected_group(body: &[u8]) -> Option<u16> {
    Reader::new(body).be16().ok()
}

/// Certificates of a Certificate message up to TLS 1.2.
pub fn certificates(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(body).vec24().unwrap_or(Reader::new(&[]));
    std::iter::from_fn(move || r.vec24().ok().map(|c| c.rest()))
}

/// Certificates of a Certificate message of TLS 1.3: a request context, then each certificate with
/// extensions of its own.
pub fn certificates13(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(body);
    let mut list = r.vec8().and_then(|_| r.vec24()).unwrap_or(Reader::new(&[]));
    std::iter::from_fn(move || {
        let cert = list.vec24().ok()?.rest();
        // The last certificate counts though its extensions are cut off.
        if list.vec16().is_err() {
            list = Reader::new(&[]);
        }
        Some(cert)
    })
}

/// Whether the list inside a Certificate message up to TLS 1.2 fills its message exactly.
pub fn certificates_whole(body: &[u8]) -> bool {
    let mut r = Reader::new(body);
    let Ok(mut list) = r.vec24() else { return false };
    while !list.is_empty() {
        if list.vec24().is_err() {
            return false;
        }
    }
    true
}

/// A CertificateStatus message (RFC 6066).
#[derive(Clone, Copy, Debug)]
pub struct CertificateStatus<'a> {
    /// 1 is OCSP.
    pub kind: u8,
    /// The response.
    pub response: &'a [u8],
}

impl<'a> CertificateStatus<'a> {
    /// Reads the body of the handshake message.
    pub fn parse(body: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(body);
        let kind = r.u8()?;
        r.be24()?;
        Ok(Self { kind, response: r.rest() })
    }
}

/// The named group of a ServerKeyExchange that carries elliptic curve parameters; `hint` says that
/// a pre-shared key's hint stands first.
pub fn key_exchange_group(body: &[u8], hint: bool) -> Option<u16> {
    const NAMED_CURVE: u8 = 3;
    let mut r = Reader::new(body);
    if hint {
        r.vec16().ok()?;
    }
    if r.u8().ok()? != NAMED_CURVE {
        return None;
    }
    let group = r.be16().ok()?;
    r.vec8().ok()?;
    Some(group)
}

/// SSLv2's ClientHello, also the oldest coat of a TLS one.
#[derive(Clone, Copy, Debug)]
pub struct V2ClientHello<'a> {
    /// Highest version offered.
    pub version: u16,
    /// Suites of three bytes each.
    pub ciphers: &'a [u8],
    /// Session to resume.
    pub session_id: &'a [u8],
    /// Challenge.
    pub challenge: &'a [u8],
}

impl<'a> V2ClientHello<'a> {
    /// Reads what follows the message type.
    pub fn parse(body: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(body);
        let version = r.be16()?;
        let (c, s, ch) = (r.be16()?, r.be16()?, r.be16()?);
        Ok(Self {
            version,
            ciphers: r.take(usize::from(c))?,
            session_id: r.take(usize::from(s))?,
            challenge: r.take(usize::from(ch))?,
        })
    }
}

/// SSLv2's ServerHello.
#[derive(Clone, Copy, Debug)]
pub struct V2ServerHello<'a> {
    /// Version chosen.
    pub version: u16,
    /// The server's certificate.
    pub certificate: &'a [u8],
    /// Suites of three bytes that both know.
    pub ciphers: &'a [u8],
    /// Connection id.
    pub connection_id: &'a [u8],
}

impl<'a> V2ServerHello<'a> {
    /// Reads what follows the message type.
    pub fn parse(body: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(body);
        r.be16()?; // session id hit, certificate type
        let version = r.be16()?;
        let (cert, c, id) = (r.be16()?, r.be16()?, r.be16()?);
        Ok(Self {
            version,
            certificate: r.take(usize::from(cert))?,
            ciphers: r.take(usize::from(c))?,
            connection_id: r.take(usize::from(id))?,
        })
    }
    /// The first suite.
    pub fn cipher(&self) -> u32 {
        Reader::new(self.ciphers).be24().unwrap_or(0)
    }
}

/// Bytes of a DTLS record header.
pub const DTLS_HEADER: usize = 13;

/// One DTLS record of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct DtlsRecord<'a> {
    /// Type, see [`content`].
    pub kind: u8,
    /// Version of the record layer.
    pub version: u16,
    /// 0 before the cipher changes.
    pub epoch: u16,
    /// Number within the epoch.
    pub sequence: u64,
    /// Content.
    pub body: &'a [u8],
}

impl<'a> DtlsRecord<'a> {
    /// Reads the next record of a datagram.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, Short> {
        let mut probe = *r;
        let kind = probe.u8()?;
        let version = probe.be16()?;
        let epoch = probe.be16()?;
        let (hi, lo) = (probe.be16()?, probe.be32()?);
        let body = probe.vec16()?.rest();
        *r = probe;
        Ok(Self { kind, version, epoch, sequence: u64::from(hi) << 32 | u64::from(lo), body })
    }
}

/// One fragment of a DTLS handshake message.
#[derive(Clone, Copy, Debug)]
pub struct DtlsFragment<'a> {
    /// Message type, see [`handshake`].
    pub kind: u8,
    /// Length of the whole message.
    pub len: u32,
    /// Number of the message.
    pub message: u16,
    /// Where the fragment begins in the message.
    pub offset: u32,
    /// The fragment.
    pub data: &'a [u8],
}

impl<'a> DtlsFragment<'a> {
    /// Reads the next fragment of a record's content.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, Short> {
        let mut probe = *r;
        let kind = probe.u8()?;
        let len = probe.be24()?;
        let message = probe.be16()?;
        let offset = probe.be24()?;
        let data = probe.vec24()?.rest();
        *r = probe;
        Ok(Self { kind, len, message, offset, data })
    }
}

/// What the first bytes of a stream say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It is TLS.
    Yes,
    /// It isn't.
    No,
    /// It may become TLS with more bytes.
    More,
}

/// Whether bytes begin a TLS record that holds a hello of the given type (1 client, 2 server).
pub fn looks_like_hello(head: &[u8], hello: u8) -> Guess {
    let want: [fn(u8) -> bool; 3] = [|b| b == content::HANDSHAKE, |b| b == 3, |b| b <= 3];
    for (b, ok) in head.iter().zip(want) {
        if !ok(*b) {
            return Guess::No;
        }
    }
    let Some(kind) = head.get(5) else { return Guess::More };
    if *kind != hello {
        return Guess::No;
    }
    let (Some(major), Some(minor)) = (head.get(9), head.get(10)) else { return Guess::More };
    let draft = hello == handshake::SERVER_HELLO && *major == 0x7f && *minor <= 0x50;
    let limit = if hello == handshake::SERVER_HELLO { 4 } else { 3 };
    if draft || (*major == 3 && *minor <= limit) { Guess::Yes } else { Guess::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_tail_does_not_unmake_what_stood_before_it() {
        // ext 16 (ALPN) of 5 bytes, then one whose length runs past the end.
        let block = [0, 14, 0, 16, 0, 5, 0, 3, 2, b'h', b'2', 0, 99, 0, 200, 1];
        let mut r = Reader::new(&block);
        let exts = Extensions::read(&mut r);
        assert!(exts.malformed);
        let body = exts.find(extension::ALPN).unwrap();
        assert_eq!(protocol_names(body).collect::<Vec<_>>(), [b"h2"]);
        assert_eq!(exts.iter().count(), 1);
    }

    #[test]
    fn a_hello_is_known_by_its_inside() {
        let head = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];
        assert_eq!(looks_like_hello(&head, handshake::CLIENT_HELLO), Guess::Yes);
        assert_eq!(looks_like_hello(&head, handshake::SERVER_HELLO), Guess::No);
        assert_eq!(looks_like_hello(&head[..7], handshake::CLIENT_HELLO), Guess::More);
        assert_eq!(looks_like_hello(b"GET / HTTP", handshake::CLIENT_HELLO), Guess::No);
        assert_eq!(looks_like_hello(&[], handshake::CLIENT_HELLO), Guess::More);
    }

    #[test]
    fn certificates_of_both_shapes() {
        let old = [0, 0, 9, 0, 0, 2, 1, 2, 0, 0, 1, 3];
        assert_eq!(certificates(&old).collect::<Vec<_>>(), [&[1u8, 2][..], &[3]]);
        assert!(certificates_whole(&old));
        assert!(!certificates_whole(&old[..11]));
        let new = [0, 0, 0, 13, 0, 0, 2, 1, 2, 0, 0, 0, 0, 1, 3, 0, 0];
        assert_eq!(certificates13(&new).collect::<Vec<_>>(), [&[1u8, 2][..], &[3]]);
    }
}
