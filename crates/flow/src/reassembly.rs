//! One direction of a TCP stream: from segments in any order to bytes in order.
//!
//! Positions are 64-bit and relative: 0 is the SYN, 1 the first byte of payload, so a stream may
//! wrap around its 32-bit numbers as often as it likes. What is handed on is written as [`Piece`]s:
//! data that arrives in order stays where it is, in the packet, and is never copied; data beyond a
//! hole is held until the hole is filled, or acknowledged by the receiver although it was never
//! seen, which is a [`Piece::Gap`]. Under [`Delivery::WhenAcknowledged`] data in order is held too,
//! until the receiver's acknowledgement covers it.
//!
//! **Invariants.** Every byte position is told exactly once, as data or as part of a gap, and in
//! order. Held bytes are charged to their flow, to their pair of hosts and to the whole
//! ([`Buffers`]); who has no room left loses the hole that keeps the bytes waiting (policy
//! *skip-hole*: the hole is told as a gap, what lies behind it is handed on), so memory is freed
//! where it is held and the stream goes on.
//!
//! Sources: RFC 9293; the overlap policies as Novak and Sturges describe them ("Target-Based TCP
//! Stream Reassembly", 2007).

use std::collections::BTreeMap;

use model::{Delivery, HostPolicy};

/// Something to hand on, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of the packet at hand: where in its payload, and how many.
    Packet {
        /// First byte.
        start: u32,
        /// How many.
        len: u32,
    },
    /// Bytes that were held. The buffer goes back with [`Buffers::give_back`].
    Held(Vec<u8>),
    /// So many bytes are missing.
    Gap(u64),
}

/// Limits and use of the memory that holds segments, with spare buffers.
#[derive(Debug)]
pub struct Buffers {
    spare: Vec<Vec<u8>>,
    held: u64,
    limit: u64,
    limit_flow: u64,
    limit_pair: u64,
    /// Bytes held by pairs of hosts, by a hash of the pair: pairs that share a cell share its limit.
    pairs: Box<[u64]>,
    /// How often a limit was hit, by which: flow, pair, whole.
    pub hits: [u64; 3],
}

/// Memory that a held segment costs besides its bytes.
const OVERHEAD: u64 = 96;
const SPARE_MOST: usize = 64;
const SPARE_BYTES_MOST: usize = 64 << 10;
const PAIR_CELLS: usize = 4096;

impl Buffers {
    /// Limits for one direction of a flow and for all; a pair of hosts may hold a quarter of all.
    pub fn new(limit: u64, limit_flow: u64) -> Self {
        Self {
            spare: Vec::new(),
            held: 0,
            limit,
            limit_flow,
            limit_pair: (limit >> 2).max(limit_flow.saturating_mul(2)),
            pairs: vec![0; PAIR_CELLS].into_boxed_slice(),
            hits: [0; 3],
        }
    }
    /// Bytes held now.
    pub const fn held(&self) -> u64 {
        self.held
    }
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut v = self.spare.pop().unwrap_or_default();
        v.extend_from_slice(bytes);
        v
    }
    /// Takes a buffer back for its next use.
    pub fn give_back(&mut self, mut v: Vec<u8>) {
        if self.spare.len() < SPARE_MOST && (1..=SPARE_BYTES_MOST).contains(&v.capacity()) {
            v.clear();
            self.spare.push(v);
        }
    }
    fn cell(&mut self, pair: u32) -> Option<&mut u64> {
        self.pairs.get_mut(pair as usize & PAIR_CELLS.wrapping_sub(1))
    }
    /// Whether `more` bytes may be held; who says no is counted.
    fn admits(&mut self, flow: u64, pair: u32, more: u64) -> bool {
        let of_pair = self.cell(pair).map_or(0, |c| *c);
        let full = [
            flow.saturating_add(more) > self.limit_flow,
            of_pair.saturating_add(more) > self.limit_pair,
            self.held.saturating_add(more) > self.limit,
        ];
        for (hit, full) in self.hits.iter_mut().zip(full) {
            *hit = hit.saturating_add(u64::from(full));
        }
        !full.contains(&true)
    }
    fn charge(&mut self, pair: u32, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
        if let Some(c) = self.cell(pair) {
            *c = c.saturating_add(bytes);
        }
    }
    fn release(&mut self, pair: u32, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
        if let Some(c) = self.cell(pair) {
            *c = c.saturating_sub(bytes);
        }
    }
}

