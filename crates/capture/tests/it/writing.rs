//! What is written is read back, and found again by the index.

use base::Ts;
use watchpost_capture::{PacketRef, PcapWriter, PcapngWriter, SecretKind, WriteError};
use wire::LinkType;

use crate::build::{Seen, packet, packets, read};

fn borrowed(packet: &Seen) -> PacketRef<'_> {
    PacketRef {
        ts: Ts(packet.nanos),
        link: LinkType(packet.link),
        wire_len: packet.wire,
        data: &packet.data,
        iface: packet.iface,
        number: 0,
    }
}

/// Packets with all the nanoseconds of their times, some cut, some empty.
fn varied(count: u32) -> Vec<Seen> {
    let mut all = packets(count);
    for (n, packet) in all.iter_mut().enumerate() {
        packet.nanos += n as i64 * 7 % 1000;
        if n % 5 == 0 {
            packet.wire += 1000;
        }
        if n % 11 == 0 {
            packet.data.clear();
        }
    }
    all
}

#[test]
fn pcap_is_read_back_packet_for_packet() {
    let want = varied(500);
    let mut writer = PcapWriter::new(Vec::new(), LinkType(1)).unwrap();
    for packet in &want {
        writer.write(&borrowed(packet)).unwrap();
    }
    let (bytes, _) = writer.finish().unwrap();
    let got = read(&bytes);
    assert_eq!(got.packets, want);
    assert!(got.troubles.is_empty());
}

#[test]
fn pcapng_is_read_back_with_its_notes() {
    let mut want = varied(500);
    let mut writer = PcapngWriter::new(Vec::new(), "watchpost").unwrap();
    assert_eq!(writer.interface(LinkType(1), "eth0").unwrap(), 0);
    assert_eq!(writer.interface(LinkType(101), "tun0").unwrap(), 1);
    writer.name([10, 0, 0, 1].into(), "gate.example").unwrap();
    writer.secret(SecretKind::TlsKeyLog, b"CLIENT_RANDOM 1 2").unwrap();
    for (n, packet) in want.iter_mut().enumerate() {
        if n % 3 == 0 {
            (packet.iface, packet.link) = (1, 101);
        }
        if n == 7 {
            writer.write_with_comment(&borrowed(packet), "the seventh").unwrap();
        } else {
            writer.write(&borrowed(packet)).unwrap();
        }
    }
    writer.statistics(1, Ts(5), 1000, 3).unwrap();
    let (bytes, _) = writer.finish().unwrap();
    let got = read(&bytes);
    assert_eq!(got.packets, want);
    assert!(got.troubles.is_empty(), "{:?}", got.troubles);
    let s = &got.sources;
    assert_eq!((s.names()[0].name.as_str(), s.secrets().len()), ("gate.example", 1));
    assert_eq!((s.comments()[0].packet, s.comments()[0].text.as_str()), (Some(8), "the seventh"));
    assert_eq!((s.interfaces()[1].name.as_str(), s.interfaces()[1].received), ("tun0", Some(1000)));
}

#[test]
fn the_index_finds_a_span_of_time_again() {
    let all = packets(5000);
    let mut writer = PcapWriter::new(Vec::new(), LinkType(1)).unwrap();
    let offsets: Vec<_> = all.iter().map(|p| writer.write(&borrowed(p)).unwrap()).collect();
    let (bytes, index) = writer.finish().unwrap();
    assert!(index.groups().len() > 5);
    let counted: u32 = index.groups().iter().map(|g| g.packets).sum();
    assert_eq!(counted, 5000);
    let (from, to) = (2000usize, 2500usize);
    let ranges = index.ranges(Ts(all[from].nanos), Ts(all[to].nanos));
    assert_eq!(ranges.len(), 1);
    let range = ranges[0].start as usize..ranges[0].end as usize;
    assert!(range.len() < bytes.len() / 2);
    assert!(range.contains(&(offsets[from] as usize)) && range.contains(&(offsets[to] as usize)));
    // The file's header and the range are a capture.
    let piece = read(&[&bytes[..24], &bytes[range]].concat());
    assert!(piece.troubles.is_empty());
    assert!(piece.packets.contains(&all[from]) && piece.packets.contains(&all[to]));
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let mut pcap = PcapWriter::new(Vec::new(), LinkType(1)).unwrap();
    let other = Seen { link: 101, ..packet(1, 60) };
    let early = Seen { nanos: -1, ..packet(1, 60) };
    let long = packet(1, 300_000);
    assert!(matches!(pcap.write(&borrowed(&other)), Err(WriteError::OtherLink { .. })));
    assert!(matches!(pcap.write(&borrowed(&early)), Err(WriteError::TimeOutOfRange)));
    assert!(matches!(pcap.write(&borrowed(&long)), Err(WriteError::TooLong(300_000))));
    let mut ng = PcapngWriter::new(Vec::new(), "watchpost").unwrap();
    assert!(matches!(ng.write(&borrowed(&other)), Err(WriteError::UnknownInterface(0))));
    ng.interface(LinkType(1), "").unwrap();
    assert!(matches!(ng.write(&borrowed(&other)), Err(WriteError::OtherLink { .. })));
    assert!(matches!(ng.write(&borrowed(&early)), Err(WriteError::TimeOutOfRange)));
    assert!(matches!(ng.statistics(5, Ts(0), 0, 0), Err(WriteError::UnknownInterface(5))));
    assert!(read(&pcap.finish().unwrap().0).packets.is_empty());
}
