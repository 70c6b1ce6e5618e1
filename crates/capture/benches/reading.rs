//! Nanoseconds of this thread's processor time that readers and filters take for a packet, on
//! generated captures (the kernel's copying counts, waiting for other programs doesn't).
//!
//! `cargo bench -p watchpost-capture [-- MEGABYTES]`

use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use base::Ts;
use watchpost_capture::{
    Batch, Filter, Options, PacketRef, PcapWriter, PcapngWriter, Sources, WriteError,
};
use wire::build::ethernet;
use wire::{DecodeOptions, Decoder, LinkType, Notes};

/// Two thousand frames of the lengths of a mixed network: acknowledgements, questions, full ones.
fn frames() -> Vec<Vec<u8>> {
    let lengths = [0usize, 0, 0, 40, 120, 300, 700, 1400];
    let frame = |n: usize| {
        let client = format!("10.0.{}.{}", n / 250, n % 250 + 1);
        let link = ethernet().ipv4(client.as_str(), "192.168.1.1");
        let payload = vec![n as u8; lengths[n * 31 % lengths.len()]];
        if n.is_multiple_of(7) {
            link.udp(40_000 + n as u16, 53).payload(payload).bytes()
        } else {
            link.tcp(40_000 + n as u16, 80).push().payload(payload).bytes()
        }
    };
    (0..2000).map(frame).collect()
}

fn write(path: &Path, megabytes: u64, ng: bool, offset: i64, step: i64) -> Result<(), WriteError> {
    let out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let frames = frames();
    let packets = frames.iter().cycle().enumerate().map(|(n, data)| PacketRef {
        ts: Ts(1_700_000_000_000_000_000 + offset + n as i64 * step),
        link: LinkType(1),
        wire_len: data.len() as u32,
        data,
        iface: 0,
        number: 0,
    });
    if ng {
        let mut writer = PcapngWriter::new(out, "bench")?;
        writer.interface(LinkType(1), "bench0")?;
        for packet in packets {
            if writer.write(&packet)? > megabytes << 20 {
                break;
            }
        }
        writer.finish()?;
    } else {
        let mut writer = PcapWriter::new(out, LinkType(1))?;
        for packet in packets {
            if writer.write(&packet)? > megabytes << 20 {
                break;
            }
        }
        writer.finish()?;
    }
    Ok(())
}

/// The best of several runs: what the machine can do when nobody disturbs it.
fn best(mut run: impl FnMut() -> u64) -> (u64, u64) {
    let timed = |_| {
        let begin = on_cpu();
        let packets = run();
        (on_cpu() - begin, packets)
    };
    (0..5).map(timed).min().unwrap_or_default()
}

/// Nanoseconds that this thread has run.
fn on_cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

fn tell(what: &str, took: (u64, u64)) {
    let each = took.0 as f64 / took.1.max(1) as f64;
    println!("{what:42} {each:7.1} ns/packet  {:>9} packets", took.1);
}

/// Reads all, and looks at two bytes of each packet as a decoder's first touch does.
fn read(paths: &[PathBuf], window: usize) -> (u64, u64) {
    best(|| {
        let options = Options { window, ..Options::default() };
        let Ok(mut sources) = Sources::open(paths, options) else { return 0 };
        let (mut batch, mut packets, mut sum) = (Batch::new(), 0u64, 0u64);
        while sources.next_batch(&mut batch) {
            for packet in &batch {
                sum += packet.data.get(12..14).map_or(0, |b| u64::from(b[0] ^ b[1]));
            }
            packets += batch.len() as u64;
        }
        std::hint::black_box(sum);
        packets
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let megabytes = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(256);
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    write(&file("a.pcap"), megabytes, false, 0, 1000)?;
    write(&file("a.pcapng"), megabytes, true, 0, 1000)?;
    let mut buffer = vec![0u8; 256 << 10];
    let (_, packets) = read(&[file("a.pcap")], 256 << 10);
    let copied = best(|| {
        let Ok(mut file) = std::fs::File::open(file("a.pcap")) else { return 0 };
        while file.read(&mut buffer).is_ok_and(|n| n > 0) {}
        packets
    });
    tell("read(2) of 256 KiB, and nothing else", copied);
    for kib in [64, 128, 256, 512, 1024] {
        tell(&format!("pcap, window of {kib} KiB"), read(&[file("a.pcap")], kib << 10));
    }
    tell("pcapng", read(&[file("a.pcapng")], 256 << 10));
    let parts: Vec<_> = (0..4).map(|n| file(&format!("part{n}.pcap"))).collect();
    for (n, part) in parts.iter().enumerate() {
        write(part, megabytes / 4, false, n as i64 * 250, 1000)?;
    }
    tell("four files, every packet interleaved", read(&parts, 256 << 10));
    for (n, part) in parts.iter().enumerate() {
        write(part, megabytes / 4, false, n as i64 * 3_600_000_000_000, 1000)?;
    }
    tell("four files, one after the other", read(&parts, 256 << 10));
    let mut packed = flate2::write::GzEncoder::new(
        std::fs::File::create(file("a.pcap.gz"))?,
        flate2::Compression::fast(),
    );
    packed.write_all(&std::fs::read(file("a.pcap"))?)?;
    packed.finish()?;
    tell("gzip, on its own thread", read(&[file("a.pcap.gz")], 256 << 10));
    filters();
    Ok(())
}

fn filters() {
    let decoder = Decoder::new(DecodeOptions::default());
    let frames = frames();
    let mut notes = Notes::new();
    let seen: Vec<_> = frames
        .iter()
        .map(|data| {
            let link = LinkType(1);
            let wire_len = data.len() as u32;
            let frame = decoder.frame(link, data, wire_len, &mut notes);
            let packet = decoder.packet(&frame, &mut notes);
            (frame, packet, PacketRef { ts: Ts(0), link, wire_len, data, iface: 0, number: 0 })
        })
        .collect();
    for text in [
        "tcp port 80",
        "host 10.0.0.1 and tcp port 80",
        "not (net 10.0.1.0/24 or vlan 7) and udp portrange 50-60",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
    ] {
        let Ok(filter) = Filter::parse(text) else { continue };
        let run = || {
            for _ in 0..500 {
                let taken = seen.iter().filter(|(f, p, raw)| filter.matches(f, p.as_ref(), raw));
                std::hint::black_box(taken.count());
            }
            500 * seen.len() as u64
        };
        tell(text, best(run));
    }
}
