//! A connection that speaks HTTP: two directions, the transactions between them.
//!
//! The n-th response answers the n-th request; interim responses answer nothing. A response without
//! a request makes a transaction of its own. When a transaction is told differs by reading: Zeek
//! tells it when its response is over, Suricata when both messages are.
//!
//! Bounds: lines and headers (see [`super::reading`], [`super::transaction`]), open transactions
//! ([`OPEN_MOST`], [`PENDING_MOST`]): beyond them the oldest are told as they stand.

use base::Dir;
use model::{Consumer, Cx, Fed, Input, Spare, Then, Transaction, Transactions};

use super::anomalies as a;
use super::body::{Body, Resources};
use super::line::{Cut, End, LineBuffer};
use super::parser::{Version, skip};
use super::reading::{BodyFacts, Media, Reading};
use super::record;
use super::transaction::HttpTransaction;
use crate::{Analyzer, Head, Lines, Verdict};

/// Transactions kept open at most.
const OPEN_MOST: usize = 512;
/// Requests that wait for a response at most, in Zeek's reading.
const PENDING_MOST: usize = 100;
/// Bytes of lines and headers that the open transactions of a connection hold at most, beside those
/// of the newest.
const HELD_MOST: usize = 1 << 20;
/// Bytes of a connection after which a line that is not HTTP no longer unsettles what was found
/// before (Zeek's `ignore_violations_after`).
const SURE_AFTER: u64 = 10 * 1024;

/// The transaction with this number that a direction reads.
pub(crate) fn find(
    txs: &mut Transactions<HttpTransaction>,
    dir: Dir,
    number: u64,
) -> Option<&mut HttpTransaction> {
    let len = txs.len();
    let place = |i: usize| match dir {
        Dir::Orig => len.saturating_sub(i).saturating_sub(1),
        Dir::Resp => i,
    };
    let at = (0..len).map(place).find(|i| txs.at(*i).is_some_and(|t| t.number == number))?;
    txs.at(at)
}

/// What all connections of a shard share: emptied transactions, and room in which records are
/// spelled.
#[derive(Debug, Default)]
pub struct Shared {
    spare: Spare<HttpTransaction>,
    lines: Lines,
}

/// Where a direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum At {
    /// Before a start line.
    #[default]
    Start,
    /// In headers.
    Headers,
    /// In a body of known length.
    Length,
    /// Before the size of a chunk.
    ChunkSize,
    /// In a chunk.
    ChunkData,
    /// Before the line end after a chunk.
    ChunkEnd,
    /// In the headers after the last chunk.
    Trailers,
    /// In a body that ends with the connection.
    UntilClose,
    /// In a body that is read as lines.
    Lines,
    /// Before a body without a start line (HTTP/0.9).
    Bare,
    /// After an HTTP/0.9 request, unless headers prove that it was none.
    Maybe0_9,
    /// Until the response says whether this is still HTTP.
    Await,
    /// After a message, whose segment goes on.
    Over,
    /// Nothing more is read.
    Nothing,
}

impl At {
    /// Whether a message is under way.
    pub(crate) const fn in_message(self) -> bool {
        !matches!(self, Self::Start | Self::Bare | Self::Nothing)
    }
    const fn by_line(self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::Headers
                | Self::ChunkSize
                | Self::ChunkEnd
                | Self::Trailers
                | Self::Maybe0_9
        )
    }
}

/// One direction.
#[derive(Debug, Default)]
pub(crate) struct Half {
    pub(crate) line: LineBuffer,
    pub(crate) at: At,
    /// Number of the transaction that is read.
    pub(crate) number: u64,
    /// What the headers say of the body.
    pub(crate) facts: BodyFacts,
    pub(crate) media: Media,
    pub(crate) body: Option<Body>,
    /// Bytes left of a body or chunk.
    pub(crate) left: u64,
    /// The last version that a start line named.
    pub(crate) version: Version,
    /// Where the raw headers began in the message.
    pub(crate) head_mark: u32,
    /// Bytes of start line and headers.
    pub(crate) head_len: u64,
    /// Bytes that the length of a message with parts counts beyond the end of its parts.
    pub(crate) tail: u64,
    /// A body of lines: the last byte was a CR.
    pub(crate) after_cr: bool,
    /// How far Zeek's count of a body with parts is ahead of what came.
    pub(crate) ahead: u64,
    /// A body of lines: its last line has no end yet.
    pub(crate) mid_line: bool,
    ended: bool,
}

