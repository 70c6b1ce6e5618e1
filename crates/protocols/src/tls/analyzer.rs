//! TLS in a flow: recognition, framing, and when to look away.

use base::Dir;
use model::{BufferDef, Cx, Fed, Input, Profile, RecordSchema, Then};

use super::anomalies as odd;
use super::dtls::Dtls;
use super::parser::{DTLS_HEADER, Guess, content, handshake, looks_like_hello};
use super::preamble::{Preamble, Searched, probe_preamble};
use super::session::Session;
use super::stream::{Framing, Records, Taken};
use super::{events, keywords, record};
use crate::x509::KnownCertificates;
use crate::{Analyzer, Head, Transport, Verdict};

/// SSL, TLS or DTLS in one flow.
#[derive(Debug, Default)]
pub struct State {
    framing: Framing,
    records: [Records; 2],
    dtls: Option<Box<Dtls>>,
    session: Session,
    /// Framing was lost: bytes mean nothing any more.
    lost: bool,
    begun: bool,
    /// The stream began in another protocol.
    preamble: Option<Box<Preamble>>,
}

impl Analyzer for State {
    type Shared = KnownCertificates;
    const RECORDS: &'static [&'static RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static RecordSchema] = events::EVENTS;
    const BUFFERS: &'static [BufferDef] = keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        match head.transport {
            Transport::Tcp => probe_stream(head),
            // Suricata reads no DTLS.
            Transport::Udp if head.profile.is_suricata() => Verdict::NotMine,
            Transport::Udp => probe_datagram(head.bytes),
        }
    }

    fn step(
        &mut self,
        shared: &mut KnownCertificates,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        let used = match input {
            Input::Bytes(bytes) => {
                if !self.begun {
                    self.begin(cx, dir, bytes);
                }
                if self.preamble.is_some() {
                    self.search(shared, cx, dir, bytes);
                } else {
                    self.bytes(shared, cx, dir, bytes);
                }
                bytes.len()
            }
            Input::Datagram(bytes) => {
                self.session.datagrams = true;
                self.session.eve.over = true;
                self.session.bytes = self.session.bytes.saturating_add(bytes.len() as u64);
                let dtls = self.dtls.get_or_insert_default();
                dtls.datagram(&mut self.session, shared, cx, dir, bytes);
                bytes.len()
            }
            Input::Gap(_) => {
                // What was lost may have been a whole handshake: neither reading goes on.
                self.lost = true;
                self.session.give_up(cx);
                0
            }
            Input::End => {
                self.session.eve.end(dir);
                0
            }
        };
        self.session.check_eve(cx);
        if self.session.over() || self.lost {
            self.free();
            // The row of a connection that was not established waits for its end.
            return Fed { used, then: Then::Done };
        }
        Fed { used, then: Then::More }
    }

    fn close(&mut self, _: &mut KnownCertificates, cx: &mut Cx<'_>) {
        self.session.close(cx);
        self.free();
    }
}

impl State {
    fn begin(&mut self, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) {
        self.begun = true;
        if cx.profile.is_zeek() && cx.flow.midstream {
            // Zeek reads no stream whose beginning it missed.
            self.session.ssl.over = true;
        }
        let head = Head {
            bytes,
            other: &[],
            dir,
            transport: Transport::Tcp,
            ports: [cx.flow.orig.port, cx.flow.resp.port],
            profile: cx.profile,
            likely_port: true,
            last: true,
        };
        if probe_tls(&head) == Verdict::NotMine {
            self.preamble = Some(Box::default());
        }
    }

    /// Looks for the hello that ends a preamble.
    fn search(&mut self, shared: &mut KnownCertificates, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) {
        let Some(mut p) = self.preamble.take() else { return };
        if p.is_over_in(dir) {
            self.bytes(shared, cx, dir, bytes);
        } else {
            p.learn(cx, dir, bytes);
            let turned = p.has_turned();
            match p.search(dir, bytes) {
                Searched::More => {}
                Searched::Nothing => {
                    self.lost = true;
                    self.session.ssl.over = true;
                    self.session.eve.over = true;
                }
                Searched::Found(kept, rest) => {
                    if !turned {
                        p.turn(cx);
                    }
                    self.bytes(shared, cx, dir, &kept);
                    self.bytes(shared, cx, dir, rest);
                }
            }
        }
        if !p.is_over() {
            self.preamble = Some(p);
        }
    }