/// How a half of a stream is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// When bytes are handed on.
    pub delivery: Delivery,
    /// Which bytes win an overlap.
    pub policy: HostPolicy,
    /// Only positions are kept, nothing is held or handed on.
    pub dry: bool,
    /// The pair of hosts, hashed.
    pub pair: u32,
}

#[derive(Debug)]
struct Block {
    len: u64,
    data: Vec<u8>,
}

/// What inserting a segment met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// Bytes that were there already.
    pub overlap: u64,
    /// They differed.
    pub inconsistent: bool,
    /// No room: the hole in front was given up.
    pub overflow: bool,
}

/// What passing a position told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Holes given up.
    pub gaps: u32,
    /// Their bytes.
    pub missed: u64,
}

/// One direction of a stream.
#[derive(Debug)]
pub struct Half {
    /// First position not handed on yet.
    next: u64,
    /// Acknowledged by the receiver, or given up.
    passed: u64,
    /// One past the highest position ever inserted.
    top: u64,
    /// Held segments by their first position; they never overlap.
    blocks: BTreeMap<u64, Block>,
    /// Bytes of all blocks.
    held: u32,
    /// Bytes charged.
    charged: u32,
}

impl Default for Half {
    fn default() -> Self {
        Self { next: 1, passed: 1, top: 0, blocks: BTreeMap::new(), held: 0, charged: 0 }
    }
}

