//! Hashes that must be the same in every run: names of flows and files, choice of a shard.
//!
//! A folded 64×64→128 multiplication per eight bytes (the idea of wyhash and foldhash), twice with
//! different constants for 128 bits. Not for tables that an attacker fills (those use
//! [`crate::Map`], seeded) and not cryptographic.

const K: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03, 0x8bb8_4b93_962e_acc9, 0x2d35_8dcc_aa6c_78a5];

const fn fold(a: u64, b: u64) -> u64 {
    let m = (a as u128).wrapping_mul(b as u128);
    (m as u64) ^ ((m >> 64) as u64)
}

/// A running 128-bit hash.
#[derive(Clone, Copy, Debug)]
pub struct Hash128 {
    a: u64,
    b: u64,
    len: u64,
}

impl Hash128 {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        let [k0, k1, ..] = K;
        Self { a: seed ^ k0, b: fold(seed ^ k1, k0), len: 0 }
    }
    /// Takes in one word.
    pub const fn write_u64(&mut self, w: u64) {
        let [_, _, k2, k3] = K;
        self.a = fold(self.a ^ w, k2 ^ self.len);
        self.b = fold(self.b.rotate_left(23) ^ w, k3);
        self.len = self.len.wrapping_add(8);
    }
    /// Takes in bytes; their length is part of the hash.
    pub fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for c in &mut chunks {
            let mut w = [0u8; 8];
            w.copy_from_slice(c);
            self.write_u64(u64::from_le_bytes(w));
        }
        let mut w = [0u8; 8];
        for (slot, b) in w.iter_mut().zip(chunks.remainder()) {
            *slot = *b;
        }
        self.write_u64(u64::from_le_bytes(w));
        self.write_u64(bytes.len() as u64);
    }
    /// The hash of what was written.
    pub const fn finish(&self) -> u128 {
        let [k0, k1, k2, k3] = K;
        let x = fold(self.a ^ k1, self.b ^ k2);
        let y = fold(self.b ^ k3, self.a.rotate_left(32) ^ k0);
        ((x as u128) << 64) | y as u128
    }
}

/// 128 bits of hash of `bytes` under `seed`.
pub fn hash128(seed: u64, bytes: &[u8]) -> u128 {
    let mut h = Hash128::new(seed);
    h.write(bytes);
    h.finish()
}

/// 64 bits of hash of `bytes` under `seed`.
pub fn hash64(seed: u64, bytes: &[u8]) -> u64 {
    hash128(seed, bytes) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_and_depends_on_length() {
        let mut seen = std::collections::HashSet::new();
        for i in 0..20_000u32 {
            assert!(seen.insert(hash64(7, &i.to_le_bytes())));
        }
        assert_ne!(hash64(0, b""), hash64(0, b"\0"));
        let ones: u32 = (0..64u32).map(|i| hash64(0, &i.to_le_bytes()).count_ones()).sum();
        assert!((1500..2600).contains(&ones), "bits set: {ones}");
    }
}
