//! Every variant of pcap and pcapng, whole.

use watchpost_capture::{Options, SecretKind};

use crate::build::{Ng, PCAP, Pcap, Seen, packet, packets, read, read_error, read_stream};

const BOTH: [bool; 2] = [false, true];

#[test]
fn pcap_is_read_in_both_byte_orders_and_every_magic() {
    let want = packets(50);
    for big in BOTH {
        for magic in [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34] {
            let got = read(&Pcap { big, magic, ..PCAP }.file(&want));
            assert_eq!(got.packets, want, "{big} {magic:#x}");
            assert!(got.troubles.is_empty());
        }
    }
}

#[test]
fn pcap_keeps_nanoseconds() {
    let mut one = packet(1, 60);
    one.nanos += 789;
    let got = read(&Pcap { magic: 0xa1b2_3c4d, ..PCAP }.file(std::slice::from_ref(&one)));
    assert_eq!(got.packets, [one]);
}

#[test]
fn old_versions_swap_their_lengths() {
    let mut want = packets(5);
    want[2].wire = 1500;
    for (version, swapped) in [((2, 2), true), ((543, 0), true), ((2, 3), true), ((2, 3), false)] {
        let got = read(&Pcap { version, swapped, ..PCAP }.file(&want));
        assert_eq!(got.packets, want, "{version:?} {swapped}");
    }
}

#[test]
fn a_snap_length_is_no_reason_to_lose_packets() {
    let want = vec![packet(1, 1500), packet(2, 200_000), packet(3, 64)];
    for snaplen in [0, 96, 65_535, 0x7fff_ffff, u32::MAX] {
        let got = read(&Pcap { snaplen, ..PCAP }.file(&want));
        assert_eq!(got.packets, want, "{snaplen}");
        assert!(got.troubles.is_empty(), "{:?}", got.troubles);
    }
    // Longer than any Ethernet packet, but the file says that it keeps such.
    let jumbo = vec![packet(1, 3_000_000), packet(2, 64)];
    let got = read(&Pcap { snaplen: 16 << 20, ..PCAP }.file(&jumbo));
    assert_eq!(got.packets, jumbo);
}

#[test]
fn packets_are_cut_at_the_snap_length_as_libpcap_does_when_asked() {
    let want = vec![packet(1, 1500), packet(2, 64)];
    for (snaplen, first) in [(96, 96), (1500, 1500), (0, 1500), (u32::MAX, 1500)] {
        let bytes = Pcap { snaplen, ..PCAP }.file(&want);
        let options = Options { cut_at_snaplen: true, ..Options::default() };
        let got = read_stream(std::io::Cursor::new(bytes), options).unwrap();
        assert_eq!((got.packets[0].data.len(), got.packets[0].wire), (first, 1500));
        assert_eq!(got.packets[1], want[1]);
    }
}

#[test]
fn a_packet_cut_by_the_snap_length_keeps_its_wire_length() {
    let cut = Seen { wire: 1514, ..packet(1, 96) };
    assert_eq!(read(&PCAP.file(std::slice::from_ref(&cut))).packets, std::slice::from_ref(&cut));
    assert_eq!(read(&Ng { big: true }.file(std::slice::from_ref(&cut))).packets, [cut]);
}

#[test]
fn odd_headers_are_kept_when_what_follows_is_sane() {
    // A fraction past the second, less on the wire than captured, time zero, no bytes at all.
    let mut want = packets(6);
    want[1].wire = 1;
    want[2].nanos = 0;
    want[4].data.clear();
    want[4].wire = 0;
    let mut bytes = PCAP.header();
    for (n, packet) in want.iter().enumerate() {
        let mut record = PCAP.record(packet);
        if n == 3 {
            record[4..8].copy_from_slice(&1_999_999u32.to_le_bytes());
        }
        bytes.extend(record);
    }
    want[1].wire = want[1].data.len() as u32;
    want[3].nanos = want[3].nanos / 1_000_000_000 * 1_000_000_000 + 1_999_999_000;
    let got = read(&bytes);
    assert_eq!(got.packets, want);
    assert!(got.troubles.is_empty(), "{:?}", got.troubles);
}

#[test]
fn a_pcap_link_field_tells_link_and_check_sequence() {
    let got = read(&Pcap { network: 0x2400_0001, ..PCAP }.file(&packets(1)));
    assert_eq!(got.packets[0].link, 1);
    assert_eq!(got.sources.interfaces()[0].fcs_bits, Some(32));
    let got = read(&Pcap { network: 12, ..PCAP }.file(&packets(1)));
    assert_eq!(got.packets[0].link, 101, "BSD's number for raw IP");
}

