//! The bytes: taken in with the segments that fit, handed on when they are acknowledged.

use super::{Session, State};
use crate::step::{Step, Tracking};
use crate::tcp::Segment;

impl Session {
    pub(crate) const fn told_end(&self, side: usize) -> bool {
        let [a, b] = &self.streams;
        if side == 0 { a.told_end } else { b.told_end }
    }

    /// Takes a segment's bytes in and hands on what its acknowledgement covers.
    pub(super) fn accept(&mut self, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
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
            sender.fin_at = sender.position(at).unwrap_or(sender.fin_at);
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
    pub(super) fn hand_on(&mut self, side: usize, all: bool, tr: &mut Tracking<'_>) {
        let reading = tr.reading;
        let (stream, _) = self.both(side);
        let told = if all {
            stream.half.flush(reading, tr.buffers, &mut tr.pieces)
        } else {
            let Some(mut at) = stream.position(stream.last_ack) else { return };
            if stream.fin_at > 0 {
                at = at.min(stream.fin_at);
            }
            stream.half.acknowledge(at, false, reading, tr.buffers, &mut tr.pieces)
        };
        stream.gap |= told.gaps > 0;
        tr.collect(side);
    }

    pub(super) fn check_end(&mut self, side: usize, tr: &mut Tracking<'_>) {
        let closed = self.state == State::Closed;
        let (stream, _) = self.both(side);
        let done = stream.fin_at > 0 && stream.half.next() >= stream.fin_at;
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
