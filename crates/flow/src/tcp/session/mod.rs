//! A TCP connection as Suricata reads it: one state machine for the pair, windows checked, bytes
//! handed on when the receiver has acknowledged them.
//!
//! A segment that doesn't fit (outside the window, an acknowledgement of what was never sent, a
//! timestamp that goes back) changes nothing: it is counted with its flow and not analysed. Without
//! a handshake there is no session, unless the profile picks streams up in the middle.
//!
//! The states are those of RFC 9293 as seen from the client, with one name for each pair.

mod closing;
mod handshake;
mod stream;

use base::Ts;

use super::Segment;
use super::seq::{self, flag, geq, gt, leq, lt};
use crate::reassembly::Half;
use crate::step::Tracking;

/// What a flow record says of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionState {
    /// Before the handshake is complete.
    #[default]
    New,
    /// From the handshake until both ends have closed.
    Established,
    /// After that, or after a reset.
    Closed,
}

impl SessionState {
    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Established => "established",
            Self::Closed => "closed",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    #[default]
    None,
    SynSent,
    SynRecv,
    Established,
    FinWait1,
    FinWait2,
    TimeWait,
    LastAck,
    CloseWait,
    Closing,
    Closed,
}

/// One direction.
#[derive(Debug, Default)]
struct Stream {
    isn: u32,
    next_seq: u32,
    last_ack: u32,
    next_win: u32,
    window: u32,
    scale: u8,
    last_ts: u32,
    last_ts_secs: u32,
    offered_ts: bool,
    zero_ts: bool,
    keepalive: bool,
    flags: u8,
    /// Position after the last byte, 0 before a FIN.
    fin_at: u64,
    told_end: bool,
    gap: bool,
    /// A reset against it was believed before the handshake, and may have been forged.
    reset: bool,
    half: Half,
}

/// Largest window scale; assumed where the handshake wasn't seen.
const SCALE_MOST: u8 = 14;
/// After so long a silence a timestamp may have wrapped (RFC 7323, section 5.5).
const PAWS_SECS: u32 = 2_073_600;

/// A session.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    before: State,
    flow_state: SessionState,
    /// By side: 0 sent the flow's first packet.
    streams: [Stream; 2],
    midstream_allowed: bool,
    midstream: bool,
    midstream_fresh: bool,
    timestamps: bool,
    scale_offered: bool,
    crossed_syns: bool,
    confirmed: bool,
    reset: bool,
    established: bool,
    /// SYN-ACKs that differ from the first.
    other_synacks: smallvec::SmallVec<[(u32, u32, u16, u8); 1]>,
    /// A zero-window probe is out, by side.
    probe: [bool; 2],
}

/// A segment that doesn't fit.
struct Misfit;