impl Half {
    /// First position that was not handed on.
    pub const fn next(&self) -> u64 {
        self.next
    }
    /// Position up to which everything is acknowledged or given up.
    pub const fn passed(&self) -> u64 {
        self.passed
    }
    /// Whether bytes beyond what is acknowledged were seen.
    pub const fn has_unacknowledged(&self) -> bool {
        self.top > self.passed
    }
    /// Bytes between the first hole and the last byte seen.
    pub fn waiting(&self) -> u64 {
        self.blocks
            .last_key_value()
            .map_or(0, |(at, b)| at.saturating_add(b.len).saturating_sub(self.next))
    }
    /// Bytes seen and not acknowledged.
    pub const fn unacknowledged(&self) -> u64 {
        self.next.saturating_sub(self.passed).saturating_add(self.held as u64)
    }
    /// Begins at another position (a stream that is picked up, or whose numbers were wrong).
    pub const fn restart(&mut self, at: u64) {
        self.next = at;
        self.passed = at;
    }
    /// Takes a segment in. `data` holds `len` bytes unless the reading is dry.
    pub fn insert(
        &mut self,
        mut at: u64,
        data: &[u8],
        len: u64,
        r: Reading,
        buffers: &mut Buffers,
        out: &mut Vec<Piece>,
    ) -> Inserted {
        let mut met = Inserted::default();
        let end = at.saturating_add(len);
        self.top = self.top.max(end);
        let on_arrival = r.delivery == Delivery::OnArrival;
        let mut skip = 0u64;
        if at < self.next {
            // Handed on already: nothing can be changed any more.
            skip = self.next.saturating_sub(at).min(len);
            met.overlap = skip;
            at = self.next;
        }
        if at >= end {
            return met;
        }
        if on_arrival
            && at == self.next
            && self.blocks.first_key_value().is_none_or(|(b, _)| *b >= end)
        {
            // The plain case: in order, nothing held in its place.
            if !r.dry {
                out.push(Piece::Packet {
                    start: u32::try_from(skip).unwrap_or(u32::MAX),
                    len: u32::try_from(end.saturating_sub(at)).unwrap_or(u32::MAX),
                });
            }
            self.next = end;
            self.hand_on(u64::MAX, r, buffers, out);
            return met;
        }
        let bytes = data.get(usize::try_from(skip).unwrap_or(usize::MAX)..).unwrap_or_default();
        self.hold(at, end, bytes, r, buffers, &mut met);
        if on_arrival {
            self.hand_on(u64::MAX, r, buffers, out);
        }
        if met.overflow {
            // Policy skip-hole.
            let first = self.blocks.first_key_value().map(|(at, _)| *at);
            let to = if on_arrival { first } else { Some(end) };
            if let Some(to) = to {
                self.give_up(to, r, buffers, out);
                self.hand_on(u64::MAX, r, buffers, out);
            }
        }
        met
    }
    /// Holds `[at, end)`, resolving overlaps with what is held.
    fn hold(
        &mut self,
        at: u64,
        end: u64,
        data: &[u8],
        r: Reading,
        buffers: &mut Buffers,
        met: &mut Inserted,
    ) {
        let first = self
            .blocks
            .range(..=at)
            .next_back()
            .filter(|(b, block)| b.saturating_add(block.len) > at)
            .map_or(at, |(b, _)| *b);
        let mut from = at;
        let mut key = first;
        while from < end {
            let Some((&b, block)) = self.blocks.range_mut(key..end).next() else { break };
            let b_end = b.saturating_add(block.len);
            if b > from {
                let to = b.min(end);
                self.fill(at, from, to, data, r, buffers, met);
                from = to;
                key = b;
                continue;
            }
            let to = b_end.min(end);
            let n = to.saturating_sub(from);
            met.overlap = met.overlap.saturating_add(n);
            if !r.dry {
                let new = slice(data, from.saturating_sub(at), n);
                let old = slice_mut(&mut block.data, from.saturating_sub(b), n);
                if old != new {
                    met.inconsistent = true;
                    if new_wins(r.policy, at, end, b, b_end) {
                        for (o, n) in old.iter_mut().zip(new) {
                            *o = *n;
                        }
                    }
                }
            }
            from = to;
            key = b_end;
        }
        if from < end {
            self.fill(at, from, end, data, r, buffers, met);
        }
    }
    /// Holds `[from, to)` of a segment that begins at `at`, where nothing is held.
    #[allow(clippy::too_many_arguments)]
    fn fill(
        &mut self,
        at: u64,
        from: u64,
        to: u64,
        data: &[u8],
        r: Reading,
        buffers: &mut Buffers,
        met: &mut Inserted,
    ) {
        let len = to.saturating_sub(from);
        let cost = if r.dry { OVERHEAD } else { len.saturating_add(OVERHEAD) };
        if !buffers.admits(u64::from(self.charged), r.pair, cost) {
            met.overflow = true;
        }
        let bytes = if r.dry {
            Vec::new()
        } else {
            buffers.take(slice(data, from.saturating_sub(at), len))
        };
        self.blocks.insert(from, Block { len, data: bytes });
        self.held = self.held.saturating_add(len as u32);
        self.charge(cost, r.pair, buffers);
    }
    fn charge(&mut self, bytes: u64, pair: u32, buffers: &mut Buffers) {
        let before = self.charged;
        self.charged = before.saturating_add(bytes.min(u64::from(u32::MAX)) as u32);
        buffers.charge(pair, u64::from(self.charged.saturating_sub(before)));
    }
    fn uncharge(&mut self, bytes: u64, pair: u32, buffers: &mut Buffers) {
        let bytes = bytes.min(u64::from(self.charged));
        self.charged = self.charged.saturating_sub(bytes as u32);
        buffers.release(pair, bytes);
    }
    /// Hands on what is held in order from `next`, up to `limit`.
    fn hand_on(&mut self, limit: u64, r: Reading, buffers: &mut Buffers, out: &mut Vec<Piece>) {
        while let Some(entry) = self.blocks.first_entry() {
            let at = *entry.key();
            if at > self.next || at >= limit {
                break;
            }
            let mut block = entry.remove();
            self.held = self.held.saturating_sub(block.len as u32);
            let end = at.saturating_add(block.len);
            let stop = end.min(limit);
            let cost = if r.dry { OVERHEAD } else { block.len.saturating_add(OVERHEAD) };
            self.uncharge(cost, r.pair, buffers);
            // What lies before `next` was told as a gap, or handed on before.
            let old = self.next.saturating_sub(at).min(block.len);
            if stop < end {
                let keep = end.saturating_sub(stop);
                let rest = if r.dry {
                    Vec::new()
                } else {
                    buffers.take(slice(&block.data, stop.saturating_sub(at), keep))
                };
                block.data.truncate(usize::try_from(stop.saturating_sub(at)).unwrap_or(usize::MAX));
                let cost = if r.dry { OVERHEAD } else { keep.saturating_add(OVERHEAD) };
                self.blocks.insert(stop, Block { len: keep, data: rest });
                self.held = self.held.saturating_add(keep as u32);
                self.charge(cost, r.pair, buffers);
            }
            if r.dry || stop <= self.next {
                buffers.give_back(block.data);
            } else {
                if old > 0 {
                    block.data.drain(..usize::try_from(old).unwrap_or(0).min(block.data.len()));
                }
                out.push(Piece::Held(block.data));
            }
            self.next = self.next.max(stop);
        }
    }
    /// Tells everything up to `to`, holes as gaps.
    fn give_up(
        &mut self,
        to: u64,
        r: Reading,
        buffers: &mut Buffers,
        out: &mut Vec<Piece>,
    ) -> Passed {
        let mut told = Passed::default();
        while self.next < to {
            let hole_end = self.blocks.first_key_value().map_or(to, |(at, _)| (*at).min(to));
            if hole_end > self.next {
                let n = hole_end.saturating_sub(self.next);
                told.gaps = told.gaps.saturating_add(1);
                told.missed = told.missed.saturating_add(n);
                if !r.dry {
                    out.push(Piece::Gap(n));
                }
                self.next = hole_end;
            }
            let limit = if r.delivery == Delivery::OnArrival { u64::MAX } else { to };
            self.hand_on(limit, r, buffers, out);
        }
        told
    }
    /// The receiver has acknowledged everything before `to`: holes before it won't be filled.
    /// With `silent` a hole is stepped over and not told.
    pub fn acknowledge(
        &mut self,
        to: u64,
        silent: bool,
        r: Reading,
        buffers: &mut Buffers,
        out: &mut Vec<Piece>,
    ) -> Passed {
        if to <= self.passed {
            return Passed::default();
        }
        let mut told = Passed::default();
        if to > self.next {
            if silent {
                self.skip_to(to, r, buffers);
            } else {
                told = self.give_up(to, r, buffers, out);
            }
        }
        self.passed = to;
        if r.delivery == Delivery::OnArrival {
            self.hand_on(u64::MAX, r, buffers, out);
        }
        told
    }
    /// Marks everything before `to` as acknowledged without looking for holes.
    pub const fn pass(&mut self, to: u64) {
        if to > self.passed {
            self.passed = to;
        }
    }
    /// Steps over everything before `to`.
    fn skip_to(&mut self, to: u64, r: Reading, buffers: &mut Buffers) {
        while let Some((&at, block)) = self.blocks.first_key_value() {
            if at.saturating_add(block.len) > to {
                break;
            }
            let cost = if r.dry { OVERHEAD } else { block.len.saturating_add(OVERHEAD) };
            if let Some((_, block)) = self.blocks.pop_first() {
                self.held = self.held.saturating_sub(block.len as u32);
                buffers.give_back(block.data);
            }
            self.uncharge(cost, r.pair, buffers);
        }
        self.next = self.next.max(to);
    }
    /// Hands on all that is held, holes as gaps: the stream has ended.
    pub fn flush(&mut self, r: Reading, buffers: &mut Buffers, out: &mut Vec<Piece>) -> Passed {
        let to = self.blocks.last_key_value().map_or(self.next, |(at, b)| at.saturating_add(b.len));
        let told = self.give_up(to, r, buffers, out);
        self.passed = self.passed.max(self.next);
        told
    }
    /// Drops all that is held.
    pub fn clear(&mut self, pair: u32, buffers: &mut Buffers) {
        for (_, block) in std::mem::take(&mut self.blocks) {
            buffers.give_back(block.data);
        }
        self.top = 0;
        self.held = 0;
        self.uncharge(u64::MAX, pair, buffers);
    }
}

fn slice(data: &[u8], from: u64, len: u64) -> &[u8] {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(data.len());
    let rest = data.get(from..).unwrap_or_default();
    rest.get(..usize::try_from(len).unwrap_or(usize::MAX).min(rest.len())).unwrap_or_default()
}

fn slice_mut(data: &mut [u8], from: u64, len: u64) -> &mut [u8] {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(data.len());
    let rest = data.get_mut(from..).unwrap_or_default();
    let n = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
    rest.get_mut(..n).unwrap_or_default()
}

/// Whether a new segment `[at, end)` wins over a held one `[b, b_end)` where they overlap.
const fn new_wins(policy: HostPolicy, at: u64, end: u64, b: u64, b_end: u64) -> bool {
    match policy {
        HostPolicy::First | HostPolicy::Vista => false,
        HostPolicy::Last => true,
        // The new one wins where it begins before the held one.
        HostPolicy::Bsd | HostPolicy::MacOs | HostPolicy::Windows => at < b,
        // … or begins with it and reaches further.
        HostPolicy::Linux => at < b || (at == b && end > b_end),
        // Where it reaches further, or covers the held one.
        HostPolicy::Solaris => end > b_end || (at <= b && end == b_end),
    }
}