/// What a step of a direction leads to: bytes taken, and whether the stream is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) used: usize,
    pub(crate) then: Then,
}

impl Next {
    pub(crate) const GO_ON: Self = Self { used: 0, then: Then::More };
    pub(crate) const HAND_ON: Self = Self { used: 0, then: Then::HandOn };
    pub(crate) const FOREIGN: Self = Self { used: 0, then: Then::NotMine };
    pub(crate) const fn used(used: usize) -> Self {
        Self { used, then: Then::More }
    }
}

/// HTTP in one connection.
#[derive(Debug)]
pub struct State {
    pub(crate) reading: Reading,
    pub(crate) halves: [Half; 2],
    pub(crate) txs: Transactions<HttpTransaction>,
    /// Number of the last request begun, as pairing counts.
    pub(crate) requests: u64,
    /// Number of the last response begun.
    pub(crate) responses: u64,
    /// Zeek's `trans_depth` of the newest transaction.
    depth: u64,
    /// Request lines read.
    pub(crate) begun: u64,
    /// Status lines read.
    pub(crate) replied: u64,
    pub(crate) keep_alive: bool,
    /// A response said that the connection ends after it.
    pub(crate) close: bool,
    /// A tunnel was asked for.
    pub(crate) connect: bool,
    /// The response announces another protocol.
    pub(crate) upgrade: bool,
    /// What follows a message in its segment is looked at before it ends, as libhtp does. This is
    /// the one place where the cut of a stream shows, and in Suricata's profile only.
    pub(crate) peeks: bool,
    /// What follows the line that is read in its segment: the next byte, and how many.
    pub(crate) ahead: (Option<u8>, usize),
    /// The next status line belongs to a response that has begun with other lines.
    pub(crate) answering: bool,
    seen: u64,
    /// What was fetched in ranges.
    pub(crate) resources: Resources,
    /// Resets that were taken note of.
    resets: u16,
    confirmed: bool,
    pub(crate) lone_cr_told: bool,
    /// A transaction may have become ready to be told.
    pub(crate) news: bool,
    started: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            reading: Reading::Lenient,
            halves: Default::default(),
            txs: Transactions::default(),
            requests: 0,
            responses: 0,
            depth: 0,
            begun: 0,
            replied: 0,
            keep_alive: false,
            close: false,
            connect: false,
            upgrade: false,
            peeks: false,
            ahead: (None, 0),
            answering: false,
            seen: 0,
            resources: Resources::new(),
            resets: 0,
            confirmed: false,
            lone_cr_told: false,
            news: false,
            started: false,
        }
    }
}

impl Analyzer for State {
    type Shared = Shared;
    const RECORDS: &'static [&'static model::RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static model::RecordSchema] = super::events::EVENTS;
    const BUFFERS: &'static [model::BufferDef] = super::keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        super::probe::probe(head)
    }

    fn step(&mut self, shared: &mut Shared, cx: &mut Cx<'_>, dir: Dir, input: Input<'_>) -> Fed {
        if !std::mem::replace(&mut self.started, true) {
            self.reading = Reading::of(cx.profile);
            self.peeks = cx.profile.is_suricata();
        }
        self.txs.lend(&mut shared.spare);
        if self.resets != cx.flow.resets {
            self.resets = cx.flow.resets;
            if self.reading.is_strict() {
                // Zeek ends what is under way with any reset, believed or not.
                self.interrupt(cx, Dir::Orig);
                self.interrupt(cx, Dir::Resp);
            }
        }
        let fed = match input {
            Input::Bytes(bytes) => self.bytes(cx, dir, bytes),
            Input::Gap(lost) => {
                self.gap(cx, dir, lost);
                Fed::MORE
            }
            Input::End => {
                self.end(cx, dir, false);
                Fed::MORE
            }
            Input::Datagram(_) => Fed::DONE,
        };
        self.tell(cx, shared, false);
        self.txs.lend(&mut shared.spare);
        fed
    }

    fn close(&mut self, shared: &mut Shared, cx: &mut Cx<'_>) {
        self.txs.lend(&mut shared.spare);
        for dir in [Dir::Orig, Dir::Resp] {
            self.end(cx, dir, true);
        }
        self.tell(cx, shared, true);
        self.txs.lend(&mut shared.spare);
    }
}