#[test]
fn a_capture_without_packets_is_fine() {
    for bytes in [PCAP.header(), Ng { big: false }.file(&[]), Ng { big: true }.section(&[])] {
        let got = read(&bytes);
        assert!(got.packets.is_empty() && got.troubles.is_empty());
    }
}

#[test]
fn what_is_no_capture_is_told_as_what_it_is() {
    assert!(read_error(b"").contains("empty (zero bytes)"));
    assert!(read_error(b"PK\x03\x04 and so on").contains("a ZIP archive"));
    assert!(read_error(b"#separator \\x09\n").contains("a Zeek log"));
    assert!(read_error(b"just words\n").contains("looks like text"));
    assert!(read_error(&[7; 30]).contains("unknown binary data"));
    assert!(read_error(&PCAP.header()[..23]).contains("ends within the header of a pcap file"));
    assert!(read_error(&Ng { big: true }.section(&[])[..11]).contains("header of a pcapng file"));
}

#[test]
fn pcapng_is_read_in_both_byte_orders_and_every_packet_block() {
    for big in BOTH {
        let ng = Ng { big };
        let (one, two) = (packet(1, 61), packet(2, 62));
        // A simple packet has no time: it takes the last one.
        let three = Seen { nanos: two.nanos, ..packet(3, 63) };
        let mut bytes = ng.section(&[]);
        bytes.extend(ng.interface(1, 0, &[]));
        bytes.extend(ng.enhanced(&one, 1_000_000, &[]));
        bytes.extend(ng.obsolete(&two, 5));
        bytes.extend(ng.simple(&three));
        let got = read(&bytes);
        assert_eq!(got.packets, [one, two, three], "{big}");
        assert!(got.troubles.is_empty());
        assert_eq!(got.sources.interfaces()[0].dropped, 5);
    }
}

#[test]
fn a_simple_packet_is_cut_by_the_snap_length_of_its_interface() {
    let ng = Ng { big: false };
    let mut bytes = ng.section(&[]);
    bytes.extend(ng.interface(1, 96, &[]));
    bytes.extend(ng.simple(&Seen { wire: 1500, ..packet(1, 96) }));
    let got = read(&bytes);
    assert_eq!((got.packets[0].data.len(), got.packets[0].wire), (96, 1500));
}

#[test]
fn each_interface_has_its_own_clock_and_link() {
    let ng = Ng { big: true };
    // (if_tsresol, counts per second, exact to nanoseconds)
    let clocks: [(u8, u64, i64); 8] = [
        (6, 1_000_000, 1_000),
        (9, 1_000_000_000, 1),
        (3, 1_000, 1_000_000),
        (0, 1, 1_000_000_000),
        (10, 10_000_000_000, 1),
        (0x94, 1 << 20, 1_000),
        (0x9e, 1 << 30, 1),
        (0x80, 1, 1_000_000_000),
    ];
    let mut bytes = ng.section(&[]);
    let mut want = Vec::new();
    for (n, (code, per_second, exact)) in clocks.into_iter().enumerate() {
        bytes.extend(ng.interface(n as u16, 0, &ng.option(9, &[code])));
        want.push((Seen { iface: n as u32, link: n as u16, ..packet(5, 60) }, per_second, exact));
    }
    for (packet, per_second, _) in &want {
        bytes.extend(ng.enhanced(packet, *per_second, &[]));
    }
    let got = read(&bytes);
    assert!(got.troubles.is_empty(), "{:?}", got.troubles);
    for (seen, (sent, _, exact)) in got.packets.iter().zip(&want) {
        assert_eq!((seen.link, seen.iface), (sent.link, sent.iface));
        assert!((0..=*exact).contains(&(sent.nanos - seen.nanos)), "{seen:?} {sent:?}");
    }
}

#[test]
fn an_interface_may_shift_its_clock() {
    for big in BOTH {
        let ng = Ng { big };
        let mut bytes = ng.section(&[]);
        bytes.extend(ng.interface(1, 0, &ng.option(14, &ng.u64((-3600i64) as u64))));
        bytes.extend(ng.enhanced(&packet(1, 60), 1_000_000, &[]));
        assert_eq!(read(&bytes).packets[0].nanos, packet(1, 60).nanos - 3600 * 1_000_000_000);
    }
}

