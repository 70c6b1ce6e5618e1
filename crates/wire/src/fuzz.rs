//! Fuzz targets: plain functions over any bytes, for our own mutator and for cargo-fuzz.

use crate::{Checksums, DecodeOptions, Decoder, Frame, LinkType, Notes};

/// Every target of this crate.
#[allow(clippy::type_complexity)] // every crate has a list of this shape
pub const TARGETS: &[(&str, fn(&[u8]))] =
    &[("wire_ethernet", fuzz_ethernet), ("wire_link", fuzz_link), ("wire_ip", fuzz_ip)];

/// Follows a frame as a caller would, and checks what callers rely on.
fn follow(decoder: &Decoder, mut frame: Frame<'_>, notes: &mut Notes) {
    loop {
        let mut at = frame;
        while let Some(packet) = decoder.packet(&at, notes) {
            assert!(usize::from(packet.header_len) == packet.header.len());
            if packet.fragment.is_some() {
                let _ = decoder.reassembled(packet.header, &packet, notes);
            }
            let Some(inner) = decoder.inner(&packet, notes) else { break };
            assert!(inner.frame.depth > at.depth);
            at = inner.frame;
        }
        match decoder.next(&frame, notes) {
            Some(next) => frame = next,
            None => return,
        }
    }
}

fn decoders() -> [Decoder; 4] {
    let ours = DecodeOptions::default();
    [
        Decoder::new(ours),
        Decoder::new(DecodeOptions { checksums: Checksums::Ignore, ..ours }),
        Decoder::new(DecodeOptions::zeek()),
        Decoder::new(DecodeOptions::suricata()),
    ]
}

fn run(link: LinkType, data: &[u8]) {
    let mut notes = Notes::new();
    for decoder in decoders() {
        for cut in [0, 3] {
            notes.clear();
            let frame =
                decoder.frame(link, data, (data.len() as u32).saturating_add(cut), &mut notes);
            follow(&decoder, frame, &mut notes);
            for note in notes.iter() {
                let _ = (note.zeek_name(), note.zeek_addl());
            }
        }
    }
}

/// An Ethernet frame.
pub fn fuzz_ethernet(data: &[u8]) {
    run(LinkType::ETHERNET, data);
}

/// A frame of the link type in its first two bytes.
pub fn fuzz_link(data: &[u8]) {
    if let Some((link, data)) = data.split_first_chunk::<2>() {
        run(LinkType(u16::from_be_bytes(*link)), data);
    }
}

/// An IP packet.
pub fn fuzz_ip(data: &[u8]) {
    run(LinkType::RAW, data);
}
