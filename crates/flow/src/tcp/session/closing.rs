//! From the first FIN, or a RST, to the end.

use base::Ts;

use super::{Misfit, Session, State, scaled};
use crate::step::Tracking;
use crate::tcp::Segment;
use crate::tcp::seq::{geq, gt, leq, lt};

impl Session {
    /// A reset after the handshake.
    pub(super) fn on_reset(
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

    /// The first FIN.
    pub(super) fn on_fin(
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
    pub(super) fn take_close_ack(&mut self, side: usize, s: &Segment) {
        let (_, receiver) = self.both(side);
        if lt(receiver.next_seq, s.ack) {
            receiver.next_seq = s.ack;
        }
        if s.ack() {
            Self::update_ack(receiver, s.ack);
        }
    }

    pub(super) fn in_fin_wait1(
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

    pub(super) fn in_fin_wait2(
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

    pub(super) fn in_closing(
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

    pub(super) fn in_close_wait(
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

    pub(super) fn in_last_ack(
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

    pub(super) fn in_time_wait(
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
}