#[test]
fn hostile_clocks_saturate() {
    let ng = Ng { big: false };
    for (code, offset) in [(0u8, u64::MAX), (0x7f, 1 << 63), (0xff, i64::MAX as u64), (0, 0)] {
        let options = [ng.option(9, &[code]), ng.option(14, &ng.u64(offset))].concat();
        let mut bytes = ng.section(&[]);
        bytes.extend(ng.interface(1, 0, &options));
        let mut block = ng.enhanced(&packet(1, 60), 1, &[]);
        block[12..20].fill(0xff);
        bytes.extend(block);
        assert_eq!(read(&bytes).packets.len(), 1);
    }
}

#[test]
fn sections_may_change_byte_order_and_begin_interfaces_anew() {
    let mut bytes = Vec::new();
    let mut want = Vec::new();
    for (n, big) in [false, true, true, false].into_iter().enumerate() {
        let ng = Ng { big };
        let n = n as u32;
        bytes.extend(ng.section(&[]));
        bytes.extend(ng.interface(100 + n as u16, 0, &ng.option(2, format!("if{n}").as_bytes())));
        bytes.extend(ng.enhanced(&packet(n, 50 + n), 1_000_000, &[]));
        want.push(Seen { link: 100 + n as u16, iface: n, ..packet(n, 50 + n) });
    }
    let got = read(&bytes);
    assert_eq!(got.packets, want);
    let names: Vec<_> = got.sources.interfaces().iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["if0", "if1", "if2", "if3"]);
}

#[test]
fn pcapng_notes_are_kept() {
    for big in BOTH {
        let ng = Ng { big };
        let mut bytes = ng.section(&ng.option(1, b"taken at the gate"));
        let described = [
            ng.option(2, b"eth0"),
            ng.option(3, b"uplink"),
            ng.option(11, b"\0tcp port 80"),
            ng.option(12, b"Linux 6.1"),
            ng.option(13, &[4]),
            ng.option(1, b"the good card"),
        ];
        bytes.extend(ng.interface(1, 262_144, &described.concat()));
        bytes.extend(ng.name(&[10, 0, 0, 1], b"gate.example\0gate\0"));
        bytes.extend(ng.name(&[0xfd; 16], b"six.example\0"));
        bytes.extend(ng.secret(0x544c_534b, b"CLIENT_RANDOM 00 11\n"));
        bytes.extend(ng.block(0x0000_0bad, &[0; 8]));
        bytes.extend(ng.block(0x4000_0bad, &[0; 8]));
        bytes.extend(ng.block(9, b"journal"));
        bytes.extend(ng.block(0x8000_0001, b"local use"));
        let remarks = [ng.option(1, b"this one"), ng.option(4, &ng.u64(7))].concat();
        bytes.extend(ng.enhanced(&packet(1, 61), 1_000_000, &remarks));
        bytes.extend(ng.statistics(0, 1000, 20));
        let got = read(&bytes);
        assert_eq!(got.packets, [packet(1, 61)], "{:?}", got.troubles);
        assert!(got.troubles.is_empty(), "{:?}", got.troubles);
        let s = &got.sources;
        let comments: Vec<_> = s.comments().iter().map(|c| (c.packet, c.text.as_str())).collect();
        assert_eq!(
            comments,
            [(None, "taken at the gate"), (None, "the good card"), (Some(1), "this one")]
        );
        let names: Vec<_> =
            s.names().iter().map(|n| (n.addr.to_string(), n.name.as_str())).collect();
        let six = std::net::Ipv6Addr::from([0xfd; 16]).to_string();
        assert_eq!(
            names,
            [
                ("10.0.0.1".to_owned(), "gate.example"),
                ("10.0.0.1".to_owned(), "gate"),
                (six, "six.example")
            ]
        );
        assert_eq!(s.secrets().len(), 1);
        assert_eq!(s.secrets()[0].kind, SecretKind::TlsKeyLog);
        assert_eq!(s.secrets()[0].data, b"CLIENT_RANDOM 00 11\n");
        assert_eq!(s.other_blocks(), 4);
        let i = &s.interfaces()[0];
        assert_eq!((i.name.as_str(), i.description.as_str()), ("eth0", "uplink"));
        assert_eq!((i.filter.as_str(), i.os.as_str()), ("tcp port 80", "Linux 6.1"));
        assert_eq!((i.fcs_bits, i.snaplen), (Some(32), 262_144));
        assert_eq!((i.received, i.dropped), (Some(1000), 20));
    }
}
