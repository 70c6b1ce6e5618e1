//! A few seconds of every fuzz target, from seeds built here; `cargo xtask fuzz` goes on for longer.

use watchpost_capture::fuzz::TARGETS;

use crate::build::{Dice, Ng, PCAP, packets};
use crate::compressed::{gzip, xz, zstd};

const FILTERS: &str = include_str!("filter_diagnostics.txt");

fn seeds() -> Vec<Vec<u8>> {
    let few = packets(8);
    let (ng, other) = (Ng { big: false }, Ng { big: true });
    let mut seeds = vec![
        PCAP.file(&few),
        [ng.file(&few), other.file(&few)].concat(),
        [ng.section(&[]), ng.interface(1, 96, &[]), ng.simple(&few[0]), ng.obsolete(&few[1], 1)]
            .concat(),
        gzip(&PCAP.file(&few)),
        zstd(&PCAP.file(&few)),
        xz(&ng.file(&few)),
    ];
    let frame = wire::build::ethernet().vlan(7).ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 80).bytes();
    seeds.extend(
        FILTERS
            .lines()
            .filter_map(|l| l.strip_prefix("filter: "))
            .map(|line| [line.as_bytes(), b"\0", &frame].concat()),
    );
    seeds
}

fn mutate(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.roll(5) {
        let at = dice.roll(bytes.len());
        match dice.roll(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, dice.roll(256) as u8),
            2 => drop(bytes.drain(at..(at + 1 + dice.roll(20)).min(bytes.len()))),
            3 => {
                let piece = bytes[at..(at + dice.roll(60)).min(bytes.len())].to_vec();
                let to = dice.roll(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(8),
            _ if !bytes.is_empty() => bytes[at] = [0, 1, 0xff, 0x80, b'('][dice.roll(5)],
            _ => {}
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn mutated_seeds_find_nothing() {
    let mut dice = Dice(0x00dd_ba11);
    for seed in seeds() {
        for (name, target) in TARGETS {
            for round in 0..60 {
                let input = if round == 0 { seed.clone() } else { mutate(&seed, &mut dice) };
                let run = std::panic::catch_unwind(|| target(&input));
                assert!(run.is_ok(), "{name} on {}", input.escape_ascii());
            }
        }
    }
}
