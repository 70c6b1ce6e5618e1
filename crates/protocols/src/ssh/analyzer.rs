//! A flow's SSH: lines, then packets, then darkness.
//!
//! **Bounds.** A side holds one line ([`LINE_MOST`]) or one key exchange packet ([`KEX_MOST`]).

use std::io::Write as _;

use base::Dir;
use md5::Digest as _;
use model::{
    BufferDef, Bytes, Consumer, Cx, Fed, Input, RecordSchema, Then, Transaction, Transactions,
};

use super::anomalies;
use super::auth::{Attempt, Sizes};
use super::parser::{self, Banner, KexInit, NAMES_MOST, Version, message};
use super::record::{self, Agreed, Known};
use super::transaction::{BANNER_DONE, FINISHED, SshTransaction};
use super::{events, keywords};
use crate::{Analyzer, Head, Lines, Transport, Verdict};

/// Bytes of a line that are kept; Suricata's reading keeps fewer.
const LINE_MOST: usize = 4096;
const SURICATA_LINE_MOST: usize = 256;
/// Bytes of a key exchange packet that is read; longer ones are stepped over.
const KEX_MOST: usize = 65_535;
/// A packet longer than this is no packet (RFC 4253 §6.1 asks for 35,000).
const PACKET_MOST: usize = 8 << 20;
/// Lines before the server's banner (RFC 4253 §4.2 sets no bound).
const LINES_MOST: u8 = 64;
/// Length, padding length and message number of a packet.
const HEADER: usize = 6;

/// SSH in one flow.
#[derive(Debug, Default)]
pub struct State {
    txs: Transactions<SshTransaction>,
    sides: [Side; 2],
    sizes: Sizes,
    known: Known,
    /// What to tell when: begun with the first banner, told once each.
    begun: bool,
    told: bool,
    told_eve: bool,
    /// Bytes were lost, or are none of ours: nothing more is read.
    dead: bool,
}

#[derive(Debug, Default)]
struct Side {
    phase: Phase,
    held: Vec<u8>,
    /// Bytes of a packet nobody reads.
    skip: usize,
    lines: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Lines until one is a banner.
    #[default]
    Banner,
    /// The rest of a banner that was cut.
    BannerRest,
    /// Packets in the clear.
    Packets,
    /// Keys are in use.
    Dark,
    /// What came was no banner; the other side may still be read.
    Lost,
}

impl Analyzer for State {
    type Shared = ();
    const RECORDS: &'static [&'static RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static RecordSchema] = events::EVENTS;
    const BUFFERS: &'static [BufferDef] = keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        const BANNER: &[u8] = b"SSH-";
        if head.transport != Transport::Tcp {
            return Verdict::NotMine;
        }
        let banner = |bytes: &[u8]| {
            bytes.get(..4).is_some_and(|b| b.eq_ignore_ascii_case(BANNER))
                && matches!(bytes.get(4), Some(b'1' | b'2'))
        };
        if head.profile.is_suricata() {
            return if head.bytes.starts_with(BANNER) {
                Verdict::Mine
            } else if BANNER.starts_with(head.bytes) && !head.last {
                Verdict::More
            } else {
                Verdict::NotMine
            };
        }
        // Off its port Zeek wants to see both banners.
        let port = head.likely_port || !head.profile.is_zeek();
        if banner(head.bytes) && (port || banner(head.other)) {
            return Verdict::Mine;
        }
        let may =
            banner(head.bytes) || BANNER.starts_with(head.bytes.get(..4).unwrap_or(head.bytes));
        // A server may say something else first; then the client's banner decides.
        if !head.last && (may || head.likely_port) { Verdict::More } else { Verdict::NotMine }
    }

    fn step(&mut self, (): &mut (), cx: &mut Cx<'_>, dir: Dir, input: Input<'_>) -> Fed {
        match input {
            Input::Bytes(bytes) => {
                let then = if self.dead { Then::Done } else { self.bytes(cx, dir, bytes) };
                Fed { used: bytes.len(), then }
            }
            Input::Gap(_) => {
                self.dead = true;
                Fed::DONE
            }
            Input::End | Input::Datagram(_) => Fed::MORE,
        }
    }

    fn close(&mut self, (): &mut (), cx: &mut Cx<'_>) {
        self.end(cx);
    }
}