impl State {
    pub(crate) fn half(&mut self, dir: Dir) -> &mut Half {
        dir.of_mut(&mut self.halves)
    }

    /// The half and the transaction it reads. Requests are read at the new end of the open
    /// transactions, responses at the old one.
    pub(crate) fn both(&mut self, dir: Dir) -> Option<(&mut Half, &mut HttpTransaction)> {
        let half = dir.of_mut(&mut self.halves);
        let tx = find(&mut self.txs, dir, half.number)?;
        Some((half, tx))
    }

    fn bytes(&mut self, cx: &mut Cx<'_>, dir: Dir, bytes: &[u8]) -> Fed {
        if self.reading.is_strict() && cx.flow.midstream {
            // Zeek reads no HTTP in a connection whose start it did not see.
            return Fed::all(bytes);
        }
        self.seen = self.seen.saturating_add(bytes.len() as u64);
        let mut rest = bytes;
        let mut idle = 0u8;
        while !rest.is_empty() {
            let next = self.advance(cx, dir, rest);
            // The end of a segment ends the message before it.
            if next.used == rest.len() && self.half(dir).at == At::Over {
                self.message_over(cx, dir, false);
            }
            idle = if next.used == 0 { idle.saturating_add(1) } else { 0 };
            rest = rest.get(next.used..).unwrap_or_default();
            if next.then == Then::HandOn
                && self.reading.is_strict()
                && dir == Dir::Resp
                && !rest.is_empty()
            {
                // Zeek finds this odd, though it only tells how the server's bytes were cut.
                let kind = if self.connect { &a::CONNECT_WITH_DATA } else { &a::UPGRADE_WITH_DATA };
                cx.anomaly_with(kind, rest.len().to_string().as_bytes());
            }
            if next.then != Then::More {
                let used = bytes.len().saturating_sub(rest.len());
                return Fed { used, then: next.then };
            }
            // A state may change without taking anything, but not in a circle.
            debug_assert!(idle < 8, "http makes no progress");
            if idle >= 8 {
                break;
            }
        }
        Fed::all(bytes)
    }

    /// Takes what the state of the direction allows.
    fn advance(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        if dir == Dir::Resp && self.half(dir).at == At::Start && self.answers_0_9() {
            self.half(dir).at = At::Bare;
        }
        match self.half(dir).at {
            at if at.by_line() => self.by_line(cx, dir, input),
            At::Length | At::ChunkData => self.in_measured(cx, dir, input),
            At::UntilClose => self.in_unmeasured(cx, dir, input),
            At::Lines => self.in_lines(cx, dir, input),
            At::Bare => {
                self.bare_response(cx);
                Next::GO_ON
            }
            At::Await => Next::HAND_ON,
            At::Over => self.after_message(cx, dir, input),
            _ => Next::used(input.len()),
        }
    }

    /// Whether the next response answers a request that may be HTTP/0.9.
    fn answers_0_9(&self) -> bool {
        let [orig, _] = &self.halves;
        orig.at == At::Maybe0_9 && orig.number == self.responses.saturating_add(1)
    }

    fn by_line(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let tail = self.half(dir).tail;
        let n = if tail > 0 { usize::try_from(tail).unwrap_or(usize::MAX) } else { usize::MAX };
        let input = input.get(..n).unwrap_or(input);
        let next = self.one_line(cx, dir, input);
        let tail = tail.saturating_sub(next.used as u64);
        let ended = self.half(dir).tail > 0 && tail == 0;
        self.half(dir).tail = tail;
        if ended && self.half(dir).at.by_line() {
            // Here the length of the message before is over, and with it its last line.
            let line = std::mem::take(&mut self.half(dir).line);
            if let Some(text) = line.rest() {
                cx.anomaly(&a::NO_LAST_LINE_END);
                let then = self.on_line(cx, dir, text, text.len() as u64).then;
                return Next { used: next.used, then };
            }
        }
        next
    }

