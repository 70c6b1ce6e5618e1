//! Transactions: the unit of a protocol, kept until every consumer has passed it.

use std::any::Any;
use std::collections::VecDeque;

/// How far a direction of a transaction has come, an ordered number whose steps each protocol
/// names (with Suricata's hook names).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub u8);

impl Step {
    /// Past every step: nothing more will come.
    pub const COMPLETE: Self = Self(u8::MAX);
}

/// Those who read transactions, each with cursors of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// Records.
    Records = 0,
    /// Rules.
    Rules = 1,
    /// Scripts.
    Scripts = 2,
}

/// How many consumers there are.
pub const CONSUMERS: usize = 3;

/// What every transaction begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxHead {
    /// Number of the transaction in its flow, from 0.
    pub id: u64,
    /// How far each direction has come (originator, responder).
    pub progress: [Step; 2],
    /// How far each consumer has looked.
    pub passed: [[Step; 2]; CONSUMERS],
    /// A slot per consumer, an index into that consumer's own slab.
    pub slot: [u32; CONSUMERS],
}

impl TxHead {
    /// Both directions have come to their end.
    pub fn is_complete(&self) -> bool {
        self.progress == [Step::COMPLETE; 2]
    }
    /// Marks both directions as ended.
    pub const fn complete(&mut self) {
        self.progress = [Step::COMPLETE; 2];
    }
    /// Whether `who` has seen all there will be.
    pub fn has_passed(&self, who: Consumer) -> bool {
        self.passed.get(who as usize).is_some_and(|p| *p == [Step::COMPLETE; 2])
    }
    /// `who` has seen all there is by now.
    pub fn pass(&mut self, who: Consumer) {
        if let Some(p) = self.passed.get_mut(who as usize) {
            *p = self.progress;
        }
    }
}

/// A request with its answer, an exchange, a handshake: whatever a protocol's unit is. Owns its
/// bytes, in buffers that [`Transaction::reset`] empties without freeing.
pub trait Transaction: Any {
    /// Its head.
    fn head(&self) -> &TxHead;
    /// Its head, to change it.
    fn head_mut(&mut self) -> &mut TxHead;
    /// Empties it for the next use; capacity stays.
    fn reset(&mut self);
}

/// Emptied transactions of all flows of a shard, for their next ones.
#[derive(Debug)]
pub struct Spare<T>(#[allow(clippy::vec_box)] Vec<Box<T>>); // boxes move to flows and back

/// How many a shard keeps.
const SPARE_MOST: usize = 64;

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// The open transactions of a flow, oldest first, with recycling of those that ended.
///
/// Most flows have one transaction at a time and many wait in silence for their end, so a flow
/// keeps no more than its open ones: an analyzer lends them its shard's [`Spare`] for a step.
#[derive(Debug)]
pub struct Transactions<T> {
    open: VecDeque<Box<T>>,
    spare: Spare<T>,
}

impl<T> Default for Transactions<T> {
    fn default() -> Self {
        Self { open: VecDeque::new(), spare: Spare::default() }
    }
}

impl<T: Transaction + Default> Transactions<T> {
    /// Lends the shard's spare transactions, or, called again, gives them back.
    pub const fn lend(&mut self, spare: &mut Spare<T>) {
        std::mem::swap(&mut self.spare, spare);
    }
    /// Begins a transaction with number `id`.
    pub fn begin(&mut self, id: u64) -> &mut T {
        let mut tx = self.spare.0.pop().unwrap_or_default();
        *tx.head_mut() = TxHead { id, ..TxHead::default() };
        self.open.push_back(tx);
        let last = self.open.len().saturating_sub(1);
        #[allow(clippy::indexing_slicing)] // just pushed
        &mut self.open[last]
    }
    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }
    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
    /// The one at place `i`, oldest first.
    pub fn at(&mut self, i: usize) -> Option<&mut T> {
        self.open.get_mut(i).map(|t| &mut **t)
    }
    /// The newest.
    pub fn last(&mut self) -> Option<&mut T> {
        self.open.back_mut().map(|t| &mut **t)
    }
    /// The oldest.
    pub fn first(&mut self) -> Option<&mut T> {
        self.open.front_mut().map(|t| &mut **t)
    }
    /// The one with number `id`.
    pub fn by_id(&mut self, id: u64) -> Option<&mut T> {
        self.iter_mut().find(|t| t.head().id == id)
    }
    /// All, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.open.iter_mut().map(|t| &mut **t)
    }
    /// All, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.open.iter().map(|t| &**t)
    }
    /// Frees the transactions that `done` says every consumer has passed.
    pub fn retire(&mut self, mut done: impl FnMut(&T) -> bool) {
        // Mostly the oldest ends first; others leave a hole that is closed.
        while self.open.front().is_some_and(|t| done(t)) {
            if let Some(tx) = self.open.pop_front() {
                self.recycle(tx);
            }
        }
        if self.open.iter().any(|t| done(t)) {
            let mut i = 0usize;
            while let Some(tx) = self.open.get(i) {
                if done(tx) {
                    if let Some(tx) = self.open.remove(i) {
                        self.recycle(tx);
                    }
                } else {
                    i = i.saturating_add(1);
                }
            }
        }
    }
    fn recycle(&mut self, mut tx: Box<T>) {
        if self.spare.0.len() < SPARE_MOST {
            tx.reset();
            self.spare.0.push(tx);
        }
    }
}