impl State {
    fn tx(&mut self, cx: &mut Cx<'_>) -> Option<&mut SshTransaction> {
        if self.txs.is_empty() {
            self.txs.begin(cx.next_tx());
        }
        self.txs.first()
    }

    fn bytes(&mut self, cx: &mut Cx<'_>, dir: Dir, mut bytes: &[u8]) -> Then {
        while !bytes.is_empty() {
            let used = match dir.of(&self.sides).phase {
                Phase::Banner => self.line(cx, dir, bytes),
                Phase::BannerRest => {
                    let end = memchr::memchr(b'\n', bytes);
                    if end.is_some() {
                        dir.of_mut(&mut self.sides).phase = Phase::Packets;
                    }
                    Ok(end.map_or(bytes.len(), |e| e.saturating_add(1)))
                }
                Phase::Packets => self.packet(cx, dir, bytes),
                Phase::Lost => Ok(bytes.len()),
                Phase::Dark => {
                    self.dark(cx, dir, bytes.len());
                    Ok(bytes.len())
                }
            };
            match used {
                Ok(used) => bytes = bytes.get(used..).unwrap_or_default(),
                Err(NotSsh) => {
                    self.dead = true;
                    return if self.begun { Then::Done } else { Then::NotMine };
                }
            }
        }
        let all_dark = self.sides.iter().all(|s| s.phase == Phase::Dark);
        if all_dark && !self.told_eve {
            self.told_eve = true;
            if let Some(tx) = self.txs.first() {
                record::tell_eve(cx, tx);
            }
        }
        // Nothing that is still to come tells more.
        let read_out = all_dark && (self.sizes.decided() || cx.profile.is_suricata());
        if read_out { Then::Done } else { Then::More }
    }

    /// Bytes of a line; returns how many were taken.
    fn line(&mut self, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) -> Result<usize, NotSsh> {
        let most = if cx.profile.is_suricata() { SURICATA_LINE_MOST } else { LINE_MOST };
        let side = dir.of_mut(&mut self.sides);
        let end = memchr::memchr(b'\n', bytes);
        let piece = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let room = most.saturating_sub(side.held.len());
        let long = piece.len() > room;
        side.held.extend_from_slice(piece.get(..room).unwrap_or(piece));
        if end.is_none() && !long {
            return Ok(bytes.len());
        }
        let mut line = std::mem::take(&mut side.held);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let used = end.map_or(bytes.len(), |e| e.saturating_add(1));
        if line.starts_with(b"SSH-") {
            side.phase = if end.is_none() { Phase::BannerRest } else { Phase::Packets };
            if long {
                cx.anomaly(&anomalies::LONG_BANNER);
            }
            self.banner(cx, dir, &line)?;
            return Ok(used);
        }
        side.lines = side.lines.saturating_add(1);
        // Only servers may say something before their banner.
        if dir == Dir::Orig || side.lines > LINES_MOST || cx.profile.is_suricata() || long {
            cx.anomaly(&anomalies::INVALID_BANNER);
            if dir == Dir::Resp && !self.begun {
                // Recognised by the client's banner, which may be read after this.
                side.phase = Phase::Lost;
                return Ok(used);
            }
            return Err(NotSsh);
        }
        cx.raise(|| events::PreBannerEvent { data: Bytes(&line) });
        line.clear();
        side.held = line;
        Ok(used)
    }

