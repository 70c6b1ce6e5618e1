//! Buffers that rules may inspect, by their keywords.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step, Wants};

use super::TlsTransaction;
use super::transaction::{Leaf, Piece, client_step, server_step};
use crate::room;

const fn def(
    local: u8,
    name: &'static str,
    dir: Dir,
    from: Step,
    get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
) -> BufferDef {
    let last = match dir {
        Dir::Orig => client_step::HANDSHAKE_DONE,
        Dir::Resp => server_step::HANDSHAKE_DONE,
    };
    let id = Id::new(room::Tls, local);
    BufferDef { id, name, scope: Scope::Transaction, dir, from, last, get }
}

const HELLO: Step = client_step::HELLO_DONE;
const SERVER_HELLO: Step = server_step::HELLO;
const CERT: Step = server_step::CERT_DONE;
/// First number of the buffers that come from a certificate.
const CERTIFICATE_FIRST: u8 = 32;

/// All of the folder's buffers.
pub static BUFFERS: &[BufferDef] = &[
    def(0, "tls.sni", Dir::Orig, HELLO, |i| piece(i, |t| t.sni)),
    def(1, "ja3.hash", Dir::Orig, HELLO, |i| fixed(i, |t| side(t, Dir::Orig))),
    def(2, "ja3.string", Dir::Orig, HELLO, |i| piece(i, |t| t.side(Dir::Orig).ja3)),
    def(3, "ja3s.hash", Dir::Resp, SERVER_HELLO, |i| fixed(i, |t| side(t, Dir::Resp))),
    def(4, "ja3s.string", Dir::Resp, SERVER_HELLO, |i| piece(i, |t| t.side(Dir::Resp).ja3)),
    def(5, "ja4.hash", Dir::Orig, HELLO, |i| fixed(i, |t| t.ja4.as_ref())),
    def(6, "tls.alpn", Dir::Orig, HELLO, |i| piece(i, |t| alpn(t, Dir::Orig))),
    def(7, "tls.server_alpn", Dir::Resp, SERVER_HELLO, |i| piece(i, |t| alpn(t, Dir::Resp))),
    def(8, "tls.version", Dir::Resp, SERVER_HELLO, |i| {
        let version = i.tx_as::<TlsTransaction>().and_then(|t| t.version);
        version.map_or(Buffer::Absent, |v| Buffer::Number(u64::from(v)))
    }),
    def(32, "tls.cert_subject", Dir::Resp, CERT, |i| leaf(i, |l| l.subject)),
    def(33, "tls.cert_issuer", Dir::Resp, CERT, |i| leaf(i, |l| l.issuer)),
    def(34, "tls.cert_serial", Dir::Resp, CERT, |i| leaf(i, |l| l.serial)),
    def(35, "tls.cert_fingerprint", Dir::Resp, CERT, |i| leaf(i, |l| l.fingerprint)),
    def(36, "tls.subjectaltname", Dir::Resp, CERT, |i| {
        let tx = i.tx_as::<TlsTransaction>();
        let first = tx.and_then(|t| t.side(i.dir).alternative.first().copied());
        piece(i, |_| first)
    }),
];

/// Whether any rule looks at a certificate.
pub(super) fn wants_certificate(wants: &Wants) -> bool {
    BUFFERS.iter().any(|b| b.id.local >= CERTIFICATE_FIRST && wants.buffer(b.id))
}

fn side(t: &TlsTransaction, dir: Dir) -> Option<&[u8; 32]> {
    t.side(dir).ja3_hash.as_ref()
}

fn alpn(t: &TlsTransaction, dir: Dir) -> Option<Piece> {
    t.side(dir).alpn.first().copied()
}

fn piece<'a>(i: &Inspect<'a>, get: impl Fn(&TlsTransaction) -> Option<Piece>) -> Buffer<'a> {
    let Some(tx) = i.tx_as::<TlsTransaction>() else { return Buffer::Absent };
    Buffer::whole(get(tx).map(|p| tx.pool.get(p)))
}

fn fixed<'a, const N: usize>(
    i: &Inspect<'a>,
    get: impl Fn(&'a TlsTransaction) -> Option<&'a [u8; N]>,
) -> Buffer<'a> {
    Buffer::whole(i.tx_as::<TlsTransaction>().and_then(get).map(<[u8; N]>::as_slice))
}

fn leaf<'a>(i: &Inspect<'a>, get: fn(&Leaf) -> Piece) -> Buffer<'a> {
    piece(i, |t| t.side(i.dir).leaf.as_deref().map(get))
}

#[cfg(test)]
mod tests {
    use model::{FlowFacts, Transaction};

    use super::*;

    #[test]
    fn buffers_show_what_the_transaction_keeps() {
        let mut tx = TlsTransaction::default();
        tx.sni = Some(tx.pool.put(b"www.example.com"));
        let flow: FlowFacts = crate::testing::flow(6, 443);
        let i = Inspect { dir: Dir::Orig, flow: &flow, tx: Some(&tx), file: None };
        let get = |name| BUFFERS.iter().find(|b| b.name == name).map(|b| (b.get)(&i));
        assert!(matches!(
            get("tls.sni"),
            Some(Buffer::Bytes { bytes: b"www.example.com", last: true, .. })
        ));
        assert!(matches!(get("ja3.hash"), Some(Buffer::Absent)));
        assert!(tx.head().id == 0);
    }
}