    fn one_line(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let (ends, most) = (self.reading.ends(dir == Dir::Orig), self.reading.line_most());
        let mut line = std::mem::take(&mut self.half(dir).line);
        let held = line.len();
        let next = match line.take(input, ends) {
            Cut::More => {
                if line.len() > most {
                    line.clear();
                    self.too_long(cx, dir);
                }
                Next::used(input.len())
            }
            Cut::Line { text, used, end } => {
                let raw = held.saturating_add(used);
                self.ahead = (input.get(used).copied(), input.len().saturating_sub(used));
                let next = if text.len() > most {
                    self.too_long(cx, dir);
                    Next::GO_ON
                } else {
                    self.on_line(cx, dir, text, raw as u64)
                };
                line.clear();
                if end == End::Cr && self.half(dir).at.by_line() {
                    self.lone_cr(cx, input.get(used));
                }
                Next { used, ..next }
            }
        };
        self.half(dir).line = line;
        next
    }

    /// A CR ended a line and `next` follows it.
    pub(crate) fn lone_cr(&mut self, cx: &mut Cx<'_>, next: Option<&u8>) {
        let odd = self.reading.is_strict() && next.is_some_and(|c| *c != b'\r');
        if odd && !std::mem::replace(&mut self.lone_cr_told, true) {
            cx.anomaly(&a::LONE_CR);
        }
    }

    fn too_long(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        cx.anomaly(match dir {
            Dir::Orig => &a::REQUEST_TOO_LONG,
            Dir::Resp => &a::RESPONSE_TOO_LONG,
        });
        self.give_up(cx, dir);
    }

    /// Nothing more of a direction can be read; in the lenient reading, of neither.
    pub(crate) fn give_up(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        self.message_over(cx, dir, true);
        self.half(dir).at = At::Nothing;
        if !self.reading.is_strict() {
            self.half(dir.flip()).at = At::Nothing;
        }
    }

    fn on_line(&mut self, cx: &mut Cx<'_>, dir: Dir, text: &[u8], raw: u64) -> Next {
        match (self.half(dir).at, dir) {
            (At::Start, Dir::Orig) => self.request_line(cx, text),
            (At::Start, Dir::Resp) => self.status_line(cx, text, raw),
            (At::Headers, _) => self.header_line(cx, dir, text, raw),
            (At::Maybe0_9, _) => {
                if !skip(text, super::parser::is_space).is_empty() {
                    // Headers follow: the request line only lacked its protocol.
                    self.half(dir).at = At::Headers;
                    return self.header_line(cx, dir, text, raw);
                }
                Next::GO_ON
            }
            (At::ChunkSize, _) => self.chunk_size(cx, dir, text, raw),
            (At::ChunkEnd, _) => {
                self.on_wire(dir, raw);
                self.half(dir).at = At::ChunkSize;
                Next::GO_ON
            }
            (At::Trailers, _) => self.trailer_line(cx, dir, text),
            _ => Next::GO_ON,
        }
    }

    /// A direction ends: by its own will, or because the connection is over (`gone`).
    fn end(&mut self, cx: &mut Cx<'_>, dir: Dir, gone: bool) {
        if self.reading.is_strict() {
            self.end_strict(cx, dir, gone);
        } else if !std::mem::replace(&mut self.half(dir).ended, true) {
            self.end_lenient(cx, dir);
        }
    }

    fn end_strict(&mut self, cx: &mut Cx<'_>, dir: Dir, gone: bool) {
        if !gone && !std::mem::replace(&mut self.half(dir).ended, true) {
            // The end of a direction ends its last line.
            let line = std::mem::take(&mut self.half(dir).line);
            if let Some(text) = line.rest()
                && self.half(dir).at.by_line()
            {
                self.on_line(cx, dir, text, 0);
            }
            if let Some((half, tx)) = self.both(dir)
                && half.at == At::Lines
                && std::mem::take(&mut half.mid_line)
                && let Some(body) = &mut half.body
                && !body.has_parts()
            {
                body.data(cx, tx, b"\r\n");
            }
        }
        if self.half(dir).at.in_message() {
            self.message_over(cx, dir, gone);
            if gone {
                self.half(dir).at = At::Nothing;
            }
        }
    }

    fn end_lenient(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        let line = std::mem::take(&mut self.half(dir).line);
        if let Some(text) = line.rest()
            && self.half(dir).at.by_line()
        {
            self.on_line(cx, dir, text, text.len() as u64);
        }
        match (self.half(dir).at, dir) {
            (At::Headers, Dir::Orig) => {
                self.headers_over(cx, dir);
                if self.half(dir).at.in_message() {
                    self.body_over(cx, dir, false);
                }
            }
            (At::Maybe0_9 | At::Trailers, _) | (At::UntilClose | At::Headers, Dir::Resp) => {
                self.message_over(cx, dir, false);
            }
            (At::Length | At::ChunkData | At::ChunkEnd | At::ChunkSize, Dir::Resp) => {
                self.message_over(cx, dir, false);
            }
            _ => self.body_over(cx, dir, false),
        }
        self.half(dir).at = At::Nothing;
    }

