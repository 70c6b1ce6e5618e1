//! What a segment's numbers, flags and window say, before any state moves.

use base::Ts;

use super::{ACK, DATA, FIN, FIN_RST, MULTI, RST, SYN};
use super::{Connection, STORM, STORM_SPAN};
use crate::step::Tracking;
use crate::tcp::end::{EndState, TOO_FAR};
use crate::tcp::{Segment, seq};
use crate::weird::{self, Weird};

impl Connection {
    pub(super) fn note_partial(&mut self, side: usize, s: &Segment) {
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
    pub(super) fn begin_end(&mut self, side: usize, s: &Segment, past: u32, tr: &mut Tracking<'_>) {
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

    pub(super) fn write_history(&mut self, side: usize, s: &Segment, at: u64) {
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
            if self.letter_once(side, SYN, letter) && at as u32 != self.end(side).last_syn {
                self.letter(side, letter);
            }
            self.end_mut(side).last_syn = at as u32;
        } else if s.fin() {
            // A FIN's number comes after the data of its segment.
            let at = at.wrapping_add(len);
            if self.letter_once(side, FIN, b'F') && at as u32 != self.end(side).last_fin {
                self.letter(side, b'F');
            }
            self.end_mut(side).last_fin = at as u32;
        } else if s.rst() {
            if self.letter_once(side, RST, b'R') && at as u32 != self.end(side).last_rst {
                self.letter(side, b'R');
            }
            self.end_mut(side).last_rst = at as u32;
        } else if len > 0 {
            self.letter_once(side, DATA, b'D');
        } else if s.ack() {
            self.letter_once(side, ACK, b'A');
        }
    }

    pub(super) fn follow_window(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
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

    pub(super) fn syn_oddities(&mut self, s: &Segment, tr: &mut Tracking<'_>) {
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

    pub(super) fn negotiate_scale(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
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

    pub(super) fn count_close(&mut self, side: usize, t: Ts, fin: bool, tr: &mut Tracking<'_>) {
        let last = self.before_last;
        let end = self.end_mut(side);
        let count = if fin { &mut end.fins } else { &mut end.rsts };
        *count = count.saturating_add(1);
        if *count >= STORM && t < last.plus(STORM_SPAN) {
            self.weird(if fin { &weird::FIN_STORM } else { &weird::RST_STORM }, tr);
        }
    }

    /// Takes in an acknowledgement of `side`; the peer's position that it names.
    pub(super) fn follow_ack(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) -> u64 {
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
            return 1;
        }
        let Some(at) = peer.locate(s.ack, peer.acked(), peer.acked_wraps()) else {
            self.weird(&weird::TCP_ACK_UNDERFLOW, tr);
            return 0;
        };
        if !s.rst() {
            let peer = self.end_mut(side ^ 1);
            let d = seq::delta(s.ack, peer.acked());
            // A zero that is far ahead is a broken field rather than a place in the stream.
            if d > 0 && !(s.ack == 0 && d > TOO_FAR) {
                peer.advance_acked(s.ack);
            }
        }
        at
    }

    /// Moves the newest number of an end; by how much the segment goes beyond it.
    pub(super) fn follow_last(&mut self, side: usize, s: &Segment, past: u32) -> i32 {
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
}
