//! Properties of stream reassembly: however a stream is cut, mixed and repeated, its bytes come
//! out once, in order, and what is missing is told as missing.

use model::{Delivery, HostPolicy};
use watchpost_flow::{Buffers, Half, Passed, Piece, Reading};

/// A small generator, so that every run sees the same cases.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}

fn reading(delivery: Delivery) -> Reading {
    Reading { delivery, policy: HostPolicy::First, dry: false, pair: 7 }
}

/// What came out: bytes, and gaps as `None`.
#[derive(Default)]
struct Out(Vec<Option<u8>>);

impl Out {
    fn take(&mut self, packet: &[u8], pieces: &mut Vec<Piece>, buffers: &mut Buffers) {
        for p in pieces.drain(..) {
            match p {
                Piece::Packet { start, len } => {
                    let bytes = &packet[start as usize..(start + len) as usize];
                    self.0.extend(bytes.iter().map(|b| Some(*b)));
                }
                Piece::Held(v) => {
                    self.0.extend(v.iter().map(|b| Some(*b)));
                    buffers.give_back(v);
                }
                Piece::Gap(n) => self.0.extend((0..n).map(|_| None)),
            }
        }
    }
}

fn stream(dice: &mut Dice) -> Vec<u8> {
    (0..=dice.roll(4000)).map(|_| dice.roll(256) as u8).collect()
}

/// Segments that cover the stream, some twice, in a random order.
fn segments(dice: &mut Dice, len: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < len {
        let n = (dice.roll(200) as usize + 1).min(len - at);
        all.push((at, n));
        if dice.roll(4) == 0 {
            let back = dice.roll(50) as usize;
            let start = at.saturating_sub(back);
            all.push((start, (n + back).min(len - start)));
        }
        at += n;
    }
    for i in (1..all.len()).rev() {
        let j = dice.roll(i as u64 + 1) as usize;
        if dice.roll(3) > 0 {
            all.swap(i, j);
        }
    }
    all
}

#[test]
fn any_order_and_repetition_gives_the_same_bytes() {
    let mut dice = Dice(1);
    for delivery in [Delivery::OnArrival, Delivery::WhenAcknowledged] {
        for _ in 0..300 {
            let bytes = stream(&mut dice);
            let (mut half, mut buffers) = (Half::default(), Buffers::new(1 << 30, 1 << 30));
            let (mut out, mut pieces) = (Out::default(), Vec::new());
            let r = reading(delivery);
            for (at, n) in segments(&mut dice, bytes.len()) {
                let data = &bytes[at..at + n];
                let met = half.insert(at as u64 + 1, data, n as u64, r, &mut buffers, &mut pieces);
                assert!(!met.inconsistent && !met.overflow);
                out.take(data, &mut pieces, &mut buffers);
            }
            let told =
                half.acknowledge(bytes.len() as u64 + 1, false, r, &mut buffers, &mut pieces);
            assert_eq!(told, Passed::default());
            out.take(b"", &mut pieces, &mut buffers);
            assert_eq!(out.0, bytes.iter().map(|b| Some(*b)).collect::<Vec<_>>());
            assert_eq!(buffers.held(), 0);
        }
    }
}

#[test]
fn missing_bytes_are_told_once_and_in_their_place() {
    let mut dice = Dice(2);
    for delivery in [Delivery::OnArrival, Delivery::WhenAcknowledged] {
        for _ in 0..300 {
            let bytes = stream(&mut dice);
            let (mut half, mut buffers) = (Half::default(), Buffers::new(1 << 30, 1 << 30));
            let (mut out, mut pieces) = (Out::default(), Vec::new());
            let r = reading(delivery);
            let mut here = vec![false; bytes.len()];
            let mut told = 0;
            for (at, n) in segments(&mut dice, bytes.len()) {
                if dice.roll(5) == 0 {
                    continue;
                }
                let data = &bytes[at..at + n];
                half.insert(at as u64 + 1, data, n as u64, r, &mut buffers, &mut pieces);
                out.take(data, &mut pieces, &mut buffers);
                here[at..at + n].fill(true);
            }
            // Acknowledged in steps.
            let mut acked = 1;
            while acked <= bytes.len() as u64 {
                acked += dice.roll(300) + 1;
                let to = acked.min(bytes.len() as u64 + 1);
                told += half.acknowledge(to, false, r, &mut buffers, &mut pieces).missed;
                out.take(b"", &mut pieces, &mut buffers);
            }
            let want: Vec<_> = bytes.iter().zip(&here).map(|(b, h)| h.then_some(*b)).collect();
            assert_eq!(out.0, want);
            assert_eq!(told as usize, here.iter().filter(|h| !**h).count());
            assert_eq!(buffers.held(), 0);
        }
    }
}

#[test]
fn a_full_buffer_gives_up_the_hole_and_goes_on() {
    let (mut half, mut buffers) = (Half::default(), Buffers::new(1 << 20, 4096));
    let (mut out, mut pieces) = (Out::default(), Vec::new());
    let r = reading(Delivery::OnArrival);
    let data = [5u8; 1000];
    let mut overflowed = false;
    for i in 1..100u64 {
        let met = half.insert(1 + i * 1000, &data, 1000, r, &mut buffers, &mut pieces);
        overflowed |= met.overflow;
        out.take(&data, &mut pieces, &mut buffers);
        assert!(buffers.held() < 8192, "held {}", buffers.held());
    }
    assert!(overflowed);
    assert_eq!(out.0.iter().filter(|b| b.is_none()).count(), 1000);
    assert_eq!(out.0.len(), 100_000);
    assert!(buffers.hits[0] > 0);
}

#[test]
fn overlap_policies_choose_between_old_and_new() {
    // Old bytes at 11..16, new ones around them.
    let result = |policy, at: u64, new: &[u8]| {
        let (mut half, mut buffers) = (Half::default(), Buffers::new(1 << 20, 1 << 20));
        let mut pieces = Vec::new();
        let r = Reading { policy, ..reading(Delivery::OnArrival) };
        half.insert(11, b"ooooo", 5, r, &mut buffers, &mut pieces);
        let met = half.insert(at, new, new.len() as u64, r, &mut buffers, &mut pieces);
        assert!(met.inconsistent);
        half.acknowledge(40, false, r, &mut buffers, &mut pieces);
        let mut out = Out::default();
        out.take(b"", &mut pieces, &mut buffers);
        String::from_utf8(out.0.iter().skip(8).take(11).map(|b| b.unwrap_or(b'.')).collect())
            .unwrap()
    };
    assert_eq!(result(HostPolicy::First, 9, b"nnnnn"), "nnooooo....");
    assert_eq!(result(HostPolicy::Last, 9, b"nnnnn"), "nnnnnoo....");
    assert_eq!(result(HostPolicy::Bsd, 9, b"nnnnn"), "nnnnnoo....");
    assert_eq!(result(HostPolicy::Bsd, 11, b"nnnnnnn"), "..ooooonn..");
    assert_eq!(result(HostPolicy::Linux, 11, b"nnnnnnn"), "..nnnnnnn..");
    assert_eq!(result(HostPolicy::Vista, 9, b"nnnnnnnnn"), "nnooooonn..");
    assert_eq!(result(HostPolicy::Solaris, 9, b"nnnnnnnnn"), "nnnnnnnnn..");
    assert_eq!(result(HostPolicy::Solaris, 9, b"nnnnn"), "nnooooo....");
}