    /// The body of a direction ends without its message having come to its end.
    fn body_over(&mut self, cx: &mut Cx<'_>, dir: Dir, proper: bool) {
        if let Some((half, tx)) = self.both(dir)
            && let Some(body) = half.body.take()
        {
            let resources = body.end(cx, tx, proper);
            if dir == Dir::Resp {
                self.resources = resources;
            }
        }
    }

    /// The stream is HTTP.
    pub(crate) fn confirm(&mut self, cx: &mut Cx<'_>) {
        self.confirmed = true;
        cx.confirm("http");
    }

    /// A line is none of HTTP. Zeek gives up on the protocol early in a connection, later only on
    /// the direction.
    pub(crate) fn violated(&mut self, cx: &mut Cx<'_>, dir: Dir) -> Next {
        self.half(dir).at = At::Nothing;
        if self.seen > SURE_AFTER || (dir == Dir::Orig && !self.confirmed) {
            return Next::GO_ON;
        }
        cx.flow.services.withdraw("http");
        Next::FOREIGN
    }

    /// Begins a transaction with this number.
    pub(crate) fn begin(&mut self, cx: &mut Cx<'_>, number: u64) -> &mut HttpTransaction {
        self.depth = self.depth.saturating_add(1);
        let depth = self.depth;
        let id = cx.next_tx();
        self.news |= self.txs.len() >= OPEN_MOST;
        let tx = self.txs.begin(id);
        tx.number = number;
        tx.depth = depth;
        tx.ts = cx.flow.now;
        tx
    }

    /// Whether a transaction with this number waits to be told.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.txs.iter().any(|t| t.number == number && !t.told)
    }

    /// Too many requests wait for responses: those before the newest are told as they stand.
    pub(crate) fn relieve(&mut self, cx: &mut Cx<'_>) {
        if self.reading.is_strict() && self.txs.iter().filter(|t| !t.told).count() > PENDING_MOST {
            let waiting = PENDING_MOST.saturating_add(1);
            cx.anomaly_with(
                &a::EXCESSIVE_PIPELINING,
                format!("{waiting} > {PENDING_MOST}").as_bytes(),
            );
            let (from, to) = (self.responses.max(1), self.requests);
            self.responses = from.max(to);
            for tx in self.txs.iter_mut().filter(|t| (from..to).contains(&t.number)) {
                tx.forced = true;
            }
            self.news = true;
        }
        let held: usize = self.txs.iter().map(HttpTransaction::held_bytes).sum();
        if held > HELD_MOST {
            cx.anomaly(&a::TOO_MUCH_WAITING);
            self.txs.iter_mut().for_each(|t| t.forced = true);
            self.news = true;
        }
    }

    /// Tells the transactions that are ready, all of them when the connection is over, and lets go
    /// of those that nothing more will come to.
    fn tell(&mut self, cx: &mut Cx<'_>, shared: &mut Shared, all: bool) {
        if !std::mem::take(&mut self.news) && !all {
            return;
        }
        let strict = self.reading.is_strict();
        let over = self.txs.len().saturating_sub(OPEN_MOST);
        let [orig, resp] = &self.halves;
        // What a direction still reads stays until it is read, told or not.
        let busy = |number: u64| {
            !all && [orig, resp].iter().any(|h| h.number == number && h.at.in_message())
        };
        for (i, tx) in self.txs.iter_mut().enumerate() {
            let ready =
                if strict { tx.is_answered() && !tx.is_interim() } else { tx.head().is_complete() };
            if !tx.told && (ready || all || tx.forced || i < over) {
                record::tell(cx, tx, &mut shared.lines);
                tx.told = true;
            }
            if tx.told && !busy(tx.number) && (all || tx.forced || i < over) {
                tx.head_mut().complete();
            }
            tx.head_mut().pass(Consumer::Records);
        }
        self.txs.retire(|t| t.told && t.head().is_complete());
    }
}
