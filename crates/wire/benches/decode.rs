//! Nanoseconds a packet: `cargo bench -p watchpost-wire`.

use std::hint::black_box;
use watchpost_wire::build::{Talk, ethernet, ipv4};
use watchpost_wire::{Checksums, DecodeOptions, Decoder, LinkType, Notes};

#[allow(clippy::disallowed_methods)] // a benchmark reads the clock
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn main() {
    let tcp = |link: watchpost_wire::build::Build<_>| -> Vec<u8> {
        link.ipv4("10.0.0.1", "10.0.0.2")
            .tcp(1, 2)
            .timestamps(3, 4)
            .raw_options([1, 1])
            .payload([7; 400])
            .bytes()
    };
    let talk =
        Talk::new("10.0.0.1", 40000, "10.0.0.2", 80).open().client([1; 16000]).close().frames();
    let load = ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).payload([7; 400]);
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("Ethernet, IPv4, TCP with timestamps", vec![tcp(ethernet())]),
        ("a TCP conversation", talk.into_iter().map(|t| t.frame).collect()),
        (
            "UDP over IPv4",
            vec![ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(53, 40000).payload([0; 80]).bytes()],
        ),
        (
            "TCP over IPv6 in a VLAN",
            vec![
                ethernet()
                    .vlan(3)
                    .ipv6("2001:db8::1", "2001:db8::2")
                    .tcp(1, 2)
                    .payload([7; 400])
                    .bytes(),
            ],
        ),
        (
            "TCP in IPv4 in VXLAN",
            vec![
                ethernet()
                    .ipv4("10.0.0.1", "10.0.0.2")
                    .udp(9, 4789)
                    .vxlan(1)
                    .ethernet()
                    .carry(&load)
                    .bytes(),
            ],
        ),
    ];
    for (checksums, name) in [(Checksums::Ignore, "ignored"), (Checksums::Verify, "verified")] {
        let decoder = Decoder::new(DecodeOptions { checksums, ..DecodeOptions::default() });
        println!("checksums {name}");
        for (case, frames) in &cases {
            let mut best = f64::MAX;
            for _ in 0..15 {
                let rounds = 200_000 / frames.len();
                let start = now();
                let mut notes = Notes::new();
                for _ in 0..rounds {
                    for bytes in frames {
                        notes.clear();
                        let bytes = black_box(&bytes[..]);
                        let mut frame = decoder.frame(
                            LinkType::ETHERNET,
                            bytes,
                            bytes.len() as u32,
                            &mut notes,
                        );
                        while let Some(packet) = decoder.packet(&frame, &mut notes) {
                            let inner = decoder.inner(&packet, &mut notes);
                            black_box(&packet);
                            match inner {
                                Some(inner) => frame = inner.frame,
                                None => break,
                            }
                        }
                    }
                }
                let each = start.elapsed().as_nanos() as f64 / (rounds * frames.len()) as f64;
                best = best.min(each);
            }
            println!("  {best:6.1} ns  {case}");
        }
    }
}