    fn bytes(&mut self, shared: &mut KnownCertificates, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) {
        self.session.bytes = self.session.bytes.saturating_add(bytes.len() as u64);
        let mut records = std::mem::take(dir.of_mut(&mut self.records));
        let mut rest = bytes;
        while !self.lost && !self.session.over() {
            match records.take(self.framing, dir, &mut rest) {
                Taken::More => break,
                Taken::Record(h, body) => {
                    self.framing = Framing::Tls;
                    self.session.record(shared, cx, dir, h, body);
                }
                Taken::V2(record) => {
                    if self.session.v2_record(shared, cx, dir, record) {
                        self.framing = Framing::V2;
                    }
                }
                Taken::Bad([first, ..]) => {
                    cx.anomaly(&odd::BAD_RECORD);
                    self.session.eve.old_record(dir, first);
                    self.session.violation(cx, true);
                    self.session.give_up(cx);
                    self.lost = true;
                }
            }
        }
        *dir.of_mut(&mut self.records) = records;
    }

    fn free(&mut self) {
        self.records.iter_mut().for_each(Records::free);
        self.session.free();
        if let Some(d) = &mut self.dtls {
            d.free();
        }
    }
}

const fn verdict(guess: Guess) -> Verdict {
    match guess {
        Guess::Yes => Verdict::Mine,
        Guess::No => Verdict::NotMine,
        Guess::More => Verdict::More,
    }
}

fn probe_stream(head: &Head<'_>) -> Verdict {
    match (probe_tls(head), probe_preamble(head)) {
        (Verdict::Mine, _) | (_, Verdict::Mine) => Verdict::Mine,
        (Verdict::More, _) | (_, Verdict::More) => Verdict::More,
        _ => Verdict::NotMine,
    }
}

fn probe_tls(head: &Head<'_>) -> Verdict {
    let Head { bytes, dir, profile, .. } = head;
    if suricata_pattern(profile, *dir, bytes) {
        return Verdict::Mine;
    }
    if head.likely_port && likely_record(*dir, bytes) {
        return Verdict::Mine;
    }
    match dir {
        Dir::Orig => verdict(looks_like_hello(bytes, handshake::CLIENT_HELLO)),
        Dir::Resp => {
            // A warning may stand before the server's hello.
            let hello = match bytes {
                [21, 3, 0..=3, _, _, _, _, rest @ ..] => rest,
                [21] | [21, 3] | [21, 3, 0..=3, ..] => return Verdict::More,
                _ => bytes,
            };
            verdict(looks_like_hello(hello, handshake::SERVER_HELLO))
        }
    }
}

/// Suricata is content with the type and version of a record.
fn suricata_pattern(profile: &Profile, dir: Dir, bytes: &[u8]) -> bool {
    profile.is_suricata()
        && matches!(
            (dir, bytes),
            (Dir::Orig, [22, 3, 0..=3, ..]) | (Dir::Resp, [21..=23, 3, 0..=3, ..])
        )
}

/// On a port of TLS any record will do, and SSLv2's hellos.
fn likely_record(dir: Dir, bytes: &[u8]) -> bool {
    matches!(
        (dir, bytes),
        (_, [20..=24, 3, 0..=3, _, _, _, ..])
            | (Dir::Orig, [0x80..=0xff, _, 1, 0, 2, ..] | [0x80..=0xff, _, 1, 3, 0..=3, ..])
            | (Dir::Resp, [0x80..=0xff, _, 4, _, 0..=1, ..])
    )
}

/// A client's hello in the first datagrams: a handshake record of epoch 0 that holds a ClientHello,
/// with a version of DTLS on the record and in the hello.
fn probe_datagram(bytes: &[u8]) -> Verdict {
    let dtls = |at: usize| matches!(bytes.get(at..), Some([0xfe, 0xff | 0xfd, ..]));
    let kind = bytes.get(HELLO_AT);
    let hello = bytes.first() == Some(&content::HANDSHAKE)
        && dtls(1)
        && bytes.get(3..10) == Some(&[0; 7])
        && kind == Some(&handshake::CLIENT_HELLO)
        && dtls(HELLO_AT.saturating_add(DTLS_HANDSHAKE_HEADER));
    if hello { Verdict::Mine } else { Verdict::NotMine }
}

/// Where the first handshake message of a datagram begins.
const HELLO_AT: usize = DTLS_HEADER;
/// Bytes before the content of a DTLS handshake message.
const DTLS_HANDSHAKE_HEADER: usize = 12;
