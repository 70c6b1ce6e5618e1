//! A hierarchical timer wheel on packet time.
//!
//! Arming and cancelling cost O(1); a timer that is due runs before the packet that made it due,
//! because [`Wheel::advance`] is called with the packet's time first. Entries are not moved when a
//! deadline is pushed back: the owner keeps the true deadline and re-arms when an early one fires,
//! so a busy flow touches the wheel once per time-out, not once per packet.

use crate::{Span, Ts};

/// Names an armed timer by its owner's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u64);

const SLOTS: usize = 256;
const LEVELS: usize = 4;

/// Timers of one shard.
#[derive(Debug)]
pub struct Wheel {
    /// Nanoseconds per slot of the lowest level.
    tick: i64,
    /// The slot number (since the epoch) that was run last.
    now: i64,
    started: bool,
    levels: [Vec<Vec<(i64, TimerId)>>; LEVELS],
    due: Vec<(i64, TimerId)>,
    len: usize,
}

impl Wheel {
    /// A wheel with slots of `resolution`; a timer fires at most one slot late.
    pub fn new(resolution: Span) -> Self {
        Self {
            tick: resolution.0.max(1),
            now: 0,
            started: false,
            levels: std::array::from_fn(|_| (0..SLOTS).map(|_| Vec::new()).collect()),
            due: Vec::new(),
            len: 0,
        }
    }
    /// Timers that are armed.
    pub const fn len(&self) -> usize {
        self.len
    }
    /// Whether no timer is armed.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Arms a timer for `at`. What is past fires at the next advance.
    pub fn arm(&mut self, at: Ts, id: TimerId) {
        let slot = at.0.div_euclid(self.tick).saturating_add(1);
        if !self.started {
            self.started = true;
            self.now = slot.saturating_sub(1);
        }
        self.len = self.len.saturating_add(1);
        self.place(slot.max(self.now.saturating_add(1)), id);
    }
    fn place(&mut self, slot: i64, id: TimerId) {
        let ahead = slot.saturating_sub(self.now).max(0) as u64;
        let mut level = 0usize;
        let mut reach = SLOTS as u64;
        while ahead >= reach && level.saturating_add(1) < LEVELS {
            level = level.saturating_add(1);
            reach = reach.saturating_mul(SLOTS as u64);
        }
        // Beyond the last level: park at its far end and place again when it comes around.
        let parked = slot.min(self.now.saturating_add(reach.saturating_sub(1) as i64));
        let index = (parked >> (8u32.saturating_mul(level as u32))) & 0xff;
        if let Some(cell) = self.levels.get_mut(level).and_then(|l| l.get_mut(index as usize)) {
            cell.push((slot, id));
        }
    }
    /// Moves time to `to` and hands every timer that is due to `fire`, earliest slot first.
    /// `fire` may arm new timers through the wheel it is given.
    pub fn advance(&mut self, to: Ts, mut fire: impl FnMut(&mut Self, TimerId)) {
        let target = to.0.div_euclid(self.tick);
        if !self.started {
            // Time begins here; what is armed later is placed from here.
            self.started = true;
            self.now = target;
            return;
        }
        if self.len == 0 {
            self.now = self.now.max(target);
            return;
        }
        while self.now < target {
            if self.len == 0 {
                self.now = target;
                break;
            }
            self.now = self.now.saturating_add(1);
            self.cascade();
            let index = (self.now & 0xff) as usize;
            let Some(cell) = self.levels.first_mut().and_then(|l| l.get_mut(index)) else { return };
            if cell.is_empty() {
                continue;
            }
            let mut batch = std::mem::take(&mut self.due);
            std::mem::swap(&mut batch, cell);
            for (_, id) in batch.drain(..) {
                self.len = self.len.saturating_sub(1);
                fire(self, id);
            }
            self.due = batch;
        }
    }
    /// When a level's low bits roll over, its next cell is spread over the levels below.
    fn cascade(&mut self) {
        for level in 1..LEVELS {
            let shift = 8u32.saturating_mul(level as u32);
            let low = (1i64 << shift).wrapping_sub(1);
            if self.now & low != 0 {
                return;
            }
            let index = ((self.now >> shift) & 0xff) as usize;
            let Some(cell) = self.levels.get_mut(level).and_then(|l| l.get_mut(index)) else {
                return;
            };
            for (slot, id) in std::mem::take(cell) {
                self.place(slot.max(self.now), id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fires_each_once_in_order_and_never_early() {
        let mut w = Wheel::new(Span::from_millis(100));
        let start = Ts::new(1_700_000_000, 0);
        let mut want: Vec<i64> = Vec::new();
        for i in 0..2000u64 {
            let at = start.plus(Span::from_millis((i * i * 37 % 9_000_000) as i64));
            w.arm(at, TimerId(at.0 as u64));
            want.push(at.0);
        }
        want.sort_unstable();
        let mut got = Vec::new();
        let mut now = start;
        for _ in 0..10_000 {
            now = now.plus(Span::from_millis(997));
            w.advance(now, |_, id| {
                assert!(id.0 as i64 <= now.0);
                got.push(id.0 as i64);
            });
        }
        assert!(w.is_empty());
        assert_eq!(got.len(), want.len());
        let slot = |t: &i64| t / 100_000_000;
        assert!(got.windows(2).all(|p| slot(&p[0]) <= slot(&p[1])));
        got.sort_unstable();
        assert_eq!(got, want);
    }

    #[test]
    fn a_jump_of_a_year_and_a_far_deadline_hold() {
        let mut w = Wheel::new(Span::from_millis(100));
        let start = Ts::new(1_700_000_000, 0);
        w.arm(start, TimerId(1));
        w.arm(start.plus(Span::from_secs(600 * 86_400)), TimerId(2));
        let mut got = Vec::new();
        w.advance(start.plus(Span::from_secs(365 * 86_400)), |_, id| got.push(id.0));
        assert_eq!(got, [1]);
        w.advance(start.plus(Span::from_secs(601 * 86_400)), |_, id| got.push(id.0));
        assert_eq!(got, [1, 2]);
    }
}
