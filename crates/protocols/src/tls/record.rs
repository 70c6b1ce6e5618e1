//! What is told of a connection that speaks TLS: a row of `ssl.log`, an EVE `tls` event.

use base::{Dir, Ts};
use model::{Bytes, Cx, FlowHead, Id, Record};

use super::TlsTransaction;
use super::fingerprints::hex_into;
use super::names;
use super::transaction::{Leaf, Piece};
use crate::room;

/// Id of [`SslRecord`].
pub const SSL: Id = Id::new(room::Tls, 0);
/// Id of [`TlsEveRecord`].
pub const EVE: Id = Id::new(room::Tls, 1);

/// One SSL, TLS or DTLS handshake.
#[derive(Record)]
#[record(id = SSL, name = "ssl", zeek = "ssl")]
pub struct SslRecord<'a> {
    #[record(flatten)]
    head: FlowHead,
    /// Version that was chosen.
    #[record(ecs = "tls.version", ocsf = "tls.version")]
    version: Option<&'a str>,
    /// Cipher suite that was chosen.
    #[record(ecs = "tls.cipher", ocsf = "tls.cipher")]
    cipher: Option<&'a str>,
    /// Group (elliptic curve and the like) that was chosen for the key exchange.
    #[record(ecs = "tls.curve")]
    curve: Option<&'a str>,
    /// Name the client asks for (server name indication).
    #[record(ecs = "tls.client.server_name", ocsf = "tls.sni")]
    server_name: Option<Bytes<'a>>,
    /// An earlier session was resumed.
    #[record(ecs = "tls.resumed")]
    resumed: bool,
    /// Last alert in clear.
    #[record(ocsf = "tls.alert")]
    last_alert: Option<&'a str>,
    /// Application protocol that the server chose (ALPN).
    #[record(ecs = "tls.next_protocol")]
    next_protocol: Option<Bytes<'a>>,
    /// The handshake came to its end.
    #[record(ecs = "tls.established")]
    established: bool,
    /// Messages in their order, a letter each, capital for the client's.
    ssl_history: Bytes<'a>,
    /// SHA-256 of the server's certificates, its own first.
    #[record(ecs = "tls.server.certificate_chain")]
    cert_chain_fps: Option<Vec<String>>,
    /// SHA-256 of the client's certificates, its own first.
    #[record(ecs = "tls.client.certificate_chain")]
    client_cert_chain_fps: Option<Vec<String>>,
    /// Whether the server's certificate covers the name the client asks for.
    sni_matches_cert: Option<bool>,
    /// JA3 fingerprint of the client's hello.
    #[record(zeek = "", ecs = "tls.client.ja3", ocsf = "tls.ja3_hash.value")]
    ja3: Option<&'a str>,
    /// JA3S fingerprint of the server's hello.
    #[record(zeek = "", ecs = "tls.server.ja3s", ocsf = "tls.ja3s_hash.value")]
    ja3s: Option<&'a str>,
    /// JA4 fingerprint of the client's hello.
    #[record(zeek = "")]
    ja4: Option<&'a str>,
    /// JA4S fingerprint of the server's hello.
    #[record(zeek = "")]
    ja4s: Option<&'a str>,
}

/// A TLS connection as EVE tells it.
#[derive(Record)]
#[record(id = EVE, name = "eve_tls", eve = "tls")]
pub struct TlsEveRecord<'a> {
    /// Whom the server's certificate names.
    #[record(eve = "tls.subject")]
    subject: Option<Bytes<'a>>,
    /// Who signed the server's certificate.
    #[record(eve = "tls.issuerdn")]
    issuerdn: Option<Bytes<'a>>,
    /// Alternative names of the server's certificate.
    #[record(eve = "tls.subjectaltname")]
    subjectaltname: Option<Vec<Bytes<'a>>>,
    /// The session is resumed and no certificate was sent.
    #[record(eve = "tls.session_resumed")]
    session_resumed: Option<bool>,
    /// Serial number of the server's certificate.
    #[record(eve = "tls.serial")]
    serial: Option<Bytes<'a>>,
    /// SHA-1 of the server's certificate.
    #[record(eve = "tls.fingerprint")]
    fingerprint: Option<Bytes<'a>>,
    /// Name the client asks for.
    #[record(eve = "tls.sni")]
    sni: Option<Bytes<'a>>,
    /// Version.
    #[record(eve = "tls.version")]
    version: &'a str,
    /// The server's certificate is valid from then.
    #[record(eve = "tls.notbefore")]
    notbefore: Option<String>,
    /// The server's certificate is valid until then.
    #[record(eve = "tls.notafter")]
    notafter: Option<String>,
    /// JA3 of the client.
    #[record(eve = "tls.ja3.hash")]
    ja3_hash: Option<&'a str>,
    /// What the JA3 is the MD5 of.
    #[record(eve = "tls.ja3.string")]
    ja3_string: Option<Bytes<'a>>,
    /// JA3S of the server.
    #[record(eve = "tls.ja3s.hash")]
    ja3s_hash: Option<&'a str>,
    /// What the JA3S is the MD5 of.
    #[record(eve = "tls.ja3s.string")]
    ja3s_string: Option<Bytes<'a>>,
    /// JA4 of the client.
    #[record(eve = "tls.ja4")]
    ja4: Option<&'a str>,
    /// Application protocols that the client offers.
    #[record(eve = "tls.client_alpns")]
    client_alpns: Option<Vec<Bytes<'a>>>,
    /// Application protocol that the server chose.
    #[record(eve = "tls.server_alpns")]
    server_alpns: Option<Vec<Bytes<'a>>>,
    /// Whom the client's certificate names.
    #[record(eve = "tls.client.subject")]
    client_subject: Option<Bytes<'a>>,
    /// Who signed the client's certificate.
    #[record(eve = "tls.client.issuerdn")]
    client_issuerdn: Option<Bytes<'a>>,
    /// SHA-1 of the client's certificate.
    #[record(eve = "tls.client.fingerprint")]
    client_fingerprint: Option<Bytes<'a>>,
    /// Serial number of the client's certificate.
    #[record(eve = "tls.client.serial")]
    client_serial: Option<Bytes<'a>>,
    /// The client's certificate is valid from then.
    #[record(eve = "tls.client.notbefore")]
    client_notbefore: Option<String>,
    /// The client's certificate is valid until then.
    #[record(eve = "tls.client.notafter")]
    client_notafter: Option<String>,
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

