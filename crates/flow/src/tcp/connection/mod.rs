//! A TCP connection as Zeek reads it: endpoint states, history, sizes, and what is told when.
//!
//! The states say what was *seen*, not what a stack would be in: a sensor misses packets, sees one
//! side only, or comes late, and every such case has its own state and letter. Roles may turn out
//! to be the other way round (a SYN-ACK before its SYN, a capture that begins in the middle): the
//! ends are therefore kept by *side* (0 sent the first packet) and the originator is a number.

mod numbers;
mod states;
mod stream;

use base::{Span, Ts};

use super::end::{End, EndState};
use super::history::History;
use super::{Segment, seq};
use crate::step::Tracking;
use crate::weird::{self, Weird};

/// What a SYN on a known pair of endpoints is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Part of the connection.
    No,
    /// The beginning of another one, with what is odd about that.
    Yes(Option<&'static model::AnomalyKind>),
}

/// How long things last that have no packet to end them (Zeek's `tcp_*` intervals).
const ATTEMPT: Span = Span::from_secs(5);
const LINGER: Span = Span::from_secs(5);
const CLOSE_DELAY: Span = Span::from_secs(5);
const SYN_TIMEOUT: Span = Span::from_secs(5);
/// A timer that is not set.
const NEVER: Ts = Ts(i64::MAX);
const SESSION_TIMER: Span = Span::from_secs(6);
/// Unacknowledged data after which the receiver's side is taken to be unseen.
const INITIAL_WINDOW_MOST: u64 = 16_384;
/// Data beyond a hole, nothing of the stream acknowledged, after which a stream is given up.
const ABOVE_HOLE_MOST: u64 = 16_384;
/// Data that was not acknowledged, after which a stream is given up.
const UNACKED_MOST: u64 = 10 << 20;
const STORM: u32 = 1000;
const STORM_SPAN: Span = Span::from_secs(1);

// Marks of letters that are written once.
const SYN: u32 = 0x1;
const FIN: u32 = 0x2;
const RST: u32 = 0x4;
const FIN_RST: u32 = 0x8;
const DATA: u32 = 0x10;
const ACK: u32 = 0x20;
const MULTI: u32 = 0x40;

/// A connection.
#[derive(Debug)]
pub struct Connection {
    ends: [End; 2],
    /// The side that is the originator.
    orig: u8,
    history: History,
    seen_letters: u32,
    /// No SYN of its originator was seen.
    partial: bool,
    /// First packets seen, a bit per side.
    first_seen: u8,
    did_weird: bool,
    active: bool,
    close_deferred: bool,
    /// Bytes that were missed in both directions.
    missed: u64,
    last_time: Ts,
    /// The one before it.
    before_last: Ts,
    // Timers; `NEVER` where they are not set.
    attempt_at: Ts,
    delete_at: Ts,
    /// When it is looked at whether it lingers after a close.
    checks: [Ts; 2],
    established: bool,
    /// Left the handshake: the longer time-out counts.
    past_handshake: bool,
}

