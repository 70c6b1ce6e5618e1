//! A connection's handshake as it unfolds: records and messages to facts, events and what is told.
//!
//! The same facts serve two readings that differ in when they look away and what they tell:
//! [`SslLog`](super::ssl_log) and [`EveLog`](super::eve_log). A message is read once.

use base::{Dir, FileId};
use model::{Cx, FileMeta, FileStep, Transaction};

use super::TlsTransaction;
use super::anomalies as odd;
use super::certificates::read_chain;
use super::eve_log::EveLog;
use super::events;
use super::names::{KeyExchange, key_exchange};
use super::parser::{
    CertificateStatus, RecordHeader, certificates, certificates_whole, certificates13, content,
    handshake, is_tls13, key_exchange_group,
};
use super::record::{tell_eve, tell_ssl};
use super::ssl_log::{SslLog, Turn, letter};
use super::stream::{Message, Messages, TakenMessage};
use super::transaction::{HISTORY_MOST, client_step, server_step};
use crate::x509::KnownCertificates;

/// Bytes of a connection after which an error no longer takes the service's name from it.
const ERRORS_COUNT_UNTIL: u64 = 10 << 10;
/// Alerts of one record that are read.
const ALERTS_MOST: usize = 10;

/// A connection's handshake.
#[derive(Debug, Default)]
pub(super) struct Session {
    tx: Option<Box<TlsTransaction>>,
    messages: [Messages; 2],
    pub(super) ssl: SslLog,
    pub(super) eve: EveLog,
    /// Bytes of both directions so far.
    pub(super) bytes: u64,
    /// DTLS, for names and fingerprints.
    pub(super) datagrams: bool,
    /// Files handed out, for their ids.
    files: u32,
}