fn hex(digest: &[u8; 32]) -> String {
    let mut out = [b'0'; 64];
    hex_into(&mut out, digest);
    text(&out).to_owned()
}

/// Tells the row of `ssl.log`.
pub(super) fn tell_ssl(cx: &mut Cx<'_>, tx: &TlsTransaction) {
    if !cx.wants.record(SSL) {
        return;
    }
    let [client, server] = &tx.sides;
    let version = tx.version.map(names::zeek_version);
    let cipher = tx.cipher.map(names::cipher);
    let curve = tx.curve.map(names::curve);
    let alert = tx.last_alert.map(names::alert);
    let chain = |fps: &[[u8; 32]]| tx.chain_seen.then(|| fps.iter().map(hex).collect());
    cx.tell(SSL, |flow| SslRecord {
        head: flow.head(tx.first),
        version: version.as_deref(),
        cipher: cipher.as_deref(),
        curve: curve.as_deref(),
        server_name: tx.sni.map(|p| Bytes(tx.pool.get(p))),
        resumed: tx.resumed,
        last_alert: alert.as_deref(),
        next_protocol: server.alpn.first().map(|p| Bytes(tx.pool.get(*p))),
        established: tx.established,
        ssl_history: Bytes(&tx.history),
        cert_chain_fps: chain(&server.chain),
        client_cert_chain_fps: chain(&client.chain),
        sni_matches_cert: tx.sni_matches,
        ja3: client.ja3_hash.as_ref().map(|h| text(h)),
        ja3s: server.ja3_hash.as_ref().map(|h| text(h)),
        ja4: tx.ja4.as_ref().map(|h| text(h)),
        ja4s: tx.ja4s.as_ref().map(|h| text(h)),
    });
}

/// `2020-01-31T23:59:59`.
fn iso(at: Option<Ts>) -> Option<String> {
    let (y, mo, d, h, mi, s) = at?.civil();
    Some(format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}"))
}

/// Tells the EVE event.
pub(super) fn tell_eve(cx: &mut Cx<'_>, tx: &TlsTransaction) {
    /// Names longer than this are none.
    const SNI_MOST: usize = 255;
    if !cx.wants.record(EVE) {
        return;
    }
    let version = names::eve_version(tx.eve_version);
    let bytes = |p: Piece| Bytes(tx.pool.get(p));
    let list = |pieces: &[Piece]| {
        (!pieces.is_empty()).then(|| pieces.iter().map(|p| bytes(*p)).collect::<Vec<_>>())
    };
    let (client, server) = (tx.side(Dir::Orig), tx.side(Dir::Resp));
    let of = |leaf: Option<&Leaf>, get: fn(&Leaf) -> Piece| leaf.map(|l| bytes(get(l)));
    let (theirs, own) = (server.leaf.as_deref(), client.leaf.as_deref());
    cx.tell(EVE, |_| TlsEveRecord {
        subject: of(theirs, |l| l.subject),
        issuerdn: of(theirs, |l| l.issuer),
        subjectaltname: list(&server.alternative),
        session_resumed: tx.eve_resumed.then_some(true),
        serial: of(theirs, |l| l.serial),
        fingerprint: of(theirs, |l| l.fingerprint),
        sni: tx.sni.map(bytes).filter(|b| (1..=SNI_MOST).contains(&b.0.len())),
        version: &version,
        notbefore: iso(theirs.and_then(|l| l.not_before)),
        notafter: iso(theirs.and_then(|l| l.not_after)),
        ja3_hash: client.ja3_hash.as_ref().map(|h| text(h)),
        ja3_string: client.ja3.map(bytes),
        ja3s_hash: server.ja3_hash.as_ref().map(|h| text(h)),
        ja3s_string: server.ja3.map(bytes),
        ja4: tx.ja4.as_ref().map(|h| text(h)),
        client_alpns: list(&client.alpn),
        server_alpns: list(&server.alpn),
        client_subject: of(own, |l| l.subject),
        client_issuerdn: of(own, |l| l.issuer),
        client_fingerprint: of(own, |l| l.fingerprint),
        client_serial: of(own, |l| l.serial),
        client_notbefore: iso(own.and_then(|l| l.not_before)),
        client_notafter: iso(own.and_then(|l| l.not_after)),
    });
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] =
    &[&SslRecord::SCHEMA, &TlsEveRecord::SCHEMA, &crate::x509::X509Record::SCHEMA];
