//! Streams that begin in another protocol and turn to TLS: STARTTLS of mail and chat, the TLS
//! requests of databases and remote desktops, SOCKS.
//!
//! Until those protocols have rooms of their own that hand their streams on, this one knows them by
//! their first bytes and looks for the hello that ends them, in at most [`SEARCH_MOST`] bytes of each
//! direction. Registered after them, it gives way to each as it comes.

use base::Dir;
use model::{Cx, Profile, ProfileName};
use smallvec::SmallVec;

use super::parser::{HANDSHAKE_HEADER, handshake};
use crate::{Head, Transport, Verdict};

/// Bytes of a direction that are searched for a hello.
const SEARCH_MOST: usize = 64 << 10;
/// Bytes that a hello is known by.
const SIGN: usize = 11;
/// Bytes kept between inputs, in case a hello's first bytes are among them.
const TAIL: usize = SIGN - 1;

/// A protocol that may turn to TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// SMTP: STARTTLS.
    Smtp,
    /// POP3: STLS.
    Pop3,
    /// IMAP: STARTTLS.
    Imap,
    /// XMPP: `<starttls/>`.
    Xmpp,
    /// MySQL: SSLRequest.
    MySql,
    /// PostgreSQL: SSLRequest.
    PostgreSql,
    /// Remote desktop: negotiated in X.224.
    Rdp,
    /// SOCKS: whatever follows.
    Socks,
}

const HOSTS: [Host; 8] = [
    Host::Smtp,
    Host::Pop3,
    Host::Imap,
    Host::Xmpp,
    Host::MySql,
    Host::PostgreSql,
    Host::Rdp,
    Host::Socks,
];

impl Host {
    /// Which of the programs we follow reads on behind it.
    const fn followed(self, profile: &Profile) -> bool {
        match profile.name {
            ProfileName::Watchpost => true,
            ProfileName::Zeek => !matches!(self, Self::PostgreSql),
            ProfileName::Suricata => matches!(self, Self::Smtp | Self::Pop3 | Self::PostgreSql),
        }
    }
    /// Zeek's name of it, empty where its analyzer confirms nothing.
    const fn service(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
            Self::Xmpp => "xmpp",
            Self::MySql => "mysql",
            Self::Socks => "socks",
            Self::PostgreSql | Self::Rdp => "",
        }
    }
    /// Suricata's name of it.
    const fn app_proto(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
            Self::PostgreSql => "pgsql",
            Self::Rdp => "rdp",
            Self::Xmpp | Self::MySql | Self::Socks => "failed",
        }
    }
    fn probe(self, head: &Head<'_>) -> Verdict {
        let b = head.bytes;
        let port = |p: &[u16]| head.ports.iter().any(|x| p.contains(x));
        let text = |words: &[&[u8]]| {
            words.iter().fold(Verdict::NotMine, |found, w| match (found, begins(b, w)) {
                (Verdict::Mine, _) | (_, Verdict::Mine) => Verdict::Mine,
                (Verdict::More, _) | (_, Verdict::More) => Verdict::More,
                _ => Verdict::NotMine,
            })
        };
        match (self, head.dir) {
            (Self::Smtp, Dir::Orig) => text(&[b"EHLO ", b"HELO "]),
            // Suricata looks for it at its port only, and so does not take Redis for it.
            (Self::Pop3, Dir::Resp) if !head.profile.is_suricata() || port(&[110]) => {
                text(&[b"+OK"])
            }
            (Self::Imap, Dir::Resp) => text(&[b"* OK", b"* PREAUTH"]),
            (Self::Xmpp, Dir::Orig) => match text(&[b"<?xml", b"<stream:stream"]) {
                Verdict::Mine if find(b, b"jabber:") => Verdict::Mine,
                Verdict::Mine => Verdict::More,
                other => other,
            },
            (Self::MySql, Dir::Resp) => match b {
                [_, _, 0, 0, 10, b'3'..=b'9' | b'1', ..] => Verdict::Mine,
                [] | [_] | [_, _] | [_, _, 0] | [_, _, 0, 0] | [_, _, 0, 0, 10] => Verdict::More,
                _ => Verdict::NotMine,
            },
            // Suricata looks for it at its port only.
            (Self::PostgreSql, Dir::Orig) if !head.profile.is_suricata() || port(&[5432]) => {
                text(&[&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]])
            }
            (Self::Rdp, Dir::Orig) => match b {
                [3, 0, _, _, _, 0xe0, ..] => Verdict::Mine,
                [3, 0, ..] | [3] if b.len() < 6 => Verdict::More,
                _ => Verdict::NotMine,
            },
            (Self::Socks, Dir::Orig) if port(&[1080]) => match b {
                [4, 1 | 2, ..] => Verdict::Mine,
                [5, n, methods @ ..] if methods.len() == usize::from(*n) => Verdict::Mine,
                _ => Verdict::NotMine,
            },
            _ => Verdict::NotMine,
        }
    }
}

/// Whether bytes begin with a word in any case.
fn begins(bytes: &[u8], word: &[u8]) -> Verdict {
    let n = bytes.len().min(word.len());
    let same = bytes.iter().zip(word).all(|(a, b)| a.eq_ignore_ascii_case(b));
    match same {
        false => Verdict::NotMine,
        true if n < word.len() => Verdict::More,
        true => Verdict::Mine,
    }
}