impl Session {
    /// Both readings have told or given up.
    pub(super) const fn over(&self) -> bool {
        self.ssl.over && self.eve.over
    }
    /// Lets go of what nobody reads any more.
    pub(super) fn free(&mut self) {
        self.messages.iter_mut().for_each(Messages::free);
        if self.over() {
            self.tx = None;
        }
    }
    /// The transaction, begun with the connection's first record.
    pub(super) fn tx(&mut self, cx: &mut Cx<'_>) -> &mut TlsTransaction {
        self.tx.get_or_insert_with(|| Box::new(TlsTransaction::begin(cx.next_tx(), cx.flow.now)))
    }
    pub(super) const fn service(&self) -> &'static str {
        if self.datagrams { "dtls" } else { "ssl" }
    }
    pub(super) fn history(&mut self, cx: &mut Cx<'_>, client: bool, letter: u8) {
        self.ssl.seen = true;
        let tx = self.tx(cx);
        let before = tx.history.len();
        tx.add_history(client, letter);
        if before.saturating_add(1) == HISTORY_MOST {
            cx.anomaly_with(&odd::LONG_HISTORY, HISTORY_MOST.to_string().as_bytes());
        }
    }
    /// `ssl.log`'s row, once.
    pub(super) fn finish_ssl(&mut self, cx: &mut Cx<'_>) {
        if !self.ssl.over {
            self.ssl.over = true;
            if self.ssl.seen {
                let tx = self.tx(cx);
                tell_ssl(cx, tx);
            }
        }
    }
    /// Something is wrong. `stop`: nothing after it can be read.
    pub(super) fn violation(&mut self, cx: &mut Cx<'_>, stop: bool) {
        if self.ssl.over {
            return;
        }
        if self.bytes <= ERRORS_COUNT_UNTIL {
            cx.flow.services.withdraw(self.service());
        }
        if self.ssl.seen {
            self.finish_ssl(cx);
        }
        self.ssl.over |= stop;
    }
    pub(super) fn established(&mut self, cx: &mut Cx<'_>) {
        self.ssl.seen = true;
        self.tx(cx).established = true;
        cx.raise(|| events::Established {});
        self.finish_ssl(cx);
    }
    /// EVE's event, once its time has come.
    pub(super) fn check_eve(&mut self, cx: &mut Cx<'_>) {
        if !self.datagrams && self.eve.due() {
            let (version, resumed) = (self.eve.version(), self.eve.says_resumed());
            let tx = self.tx(cx);
            tx.eve_version = version;
            tx.eve_resumed = resumed;
            tell_eve(cx, tx);
        }
    }
    /// Nothing more can be read by either.
    pub(super) fn give_up(&mut self, cx: &mut Cx<'_>) {
        self.eve.end_both();
        self.check_eve(cx);
        self.eve.over = true;
    }
    /// The end of the connection.
    pub(super) fn close(&mut self, cx: &mut Cx<'_>) {
        self.finish_ssl(cx);
        self.give_up(cx);
        if let Some(tx) = &mut self.tx {
            tx.head_mut().complete();
        }
    }

    /// A record of TLS, or of DTLS in clear. Application data comes without content.
    pub(super) fn record(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        h: RecordHeader,
        body: &[u8],
    ) {
        self.eve.record(dir, h.version);
        if h.len == 0 {
            cx.anomaly(&odd::EMPTY_RECORD);
            self.give_up(cx);
            return;
        }
        let application = h.kind == content::APPLICATION;
        let encrypted = self.ssl.encrypted(dir, application);
        if h.kind == content::HANDSHAKE && (!encrypted || self.eve.reads_handshake()) {
            self.handshake(shared, cx, dir, body, !encrypted);
        }
        match h.kind {
            content::CHANGE_CIPHER_SPEC => self.eve.change_cipher(dir),
            content::APPLICATION => {
                self.eve.application(dir);
                let step = if dir == Dir::Orig {
                    client_step::HANDSHAKE_DONE
                } else {
                    server_step::HANDSHAKE_DONE
                };
                self.tx(cx).reach(dir, step);
            }
            content::ALERT if matches!(body, [2, _]) => self.eve.fatal(),
            _ => {}
        }
        if self.ssl.over {
        } else if !encrypted {
            self.plain_record(cx, dir, h.kind, body);
        } else if self.ssl.both_encrypted() {
            self.established(cx);
        }
        self.check_eve(cx);
    }

    /// An encrypted record of DTLS.
    pub(super) fn encrypted_record(&mut self, cx: &mut Cx<'_>) {
        if !self.ssl.over && self.ssl.both_encrypted() {
            self.established(cx);
        }
    }

    /// A record of DTLS 1.3, whose header is encrypted too.
    pub(super) fn unified(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        self.ssl.unified(dir);
        self.encrypted_record(cx);
    }

    /// What `ssl.log` makes of a record in clear, handshakes apart.
    fn plain_record(&mut self, cx: &mut Cx<'_>, dir: Dir, kind: u8, body: &[u8]) {
        let client = self.ssl.is_client(dir);
        match kind {
            content::CHANGE_CIPHER_SPEC => {
                self.history(cx, client, b'i');
                cx.raise(|| events::ChangeCipherSpec { is_client: client });
                if self.ssl.change_cipher(dir) {
                    self.tx(cx).resumed = true;
                }
                if client {
                    self.tx(cx).reach(dir, client_step::HANDSHAKE_DONE);
                }
            }
            content::ALERT => self.alerts(cx, client, body),
            content::APPLICATION => {
                if self.tx(cx).version.is_some() {
                    cx.anomaly(&odd::EARLY_DATA);
                }
            }
            content::HEARTBEAT => {
                self.history(cx, client, b'b');
                if let [1, hi, lo, rest @ ..] = body
                    && usize::from(u16::from_be_bytes([*hi, *lo])) > rest.len()
                {
                    cx.anomaly(&odd::HEARTBEAT_OVERFLOW);
                }
            }
            content::HANDSHAKE => {}
            _ => {
                cx.anomaly(&odd::UNKNOWN_RECORD);
                self.violation(cx, false);
            }
        }
        self.ssl.seen = true;
    }

    fn alerts(&mut self, cx: &mut Cx<'_>, client: bool, body: &[u8]) {
        let (alerts, rest) = body.as_chunks::<2>();
        let most = if is_tls13(self.ssl.negotiated) { 1 } else { ALERTS_MOST };
        if alerts.len() > most {
            cx.anomaly_with(&odd::MANY_ALERTS, alerts.len().to_string().as_bytes());
        }
        for [level, description] in alerts.iter().take(most) {
            self.history(cx, client, b'l');
            self.tx(cx).last_alert = Some(u16::from(*description));
            cx.raise(|| events::Alert {
                is_client: client,
                level: u16::from(*level),
                desc: u16::from(*description),
            });
        }
        if !rest.is_empty() && alerts.len() <= most {
            self.violation(cx, false);
        }
    }

    /// Content of a handshake record; `clear`: `ssl.log` reads it too.
    fn handshake(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        body: &[u8],
        clear: bool,
    ) {
        let mut messages = std::mem::take(dir.of_mut(&mut self.messages));
        let mut rest = body;
        loop {
            match messages.take(&mut rest) {
                TakenMessage::More => break,
                TakenMessage::Message(m) => self.message(shared, cx, dir, m, clear),
                TakenMessage::TooLong(kind, len) => {
                    cx.anomaly_with(&odd::LONG_MESSAGE, format!("{kind} {len}").as_bytes());
                }
            }
        }
        *dir.of_mut(&mut self.messages) = messages;
    }

    /// A handshake message.
    pub(super) fn message(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        m: Message<'_>,
        clear: bool,
    ) {
        let clear = clear && !self.ssl.over;
        if clear {
            self.ssl.seen = true;
        }
        let sound = match m.kind {
            handshake::CLIENT_HELLO => self.client_hello(cx, dir, m.body, clear),
            handshake::SERVER_HELLO => self.server_hello(cx, dir, m.body, clear),
            handshake::CERTIFICATE => self.certificates(shared, cx, dir, m.body, clear),
            handshake::CERTIFICATE_STATUS => self.certificate_status(cx, dir, m.body, clear),
            handshake::SERVER_KEY_EXCHANGE => {
                self.server_key(cx, m.body, clear);
                true
            }
            handshake::CLIENT_KEY_EXCHANGE => {
                self.ssl.client_key |= self.ssl.is_client(dir);
                true
            }
            handshake::CERTIFICATE_REQUEST => {
                if dir == Dir::Resp {
                    self.eve.asks_client();
                }
                true
            }
            handshake::SERVER_HELLO_DONE => {
                self.eve.server_done();
                self.tx(cx).reach(dir, server_step::HELLO_DONE);
                true
            }
            handshake::HELLO_REQUEST => {
                self.turn(cx, false, dir, clear);
                true
            }
            handshake::SESSION_TICKET => match m.body {
                [_, _, _, _, hi, lo, rest @ ..] => {
                    usize::from(u16::from_be_bytes([*hi, *lo])) <= rest.len()
                }
                _ => false,
            },
            _ => true,
        };
        if !clear {
            return;
        }
        if !sound {
            cx.anomaly(&odd::BAD_MESSAGE);
            self.violation(cx, false);
            return;
        }
        let client = self.ssl.is_client(dir);
        cx.raise(|| events::HandshakeMessage {
            is_client: client,
            msg_type: m.kind,
            length: m.body.len() as u64,
        });
        match letter(m.kind) {
            _ if self.ssl.over => {}
            Some(b's') if self.ssl.retry => {
                self.ssl.retry = false;
                self.history(cx, client, b'j');
            }
            Some(l) => self.history(cx, client, l),
            None => {
                cx.anomaly(&odd::UNKNOWN_MESSAGE);
                self.violation(cx, false);
            }
        }
    }

    pub(super) fn turn(&mut self, cx: &mut Cx<'_>, from_client: bool, dir: Dir, clear: bool) {
        if !clear {
            return;
        }
        match self.ssl.turn(from_client, dir) {
            Turn::None => return,
            Turn::Turned => {}
            Turn::TurnedBack => cx.anomaly(&odd::UNCLEAR_DIRECTION),
        }
        self.tx(cx).push_history(b'^');
    }

    fn server_key(&mut self, cx: &mut Cx<'_>, body: &[u8], clear: bool) {
        if !clear {
            return;
        }
        let tx = self.tx(cx);
        let suite = tx.cipher.and_then(|c| u16::try_from(c).ok()).unwrap_or_default();
        let group = match key_exchange(suite) {
            KeyExchange::Ecdhe => key_exchange_group(body, false),
            KeyExchange::EcdhePsk => key_exchange_group(body, true),
            KeyExchange::Other => None,
        };
        if group.is_some() {
            tx.curve = group;
        }
    }

    fn certificates(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        body: &[u8],
        clear: bool,
    ) -> bool {
        let client = self.ssl.is_client(dir);
        let new_shape = is_tls13(self.ssl.negotiated);
        let tx = self.tx(cx);
        let step = if client { client_step::CERT_DONE } else { server_step::CERT_DONE };
        tx.reach(dir, step);
        let whole = new_shape || certificates_whole(body);
        let told = clear && whole;
        let leaf = if new_shape {
            read_chain(shared, cx, tx, dir, client, told, certificates13(body))
        } else {
            read_chain(shared, cx, tx, dir, client, told, certificates(body))
        };
        self.eve.certificate(dir, leaf);
        whole
    }

    /// A stapled OCSP response is a file of the connection.
    fn certificate_status(&mut self, cx: &mut Cx<'_>, dir: Dir, body: &[u8], clear: bool) -> bool {
        const OCSP: u8 = 1;
        let Ok(status) = CertificateStatus::parse(body) else { return false };
        if !clear {
            return true;
        }
        if status.response.is_empty() {
            cx.anomaly(&odd::EMPTY_OCSP);
        } else if status.kind == OCSP {
            let is_client = self.ssl.is_client(dir);
            let part = self.files;
            self.files = part.saturating_add(1);
            let tx = self.tx(cx).head().id;
            let id = FileId::derive(cx.flow.uid, tx, Dir::Resp, part);
            cx.file(FileStep::Open(FileMeta {
                id,
                source: "SSL",
                tx,
                dir: Dir::Resp,
                depth: 0,
                filename: None,
                eve_filename: None,
                claimed_mime: None,
                known_mime: Some("application/ocsp-response"),
                total_bytes: None,
                offset: 0,
                told: true,
            }));
            cx.file(FileStep::Data(id, status.response));
            cx.file(FileStep::Close(id, true));
            cx.raise(|| events::StapledOcsp { is_client, response: model::Bytes(status.response) });
        }
        true
    }
}
