//! Which parts of the code an input reached: the counters that `-C instrument-coverage` puts into
//! the program, read in place.
//!
//! The stable compiler gives every region of code a counter in one section of the program; the
//! linker names the section's ends. A counter that was zero and isn't any more means that an input
//! went where none went before. Built without the flag there are no counters, nothing is ever new,
//! and the corpus stays as it was seeded.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters and which of them were ever seen.
#[derive(Debug)]
pub struct Coverage {
    counters: &'static [AtomicU64],
    seen: Vec<bool>,
    reached: usize,
}

impl Default for Coverage {
    fn default() -> Self {
        let counters = counters();
        Self { counters, seen: vec![false; counters.len()], reached: 0 }
    }
}

impl Coverage {
    /// Whether the build has counters.
    pub fn works(&self) -> bool {
        !self.counters.is_empty()
    }

    /// How many regions were reached, of how many.
    pub fn reached(&self) -> (usize, usize) {
        (self.reached, self.counters.len())
    }

    /// Counters that were reached for the first time since the last call; they are set back to
    /// zero, so that [`hit`](Self::hit) can tell which input of a batch it was.
    pub fn fresh(&self) -> Vec<usize> {
        let mut out = Vec::new();
        for (i, (counter, seen)) in self.counters.iter().zip(&self.seen).enumerate() {
            if !seen && counter.load(Ordering::Relaxed) != 0 {
                counter.store(0, Ordering::Relaxed);
                out.push(i);
            }
        }
        out
    }

    /// Whether any of these counters was reached; those that were are seen from now on.
    pub fn hit(&mut self, fresh: &mut Vec<usize>) -> bool {
        let before = fresh.len();
        fresh.retain(|&i| {
            let hit = self.counters.get(i).is_some_and(|c| c.load(Ordering::Relaxed) != 0);
            if hit && let Some(seen) = self.seen.get_mut(i) {
                *seen = true;
            }
            !hit
        });
        self.reached += before - fresh.len();
        fresh.len() < before
    }
}

#[cfg(watchpost_coverage)]
#[allow(unsafe_code)]
fn counters() -> &'static [AtomicU64] {
    unsafe extern "C" {
        #[link_name = "__start___llvm_prf_cnts"]
        static START: AtomicU64;
        #[link_name = "__stop___llvm_prf_cnts"]
        static STOP: AtomicU64;
    }
    let (start, stop) = (&raw const START, &raw const STOP);
    let bytes = stop as usize - start as usize;
    // SAFETY: the linker defines both symbols as the ends of one section of 8-byte counters that
    // the program holds, writable, for its whole life; atomics allow that it counts meanwhile.
    unsafe { std::slice::from_raw_parts(start, bytes / size_of::<AtomicU64>()) }
}

#[cfg(not(watchpost_coverage))]
fn counters() -> &'static [AtomicU64] {
    &[]
}