impl Connection {
    /// A connection whose first segment comes from side 0 at `t`, when the input's clock says
    /// `clock`; `flip` if that side is taken to
    /// be the responder.
    pub(crate) fn new(t: Ts, clock: Ts, flip: bool) -> Self {
        let mut c = Self {
            ends: [End::default(), End::default()],
            orig: 0,
            history: History::default(),
            seen_letters: 0,
            partial: false,
            first_seen: 0,
            did_weird: false,
            active: true,
            close_deferred: false,
            missed: 0,
            last_time: t,
            before_last: t,
            attempt_at: NEVER,
            delete_at: NEVER,
            checks: [clock.plus(SYN_TIMEOUT), NEVER],
            established: false,
            past_handshake: false,
        };
        if flip {
            c.orig = 1;
            c.history.push(b'^');
        }
        c
    }
    /// The side that is the originator.
    pub(crate) const fn orig_side(&self) -> usize {
        self.orig as usize
    }
    const fn resp_side(&self) -> usize {
        (self.orig ^ 1) as usize
    }
    fn end(&self, side: usize) -> &End {
        let [a, b] = &self.ends;
        if side == 0 { a } else { b }
    }
    pub(crate) fn end_mut(&mut self, side: usize) -> &mut End {
        let [a, b] = &mut self.ends;
        if side == 0 { a } else { b }
    }
    /// The end of a side and its peer.
    fn both(&mut self, side: usize) -> (&mut End, &mut End) {
        let [a, b] = &mut self.ends;
        if side == 0 { (a, b) } else { (b, a) }
    }
    /// The originator.
    pub fn orig(&self) -> &End {
        self.end(self.orig_side())
    }
    /// The responder.
    pub fn resp(&self) -> &End {
        self.end(self.resp_side())
    }
    /// Whether no SYN of its originator was seen.
    pub const fn is_partial(&self) -> bool {
        self.partial
    }
    /// Letters.
    pub fn history(&self) -> &str {
        self.history.as_str()
    }
    pub(crate) const fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }
    /// Bytes missed in both directions.
    pub const fn missed(&self) -> u64 {
        self.missed
    }
    /// Time of the last segment that counts as activity.
    pub(crate) const fn last_time(&self) -> Ts {
        self.last_time
    }
    /// Whether one end has left the handshake.
    pub(crate) const fn past_handshake(&self) -> bool {
        self.past_handshake
    }
    /// Whether the handshake was seen.
    pub(crate) const fn is_established(&self) -> bool {
        self.established
    }
    /// The content says that the roles are the other way round.
    pub(crate) fn flip_by_consumer(&mut self) {
        self.flip();
    }
    /// Payload bytes by side.
    pub(crate) fn sizes_by_side(&self) -> [u64; 2] {
        let [a, b] = &self.ends;
        [a.size(b), b.size(a)]
    }
    /// Payload bytes from the originator and from the responder.
    pub fn sizes(&self) -> [u64; 2] {
        [self.orig().size(self.resp()), self.resp().size(self.orig())]
    }
    /// Zeek's `conn_state`.
    pub fn state_name(&self) -> &'static str {
        use EndState::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};
        let (o, r) = (self.orig().state, self.resp().state);
        let o_inactive = matches!(o, Inactive | Partial);
        let r_inactive = matches!(r, Inactive | Partial);
        match (o, r) {
            (SynSent | SynAckSent, Reset) => "REJ",
            (Reset, Reset) if self.sizes() == [0, 0] => "REJ",
            (_, Reset) if o_inactive => "RSTRH",
            (_, Reset) => "RSTR",
            (Reset, _) if r_inactive && self.history.is_aborted_attempt() => "RSTOS0",
            (Reset, _) if r_inactive => "OTH",
            (Reset, _) => "RSTO",
            (Closed, Closed) => "SF",
            (Closed, _) if r_inactive => "SH",
            (Closed, _) => "S2",
            (_, Closed) if o_inactive => "SHR",
            (_, Closed) => "S3",
            (SynSent, Inactive) => "S0",
            (Established, Established) => "S1",
            _ => "OTH",
        }
    }

    /// Lets the timers run that are due at `now` on the input's clock; true if one of them ends the
    /// connection. `idle` is how long silence may last.
    pub(crate) fn run_timers(&mut self, now: Ts, idle: Span) -> bool {
        if self.last_time.plus(idle) <= now || self.delete_at <= now {
            return true;
        }
        if !self.active {
            return false;
        }
        let (o, r) = (self.orig(), self.resp());
        let unanswered = matches!(o.state, EndState::SynSent | EndState::SynAckSent)
            && r.state == EndState::Inactive;
        if self.attempt_at <= now {
            if unanswered {
                return true;
            }
            self.attempt_at = NEVER;
        }
        let (o, r) = (self.orig(), self.resp());
        let either = |f: fn(&End) -> bool| f(o) || f(r);
        let closing = either(|e| e.did_close)
            && ((o.did_close && r.did_close)
                || either(|e| e.state == EndState::Reset)
                || either(|e| e.state == EndState::Inactive));
        let nothing = o.state == EndState::Inactive && r.state == EndState::Inactive;
        let silent = self.last_time.plus(LINGER) < now;
        for check in &mut self.checks {
            if *check <= now {
                if silent && (closing || nothing) {
                    return true;
                }
                *check = now.plus(SESSION_TIMER);
            }
        }
        false
    }
    /// When the next timer is due.
    pub(crate) fn next_timer(&self, idle: Span) -> Ts {
        let mut at = self.last_time.plus(idle).min(self.delete_at);
        if self.active {
            at = at.min(self.attempt_at);
            at = self.checks.iter().fold(at, |at, c| at.min(*c));
        }
        at
    }

    /// Whether a segment of time `t` begins another connection between the same endpoints.
    pub(crate) fn reuse(&self, t: Ts, s: &Segment) -> Reuse {
        if !s.syn() {
            return Reuse::No;
        }
        let (o, r) = (self.orig(), self.resp());
        let mut begun = o;
        if s.ack() {
            if o.state != EndState::Inactive {
                return Reuse::No;
            }
            begun = r;
        }
        let reset = o.state == EndState::Reset || r.state == EndState::Reset;
        if !(o.did_close || r.did_close) {
            if s.seq == begun.start() {
                return Reuse::No;
            }
            if !s.ack()
                && begun.state == EndState::SynAckSent
                && r.state == EndState::Inactive
                && s.seq == r.start()
            {
                // SYN and SYN-ACK were captured in the wrong order.
                return Reuse::No;
            }
            return Reuse::Yes(Some(if begun.state == EndState::SynSent {
                &weird::SYN_SEQ_JUMP
            } else {
                &weird::ACTIVE_CONNECTION_REUSE
            }));
        }
        if (o.is_active() || r.is_active()) && !reset {
            return Reuse::Yes(Some(&weird::ACTIVE_CONNECTION_REUSE));
        }
        if t.since(self.last_time) < LINGER && !reset {
            return Reuse::Yes(Some(&weird::PREMATURE_CONNECTION_REUSE));
        }
        Reuse::Yes(None)
    }

    fn weird(&mut self, kind: &'static model::AnomalyKind, tr: &mut Tracking<'_>) {
        self.did_weird = true;
        tr.weirds.push(Weird { kind, detail: None });
    }

    fn letter(&mut self, side: usize, letter: u8) {
        let letter = if side == self.orig_side() { letter } else { letter.to_ascii_lowercase() };
        self.history.push(letter);
    }
    /// Writes a letter that is written once per role; true if it was there already.
    fn letter_once(&mut self, side: usize, mark: u32, letter: u8) -> bool {
        if matches!(letter, b'A' | b'D') && self.history.as_bytes() == b"H" {
            // It began with a SYN-ACK and goes on like a connection does: the SYN was missed, and
            // whoever sent the SYN-ACK is the responder.
            self.flip();
            self.history.set(b"^h");
            self.first_seen |= 1 << self.orig;
        }
        let mark = if side == self.orig_side() { mark } else { mark << 16 };
        if self.seen_letters & mark != 0 {
            return true;
        }
        self.seen_letters |= mark;
        self.letter(side, letter);
        false
    }
    fn flip(&mut self) {
        self.orig ^= 1;
        self.partial = false;
        self.history.push(b'^');
    }

    /// A segment with a wrong checksum came from `side`.
    pub(crate) fn bad_checksum(&mut self, side: usize, tr: &mut Tracking<'_>) {
        self.weird(&weird::BAD_TCP_CHECKSUM, tr);
        if self.end_mut(side).checksums.step() {
            self.letter(side, b'C');
        }
    }

    /// Follows a segment from `side` at `t`, and writes into `tr` what it lets be handed on.
    pub(crate) fn segment(&mut self, t: Ts, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        let is_orig = side == self.orig_side();
        let other = side ^ 1;
        self.note_partial(side, s);
        let sequence = u32::from(s.syn())
            .wrapping_add(u32::from(s.fin()))
            .wrapping_add(if s.rst() { 0 } else { s.len });
        let past = s.seq.wrapping_add(sequence);
        self.begin_end(side, s, past, tr);
        let end = self.end(side);
        let located = end.locate(s.seq, end.last(), end.last_wraps());
        if located.is_none() && !s.rst() {
            self.weird(&weird::TCP_SEQ_UNDERFLOW, tr);
        }
        let start = self.end(side).start();
        let at = located.unwrap_or_else(|| (seq::delta(s.seq, start) as i64).cast_unsigned());
        self.write_history(side, s, at);
        self.follow_window(side, s, tr);
        self.before_last = self.last_time;
        if !(self.end(0).did_close && self.end(1).did_close) {
            self.last_time = t;
        }
        if s.syn() {
            self.syn_oddities(s, tr);
            self.negotiate_scale(side, s, tr);
        }
        if s.fin() {
            self.count_close(side, t, true, tr);
            self.end_mut(side).fin_at = at.wrapping_add(u64::from(sequence));
        }
        if s.rst() {
            self.count_close(side, t, false, tr);
        }
        let acked = s.ack().then(|| self.follow_ack(side, s, tr));
        let moved = self.follow_last(side, s, past);
        self.end_mut(side).did_something = true;
        let close = self.advance(t, side, is_orig, s, moved, tr);
        if let Some(acked) = acked {
            self.acknowledged(other, acked, tr);
        }
        self.first_seen |= if is_orig { 1 << self.orig } else { 1 << (self.orig ^ 1) };
        let data_at = if s.syn() { at.wrapping_add(1) } else { at };
        if s.len > 0 && !s.rst() && located.is_some() {
            if s.captured >= s.len {
                self.data(side, data_at, u64::from(s.len), tr);
            } else {
                // Zeek leaves such a segment out; what was captured of it is lost with it.
                self.weird(&weird::TRUNCATED_TCP_PAYLOAD, tr);
            }
        }
        self.check_end(side, tr);
        if close {
            self.close(side);
        }
    }
}
