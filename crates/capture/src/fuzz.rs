//! Fuzz targets: plain functions over any bytes, for our own mutator and for cargo-fuzz.

use std::io::{self, Cursor, Read};

use wire::{Decoder, LinkType, Notes};

use crate::{Batch, Filter, Options, PacketRef, PcapngWriter, Sources};

/// Every target of this crate.
#[allow(clippy::type_complexity)] // every crate has a list of this shape
pub const TARGETS: &[(&str, fn(&[u8]))] =
    &[("read", fuzz_read), ("rewrite", fuzz_rewrite), ("filter", fuzz_filter)];

/// Expressions to begin with.
pub const FILTERS: &[&str] = &[
    "host 10.0.0.1 and tcp port 80",
    "not (src net 192.168.0.0/16 or vlan 7) && udp portrange 5000-5010",
    "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn or icmp6[icmp6type] = icmp6-echo",
    "ether host 02:00:00:00:00:01 or ip6 net 2001:db8::/32 and less 200",
    "((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0 and len > 60",
    "mpls 7 or pppoes or arp or ether proto 0x88cc or port (53 or http)",
];

/// Batches that one input may give; packed zeros would else go on for long.
const MOST: usize = 64;

/// Hands over a few bytes at a time.
struct Drip<R>(R, usize);

impl<R: Read> Read for Drip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1.wrapping_mul(7).wrapping_add(3) % 1021;
        let most = buf.len().min(self.1.saturating_add(1));
        self.0.read(buf.get_mut(..most).unwrap_or_default())
    }
}

fn collect(
    stream: impl Read + Send + 'static,
    window: usize,
    batches: usize,
) -> Option<Vec<Batch>> {
    let options = Options { window, threads: false, cut_at_snaplen: false };
    let mut sources = Sources::from_reader("fuzz", stream, options).ok()?;
    let mut all = Vec::new();
    loop {
        let mut batch = Batch::new();
        if all.len() >= batches || !sources.next_batch(&mut batch) {
            return Some(all);
        }
        all.push(batch);
    }
}

/// Any bytes as a capture: read at once and in pieces, they are the same packets.
pub fn fuzz_read(data: &[u8]) {
    let Some(whole) = collect(Cursor::new(data.to_vec()), 64 * 1024, MOST) else { return };
    if whole.len() >= MOST {
        return;
    }
    let pieces = collect(Drip(Cursor::new(data.to_vec()), data.len()), 4096, usize::MAX);
    let pieces = pieces.unwrap_or_default();
    let whole: Vec<_> = whole.iter().flatten().collect();
    let pieces: Vec<_> = pieces.iter().flatten().collect();
    let few = whole.len().min(pieces.len());
    assert!(whole.get(..few) == pieces.get(..few), "one of the first {few} packets differs");
    // Zstandard loses up to a call's output where it breaks, and calls depend on pieces.
    let same = whole.len() == pieces.len() || data.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    assert!(same, "{} packets at once, {} in pieces", whole.len(), pieces.len());
}

/// What is read is written, and read again it is the same.
pub fn fuzz_rewrite(data: &[u8]) {
    let Some(first) = collect(Cursor::new(data.to_vec()), 64 * 1024, MOST) else { return };
    let Ok(mut writer) = PcapngWriter::new(Vec::new(), "fuzz") else { return };
    let mut links: Vec<LinkType> = Vec::new();
    let mut kept = Vec::new();
    for packet in first.iter().flatten() {
        let known = links.iter().position(|l| *l == packet.link);
        let iface = known.unwrap_or_else(|| {
            let _number = writer.interface(packet.link, "");
            links.push(packet.link);
            links.len().saturating_sub(1)
        });
        let own = PacketRef { iface: iface as u32, ..packet };
        // Times before 1970 and giants are refused.
        if writer.write(&own).is_ok() {
            kept.push(PacketRef { number: (kept.len() as u64).saturating_add(1), ..own });
        }
    }
    let Ok((bytes, _)) = writer.finish() else { return };
    let again = collect(Cursor::new(bytes), 64 * 1024, usize::MAX).unwrap_or_default();
    let again: Vec<_> = again.iter().flatten().collect();
    assert!(kept == again, "{} packets written, {} read", kept.len(), again.len());
}

/// A filter expression up to the first zero byte, and an Ethernet frame after it.
pub fn fuzz_filter(data: &[u8]) {
    let mut parts = data.splitn(2, |b| *b == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    match Filter::parse(&text) {
        Ok(filter) => {
            let bytes = parts.next().unwrap_or_default();
            let (decoder, mut notes) = (Decoder::new(wire::DecodeOptions::default()), Notes::new());
            let raw = PacketRef {
                ts: base::Ts(0),
                link: LinkType(1),
                wire_len: bytes.len() as u32,
                data: bytes,
                iface: 0,
                number: 1,
            };
            let frame = decoder.frame(raw.link, bytes, raw.wire_len, &mut notes);
            let packet = decoder.packet(&frame, &mut notes);
            let wanted = filter.matches(&frame, packet.as_ref(), &raw);
            let Ok(not) = Filter::parse(&format!("not ({text})")) else { return };
            let unwanted = not.matches(&frame, packet.as_ref(), &raw);
            assert!(text.trim().is_empty() || wanted != unwanted, "{text}");
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                assert!(text.get(mistake.span.clone()).is_some());
                assert!(!mistake.render(&text).is_empty());
            }
        }
    }
}
