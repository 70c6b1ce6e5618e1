//! Captures within gzip, Zstandard and xz.

use std::io::Write;

use flate2::write::GzEncoder;
use watchpost_capture::Options;

use crate::build::{Got, PCAP, packets, read, read_error, read_stream};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut out = liblzma::write::XzEncoder::new(Vec::new(), 0);
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;
const ALL: [(&str, Pack); 3] = [("gzip", gzip), ("zstd", zstd), ("xz", xz)];

fn unthreaded(bytes: &[u8]) -> Got {
    let options = Options { threads: false, ..Options::default() };
    read_stream(std::io::Cursor::new(bytes.to_vec()), options).unwrap()
}

#[test]
fn packed_captures_are_read_with_and_without_a_thread() {
    let want = packets(5000);
    for (name, pack) in ALL {
        let packed = pack(&PCAP.file(&want));
        for got in [read(&packed), unthreaded(&packed)] {
            assert_eq!(got.packets, want, "{name}");
            assert!(got.troubles.is_empty(), "{name}: {:?}", got.troubles);
        }
    }
}

#[test]
fn pieces_packed_one_by_one_are_one_capture() {
    let want = packets(100);
    let whole = PCAP.file(&want);
    for (name, pack) in ALL {
        let packed: Vec<u8> = whole.chunks(7000).flat_map(pack).collect();
        assert_eq!(read(&packed).packets, want, "{name}");
    }
}

#[test]
fn gzip_may_be_padded_with_zeros_but_not_with_other_bytes() {
    let want = packets(10);
    let mut packed = gzip(&PCAP.file(&want));
    packed.extend(vec![0; 700_000]);
    let got = read(&packed);
    assert_eq!((got.packets.len(), got.troubles.len()), (10, 0), "{:?}", got.troubles);
    packed.extend(b"left over");
    let got = read(&packed);
    assert_eq!(got.packets, want);
    assert!(got.troubles[0].contains("other bytes follow the compressed data"));
}

#[test]
fn a_broken_packing_keeps_what_came_before() {
    let want = packets(20_000);
    for (name, pack) in ALL {
        let packed = pack(&PCAP.file(&want));
        let got = read(&packed[..packed.len() / 2]);
        assert!(got.packets.len() > 1000, "{name}: {}", got.packets.len());
        assert_eq!(got.packets, want[..got.packets.len()], "{name}");
        assert!(
            got.troubles.iter().any(|t| t.contains("the compressed data is damaged")),
            "{name}: {:?}",
            got.troubles
        );
        let mut flipped = packed.clone();
        let middle = flipped.len() / 2;
        for byte in &mut flipped[middle..middle + 64] {
            *byte ^= 0x5a;
        }
        let got = read(&flipped);
        assert!(!got.troubles.is_empty(), "{name}");
    }
}

#[test]
fn packings_that_hold_nothing_or_something_else_are_told() {
    for (name, pack) in ALL {
        assert!(read_error(&pack(b"")).contains("empty (zero bytes)"), "{name}");
        assert!(
            read_error(&pack(b"words words words words")).contains("looks like text"),
            "{name}"
        );
        let twice = read_error(&pack(&pack(&PCAP.file(&packets(3)))));
        assert!(twice.contains("unpack it once first"), "{name}: {twice}");
        let short = &pack(&PCAP.header())[..7];
        let error = read_error(short);
        assert!(error.contains("cannot decompress") || error.contains("empty"), "{name}: {error}");
    }
}
