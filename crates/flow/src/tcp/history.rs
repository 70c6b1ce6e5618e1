//! A connection's history: one letter per kind of event, upper case from the originator.
//!
//! Letters are those of Zeek's `history` column. Most are written once or for each new sequence
//! number, those that may repeat without end (`t`, `w`, `g`, `c`) at the 1st, 10th, 100th …
//! occurrence, so a history stays short whatever is sent; [`History::MOST`] bounds it all the same.

use smallvec::SmallVec;

/// The letters, inline as long as they are few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(SmallVec<[u8; 24]>);

impl History {
    /// Letters kept at most; a sender that varies sequence numbers of SYNs could grow it forever.
    pub const MOST: usize = 4096;

    /// Appends a letter.
    pub fn push(&mut self, letter: u8) {
        if self.0.len() < Self::MOST {
            self.0.push(letter);
        }
    }
    /// Replaces all of it.
    pub fn set(&mut self, letters: &[u8]) {
        self.0.clear();
        self.0.extend_from_slice(letters);
    }
    /// The letters.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// The letters as text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether this is a SYN of the originator and then, before any reset of its own, nothing that
    /// tells of an established connection (the pattern behind `RSTOS0`).
    pub fn is_aborted_attempt(&self) -> bool {
        let letters = match self.0.as_slice() {
            [b'^', rest @ ..] => rest,
            all => all,
        };
        let [b'S', rest @ ..] = letters else { return false };
        let Some(reset) = rest.iter().position(|l| *l == b'R') else { return false };
        !rest.iter().take(reset).any(|l| b"HAFGIQ".contains(l))
    }
}

/// A counter whose occurrences are told at powers of ten.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Logarithmic(u32);

impl Logarithmic {
    /// Counts one; true if it is to be told.
    pub(crate) const fn step(&mut self) -> bool {
        self.0 = self.0.saturating_add(1);
        matches!(
            self.0,
            1 | 10 | 100 | 1000 | 10_000 | 100_000 | 1_000_000 | 10_000_000 | 100_000_000
        )
    }
    /// Occurrences so far.
    pub(crate) const fn count(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aborted_attempt_has_no_sign_of_an_answer() {
        let is = |s: &str| {
            let mut h = History::default();
            h.set(s.as_bytes());
            h.is_aborted_attempt()
        };
        assert!(is("SR") && is("^SR") && is("SWrR") && is("ShR"));
        assert!(!is("SAR") && !is("R") && !is("S"));
    }

    #[test]
    fn a_logarithmic_counter_tells_powers_of_ten() {
        let mut l = Logarithmic::default();
        let told: Vec<u32> = (1..=1000).filter(|_| l.step()).collect();
        assert_eq!(told, [1, 10, 100, 1000]);
    }
}
