//! A TCP connection as Zeek reads it: endpoint states, history, sizes, and what is told when.
//!
//! The states say what was *seen*, not what a stack would be in: a sensor misses packets, sees one
//! side only, or comes late, and every such case has its own state and letter. Roles may turn out
//! to be the other way round (a SYN-ACK before its SYN, a capture that begins in the middle): the
//! ends are therefore kept by *side* (0 sent the first packet) and the originator is a number.

use base::{Span, Ts};
use smallvec::SmallVec;

use super::end::{End, EndState, TOO_FAR};
use super::history::History;
use super::{Segment, seq};
use crate::reassembly::Passed;
use crate::step::{Step, Tracking};
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
    attempt_at: Option<Ts>,
    delete_at: Option<Ts>,
    /// When it is looked at whether it lingers after a close.
    checks: SmallVec<[Ts; 3]>,
    last_of_side: [Ts; 2],
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
            attempt_at: None,
            delete_at: None,
            checks: smallvec::smallvec![clock.plus(SYN_TIMEOUT)],
            last_of_side: [Ts(i64::MIN); 2],
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
        if self.last_time.plus(idle) <= now || self.delete_at.is_some_and(|d| d <= now) {
            return true;
        }
        if !self.active {
            return false;
        }
        let (o, r) = (self.orig(), self.resp());
        let unanswered = matches!(o.state, EndState::SynSent | EndState::SynAckSent)
            && r.state == EndState::Inactive;
        if self.attempt_at.is_some_and(|a| a <= now) {
            if unanswered {
                return true;
            }
            self.attempt_at = None;
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
        let mut at = self.last_time.plus(idle);
        if let Some(d) = self.delete_at {
            at = at.min(d);
        }
        if self.active {
            at = self.attempt_at.map_or(at, |a| at.min(a));
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
        let acked = if s.ack() { self.follow_ack(side, s, tr) } else { None };
        let moved = self.follow_last(side, s, past);
        if let Some(l) = self.last_of_side.get_mut(side) {
            *l = t;
        }
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

    fn note_partial(&mut self, side: usize, s: &Segment) {
        if self.first_seen & (1 << side) != 0 {
            return;
        }
        if side == self.orig_side() {
            self.partial = !s.syn() || s.ack();
        } else if !self.partial {
            self.partial = !s.syn();
        }
    }

    /// Sets the numbers of an end by the first of its segments, or by a SYN that starts anew.
    fn begin_end(&mut self, side: usize, s: &Segment, past: u32, tr: &mut Tracking<'_>) {
        let [a, b] = &self.ends;
        let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
        let jump = s.seq != end.start();
        let mut weirds: [Option<&'static model::AnomalyKind>; 2] = [None; 2];
        let anew = match end.state {
            EndState::Inactive => {
                let start = if s.syn() { s.seq } else { s.seq.wrapping_sub(1) };
                let last = if s.syn() { past } else { s.seq };
                let e = self.end_mut(side);
                e.set_start(start);
                e.set_acked(start);
                e.set_last(last);
                return;
            }
            EndState::SynSent | EndState::SynAckSent => {
                if s.syn() && jump {
                    weirds = [Some(&weird::SYN_SEQ_JUMP), None];
                }
                s.syn() && jump
            }
            EndState::Established | EndState::Partial => {
                if s.syn() {
                    let inside = end.size(peer) > 0;
                    weirds = [
                        inside.then_some(&weird::SYN_INSIDE_CONNECTION),
                        jump.then_some(&weird::SYN_SEQ_JUMP),
                    ];
                }
                s.syn()
            }
            // A RST set the numbers, and may have been forged.
            EndState::Reset => s.syn() && end.previous == EndState::Inactive,
            EndState::Closed => false,
        };
        for w in weirds.into_iter().flatten() {
            self.weird(w, tr);
        }
        if anew {
            let e = self.end_mut(side);
            e.set_start(s.seq);
            e.set_acked(s.seq);
            e.set_last(past);
        }
    }

    fn write_history(&mut self, side: usize, s: &Segment, at: u64) {
        let bits =
            u8::from(s.syn()).wrapping_add(u8::from(s.fin())).wrapping_add(u8::from(s.rst()));
        let len = u64::from(s.len);
        if bits > 1 {
            if s.fin() && s.rst() {
                self.letter_once(side, FIN_RST, b'I');
            } else {
                self.letter_once(side, MULTI, b'Q');
            }
        } else if s.syn() {
            let letter = if s.ack() { b'H' } else { b'S' };
            if self.letter_once(side, SYN, letter) && at != self.end(side).last_syn {
                self.letter(side, letter);
            }
            self.end_mut(side).last_syn = at;
        } else if s.fin() {
            // A FIN's number comes after the data of its segment.
            let at = at.wrapping_add(len);
            if self.letter_once(side, FIN, b'F') && at != self.end(side).last_fin {
                self.letter(side, b'F');
            }
            self.end_mut(side).last_fin = at;
        } else if s.rst() {
            if self.letter_once(side, RST, b'R') && at != self.end(side).last_rst {
                self.letter(side, b'R');
            }
            self.end_mut(side).last_rst = at;
        } else if len > 0 {
            self.letter_once(side, DATA, b'D');
        } else if s.ack() {
            self.letter_once(side, ACK, b'A');
        }
    }

    fn follow_window(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        let (end, peer) = self.both(side);
        let scale = u32::from(end.scale);
        let window = u32::from(s.window).wrapping_shl(scale);
        let shut = matches!(end.state, EndState::Closed | EndState::Reset);
        // A zero window says nothing with or after a RST, or after the peer's FIN.
        if window == 0
            && !s.rst()
            && peer.state != EndState::Closed
            && end.state != EndState::Reset
            && end.zero_windows.step()
        {
            self.letter(side, b'W');
        }
        let end = self.end_mut(side);
        if s.syn() || s.fin() || s.rst() || shut {
            return;
        }
        if seq::geq(s.seq, end.window_seq) && seq::geq(s.ack, end.window_ack) {
            let edge = s.ack.wrapping_add(window);
            let old = end.window_ack.wrapping_add(end.window);
            let advance = seq::delta(edge, old);
            let recision = advance < 0 && i64::from(advance).saturating_neg() >= 1i64 << scale;
            end.window = window;
            end.window_ack = s.ack;
            end.window_seq = s.seq;
            if recision {
                self.weird(&weird::WINDOW_RECISION, tr);
            }
        }
    }

    fn syn_oddities(&mut self, s: &Segment, tr: &mut Tracking<'_>) {
        let odd = [
            (s.rst(), &weird::TCP_CHRISTMAS),
            (s.has(seq::flag::URG), &weird::BAROQUE_SYN),
            (s.len > 0, &weird::SYN_WITH_DATA),
        ];
        for (is, kind) in odd {
            if is {
                self.weird(kind, tr);
            }
        }
    }

    fn negotiate_scale(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        let Some(mut scale) = s.scale else {
            let (end, peer) = self.both(side);
            end.scale = 0;
            if s.ack() {
                peer.scale = 0;
            }
            return;
        };
        if scale > 14 {
            if !self.did_weird {
                self.did_weird = true;
                tr.weirds
                    .push(Weird { kind: &weird::TCP_SCALE_RANGE, detail: Some(u32::from(scale)) });
            }
            scale = 14; // RFC 7323, section 2.3
        }
        let (end, peer) = self.both(side);
        end.scale = scale;
        end.window_seq = s.seq;
        end.window_ack = s.ack;
        peer.window_seq = s.ack;
        peer.window_ack = s.seq;
    }

    fn count_close(&mut self, side: usize, t: Ts, fin: bool, tr: &mut Tracking<'_>) {
        let last = self.last_of_side.get(side).copied().unwrap_or_default();
        let end = self.end_mut(side);
        let count = if fin { &mut end.fins } else { &mut end.rsts };
        *count = count.saturating_add(1);
        if *count >= STORM && t < last.plus(STORM_SPAN) {
            self.weird(if fin { &weird::FIN_STORM } else { &weird::RST_STORM }, tr);
        }
    }

    /// Takes in an acknowledgement of `side`; the peer's position that it names.
    fn follow_ack(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) -> Option<u64> {
        let state = self.end(side).state;
        let peer = self.end(side ^ 1);
        if peer.state == EndState::Inactive {
            let began =
                matches!(state, EndState::SynSent | EndState::SynAckSent | EndState::Established);
            if !s.syn() && !s.fin() && !s.rst() && began && !self.did_weird {
                // It acknowledges data of a peer that was never seen.
                self.weird(&weird::POSSIBLE_SPLIT_ROUTING, tr);
            }
            let before = s.ack.wrapping_sub(1);
            let peer = self.end_mut(side ^ 1);
            peer.set_start(before);
            peer.set_acked(before);
            peer.set_last(before);
            return Some(1);
        }
        let Some(at) = peer.locate(s.ack, peer.acked(), peer.acked_wraps()) else {
            self.weird(&weird::TCP_ACK_UNDERFLOW, tr);
            return Some(0);
        };
        if !s.rst() {
            let peer = self.end_mut(side ^ 1);
            let d = seq::delta(s.ack, peer.acked());
            // A zero that is far ahead is a broken field rather than a place in the stream.
            if d > 0 && !(s.ack == 0 && d > TOO_FAR) {
                peer.advance_acked(s.ack);
            }
        }
        Some(at)
    }

    /// Moves the newest number of an end; by how much the segment goes beyond it.
    fn follow_last(&mut self, side: usize, s: &Segment, past: u32) -> i32 {
        let end = self.end_mut(side);
        let d = seq::delta(past, end.last());
        if (s.syn() || s.rst()) && !(-TOO_FAR..=TOO_FAR).contains(&d) {
            // Not to be trusted.
        } else if s.fin() && end.last() == end.start().wrapping_add(1) {
            // Of a transfer beyond 2 GB only SYN and FIN were seen.
            end.advance_last(past);
        } else if end.state == EndState::Reset {
            // Nothing after a RST is trusted.
        } else if d > 0 {
            end.advance_last(past);
        } else if s.len > 0 && end.retransmissions.step() {
            self.letter(side, b'T');
        }
        d
    }

    fn set_state(&mut self, side: usize, state: EndState) {
        let peer = self.end(side ^ 1).state;
        let end = self.end_mut(side);
        if end.state == state {
            return;
        }
        let leaves = !state.is_handshake() && end.state.is_handshake() && peer.is_handshake();
        end.previous = end.state;
        end.state = state;
        if leaves {
            self.past_handshake = true;
        }
    }

    /// Moves the states; true if the sender's direction closes with this segment.
    fn advance(
        &mut self,
        t: Ts,
        side: usize,
        is_orig: bool,
        s: &Segment,
        moved: i32,
        tr: &mut Tracking<'_>,
    ) -> bool {
        match self.end(side).state {
            EndState::Inactive => self.from_inactive(t, side, is_orig, s, tr),
            EndState::SynSent | EndState::SynAckSent => self.from_syn(side, is_orig, s, tr),
            EndState::Established | EndState::Partial => self.from_established(side, s, tr),
            EndState::Closed => self.from_closed(side, s, moved, tr),
            EndState::Reset => {
                let odd = [
                    (s.syn(), &weird::SYN_AFTER_RESET),
                    (s.fin(), &weird::FIN_AFTER_RESET),
                    (s.len > 0 && !s.rst(), &weird::DATA_AFTER_RESET),
                ];
                for (is, kind) in odd {
                    if is {
                        self.weird(kind, tr);
                    }
                }
                false
            }
        }
    }

    fn from_inactive(
        &mut self,
        t: Ts,
        side: usize,
        is_orig: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> bool {
        let other = side ^ 1;
        let mut closes = false;
        if s.syn() {
            if is_orig {
                if s.ack() {
                    self.weird(&weird::CONNECTION_ORIGINATOR_SYN_ACK, tr);
                    self.set_state(side, EndState::SynAckSent);
                } else {
                    self.set_state(side, EndState::SynSent);
                }
                self.attempt_at = Some(t.plus(ATTEMPT));
            } else {
                self.answered_with_syn(side, s, tr);
            }
        }
        let peer = self.end(other).state;
        if s.fin() {
            self.set_state(side, EndState::Closed);
            closes = true;
            if peer != EndState::Partial && !s.syn() {
                self.weird(&weird::SPONTANEOUS_FIN, tr);
            }
        }
        if s.rst() {
            self.set_state(side, EndState::Reset);
            let reject = if is_orig {
                peer == EndState::Established
            } else {
                matches!(peer, EndState::SynSent | EndState::SynAckSent)
            };
            closes = true;
            if !reject && peer == EndState::Inactive {
                self.weird(&weird::SPONTANEOUS_RST, tr);
            }
        }
        if self.end(side).state == EndState::Inactive {
            if !is_orig && s.len == 0 && self.orig().state == EndState::SynSent {
                // Some stacks acknowledge a SYN before they answer it.
            } else if s.ack() && peer == EndState::Established {
                // Only the SYN was missed.
                self.set_state(side, EndState::Established);
                self.partial = false;
                self.established = true;
                self.first_seen |= 1 << side;
            } else {
                self.set_state(side, EndState::Partial);
            }
        }
        closes
    }

    /// The responder sends its first segment, a SYN.
    fn answered_with_syn(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        let other = side ^ 1;
        let peer = self.end(other);
        let state = peer.state;
        if s.ack() {
            let fits =
                (s.ack.wrapping_sub(peer.start())) <= (peer.last().wrapping_sub(peer.start()));
            if !matches!(state, EndState::Inactive | EndState::Partial) && !fits {
                self.weird(&weird::BAD_SYN_ACK, tr);
            }
        } else if state == EndState::SynAckSent && s.seq == self.end(side).start() {
            // SYN and SYN-ACK were captured in the wrong order.
            self.flip();
            self.set_state(other, EndState::Established);
            self.first_seen |= 1 << self.orig;
        } else {
            self.weird(&weird::SIMULTANEOUS_OPEN, tr);
        }
        match self.end(other).state {
            EndState::SynSent => self.set_state(other, EndState::Established),
            EndState::Inactive => self.weird(&weird::UNSOLICITED_SYN_RESPONSE, tr),
            _ => {}
        }
        self.set_state(side, EndState::Established);
        if self.end(other).state != EndState::Partial {
            self.established = true;
        }
    }

    fn from_syn(&mut self, side: usize, is_orig: bool, s: &Segment, tr: &mut Tracking<'_>) -> bool {
        let state = self.end(side).state;
        let peer = self.end(side ^ 1).state;
        if s.syn() {
            if is_orig {
                if s.ack() && !s.fin() && !s.rst() && state != EndState::SynAckSent {
                    self.weird(&weird::REPEATED_SYN_WITH_ACK, tr);
                }
            } else if !s.ack() && state != EndState::SynSent {
                self.weird(&weird::REPEATED_SYN_REPLY_WO_ACK, tr);
            }
        }
        if s.fin() {
            if matches!(peer, EndState::Inactive | EndState::SynSent) {
                self.weird(&weird::INAPPROPRIATE_FIN, tr);
            }
            self.set_state(side, EndState::Closed);
        }
        if s.rst() {
            self.set_state(side, EndState::Reset);
            self.active = false;
        } else if s.len > 0 {
            self.weird(&weird::DATA_BEFORE_ESTABLISHED, tr);
        }
        s.fin() || s.rst()
    }

    fn from_established(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) -> bool {
        let other = side ^ 1;
        if s.syn()
            && !s.ack()
            && self.end(side).state == EndState::Partial
            && self.end(other).state == EndState::Inactive
        {
            self.weird(&weird::SYN_AFTER_PARTIAL, tr);
            self.set_state(side, EndState::SynSent);
        }
        let mut closes = false;
        if s.fin() && !s.rst() {
            self.set_state(side, EndState::Closed);
            let peer = self.end(other);
            if peer.state == EndState::Reset && peer.previous == EndState::Closed {
                // The peer sent a FIN and then a RST: this was a normal end after all.
                self.set_state(other, EndState::Closed);
            }
            closes = true;
        }
        if s.rst() {
            self.set_state(side, EndState::Reset);
            closes = true;
            let peer = self.end(other);
            if peer.state != EndState::Reset || peer.previous != EndState::Established {
                self.active = false;
            }
        }
        closes
    }

    fn from_closed(&mut self, side: usize, s: &Segment, moved: i32, tr: &mut Tracking<'_>) -> bool {
        if s.syn() {
            self.weird(&weird::SYN_AFTER_CLOSE, tr);
        }
        if s.fin() && moved > 0 {
            self.weird(&weird::FIN_ADVANCED_LAST_SEQ, tr);
        }
        if s.rst() && self.end(side ^ 1).state != EndState::Closed {
            self.set_state(side, EndState::Reset);
            return !self.end(side).did_close;
        }
        false
    }

    /// Data that `side` sent is acknowledged up to `at`.
    fn acknowledged(&mut self, side: usize, mut at: u64, tr: &mut Tracking<'_>) {
        let end = self.end(side);
        if end.fins > 0 && at >= end.fin_at {
            at = end.fin_at.wrapping_sub(1);
        }
        if at <= end.half.passed() {
            return;
        }
        if at > end.half.next() && at <= 2 && self.partial {
            // The start of a connection that was joined late is a guess, off by one at most.
            self.end_mut(side).half.pass(at);
            self.check_end(side, tr);
            return;
        }
        let clean = self.ends.iter().all(End::is_clean);
        let skipped = end.skipped;
        let reading = tr.reading;
        let half = &mut self.end_mut(side).half;
        let told = half.acknowledge(at, skipped, reading, tr.buffers, &mut tr.pieces);
        tr.collect(side);
        self.count_gaps(side, told, clean);
        self.check_end(side, tr);
    }

    fn count_gaps(&mut self, side: usize, told: Passed, clean: bool) {
        // Elsewhere holes are an artefact of numbers that a RST or a late start got wrong.
        if !clean {
            return;
        }
        self.missed = self.missed.saturating_add(told.missed);
        for _ in 0..told.gaps {
            if self.end_mut(side).gaps.step() {
                self.letter(side, b'G');
            }
        }
    }

    fn data(&mut self, side: usize, mut at: u64, mut len: u64, tr: &mut Tracking<'_>) {
        let end = self.end(side);
        if end.skipped {
            return;
        }
        let acked = end.acked_at();
        let mut cut = 0u64;
        if at < acked && acked.wrapping_sub(at) < 1 << 40 {
            if at.saturating_add(len) <= acked {
                return;
            }
            cut = acked.wrapping_sub(at);
        }
        let passed = end.half.passed();
        if at.saturating_add(len) <= passed {
            return;
        }
        cut = cut.max(passed.saturating_sub(at)).min(len);
        at = at.saturating_add(cut);
        len = len.saturating_sub(cut);
        let clean = self.ends.iter().all(End::is_clean);
        let reading = tr.reading;
        let bytes =
            tr.payload.get(usize::try_from(cut).unwrap_or(usize::MAX)..).unwrap_or_default();
        let half = &mut self.end_mut(side).half;
        let before = half.next();
        let met = half.insert(at, bytes, len, reading, tr.buffers, &mut tr.pieces);
        let moved = half.next() > before;
        for p in &mut tr.pieces {
            if let crate::reassembly::Piece::Packet { start, .. } = p {
                *start = start.saturating_add(u32::try_from(cut).unwrap_or(0));
            }
        }
        tr.collect(side);
        if met.overflow {
            self.count_gaps(side, Passed { gaps: 1, missed: 0 }, clean);
            tr.overflow = true;
        }
        if met.inconsistent {
            tr.inconsistent = true;
        }
        let [a, b] = &self.ends;
        let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
        let size = end.size(peer);
        let no_acks = end.no_data_acked();
        if moved && no_acks && size > INITIAL_WINDOW_MOST {
            // Acknowledgements go another way: nothing is waited for.
            let end = self.end_mut(side);
            let next = end.half.next();
            end.half.pass(next);
        }
        let half = &self.end(side).half;
        let give_up = if no_acks && half.waiting() > ABOVE_HOLE_MOST {
            Some(&weird::ABOVE_HOLE_DATA)
        } else if half.unacknowledged() > UNACKED_MOST {
            Some(&weird::EXCESSIVE_DATA)
        } else {
            None
        };
        if let Some(kind) = give_up
            && tr.gives_up
        {
            self.weird(kind, tr);
            let end = self.end_mut(side);
            end.half.clear(reading.pair, tr.buffers);
            end.skipped = true;
        }
    }

    /// Tells the end of a direction once all of its data was told.
    fn check_end(&mut self, side: usize, tr: &mut Tracking<'_>) {
        let [a, b] = &self.ends;
        let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
        let over = end.fins > 0 || matches!(end.state, EndState::Closed | EndState::Reset);
        if end.did_end || !over || end.data_pending(peer) {
            return;
        }
        self.end_mut(side).did_end = true;
        if !tr.reading.dry {
            tr.steps.push_back(Step::End { side });
        }
        if self.close_deferred {
            let [a, b] = &self.ends;
            let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
            if end.data_pending(peer) && a.did_close && b.did_close {
                self.weird(&weird::PENDING_DATA_WHEN_CLOSED, tr);
            }
            self.close(side);
            self.close_deferred = false;
        }
    }

    fn close(&mut self, side: usize) {
        let [a, b] = &self.ends;
        let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
        if end.data_pending(peer) {
            self.close_deferred = true;
            return;
        }
        self.close_deferred = false;
        if end.did_close {
            return;
        }
        let complete =
            end.state == EndState::Reset || peer.did_close || peer.state == EndState::Inactive;
        self.end_mut(side).did_close = true;
        if complete {
            self.active = false;
            self.attempt_at = None;
            self.delete_at = Some(self.last_time.plus(CLOSE_DELAY));
        } else if self.end(side).previous != EndState::Inactive && self.checks.len() < 3 {
            self.checks.push(self.last_time.plus(SESSION_TIMER));
        }
    }

    /// The flow ends: what is held is let go.
    pub(crate) fn drop_held(&mut self, tr: &mut Tracking<'_>) {
        for end in &mut self.ends {
            end.half.clear(tr.reading.pair, tr.buffers);
        }
    }
    /// Whether a direction's end was told.
    pub(crate) fn told_end(&self, side: usize) -> bool {
        self.end(side).did_end
    }
}