impl Session {
    /// No session yet; `midstream` if one may begin without a handshake.
    pub(crate) fn new(midstream: bool) -> Self {
        Self { midstream_allowed: midstream, ..Self::default() }
    }
    /// What the flow record says.
    pub const fn flow_state(&self) -> SessionState {
        self.flow_state
    }
    /// Name of the state.
    pub const fn state_name(&self) -> &'static str {
        match self.state {
            State::None => "none",
            State::SynSent => "syn_sent",
            State::SynRecv => "syn_recv",
            State::Established => "established",
            State::FinWait1 => "fin_wait1",
            State::FinWait2 => "fin_wait2",
            State::TimeWait => "time_wait",
            State::LastAck => "last_ack",
            State::CloseWait => "close_wait",
            State::Closing => "closing",
            State::Closed => "closed",
        }
    }
    /// Whether the handshake was complete at some time.
    pub(crate) const fn was_established(&self) -> bool {
        self.established
    }
    /// Whether it was picked up without a handshake.
    pub(crate) const fn is_midstream(&self) -> bool {
        self.midstream
    }
    /// Flags seen, by side.
    pub(crate) const fn flags(&self) -> [u8; 2] {
        let [a, b] = &self.streams;
        [a.flags, b.flags]
    }
    /// Whether bytes were missed, by side.
    pub(crate) const fn gaps(&self) -> [bool; 2] {
        let [a, b] = &self.streams;
        [a.gap, b.gap]
    }
    fn stream(&self, side: usize) -> &Stream {
        let [a, b] = &self.streams;
        if side == 0 { a } else { b }
    }
    /// The sender's stream and the receiver's.
    fn both(&mut self, side: usize) -> (&mut Stream, &mut Stream) {
        let [a, b] = &mut self.streams;
        if side == 0 { (a, b) } else { (b, a) }
    }
    /// Whether a SYN begins another connection between the same endpoints.
    pub(crate) fn is_reuse(&self, s: &Segment, side: usize, to_server: bool) -> bool {
        if s.rst() || s.fin() || !s.syn() || s.ack() {
            return false;
        }
        if self.state == State::None {
            return true;
        }
        if to_server && self.stream(side).isn == s.seq {
            return false;
        }
        matches!(self.state, State::LastAck | State::CloseWait | State::Closing | State::Closed)
    }

    fn set(&mut self, state: State) {
        if self.state == state {
            return;
        }
        self.before = self.state;
        self.state = state;
        match state {
            State::Established
            | State::FinWait1
            | State::FinWait2
            | State::Closing
            | State::CloseWait => {
                self.flow_state = SessionState::Established;
                self.established = true;
            }
            State::LastAck | State::TimeWait | State::Closed => {
                self.flow_state = SessionState::Closed;
            }
            State::None | State::SynSent | State::SynRecv => {}
        }
    }

    /// Follows a segment from `side`.
    pub(crate) fn segment(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) {
        if self.state == State::None {
            self.begin(t, side, s, tr);
            return;
        }
        let (sender, _) = self.both(side);
        sender.flags |= s.flags;
        if self.is_keepalive(side, s) || self.is_keepalive_answer(side, s) {
            return;
        }
        let (sender, _) = self.both(side);
        sender.keepalive = false;
        let probe_answer = self.is_probe_answer(side, s);
        if let Some(p) = self.probe.get_mut(side ^ 1) {
            *p = false;
        }
        if probe_answer
            || (!self.is_shutdown_ack(side, s)
                && !self.is_window_update(side, s)
                && (self.is_bad_window_update(side, s) || self.is_outdated_ack(side, s)))
        {
            return;
        }
        let state = self.state;
        // A segment that doesn't fit leaves the state as it was.
        let fits = self.dispatch(state, t, side, to_server, s, tr).is_ok();
        let peer = self.both(side).1;
        if fits && !s.rst() && peer.reset {
            peer.reset = false;
            self.reset = false;
        }
    }

    fn dispatch(
        &mut self,
        state: State,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        match state {
            State::SynSent => self.in_syn_sent(t, side, to_server, s, tr),
            State::SynRecv => self.in_syn_recv(t, side, to_server, s, tr),
            State::Closed => {
                if !s.rst() && !self.stream(side).reset && self.stream(side ^ 1).reset {
                    // Whoever sent the reset goes on as if nothing had been: it was forged.
                    let before = self.before;
                    self.dispatch(before, t, side, to_server, s, tr)?;
                    if self.state == State::Closed {
                        self.state = before;
                    }
                }
                Ok(())
            }
            State::None => Ok(()),
            _ if s.rst() => self.on_reset(t, side, to_server, s, tr),
            State::Established => self.in_established(t, side, to_server, s, tr),
            State::TimeWait | State::LastAck if s.fin() => Ok(()),
            _ if s.syn() => Err(Misfit),
            _ if !s.fin() && !s.ack() => Ok(()),
            _ => {
                self.check_timestamp(t, side, s)?;
                match state {
                    State::FinWait1 => self.in_fin_wait1(t, side, to_server, s, tr),
                    State::FinWait2 => self.in_fin_wait2(t, side, s, tr),
                    State::Closing => self.in_closing(t, side, s, tr),
                    State::CloseWait => self.in_close_wait(t, side, to_server, s, tr),
                    State::LastAck => self.in_last_ack(t, side, to_server, s, tr),
                    _ => self.in_time_wait(t, side, to_server, s, tr),
                }
            }
        }
    }

    // Segments that are no more than a sign of life.

    fn is_keepalive(&mut self, side: usize, s: &Segment) -> bool {
        let plain = !s.has(flag::SYN | flag::FIN | flag::RST) && s.len <= 1;
        let (sender, receiver) = self.both(side);
        let is = plain && s.ack == receiver.last_ack && s.seq == sender.next_seq.wrapping_sub(1);
        sender.keepalive |= is;
        is
    }
    fn is_keepalive_answer(&mut self, side: usize, s: &Segment) -> bool {
        let plain = !s.has(flag::SYN | flag::FIN | flag::RST) && s.len == 0 && s.window != 0;
        let (sender, receiver) = self.both(side);
        let is = plain
            && receiver.keepalive
            && scaled(s.window, receiver.scale) == receiver.window
            && s.ack == receiver.last_ack
            && s.seq == sender.next_seq;
        if is {
            receiver.keepalive = false;
            sender.keepalive = false;
        }
        is
    }
    fn is_probe_answer(&self, side: usize, s: &Segment) -> bool {
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        self.state >= State::Established
            && s.len == 0
            && s.flags & (flag::ACK | flag::SYN | flag::FIN | flag::RST) == flag::ACK
            && self.probe.get(side ^ 1) == Some(&true)
            && s.window == 0
            && receiver.window == 0
            && s.seq == sender.next_seq
            && s.ack == receiver.last_ack
    }
    fn is_shutdown_ack(&self, side: usize, s: &Segment) -> bool {
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        matches!(self.state, State::TimeWait | State::CloseWait | State::LastAck)
            && s.flags == flag::ACK
            && s.len == 0
            && sender.next_seq.wrapping_add(1) == s.seq
            && s.ack == receiver.next_seq.wrapping_add(1)
    }
    fn is_window_update(&self, side: usize, s: &Segment) -> bool {
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        self.state >= State::Established
            && s.len == 0
            && !s.has(flag::SYN | flag::FIN | flag::RST)
            && s.window != 0
            && scaled(s.window, receiver.scale) != receiver.window
            && s.ack == receiver.last_ack
            && s.seq == sender.next_seq
    }
    fn is_bad_window_update(&self, side: usize, s: &Segment) -> bool {
        if self.state < State::Established
            || self.state == State::Closed
            || s.has(flag::SYN | flag::FIN | flag::RST)
        {
            return false;
        }
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        let window = scaled(s.window, receiver.scale);
        let Some(shrunk) = receiver.window.checked_sub(window).filter(|d| *d > 0) else {
            return false;
        };
        if shrunk <= s.len || !gt(s.ack, receiver.next_seq) || !gt(s.seq, sender.next_seq) {
            return false;
        }
        let acked = s.ack.wrapping_sub(receiver.last_ack);
        shrunk > if window > 1024 { acked.wrapping_add(32) } else { acked }
    }
    fn is_outdated_ack(&self, side: usize, s: &Segment) -> bool {
        self.state >= State::Established
            && s.len == 0
            && s.flags & (flag::ACK | flag::SYN | flag::FIN | flag::RST) == flag::ACK
            && s.seq == self.stream(side).next_seq
            && lt(s.ack, self.stream(side ^ 1).last_ack)
    }

    // Checks.

    /// Whether the sender acknowledges what its peer may have sent.
    fn check_ack(&self, side: usize, to_server: bool, s: &Segment) -> Result<(), Misfit> {
        let peer = self.stream(side ^ 1);
        let ack = s.ack;
        if !s.ack() || ack == peer.last_ack || (gt(ack, peer.last_ack) && leq(ack, peer.next_win)) {
            return Ok(());
        }
        if lt(ack, peer.last_ack) {
            let far = peer.window != 0 && lt(ack, peer.last_ack.wrapping_sub(peer.window));
            return if far { Err(Misfit) } else { Ok(()) };
        }
        if self.state == State::SynSent && !to_server && s.rst() && ack == peer.isn.wrapping_add(1)
        {
            return Ok(());
        }
        Err(Misfit)
    }
    /// Whether the sender's timestamp goes forward (RFC 7323, section 5.3).
    fn check_timestamp(&self, t: Ts, side: usize, s: &Segment) -> Result<(), Misfit> {
        if !self.timestamps {
            return Ok(());
        }
        let sender = self.stream(side);
        let Some((value, _)) = s.timestamps else { return Ok(()) };
        if value == 0 {
            return Err(Misfit);
        }
        let back = seq::delta(value, sender.last_ts) < 0;
        let stale = t.secs() as u32 > sender.last_ts_secs.saturating_add(PAWS_SECS);
        if (back || (sender.last_ts != 0 && stale)) && !(sender.next_seq == s.seq && stale) {
            return Err(Misfit);
        }
        Ok(())
    }
    /// Takes in a timestamp that passed.
    fn take_timestamp(&mut self, t: Ts, side: usize, s: &Segment) {
        if !self.timestamps || self.check_timestamp(t, side, s).is_err() {
            return;
        }
        let Some((value, _)) = s.timestamps else { return };
        let (sender, _) = self.both(side);
        if sender.next_seq == s.seq {
            sender.last_ts = value;
        }
        sender.last_ts_secs = t.secs() as u32;
    }
    /// Whether a reset is one the receiver would believe.
    fn check_reset(&self, t: Ts, side: usize, to_server: bool, s: &Segment) -> Result<(), Misfit> {
        self.check_timestamp(t, side, s)?;
        if s.ack() && s.ack != 0 {
            self.check_ack(side, to_server, s)?;
        }
        if s.seq == self.stream(side).next_seq { Ok(()) } else { Err(Misfit) }
    }
    /// Whether a segment brings nothing new: 1 acknowledged already, 2 seen already.
    fn is_retransmission(&self, side: usize, s: &Segment) -> bool {
        let sender = self.stream(side);
        let end = s.seq.wrapping_add(s.len);
        s.len > 0
            && ((lt(s.seq, sender.last_ack) && gt(end, sender.last_ack))
                || leq(end, sender.last_ack)
                || leq(end, sender.next_seq))
    }

    fn update_ack(stream: &mut Stream, ack: u32) {
        if gt(ack, stream.last_ack) {
            stream.last_ack = ack;
        }
    }
    fn update_window(stream: &mut Stream) {
        let edge = stream.last_ack.wrapping_add(stream.window);
        if gt(edge, stream.next_win) {
            stream.next_win = edge;
        }
    }
    fn close_with_reset(&mut self) {
        self.reset = true;
        self.set(State::Closed);
    }

    fn in_established(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if s.fin() {
            self.check_timestamp(t, side, s)?;
            return self.on_fin(t, side, to_server, s, tr);
        }
        if s.syn() {
            let (sender, receiver) = self.both(side);
            let resent = s.ack() && !to_server && s.ack == receiver.last_ack && s.seq == sender.isn;
            return if resent && !self.confirmed { Ok(()) } else { Err(Misfit) };
        }
        if !s.ack() {
            return Ok(());
        }
        self.check_timestamp(t, side, s)?;
        self.confirmed |= !to_server;
        let probed = self.probe.get(side ^ 1) == Some(&true)
            && s.ack == self.stream(side ^ 1).next_seq.wrapping_add(1);
        if !probed {
            self.check_ack(side, to_server, s)?;
        }
        let midstream = self.midstream;
        if !to_server && self.midstream_fresh {
            self.midstream_fresh = false;
            let (sender, _) = self.both(side);
            sender.window = scaled(s.window, sender.scale);
            sender.next_win = sender.last_ack.wrapping_add(sender.window);
        }
        let end = s.seq.wrapping_add(s.len);
        let (sender, receiver) = self.both(side);
        let keepalive = s.len <= 1 && s.seq == sender.next_seq.wrapping_sub(1);
        if !keepalive && !geq(end, sender.last_ack) {
            let unseen = gt(sender.last_ack, sender.next_seq) && gt(end, sender.next_seq);
            if !unseen {
                return Err(Misfit);
            }
        }
        if s.len == 1 && s.seq == sender.next_seq && sender.window == 0 {
            // A zero-window probe: its byte may or may not be taken.
            if let Some(p) = self.probe.get_mut(side) {
                *p = true;
            }
            self.accept(side, s, tr);
            return Ok(());
        }
        if geq(end, sender.next_seq) {
            sender.next_seq = end;
        }
        if !leq(end, sender.next_win) && !midstream {
            return Err(Misfit);
        }
        receiver.window = scaled(s.window, receiver.scale);
        Self::update_ack(receiver, s.ack);
        Self::update_window(receiver);
        self.take_timestamp(t, side, s);
        self.accept(side, s, tr);
        Ok(())
    }
}

impl Stream {
    /// Position of a sequence number in the stream, near what is awaited next; `None` before the
    /// start.
    fn position(&self, number: u32) -> Option<u64> {
        let next = self.half.next();
        let here = self.isn.wrapping_add(next as u32);
        next.checked_add_signed(i64::from(seq::delta(number, here))).filter(|at| *at > 0)
    }
}

const fn scaled(window: u16, scale: u8) -> u32 {
    (window as u32) << scale
}