    fn banner(&mut self, cx: &mut Cx<'_>, dir: Dir, line: &[u8]) -> Result<(), NotSsh> {
        if !self.begun {
            self.begun = true;
            self.known.since = cx.flow.now;
        }
        let Some(tx) = self.tx(cx) else { return Err(NotSsh) };
        let hello = dir.of_mut(&mut tx.sides);
        hello.banner.clear();
        hello.banner.extend_from_slice(line);
        let parsed = Banner::parse(line);
        if let Some(b) = parsed {
            hello.proto = 4..b.proto.len().saturating_add(4);
            let start = hello.proto.end.saturating_add(1);
            hello.software = start..start.saturating_add(b.software.len());
        }
        *dir.of_mut(&mut tx.head_mut().progress) = BANNER_DONE;
        let [client, server] = &tx.sides;
        if !client.banner.is_empty() && !server.banner.is_empty() {
            let kind = match (Version::of(&client.banner), Version::of(&server.banner)) {
                (Some(c), Some(s)) if c.agreed(s).is_some() => None,
                (Some(_), Some(_)) => Some(&anomalies::VERSION_MISMATCH),
                _ => Some(&anomalies::NO_VERSION),
            };
            if let Some(kind) = kind {
                let both = [&server.banner, b" vs ".as_slice(), &client.banner].concat();
                cx.anomaly_with(kind, &both);
            }
        }
        let version = Bytes(line);
        match dir {
            Dir::Orig => cx.raise(|| events::ClientVersionEvent { version }),
            Dir::Resp => cx.raise(|| events::ServerVersionEvent { version }),
        }
        if parsed.is_none() {
            cx.anomaly(&anomalies::INVALID_BANNER);
            if cx.profile.is_suricata() {
                return Err(NotSsh);
            }
        }
        Ok(())
    }

    /// Whether packets have the form of SSH 1. A side that offers both waits for the other's word;
    /// before it came, the newer form is assumed.
    fn is_version_1(&mut self) -> bool {
        let Some(tx) = self.txs.first() else { return false };
        let [client, server] = &tx.sides;
        let versions = (Version::of(&client.banner), Version::of(&server.banner));
        match versions {
            (Some(c), Some(s)) => c.agreed(s) == Some(1),
            (Some(Version::One), None) | (None, Some(Version::One)) => true,
            _ => false,
        }
    }

    /// Bytes of a packet in the clear; returns how many were taken.
    fn packet(&mut self, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) -> Result<usize, NotSsh> {
        let old = self.is_version_1();
        if old && cx.profile.is_suricata() {
            // Suricata knows no packets of SSH 1; nothing of them is told.
            return Ok(bytes.len());
        }
        let side = dir.of_mut(&mut self.sides);
        if side.skip > 0 {
            let n = side.skip.min(bytes.len());
            side.skip = side.skip.saturating_sub(n);
            return Ok(n);
        }
        let used = fill(&mut side.held, HEADER, bytes);
        let [a, b, c, d, _, number] = *side.held.as_slice() else {
            return self.whole_packet(cx, dir, bytes, used, old);
        };
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        let least = if old { 5 } else { 2 };
        if !(least..=PACKET_MOST).contains(&len) {
            cx.anomaly(&anomalies::INVALID_RECORD);
            return Err(NotSsh);
        }
        let total = packet_len(len, old);
        let read = old
            || matches!(number, message::KEXINIT | message::NEWKEYS)
            || (message::KEX_FIRST..=message::KEX_LAST).contains(&number);
        if !read || total > KEX_MOST {
            if read {
                cx.anomaly(&anomalies::LONG_KEX_RECORD);
            }
            side.skip = total.saturating_sub(HEADER);
            side.held.clear();
            return Ok(used);
        }
        self.whole_packet(cx, dir, bytes, used, old)
    }

    /// Fills what is held up to the whole packet, and reads it when it is there.
    fn whole_packet(
        &mut self,
        cx: &mut Cx<'_>,
        dir: Dir,
        bytes: &[u8],
        used: usize,
        old: bool,
    ) -> Result<usize, NotSsh> {
        let side = dir.of_mut(&mut self.sides);
        let Some(len) = side.held.first_chunk::<4>().map(|b| u32::from_be_bytes(*b) as usize)
        else {
            return Ok(used);
        };
        if side.held.len() < HEADER {
            return Ok(used);
        }
        let total = packet_len(len, old);
        let rest = bytes.get(used..).unwrap_or_default();
        let used = used.saturating_add(fill(&mut side.held, total, rest));
        if side.held.len() < total {
            return Ok(used);
        }
        let mut packet = std::mem::take(&mut side.held);
        if old {
            self.packet_1(cx, dir, &packet, len);
        } else {
            self.packet_2(cx, dir, &packet)?;
        }
        packet.clear();
        dir.of_mut(&mut self.sides).held = packet;
        Ok(used)
    }

