//! How many bytes each read returns, and how large the window is, changes nothing.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use watchpost_capture::{Batch, Options, Sources};

use crate::build::{Dice, Ng, PCAP, Pcap, packet, packets, read_stream};
use crate::compressed::{gzip, zstd};

/// A pipe that hands over as it likes.
struct Trickle {
    bytes: Vec<u8>,
    at: usize,
    dice: Dice,
    most: usize,
}

impl Read for Trickle {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.dice.roll(10) == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let some = 1 + self.dice.roll(self.most);
        let n = some.min(buf.len()).min(self.bytes.len() - self.at);
        buf[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// Files of every kind, whole and broken.
fn inputs() -> Vec<Vec<u8>> {
    let mut all = packets(60);
    all.push(packet(61, 70_000));
    all.extend(packets(20));
    let ng = Ng { big: true };
    let mut inputs = vec![
        PCAP.file(&all),
        Pcap { magic: 0xa1b2_cd34, big: true, ..PCAP }.file(&all),
        ng.file(&all),
        [ng.file(&all[..30]), Ng { big: false }.file(&all[30..])].concat(),
        gzip(&PCAP.file(&all)),
        zstd(&ng.file(&all)),
    ];
    let mut dice = Dice(0x5eed);
    for whole in [PCAP.file(&all), ng.file(&all)] {
        for _ in 0..12 {
            let mut broken = whole.clone();
            for _ in 0..=dice.roll(4) {
                let (at, len) = (24 + dice.roll(broken.len() - 24), 1 + dice.roll(40));
                let end = (at + len).min(broken.len());
                match dice.roll(3) {
                    0 => broken[at..end].fill(0),
                    1 => broken[at..end].iter_mut().for_each(|b| *b = dice.roll(256) as u8),
                    _ => drop(broken.drain(at..end)),
                }
            }
            broken.truncate(broken.len() - dice.roll(100));
            inputs.push(broken);
        }
    }
    inputs
}

#[test]
fn short_reads_and_small_windows_give_the_same_packets_and_troubles() {
    let mut seed = 1;
    for bytes in inputs() {
        let whole = io::Cursor::new(bytes.clone());
        let want =
            read_stream(whole, Options { window: 1 << 20, threads: false, ..Options::default() })
                .unwrap();
        for (window, most) in [(4096, 3000), (4096, 100), (64 * 1024, 7), (1 << 20, 20_000)] {
            for threads in [false, true] {
                seed += 1;
                let trickle = Trickle { bytes: bytes.clone(), at: 0, dice: Dice(seed), most };
                let got = read_stream(trickle, Options { window, threads, ..Options::default() })
                    .unwrap();
                assert_eq!(got.packets, want.packets, "window {window}, reads of up to {most}");
                assert_eq!(got.troubles, want.troubles, "window {window}, reads of up to {most}");
            }
        }
    }
}

/// A live pipe: each read brings what was written at a time.
struct Live {
    writes: VecDeque<Vec<u8>>,
    reads: Arc<AtomicUsize>,
}

impl Read for Live {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let Some(mut now) = self.writes.pop_front() else { return Ok(0) };
        if now.len() > buf.len() {
            self.writes.push_front(now.split_off(buf.len()));
        }
        buf[..now.len()].copy_from_slice(&now);
        Ok(now.len())
    }
}

#[test]
fn a_packet_on_a_pipe_is_handed_over_before_the_next_is_waited_for() {
    let all = packets(4);
    let ng = Ng { big: false };
    let pcap: Vec<_> = all.iter().map(|p| PCAP.record(p)).collect();
    let blocks: Vec<_> = all.iter().map(|p| ng.enhanced(p, 1_000_000, &[])).collect();
    for (head, records) in [(PCAP.header(), pcap), (ng.file(&[]), blocks)] {
        let reads = Arc::new(AtomicUsize::new(0));
        let writes = std::iter::once(head).chain(records).collect();
        let live = Live { writes, reads: Arc::clone(&reads) };
        let mut sources = Sources::from_reader("pipe", live, Options::default()).unwrap();
        let mut batch = Batch::new();
        let mut before = None;
        for _ in 0..all.len() {
            assert!(sources.next_batch(&mut batch));
            assert_eq!(batch.len(), 1);
            let now = reads.load(Ordering::Relaxed);
            assert!(before.is_none_or(|before| now == before + 1), "it read ahead");
            before = Some(now);
        }
        assert!(!sources.next_batch(&mut batch));
    }
}
