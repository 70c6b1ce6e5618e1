//! A small seeded generator of random numbers.

/// xorshift64*: a run is repeated by its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        let mixed = (seed ^ 0x5DEE_CE66_D1CE_4E5B).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self((mixed ^ (mixed >> 31)) | 1)
    }
    /// The next number.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    /// A number below `n`; 0 where `n` is 0.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { ((self.draw() >> 16) % n as u64) as usize }
    }
    /// A number from `from` up to, not including, `to`.
    pub fn within(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to.saturating_sub(from))
    }
    /// True once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    /// One of a list that isn't empty.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
    /// So many random bytes.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(n + 8);
        while out.len() < n {
            out.extend_from_slice(&self.draw().to_le_bytes());
        }
        out.truncate(n);
        out
    }
    /// Random lower-case letters and digits.
    pub fn word(&mut self, n: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
        (0..n).map(|_| char::from(*self.of(LETTERS))).collect()
    }
    /// A length of a heavy-tailed size, at least `least`, at most `most`: most are small, most
    /// bytes are in large ones.
    pub fn heavy(&mut self, least: usize, most: usize) -> usize {
        let chance = (self.draw() >> 11) as f64 / (1u64 << 53) as f64;
        let (low, high) = (least as f64, most as f64);
        // A bounded Pareto of index 1.1.
        let index = 1.1;
        let (low, high) = (low.powf(index), high.powf(index));
        let x = (high - chance * high + chance * low) / (high * low);
        (x.powf(-1.0 / index) as usize).clamp(least, most)
    }
}
