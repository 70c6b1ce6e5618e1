//! Broken files lose only what is broken, and say so.

use crate::build::{Ng, PCAP, Pcap, Seen, packet, packets, read};

/// Where each record of a pcap file begins.
fn starts(pcap: Pcap, packets: &[Seen]) -> Vec<usize> {
    let mut at = pcap.header().len();
    let mut out = Vec::new();
    for packet in packets {
        out.push(at);
        at += pcap.record(packet).len();
    }
    out
}

/// All packets but those with these numbers.
fn without(packets: &[Seen], gone: &[usize]) -> Vec<Seen> {
    let keep = |(n, p): (usize, &Seen)| (!gone.contains(&n)).then(|| p.clone());
    packets.iter().enumerate().filter_map(keep).collect()
}

#[test]
fn a_truncated_pcap_loses_its_last_packet_only() {
    let all = packets(10);
    let whole = PCAP.file(&all);
    let start = *starts(PCAP, &all).last().unwrap();
    for end in start + 1..whole.len() {
        let got = read(&whole[..end]);
        assert_eq!(got.packets, all[..9]);
        assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
        assert!(got.troubles[0].starts_with(&format!("{start}: the file ends within a packet")));
    }
    assert!(read(&whole[..start]).troubles.is_empty());
}

#[test]
fn a_truncated_pcapng_loses_its_last_block_only() {
    let all = packets(10);
    let ng = Ng { big: false };
    let (whole, less) = (ng.file(&all), ng.file(&all[..9]));
    for end in less.len() + 1..whole.len() {
        let got = read(&whole[..end]);
        assert_eq!(got.packets, all[..9]);
        assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
        assert!(got.troubles[0].contains("the file ends within a block"), "{:?}", got.troubles);
    }
}

#[test]
fn a_wrong_length_in_a_pcap_loses_one_packet() {
    let all = packets(30);
    let starts = starts(PCAP, &all);
    // Longer than any packet; longer by a bit; shorter; past the end of the file; nothing.
    for wrong in [0x7fff_ffff, 300_000, 500, 3000, 30, 200_000, 0u32] {
        for victim in [0usize, 1, 14, 28] {
            let mut bytes = PCAP.file(&all);
            let at = starts[victim] + 8;
            bytes[at..at + 4].copy_from_slice(&wrong.to_le_bytes());
            let got = read(&bytes);
            let lost = without(&all, &[victim]);
            // The first packet has nothing before it to be near in time, which is fine.
            let kept = got.packets.iter().filter(|p| lost.contains(p)).count();
            assert_eq!(kept, lost.len(), "{wrong} at {victim}: {:?}", got.troubles);
            assert!(got.packets.len() <= all.len());
            assert!(!got.troubles.is_empty(), "{wrong} at {victim}");
        }
    }
}