    fn packet_2(&mut self, cx: &mut Cx<'_>, dir: Dir, packet: &[u8]) -> Result<(), NotSsh> {
        let (Some(padding), Some(number)) = (packet.get(4), packet.get(5)) else { return Ok(()) };
        let padded = packet.len().saturating_sub(usize::from(*padding));
        let payload = packet.get(HEADER..padded).unwrap_or_default();
        match *number {
            message::NEWKEYS => self.keys_in_use(cx, dir),
            message::KEXINIT => return self.kexinit(cx, dir, payload),
            n => {
                let kex = self.known.agreed.as_ref().map(|a| a.kex.as_slice());
                if dir == Dir::Resp
                    && kex.and_then(parser::host_key_message) == Some(n)
                    && let Ok(key) = parser::host_key(payload)
                {
                    cx.raise(|| events::HostKeyEvent { key: Bytes(key) });
                    self.fingerprint(cx, &[key]);
                }
            }
        }
        Ok(())
    }

    fn packet_1(&mut self, cx: &mut Cx<'_>, dir: Dir, packet: &[u8], len: usize) {
        let body = packet.get(packet.len().saturating_sub(len)..).unwrap_or_default();
        match body {
            [message::SSH1_PUBLIC_KEY, payload @ ..] if dir == Dir::Resp => {
                if let Ok((modulus, exponent)) = parser::ssh1_host_key(payload) {
                    self.fingerprint(cx, &[modulus, exponent]);
                }
            }
            [message::SSH1_SESSION_KEY, ..] => return self.keys_in_use(cx, dir),
            _ => {}
        }
        self.dark_from_here(dir);
    }

    fn dark_from_here(&mut self, dir: Dir) {
        dir.of_mut(&mut self.sides).phase = Phase::Dark;
        if let Some(tx) = self.txs.first() {
            *dir.of_mut(&mut tx.head_mut().progress) = FINISHED;
        }
    }

    fn keys_in_use(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        self.dark_from_here(dir);
        let both = |tx: &mut SshTransaction| tx.sides.iter().all(|s| !s.banner.is_empty());
        // Zeek reads no packets before it knows both sides' versions.
        if !cx.profile.is_zeek() || self.txs.first().is_some_and(both) {
            cx.confirm("ssh");
        }
    }

    /// What one side can do. The second of the two settles what is used.
    fn kexinit(&mut self, cx: &mut Cx<'_>, dir: Dir, payload: &[u8]) -> Result<(), NotSsh> {
        let Ok(init) = KexInit::parse(payload) else {
            cx.anomaly(&anomalies::INVALID_RECORD);
            return if cx.profile.is_zeek() { Err(NotSsh) } else { Ok(()) };
        };
        raise_capabilities(cx, payload, &init, dir == Dir::Resp);
        let Some(tx) = self.txs.first() else { return Ok(()) };
        let hello = dir.of_mut(&mut tx.sides);
        if !hello.kexinit.is_empty() {
            return Ok(());
        }
        hello.kexinit.extend_from_slice(payload);
        init.hassh_text(dir == Dir::Resp, &mut hello.hassh_text);
        let digest = md5::Md5::digest(&hello.hassh_text);
        for b in digest {
            let _ = write!(hello.hassh, "{b:02x}");
        }
        let [client, server] = &tx.sides;
        if let (Ok(c), Ok(s)) = (KexInit::parse(&client.kexinit), KexInit::parse(&server.kexinit)) {
            let agreed = Agreed::new(&c, &s);
            let known = parser::negotiate(c.list(parser::list::KEX), s.list(parser::list::KEX))
                .is_none_or(parser::zeek_knows);
            if !known {
                cx.anomaly_with(&anomalies::UNKNOWN_KEX, &agreed.kex);
            }
            self.known.agreed = Some(agreed);
            if !known && cx.profile.is_zeek() {
                return Err(NotSsh);
            }
        }
        Ok(())
    }

