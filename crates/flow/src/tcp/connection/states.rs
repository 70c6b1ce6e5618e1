//! The states of the two ends.

use base::Ts;

use super::{ATTEMPT, Connection};
use crate::step::Tracking;
use crate::tcp::Segment;
use crate::tcp::end::EndState;
use crate::weird;

impl Connection {
    pub(super) fn set_state(&mut self, side: usize, state: EndState) {
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
    pub(super) fn advance(
        &mut self,
        t: Ts,
        side: usize,
        is_orig: bool,
        s: &Segment,
        moved: i32,
        tr: &mut Tracking<'_>,
    ) -> bool {
        match self.end(side).state {
            EndState::Inactive => self.leave_inactive(t, side, is_orig, s, tr),
            EndState::SynSent | EndState::SynAckSent => self.leave_syn(side, is_orig, s, tr),
            EndState::Established | EndState::Partial => self.leave_established(side, s, tr),
            EndState::Closed => self.leave_closed(side, s, moved, tr),
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

    pub(super) fn leave_inactive(
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
                self.attempt_at = t.plus(ATTEMPT);
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
    pub(super) fn answered_with_syn(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
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

    pub(super) fn leave_syn(
        &mut self,
        side: usize,
        is_orig: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> bool {
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

    pub(super) fn leave_established(
        &mut self,
        side: usize,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> bool {
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

    pub(super) fn leave_closed(
        &mut self,
        side: usize,
        s: &Segment,
        moved: i32,
        tr: &mut Tracking<'_>,
    ) -> bool {
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
}