#[test]
fn garbage_between_packets_is_stepped_over() {
    let all = packets(20);
    let garbage: Vec<u8> =
        (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut bytes = PCAP.header();
    for (n, packet) in all.iter().enumerate() {
        if n == 10 {
            bytes.extend_from_slice(&garbage);
        }
        bytes.extend(PCAP.record(packet));
    }
    let got = read(&bytes);
    assert_eq!(got.packets, all);
    assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
    assert!(got.troubles[0].ends_with("5000 bytes were left out, reading goes on after them"));
}

#[test]
fn a_hole_of_zeros_is_stepped_over_however_large() {
    let all = packets(20);
    let mut bytes = PCAP.header();
    for (n, packet) in all.iter().enumerate() {
        if n == 10 {
            bytes.extend(vec![0; 3_000_000]);
        }
        bytes.extend(PCAP.record(packet));
    }
    let got = read(&bytes);
    assert_eq!(got.packets, all);
    assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
    assert!(got.troubles[0].contains("a hole of zero bytes"));
    bytes.truncate(PCAP.file(&all[..10]).len() + 1_000_000);
    let got = read(&bytes);
    assert_eq!(got.packets, all[..10]);
    assert!(got.troubles[0].contains("the rest of the file, 1000000 bytes"), "{:?}", got.troubles);
}

#[test]
fn a_bad_block_in_a_pcapng_loses_itself() {
    let all = packets(20);
    for big in [false, true] {
        let ng = Ng { big };
        let start = ng.file(&all[..10]).len();
        let len = ng.file(&all[..11]).len() - start;
        let u32 = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        // Lengths that can't be, that point past the end, that point astray.
        for wrong in [0, 7, 13, 0xffff_fff0, 0x0070_0000, 64_000, len as u32 + 4, 100_000_000] {
            let mut bytes = ng.file(&all);
            bytes[start + 4..start + 8].copy_from_slice(&u32(wrong));
            let got = read(&bytes);
            assert_eq!(got.packets, without(&all, &[10]), "{wrong}: {:?}", got.troubles);
            assert_eq!(got.troubles.len(), 1, "{wrong}: {:?}", got.troubles);
            assert!(got.troubles[0].contains(&format!("{len} bytes were left out")));
        }
        // A wrong second length alone costs nothing.
        let mut bytes = ng.file(&all);
        bytes[start + len - 4..start + len].copy_from_slice(&u32(1234));
        let got = read(&bytes);
        assert_eq!(got.packets, all, "{:?}", got.troubles);
        assert!(got.troubles[0].contains("the first was believed"));
        // A packet that claims more than its block holds.
        let mut bytes = ng.file(&all);
        bytes[start + 20..start + 24].copy_from_slice(&u32(60_000));
        let got = read(&bytes);
        assert_eq!(got.packets, without(&all, &[10]));
        assert!(got.troubles[0].contains("it ends too early; it was left out"));
    }
}

#[test]
fn garbage_between_blocks_is_stepped_over() {
    let all = packets(20);
    let ng = Ng { big: true };
    let mut bytes = ng.file(&all[..10]);
    bytes.extend(vec![0xa5; 4099]);
    for packet in &all[10..] {
        bytes.extend(ng.enhanced(packet, 1_000_000, &[]));
    }
    let got = read(&bytes);
    assert_eq!(got.packets, all);
    assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
    assert!(got.troubles[0].contains("4099 bytes were left out"));
}

#[test]
fn packets_of_an_undescribed_interface_are_left_out_and_told_once() {
    let ng = Ng { big: false };
    let mut bytes = ng.file(&packets(2));
    for n in 0..5 {
        bytes.extend(ng.enhanced(&Seen { iface: 9, ..packet(n, 60) }, 1_000_000, &[]));
    }
    bytes.extend(ng.enhanced(&packet(7, 60), 1_000_000, &[]));
    let got = read(&bytes);
    assert_eq!(got.packets.len(), 3);
    assert_eq!(got.troubles.len(), 1, "{:?}", got.troubles);
    assert!(got.troubles[0].contains("a packet names interface 9"));
    assert_eq!(got.sources.more_troubles(), 4);
}

#[test]
fn troubles_are_bounded() {
    let ng = Ng { big: false };
    let mut bytes = ng.file(&[]);
    for _ in 0..3000 {
        bytes.extend(ng.block(6, &[0; 8]));
    }
    let got = read(&bytes);
    assert_eq!(got.troubles.len(), 1000);
    assert_eq!(got.sources.more_troubles(), 2000);
}

#[test]
fn interfaces_are_bounded() {
    let ng = Ng { big: false };
    let mut bytes = ng.section(&[]);
    let one = ng.interface(1, 0, &[]);
    for _ in 0..70_000 {
        bytes.extend_from_slice(&one);
    }
    bytes.extend(ng.enhanced(&packet(1, 60), 1_000_000, &[]));
    let got = read(&bytes);
    assert_eq!(got.packets.len(), 1);
    assert_eq!(got.sources.interfaces().len(), 65_536);
    assert!(got.troubles[0].contains("more interfaces than are kept"));
}