    fn fingerprint(&mut self, cx: &mut Cx<'_>, parts: &[&[u8]]) {
        let mut hash = sha2::Sha256::default();
        for part in parts {
            hash.update(part);
        }
        let digest = hash.finalize();
        let out = &mut self.known.fingerprint;
        out.clear();
        out.extend_from_slice(b"SHA256:");
        base64_text(&digest, out);
        cx.raise(|| events::HostKeyFingerprintEvent { fingerprint: Bytes(out) });
    }

    /// Encrypted bytes as they were delivered.
    fn dark(&mut self, cx: &mut Cx<'_>, dir: Dir, len: usize) {
        cx.raise(|| events::EncryptedPacketEvent { orig: dir == Dir::Orig, len: len as u64 });
        if self.is_version_1() || self.sizes.decided() {
            return;
        }
        let Some(attempt) = self.sizes.chunk(dir, len) else { return };
        let authenticated = matches!(attempt, Attempt::Success(_));
        cx.raise(|| events::AuthAttemptedEvent { authenticated });
        if let Attempt::Success(auth_method_none) = attempt {
            cx.raise(|| events::AuthSuccessfulEvent { auth_method_none });
        }
        if self.known.agreed.as_ref().is_some_and(Agreed::compresses) {
            return;
        }
        self.known.auth_success = Some(authenticated);
        self.known.auth_attempts = self.known.auth_attempts.saturating_add(1);
        if authenticated {
            self.tell(cx);
        }
    }

    /// Tells the connection as Zeek has it, once.
    fn tell(&mut self, cx: &mut Cx<'_>) {
        if !self.begun || std::mem::replace(&mut self.told, true) {
            return;
        }
        if let Some(tx) = self.txs.first() {
            record::tell(cx, tx, &self.known);
        }
        let auth_attempts = self.known.auth_attempts;
        if let Some(result) = self.known.auth_success {
            cx.raise(|| events::AuthResultEvent { result, auth_attempts });
        }
    }

    fn end(&mut self, cx: &mut Cx<'_>) {
        self.tell(cx);
        if !std::mem::replace(&mut self.told_eve, true)
            && let Some(tx) = self.txs.first()
        {
            record::tell_eve(cx, tx);
        }
        if let Some(tx) = self.txs.first() {
            tx.head_mut().complete();
            tx.head_mut().pass(Consumer::Records);
        }
    }
}

/// The stream is none of ours, or cannot be read any further.
struct NotSsh;

/// Bytes of a packet with its length field.
fn packet_len(len: usize, old: bool) -> usize {
    let padding = if old { 8usize.saturating_sub(len % 8) } else { 0 };
    len.saturating_add(4).saturating_add(padding)
}

/// Fills `held` up to `want` bytes from `bytes`; returns how many were taken.
fn fill(held: &mut Vec<u8>, want: usize, bytes: &[u8]) -> usize {
    let n = want.saturating_sub(held.len()).min(bytes.len());
    held.extend_from_slice(bytes.get(..n).unwrap_or_default());
    n
}

fn raise_capabilities(cx: &mut Cx<'_>, payload: &[u8], init: &KexInit<'_>, is_server: bool) {
    use model::Event as _;
    if !cx.wants.event(events::CapabilitiesEvent::ID) {
        return;
    }
    let names = |at| {
        let mut lines = Lines::default();
        for name in init.list(at).split(|b| *b == b',').take(NAMES_MOST) {
            lines.add(|out| {
                out.extend_from_slice(name);
                true
            });
        }
        lines
    };
    let (kex, host_keys) = (names(parser::list::KEX), names(parser::list::HOST_KEY));
    cx.raise(|| events::CapabilitiesEvent {
        cookie: Bytes(payload.get(..16).unwrap_or_default()),
        kex_algorithms: &kex,
        server_host_key_algorithms: &host_keys,
        is_server,
    });
}

/// Base 64 without padding, as fingerprints are written.
fn base64_text(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .zip([16u32, 8, 0])
            .fold(0u32, |w, (b, s)| w | u32::from(*b).wrapping_shl(s));
        for shift in [18u32, 12, 6, 0].into_iter().take(chunk.len().saturating_add(1)) {
            let digit = DIGITS.get((word.wrapping_shr(shift) & 63) as usize);
            out.extend(digit);
        }
    }
}
