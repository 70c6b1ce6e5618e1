//! What of the two streams is told: bytes in order, gaps once they are acknowledged, ends, and when
//! a connection counts as closed.

use super::{
    ABOVE_HOLE_MOST, CLOSE_DELAY, Connection, INITIAL_WINDOW_MOST, NEVER, SESSION_TIMER,
    UNACKED_MOST,
};
use crate::reassembly::{Passed, Piece};
use crate::step::{Step, Tracking};
use crate::tcp::end::{End, EndState};
use crate::weird;

impl Connection {
    /// Data that `side` sent is acknowledged up to `at`.
    pub(super) fn acknowledged(&mut self, side: usize, mut at: u64, tr: &mut Tracking<'_>) {
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

    pub(super) fn count_gaps(&mut self, side: usize, told: Passed, clean: bool) {
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

    pub(super) fn data(&mut self, side: usize, mut at: u64, mut len: u64, tr: &mut Tracking<'_>) {
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
            if let Piece::Packet { start, .. } = p {
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
    pub(super) fn check_end(&mut self, side: usize, tr: &mut Tracking<'_>) {
        let [a, b] = &self.ends;
        let (end, peer) = if side == 0 { (a, b) } else { (b, a) };
        let over = end.fins > 0 || matches!(end.state, EndState::Closed | EndState::Reset);
        if end.eof_told || !over || end.data_pending(peer) {
            return;
        }
        self.end_mut(side).eof_told = true;
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

    pub(super) fn close(&mut self, side: usize) {
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
            self.attempt_at = NEVER;
            self.delete_at = self.last_time.plus(CLOSE_DELAY);
        } else if self.end(side).previous != EndState::Inactive {
            let [_, second] = &mut self.checks;
            *second = (*second).min(self.last_time.plus(SESSION_TIMER));
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
        self.end(side).eof_told
    }
}
