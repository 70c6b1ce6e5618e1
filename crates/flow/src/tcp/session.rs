//! A TCP connection as Suricata reads it: one state machine for the pair, windows checked, bytes
//! handed on when the receiver has acknowledged them.
//!
//! A segment that doesn't fit (outside the window, an acknowledgement of what was never sent, a
//! timestamp that goes back) changes nothing: it is counted with its flow and not analysed. Without
//! a handshake there is no session, unless the profile picks streams up in the middle.
//!
//! The states are those of RFC 9293 as seen from the client, with one name for each pair.

use base::Ts;

use super::Segment;
use super::seq::{self, flag, geq, gt, leq, lt};
use crate::reassembly::Half;
use crate::step::{Step, Tracking};

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
    last_ts_secs: i64,
    offered_ts: bool,
    zero_ts: bool,
    keepalive: bool,
    flags: u8,
    fin_at: Option<u64>,
    told_end: bool,
    gap: bool,
    /// A reset against it was believed before the handshake, and may have been forged.
    reset: bool,
    half: Half,
}

/// Largest window scale; assumed where the handshake wasn't seen.
const SCALE_MOST: u8 = 14;
/// After so long a silence a timestamp may have wrapped (RFC 7323, section 5.5).
const PAWS_SECS: i64 = 2_073_600;

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
    other_synacks: smallvec::SmallVec<[(u32, u32, u16, u8); 2]>,
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
    pub(crate) const fn told_end(&self, side: usize) -> bool {
        let [a, b] = &self.streams;
        if side == 0 { a.told_end } else { b.told_end }
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

    /// The first segment that may begin a session.
    fn begin(&mut self, t: Ts, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        if s.rst() {
            return;
        }
        if s.syn() && !s.ack() && !s.fin() {
            self.set(State::SynSent);
            let (client, server) = self.both(side);
            client.flags |= s.flags;
            client.isn = s.seq;
            client.next_seq = s.seq.wrapping_add(1);
            if let Some((value, _)) = s.timestamps {
                client.last_ts = value;
                client.zero_ts = value == 0;
                client.last_ts_secs = t.secs();
                client.offered_ts = true;
            }
            server.window = u32::from(s.window);
            if let Some(scale) = s.scale {
                server.scale = scale.min(SCALE_MOST);
            }
            self.scale_offered = s.scale.is_some();
            return;
        }
        if !self.midstream_allowed || !(s.ack() || s.fin()) {
            return;
        }
        if s.syn() {
            // A SYN-ACK: its sender is the server.
            self.set(State::SynRecv);
            let (server, client) = self.both(side);
            server.flags |= s.flags;
            server.isn = s.seq;
            server.next_seq = s.seq.wrapping_add(1);
            server.window = u32::from(s.window);
            server.last_ack = s.seq;
            server.next_win = s.seq.wrapping_add(u32::from(s.window));
            server.scale = SCALE_MOST;
            client.isn = s.ack.wrapping_sub(1);
            client.next_seq = s.ack;
            client.last_ack = s.ack;
            client.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
            self.midstream = true;
            return;
        }
        self.set(if s.fin() { State::FinWait1 } else { State::Established });
        self.midstream = true;
        self.midstream_fresh = true;
        let (sender, receiver) = self.both(side);
        sender.flags |= s.flags;
        sender.scale = SCALE_MOST;
        receiver.scale = SCALE_MOST;
        sender.isn = s.seq.wrapping_sub(1);
        sender.next_seq = s.seq.wrapping_add(s.len).wrapping_add(u32::from(s.fin()));
        sender.window = u32::from(s.window) << SCALE_MOST;
        sender.last_ack = s.seq;
        sender.next_win = s.seq.wrapping_add(sender.window);
        receiver.isn = s.ack.wrapping_sub(1);
        receiver.next_seq = s.ack;
        receiver.last_ack = s.ack;
        receiver.next_win = s.ack;
        if let Some((value, echo)) = s.timestamps {
            sender.last_ts = value;
            sender.zero_ts = value == 0;
            sender.last_ts_secs = t.secs();
            receiver.last_ts = echo;
            receiver.zero_ts = echo == 0;
            self.timestamps = true;
        }
        self.accept(side, s, tr);
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
        let stale = t.secs() > sender.last_ts_secs.saturating_add(PAWS_SECS);
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
        sender.last_ts_secs = t.secs();
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

    // Moves.

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

    fn in_syn_sent(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if s.syn() && s.ack() {
            return self.on_syn_ack(t, side, to_server, s);
        }
        if s.rst() {
            self.check_reset(t, side, to_server, s)?;
            if to_server {
                let client = self.stream(side);
                if s.seq == client.isn && s.window == 0 && s.ack == client.isn.wrapping_add(1) {
                    self.close_with_reset();
                    self.both(side).1.reset = true;
                }
            } else {
                self.close_with_reset();
                self.both(side).1.reset = true;
            }
        } else if s.syn() && !s.fin() {
            if to_server {
                // The client tries again, perhaps with another number.
                let (client, server) = self.both(side);
                client.isn = s.seq;
                client.next_seq = s.seq.wrapping_add(1);
                client.offered_ts = s.timestamps.is_some();
                if let Some((value, _)) = s.timestamps {
                    client.last_ts = value;
                    client.zero_ts = value == 0;
                    client.last_ts_secs = t.secs();
                }
                server.window = u32::from(s.window);
                server.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
                self.scale_offered = s.scale.is_some();
            } else {
                self.crossed_syns = true;
                let (server, client) = self.both(side);
                server.isn = s.seq;
                server.next_seq = s.seq.wrapping_add(1);
                server.offered_ts = s.timestamps.is_some();
                if let Some((value, _)) = s.timestamps {
                    server.last_ts = value;
                    server.zero_ts = value == 0;
                    server.last_ts_secs = t.secs();
                }
                server.window = u32::from(s.window);
                client.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
            }
        }
        let _ = tr;
        Ok(())
    }

    fn on_syn_ack(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
    ) -> Result<(), Misfit> {
        if to_server {
            // Both sides opened; this is the client's answer to the server's SYN.
            let (client, server) = self.both(side);
            let fits = s.ack == server.isn.wrapping_add(1) && s.seq == client.isn;
            if !self.crossed_syns || !fits {
                return Err(Misfit);
            }
            let scale_offered = self.scale_offered;
            let (client, server) = self.both(side);
            client.next_seq = client.isn.wrapping_add(1);
            server.window = u32::from(s.window);
            server.last_ack = s.ack;
            client.last_ack = client.isn.wrapping_add(1);
            server.scale = if scale_offered { s.scale.unwrap_or(0).min(SCALE_MOST) } else { 0 };
            client.next_win = client.last_ack.wrapping_add(client.window);
            server.next_win = server.last_ack.wrapping_add(server.window);
            self.set(State::SynRecv);
            return Ok(());
        }
        let (_, client) = self.both(side);
        if s.ack != client.isn.wrapping_add(1) && s.ack != client.next_seq {
            return Err(Misfit);
        }
        self.take_syn_ack(t, side, s);
        Ok(())
    }

    /// The server has answered: both sides' numbers and options are known.
    fn take_syn_ack(&mut self, t: Ts, side: usize, s: &Segment) {
        self.set(State::SynRecv);
        let scale_offered = self.scale_offered;
        let (server, client) = self.both(side);
        server.isn = s.seq;
        server.next_seq = s.seq.wrapping_add(1);
        client.window = u32::from(s.window);
        let with_ts = match s.timestamps {
            Some((value, _)) if client.offered_ts => {
                server.last_ts = value;
                server.zero_ts = value == 0;
                server.last_ts_secs = t.secs();
                true
            }
            _ => {
                server.last_ts = 0;
                client.last_ts = 0;
                false
            }
        };
        client.last_ack = s.ack;
        server.last_ack = s.seq.wrapping_add(1);
        match s.scale {
            Some(scale) if scale_offered => client.scale = scale.min(SCALE_MOST),
            _ => {
                client.scale = 0;
                server.scale = 0;
            }
        }
        server.next_win = server.last_ack.wrapping_add(server.window);
        client.next_win = client.last_ack.wrapping_add(client.window);
        self.timestamps = with_ts;
    }

    fn in_syn_recv(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if s.rst() {
            self.check_reset(t, side, to_server, s)?;
            self.close_with_reset();
            self.accept(side, s, tr);
            return Ok(());
        }
        if s.fin() {
            self.check_timestamp(t, side, s)?;
            return self.on_fin(t, side, to_server, s, tr);
        }
        if s.syn() {
            let (sender, receiver) = self.both(side);
            if s.ack() {
                if to_server || s.ack != receiver.last_ack {
                    return Err(Misfit);
                }
                if s.seq != sender.isn && self.other_synacks.len() < 5 {
                    self.other_synacks.push((s.seq, s.ack, s.window, s.scale.unwrap_or(0)));
                }
                return Ok(());
            }
            return if to_server && s.seq == sender.isn { Ok(()) } else { Err(Misfit) };
        }
        if !s.ack() {
            return Ok(());
        }
        if to_server
            && let Some(&(isn, _, window, scale)) = self
                .other_synacks
                .iter()
                .find(|(isn, ack, ..)| isn.wrapping_add(1) == s.ack && *ack == s.seq)
        {
            let (client, server) = self.both(side);
            server.isn = isn;
            server.next_seq = isn.wrapping_add(1);
            server.last_ack = server.next_seq;
            server.next_win = server.last_ack.wrapping_add(server.window);
            client.window = u32::from(window);
            client.scale = scale.min(SCALE_MOST);
        }
        self.check_timestamp(t, side, s)?;
        self.complete_handshake(t, side, to_server, s, tr)
    }

    /// An acknowledgement after the SYN-ACK.
    fn complete_handshake(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let midstream = self.midstream;
        let end = s.seq.wrapping_add(s.len);
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        let (next, peer_next) = (sender.next_seq, receiver.next_seq);
        if self.crossed_syns && !to_server {
            if s.seq != next {
                return Err(Misfit);
            }
            self.check_ack(side, to_server, s)?;
        } else if to_server {
            let in_order = s.seq == next && s.ack == peer_next;
            let ahead = gt(s.seq, next) && leq(s.seq, sender.next_win) && s.ack == peer_next;
            if !in_order && !ahead {
                return Err(Misfit);
            }
        } else {
            // The server speaks: the client's acknowledgement was missed.
            let in_order = s.seq == next && s.ack == receiver.last_ack;
            let ahead = gt(s.seq, peer_next) && gt(s.ack, receiver.last_ack);
            if !in_order && !ahead && !(s.seq == next && s.ack == peer_next) {
                return Err(Misfit);
            }
        }
        self.take_timestamp(t, side, s);
        let (sender, receiver) = self.both(side);
        Self::update_ack(receiver, s.ack);
        sender.next_seq = end;
        receiver.window = scaled(s.window, receiver.scale);
        receiver.next_win = receiver.last_ack.wrapping_add(receiver.window);
        if midstream {
            sender.window = scaled(s.window, sender.scale);
            sender.next_win = sender.last_ack.wrapping_add(sender.window);
        }
        self.set(State::Established);
        self.accept(side, s, tr);
        Ok(())
    }

    /// A reset after the handshake.
    fn on_reset(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        self.check_reset(t, side, to_server, s)?;
        let ack_fits = s.ack() && self.check_ack(side, to_server, s).is_ok();
        self.close_with_reset();
        let (sender, receiver) = self.both(side);
        if ack_fits {
            Self::update_ack(receiver, s.ack);
        }
        Self::update_ack(sender, s.seq);
        self.take_timestamp(t, side, s);
        self.accept(side, s, tr);
        Ok(())
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

    /// The first FIN.
    fn on_fin(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        self.check_ack(side, to_server, s)?;
        let end = s.seq.wrapping_add(s.len);
        let (sender, _) = self.both(side);
        if !(geq(s.seq, sender.last_ack) && leq(end, sender.next_win)) || (to_server && s.syn()) {
            return Err(Misfit);
        }
        self.set(if to_server { State::CloseWait } else { State::FinWait1 });
        let (sender, receiver) = self.both(side);
        sender.next_seq = if to_server { end } else { end.wrapping_add(1) };
        receiver.window = scaled(s.window, receiver.scale);
        self.take_timestamp(t, side, s);
        self.take_close_ack(side, s);
        self.accept(side, s, tr);
        Ok(())
    }

    /// What acknowledgements do once a side has closed.
    fn take_close_ack(&mut self, side: usize, s: &Segment) {
        let (_, receiver) = self.both(side);
        if lt(receiver.next_seq, s.ack) {
            receiver.next_seq = s.ack;
        }
        if s.ack() {
            Self::update_ack(receiver, s.ack);
        }
    }

    fn in_fin_wait1(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let midstream = self.midstream;
        let end = s.seq.wrapping_add(s.len);
        let mut again = self.is_retransmission(side, s);
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        let (next, peer_next) = (sender.next_seq, receiver.next_seq);
        let in_window = leq(end, sender.next_win) || midstream;
        if s.fin() {
            if !again {
                if s.ack()
                    && !to_server
                    && s.seq == next.wrapping_sub(1)
                    && s.ack == receiver.last_ack
                {
                    again = true;
                } else if lt(s.seq, next.wrapping_sub(1))
                    || gt(s.seq, sender.last_ack.wrapping_add(sender.window))
                {
                    return Err(Misfit);
                }
            }
            self.check_ack(side, to_server, s)?;
            if !again {
                self.set(if s.ack() { State::TimeWait } else { State::Closing });
                let (_, receiver) = self.both(side);
                receiver.window = scaled(s.window, receiver.scale);
            }
        } else {
            self.check_ack(side, to_server, s)?;
            if to_server {
                if !lt(s.ack, peer_next) && !again && s.ack == peer_next {
                    if !in_window {
                        return Err(Misfit);
                    }
                    if s.seq == next {
                        self.set(State::FinWait2);
                    }
                    let (_, receiver) = self.both(side);
                    receiver.window = scaled(s.window, receiver.scale);
                }
            } else if !again {
                if !in_window {
                    return Err(Misfit);
                }
                if s.seq == next.wrapping_sub(1) {
                    self.set(State::FinWait2);
                }
                let (_, receiver) = self.both(side);
                receiver.window = scaled(s.window, receiver.scale);
            }
        }
        self.take_timestamp(t, side, s);
        let (sender, receiver) = self.both(side);
        if lt(receiver.next_seq.wrapping_sub(1), s.ack) {
            receiver.next_seq = s.ack;
        }
        let expected = if to_server && (s.ack() || !s.fin()) { next } else { next.wrapping_sub(1) };
        if s.seq == expected && sender.next_seq == next {
            sender.next_seq = end;
        }
        if s.ack() {
            Self::update_ack(receiver, s.ack);
        }
        if !s.fin() {
            Self::update_window(receiver);
        }
        self.accept(side, s, tr);
        Ok(())
    }

    fn in_fin_wait2(
        &mut self,
        t: Ts,
        side: usize,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let midstream = self.midstream;
        let end = s.seq.wrapping_add(s.len);
        let mut again = self.is_retransmission(side, s);
        let (sender, receiver) = self.both(side);
        if s.fin() {
            if s.seq == sender.next_seq.wrapping_sub(1) && s.ack == receiver.last_ack {
                again = true;
            } else if !again
                && (lt(s.seq, sender.next_seq)
                    || gt(s.seq, sender.last_ack.wrapping_add(sender.window)))
            {
                return Err(Misfit);
            }
        }
        self.check_ack(side, true, s)?;
        if !again {
            let (sender, _) = self.both(side);
            if !s.fin() && !leq(end, sender.next_win) && !midstream {
                return Err(Misfit);
            }
            if s.fin() {
                self.set(State::TimeWait);
            }
            let (_, receiver) = self.both(side);
            receiver.window = scaled(s.window, receiver.scale);
        }
        self.take_timestamp(t, side, s);
        let (sender, _) = self.both(side);
        if sender.next_seq == s.seq {
            sender.next_seq = end;
        }
        if s.fin() {
            self.take_close_ack(side, s);
        } else {
            let (_, receiver) = self.both(side);
            Self::update_ack(receiver, s.ack);
            Self::update_window(receiver);
        }
        self.accept(side, s, tr);
        Ok(())
    }

    fn in_closing(
        &mut self,
        t: Ts,
        side: usize,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if !s.ack() {
            return Ok(());
        }
        let again = self.is_retransmission(side, s);
        if s.seq != self.stream(side).next_seq {
            return Err(Misfit);
        }
        self.check_ack(side, true, s)?;
        if !again {
            self.set(State::TimeWait);
        }
        self.take_timestamp(t, side, s);
        self.take_close_ack(side, s);
        self.accept(side, s, tr);
        Ok(())
    }

    fn in_close_wait(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let again = self.is_retransmission(side, s);
        let sender = self.stream(side);
        let edge = sender.last_ack.wrapping_add(sender.window);
        let end = s.seq.wrapping_add(s.len);
        let outside = if s.fin() {
            !again && (lt(s.seq, sender.next_seq) || gt(s.seq, edge))
        } else {
            (s.len > 0 && leq(end, sender.last_ack)) || gt(s.seq, edge)
        };
        if outside {
            return Err(Misfit);
        }
        self.check_ack(side, to_server, s)?;
        if !again {
            if s.fin() && !to_server {
                self.set(State::LastAck);
            }
            let (_, receiver) = self.both(side);
            receiver.window = scaled(s.window, receiver.scale);
        }
        self.take_timestamp(t, side, s);
        self.take_close_ack(side, s);
        let (sender, _) = self.both(side);
        if !s.fin() && s.seq == sender.next_seq {
            sender.next_seq = end;
        }
        self.accept(side, s, tr);
        Ok(())
    }

    fn in_last_ack(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if !to_server {
            return Ok(());
        }
        let again = self.is_retransmission(side, s);
        self.check_ack(side, to_server, s)?;
        if !again {
            let next = self.stream(side).next_seq;
            if !lt(s.seq, next) {
                if s.seq != next && s.seq != next.wrapping_add(1) {
                    return Err(Misfit);
                }
                self.set(State::Closed);
            }
            let (_, receiver) = self.both(side);
            receiver.window = scaled(s.window, receiver.scale);
        }
        self.take_timestamp(t, side, s);
        self.take_close_ack(side, s);
        self.accept(side, s, tr);
        Ok(())
    }

    fn in_time_wait(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let again = self.is_retransmission(side, s);
        let sender = self.stream(side);
        let next = sender.next_seq;
        if !again {
            let fits = if to_server {
                s.seq == next || s.seq == next.wrapping_add(1)
            } else {
                s.seq == next || s.seq == next.wrapping_sub(1)
            };
            if !fits {
                let late = !to_server && s.len > 0 && s.seq == sender.last_ack;
                return if late { Ok(()) } else { Err(Misfit) };
            }
        }
        self.check_ack(side, to_server, s)?;
        if !again {
            self.set(State::Closed);
            let (_, receiver) = self.both(side);
            receiver.window = scaled(s.window, receiver.scale);
        }
        self.take_timestamp(t, side, s);
        self.take_close_ack(side, s);
        self.accept(side, s, tr);
        Ok(())
    }

    // Bytes.

    /// Takes a segment's bytes in and hands on what its acknowledgement covers.
    fn accept(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        if tr.reading.dry {
            return;
        }
        if s.ack() {
            self.hand_on(side ^ 1, false, tr);
        }
        let reading = tr.reading;
        let (sender, _) = self.both(side);
        if s.len > 0 && s.captured >= s.len && !s.rst() {
            let base = s.seq.wrapping_add(u32::from(s.syn()));
            if let Some(at) = sender.position(base) {
                let bytes = tr.payload;
                let met = sender.half.insert(
                    at,
                    bytes,
                    u64::from(s.len),
                    reading,
                    tr.buffers,
                    &mut tr.pieces,
                );
                tr.overflow |= met.overflow;
                tr.inconsistent |= met.inconsistent;
                tr.collect(side);
            }
        }
        let (sender, _) = self.both(side);
        if s.fin() {
            let at = s.seq.wrapping_add(s.len);
            sender.fin_at = sender.position(at).or(sender.fin_at);
        }
        if self.state == State::Closed || s.rst() || s.fin() {
            self.hand_on(side, self.reset, tr);
            self.hand_on(side ^ 1, self.reset, tr);
        }
        for side in [side ^ 1, side] {
            self.check_end(side, tr);
        }
    }

    /// Hands on what the receiver of `side`'s bytes has acknowledged, or all there is.
    fn hand_on(&mut self, side: usize, all: bool, tr: &mut Tracking<'_>) {
        let reading = tr.reading;
        let (stream, _) = self.both(side);
        let told = if all {
            stream.half.flush(reading, tr.buffers, &mut tr.pieces)
        } else {
            let Some(mut at) = stream.position(stream.last_ack) else { return };
            if let Some(fin) = stream.fin_at {
                at = at.min(fin);
            }
            stream.half.acknowledge(at, false, reading, tr.buffers, &mut tr.pieces)
        };
        stream.gap |= told.gaps > 0;
        tr.collect(side);
    }

    fn check_end(&mut self, side: usize, tr: &mut Tracking<'_>) {
        let closed = self.state == State::Closed;
        let (stream, _) = self.both(side);
        let done = stream.fin_at.is_some_and(|f| stream.half.next() >= f);
        if !stream.told_end && (done || closed) {
            stream.told_end = true;
            tr.steps.push_back(Step::End { side });
        }
    }

    /// The flow is over: what was not acknowledged is handed on after all.
    pub(crate) fn finish(&mut self, tr: &mut Tracking<'_>) {
        for side in [0, 1] {
            if !tr.reading.dry && self.state >= State::Established {
                self.hand_on(side, true, tr);
            }
            let pair = tr.reading.pair;
            let (stream, _) = self.both(side);
            stream.half.clear(pair, tr.buffers);
        }
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