fn find(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

/// Whether a stream begins in a protocol that may turn to TLS.
pub(super) fn probe_preamble(head: &Head<'_>) -> Verdict {
    let mut open = false;
    for host in HOSTS.into_iter().filter(|h| h.followed(head.profile)) {
        match host.probe(head) {
            Verdict::Mine => return Verdict::Mine,
            Verdict::More => open = true,
            Verdict::NotMine => {}
        }
    }
    if open { Verdict::More } else { Verdict::NotMine }
}

/// The search for a hello in one direction.
#[derive(Debug, Default)]
struct Search {
    tail: SmallVec<[u8; TAIL]>,
    seen: usize,
    done: bool,
}

/// A stream before its hello.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    host: Option<Host>,
    searches: [Search; 2],
}

/// What a search came to.
pub(super) enum Searched<'a> {
    /// Nothing yet.
    More,
    /// Nothing, and there is no more to look at.
    Nothing,
    /// TLS begins with these bytes: those kept from earlier inputs, and those of this one.
    Found(SmallVec<[u8; TAIL]>, &'a [u8]),
}

impl Preamble {
    /// Learns from a direction's bytes which protocol it is, and tells the flow.
    pub(super) fn learn(&mut self, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) {
        if self.host.is_some() {
            return;
        }
        let head = Head {
            bytes,
            other: &[],
            dir,
            transport: Transport::Tcp,
            ports: [cx.flow.orig.port, cx.flow.resp.port],
            profile: cx.profile,
            likely_port: false,
            last: true,
        };
        let mut hosts = HOSTS.into_iter().filter(|h| h.followed(head.profile));
        self.host = hosts.find(|h| h.probe(&head) == Verdict::Mine);
        if let Some(h) = self.host {
            cx.flow.app_proto = Some(h.app_proto());
        }
    }
    /// TLS begins.
    pub(super) fn turn(&self, cx: &mut Cx<'_>) {
        if let Some(h) = self.host.filter(|h| !h.service().is_empty()) {
            cx.confirm(h.service());
        }
        cx.flow.app_proto = Some("tls");
    }
    /// Both directions have come to TLS.
    pub(super) fn is_over(&self) -> bool {
        self.searches.iter().all(|s| s.done)
    }
    /// Whether a direction has come to TLS.
    pub(super) fn is_over_in(&self, dir: Dir) -> bool {
        dir.of(&self.searches).done
    }
    /// Whether either direction has.
    pub(super) fn has_turned(&self) -> bool {
        self.searches.iter().any(|s| s.done)
    }
    /// Looks for the hello in the next bytes of a direction.
    pub(super) fn search<'a>(&mut self, dir: Dir, bytes: &'a [u8]) -> Searched<'a> {
        let s = dir.of_mut(&mut self.searches);
        s.seen = s.seen.saturating_add(bytes.len());
        // Starts among the kept bytes.
        let mut joint: SmallVec<[u8; 32]> = s.tail.iter().copied().collect();
        joint.extend(bytes.iter().take(SIGN).copied());
        for at in 0..s.tail.len() {
            if is_hello(joint.get(at..).unwrap_or_default(), dir) {
                s.done = true;
                let kept = s.tail.iter().skip(at).copied().collect();
                return Searched::Found(kept, bytes);
            }
        }
        for at in memchr::memchr2_iter(22, 21, bytes) {
            let rest = bytes.get(at..).unwrap_or_default();
            if is_hello(rest, dir) {
                s.done = true;
                return Searched::Found(SmallVec::new(), rest);
            }
        }
        if s.seen > SEARCH_MOST {
            return Searched::Nothing;
        }
        let skip = s.tail.len().saturating_add(bytes.len()).saturating_sub(TAIL);
        s.tail = s.tail.iter().chain(bytes).skip(skip).copied().collect();
        Searched::More
    }
}

/// Whether a TLS record with a hello of the right side begins here; of a server also an alert.
fn is_hello(b: &[u8], dir: Dir) -> bool {
    match b {
        [22, 3, 0..=3, hi, lo, kind, n2, n1, n0, 3, 0..=4, ..] => {
            let record = usize::from(u16::from_be_bytes([*hi, *lo]));
            let message = u32::from_be_bytes([0, *n2, *n1, *n0]) as usize;
            let whole = message.saturating_add(HANDSHAKE_HEADER);
            match dir {
                Dir::Orig => *kind == handshake::CLIENT_HELLO && whole == record,
                // A server may put further messages into the record.
                Dir::Resp => *kind == handshake::SERVER_HELLO && whole <= record,
            }
        }
        [21, 3, 0..=3, 0, 2, 1 | 2, ..] => dir == Dir::Resp,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_is_found_wherever_it_is_cut() {
        let mut wire = b"a1 STARTTLS\r\n\x16\x03\x16 noise ".to_vec();
        let at = wire.len();
        wire.extend([22, 3, 1, 0, 9, 1, 0, 0, 5, 3, 3, 1, 2, 3]);
        for size in 1..=wire.len() {
            let mut p = Preamble::default();
            let mut got = None;
            for (i, part) in wire.chunks(size).enumerate() {
                if let Searched::Found(kept, rest) = p.search(Dir::Orig, part) {
                    let end = (i * size + part.len()).min(wire.len());
                    got = Some(end - rest.len() - kept.len());
                    break;
                }
            }
            assert_eq!(got, Some(at), "pieces of {size}");
        }
    }

    #[test]
    fn the_search_ends() {
        let mut p = Preamble::default();
        let noise = [b'x'; 4096];
        let mut n = 0;
        while matches!(p.search(Dir::Resp, &noise), Searched::More) {
            n += 1;
            assert!(n < 100);
        }
    }
}
