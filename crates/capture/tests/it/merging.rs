//! Many files as one input.

use std::path::PathBuf;

use watchpost_capture::{Batch, CaptureError, Options, Sources};

use crate::build::{Got, Ng, PCAP, Seen, drain, packet, packets};
use crate::compressed::{gzip, xz, zstd};

fn open(paths: &[PathBuf]) -> Got {
    drain(Sources::open(paths, Options::default()).unwrap())
}

/// The packets without what depends on which file they came from.
fn plain(packets: &[Seen]) -> Vec<Seen> {
    packets.iter().map(|p| Seen { iface: 0, ..p.clone() }).collect()
}

#[test]
fn interleaved_files_are_merged_by_time() {
    let folder = tempfile::tempdir().unwrap();
    let want = packets(3000);
    let mut parts = vec![Vec::new(); 5];
    for (n, packet) in want.iter().enumerate() {
        parts[n * n % 5].push(packet.clone());
    }
    let paths: Vec<_> = (0..5).map(|n| folder.path().join(format!("{n}.pcap"))).collect();
    let contents = [
        PCAP.file(&parts[0]),
        gzip(&PCAP.file(&parts[1])),
        Ng { big: true }.file(&parts[2]),
        zstd(&PCAP.file(&parts[3])),
        xz(&Ng { big: false }.file(&parts[4])),
    ];
    for (path, bytes) in paths.iter().zip(contents) {
        std::fs::write(path, bytes).unwrap();
    }
    let got = open(&paths);
    assert_eq!(plain(&got.packets), want);
    assert_eq!(got.sources.interfaces().len(), 5);
    // A folder is the same.
    assert_eq!(open(&[folder.path().to_path_buf()]).packets, got.packets);
    let progress = got.sources.progress();
    assert_eq!((progress.files_done, progress.files_total), (5, 5));
    assert_eq!(progress.fraction(), Some(1.0));
}

#[test]
fn rotated_files_follow_each_other_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let want = packets(4000);
    for (n, part) in want.chunks(1000).enumerate() {
        std::fs::write(folder.path().join(format!("{}.pcap", 9 - n)), PCAP.file(part)).unwrap();
    }
    assert_eq!(plain(&open(&[folder.path().to_path_buf()]).packets), want);
}

#[test]
fn hundreds_of_files_are_opened_when_their_time_comes() {
    let folder = tempfile::tempdir().unwrap();
    let want = packets(3000);
    // Three rows of rotated files that overlap each other, and some without packets.
    for (n, part) in want.chunks(10).enumerate() {
        let own: Vec<_> =
            (0..3).map(|r| part.iter().skip(r).step_by(3).cloned().collect()).collect();
        for (row, part) in own.iter().enumerate() {
            let part: &Vec<Seen> = part;
            let bytes = PCAP.file(part);
            let bytes = if n % 7 == 0 { gzip(&bytes) } else { bytes };
            std::fs::write(folder.path().join(format!("{row}-{n}.pcap")), bytes).unwrap();
        }
    }
    std::fs::write(folder.path().join("none.pcap"), PCAP.header()).unwrap();
    let got = open(&[folder.path().to_path_buf()]);
    assert_eq!(plain(&got.packets), want);
    assert_eq!(got.sources.progress().files_done, 901);
    assert!(got.troubles.is_empty(), "{:?}", got.troubles);
}

#[test]
fn ties_go_to_the_file_named_first_and_order_within_a_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let backwards = [packet(5, 41), packet(2, 42), packet(9, 43)];
    let other = [packet(5, 51), packet(6, 52), packet(9, 53)];
    std::fs::write(&a, PCAP.file(&backwards)).unwrap();
    std::fs::write(&b, PCAP.file(&other)).unwrap();
    let lens = |paths: &[PathBuf]| -> Vec<_> {
        open(paths).packets.iter().map(|p| p.data.len()).collect()
    };
    assert_eq!(lens(&[a.clone(), b.clone()]), [41, 42, 51, 52, 43, 53]);
    assert_eq!(lens(&[b, a]), [51, 41, 42, 52, 53, 43]);
}

#[test]
fn one_bad_path_among_several_is_told_and_one_alone_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let good = write("good.pcap", &PCAP.file(&packets(3)));
    let zero = write("zero.pcap", b"");
    let words = write("words.pcap", b"these are words, not packets");
    let gone = folder.path().join("gone.pcap");
    let got = open(&[zero.clone(), good, words.clone(), gone.clone()]);
    assert_eq!(got.packets.len(), 3);
    assert_eq!(got.troubles.len(), 3);
    assert!(got.troubles[2].contains("No such file") && got.troubles[2].ends_with("left out"));
    let error = |path: &PathBuf| {
        Sources::open(std::slice::from_ref(path), Options::default()).err().unwrap()
    };
    assert!(matches!(error(&zero), CaptureError::Empty { .. }));
    assert!(matches!(error(&words), CaptureError::NotACapture { .. }));
    assert!(matches!(error(&gone), CaptureError::Unreadable { .. }));
    let none = Sources::open(&[zero, words], Options::default()).err().unwrap();
    assert!(matches!(none, CaptureError::Empty { .. }));
    let nothing = Sources::open(&[], Options::default()).err().unwrap();
    assert!(matches!(nothing, CaptureError::NothingNamed));
}

#[test]
fn a_folder_is_read_with_what_lies_below_and_other_files_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("2024/01");
    std::fs::create_dir_all(&below).unwrap();
    let empty = |path: &std::path::Path| {
        Sources::open(&[path.to_path_buf()], Options::default()).err().unwrap()
    };
    assert!(matches!(empty(folder.path()), CaptureError::NoCaptures { .. }));
    std::fs::write(folder.path().join("README"), "about these captures").unwrap();
    assert!(matches!(empty(folder.path()), CaptureError::NoCaptures { .. }));
    std::fs::write(folder.path().join(".hidden"), PCAP.file(&packets(1))).unwrap();
    std::fs::write(below.join("a.pcap"), PCAP.file(&packets(2))).unwrap();
    let got = open(&[folder.path().to_path_buf()]);
    assert_eq!(got.packets.len(), 2);
    assert_eq!(got.sources.passed_over(), [folder.path().join("README")]);
    assert!(got.troubles.is_empty());
}

#[test]
fn a_batch_is_filled_again_without_growing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.pcap");
    std::fs::write(&path, PCAP.file(&packets(20_000))).unwrap();
    let mut sources = Sources::open(&[path], Options::default()).unwrap();
    let mut batch = Batch::new();
    let (mut batches, mut packets) = (0, 0);
    while sources.next_batch(&mut batch) {
        batches += 1;
        packets += batch.len();
        assert!(batch.bytes() <= 256 * 1024);
    }
    assert_eq!(packets, 20_000);
    assert!(batches > 10);
}
