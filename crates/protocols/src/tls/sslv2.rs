//! SSLv2: three messages that anybody still meets (RFC 6101 appendix E, Hickman's SSL 0.2).

use base::Dir;
use model::Cx;

use super::certificates::read_chain;
use super::parser::{SSL2, V2ClientHello, V2ServerHello};
use super::session::Session;
use super::transaction::{client_step, server_step};
use crate::x509::KnownCertificates;

impl Session {
    /// A record of SSLv2; its message type is the first byte. True when the connection goes on in
    /// SSLv2.
    pub(super) fn v2_record(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        record: &[u8],
    ) -> bool {
        self.eve.old_record(dir, 0x80);
        let Some((kind, body)) = record.split_first() else { return false };
        let client = self.ssl.is_client(dir);
        match kind {
            0 => {
                if let [hi, lo, ..] = body
                    && !self.ssl.over
                {
                    self.history(cx, client, b'l');
                    self.tx(cx).last_alert = Some(u16::from_be_bytes([*hi, *lo]));
                }
                false
            }
            1 => {
                let Ok(hello) = V2ClientHello::parse(body) else {
                    self.violation(cx, false);
                    return false;
                };
                self.eve.hello_version(dir, hello.version);
                self.eve.hello(dir);
                self.tx(cx).reach(Dir::Orig, client_step::HELLO_DONE);
                if !self.ssl.over {
                    cx.confirm("ssl");
                    self.ssl.client_session(hello.session_id, false);
                    self.history(cx, true, b'c');
                }
                false
            }
            2 => {
                // The master key of the client: from here on both sides encrypt.
                self.ssl.encrypt_both();
                if !self.ssl.over {
                    self.established(cx);
                }
                true
            }
            4 => {
                self.eve.hello(dir);
                self.v2_server_hello(shared, cx, dir, body);
                true
            }
            _ => true,
        }
    }

    fn v2_server_hello(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        body: &[u8],
    ) {
        if self.ssl.over {
            return;
        }
        let hello = match V2ServerHello::parse(body) {
            Ok(hello) if hello.version == SSL2 => hello,
            _ => {
                self.violation(cx, true);
                return;
            }
        };
        let tx = self.tx(cx);
        tx.reach(Dir::Resp, server_step::HELLO);
        tx.version.get_or_insert(hello.version);
        tx.cipher = Some(hello.cipher());
        self.ssl.negotiate(SSL2);
        self.history(cx, false, b's');
        let client = self.ssl.is_client(dir);
        let tx = self.tx(cx);
        let chain = std::iter::once(hello.certificate);
        read_chain(shared, cx, tx, dir, client, true, chain);
    }
}
