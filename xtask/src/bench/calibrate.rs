//! What the machine gives, so that figures of different machines can be laid side by side.

use std::hint::black_box;
use std::time::Instant;

/// Bytes copied from one end of memory to the other, read and written, in GB a second: the best
/// of some tries.
pub(super) fn memory_gb_per_second() -> f64 {
    const BYTES: usize = 128 << 20;
    let from = vec![1_u8; BYTES];
    let mut to = vec![2_u8; BYTES];
    let mut best = f64::INFINITY;
    for _ in 0..6 {
        let start = Instant::now();
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
        best = best.min(start.elapsed().as_secs_f64());
    }
    2.0 * BYTES as f64 / best / 1e9
}

/// Nanoseconds of a fixed piece of work: 64 dependent multiplications. The best of some tries,
/// since others may share the core.
pub(super) fn loop_nanos() -> f64 {
    const ROUNDS: u64 = 200_000;
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let start = Instant::now();
        let mut x = black_box(1_u64);
        for _ in 0..ROUNDS * 64 {
            x = x.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
        }
        black_box(x);
        best = best.min(start.elapsed().as_secs_f64());
    }
    best * 1e9 / ROUNDS as f64
}
