//! Reads every real capture that lies beside the repository, where they are present, and compares
//! the number of packets with the manifest's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use watchpost_capture::{Batch, CaptureError, Options, Sources};

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    folder.is_dir().then_some(folder)
}

fn is_capture(name: &str) -> bool {
    let name = name.trim_end_matches(".gz").trim_end_matches(".xz");
    [".pcap", ".pcapng", ".cap", ".trace"].iter().any(|end| name.ends_with(end))
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, found);
        } else if is_capture(&path.to_string_lossy()) {
            found.push(path);
        }
    }
}

#[test]
fn every_capture_beside_the_repository_is_read_as_its_manifest_says() {
    let Some(root) = shared() else {
        println!("skipped: no captures beside the repository");
        return;
    };
    let manifest = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
    let mut expected = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(path), Some(packets)) = (columns.next(), columns.nth(4)) else { continue };
        if let Ok(packets) = packets.parse::<u64>() {
            expected.insert(path.to_owned(), packets);
        }
    }
    let mut files = Vec::new();
    below(&root, &mut files);
    files.sort();
    let mut wrong = Vec::new();
    let (mut counted, mut told) = (0, 0);
    for path in &files {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let mut sources = match Sources::open(std::slice::from_ref(path), Options::default()) {
            Ok(sources) => sources,
            Err(CaptureError::Empty { .. }) => continue,
            Err(e) => {
                wrong.push(e.to_string());
                continue;
            }
        };
        let (mut batch, mut packets) = (Batch::new(), 0u64);
        while sources.next_batch(&mut batch) {
            packets += batch.iter().filter(|p| p.data.len() as u64 <= u64::from(p.wire_len)).count()
                as u64;
        }
        for trouble in sources.troubles() {
            println!("{trouble}");
            told += 1;
        }
        if let Some(want) = expected.get(&name) {
            counted += 1;
            if packets != *want {
                wrong.push(format!("{name}: {packets} packets, the manifest says {want}"));
            }
        }
    }
    println!("{} files, {counted} of them in the manifest, {told} troubles", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_folder_of_captures_as_one_input_has_every_packet_of_every_file() {
    let Some(root) = shared() else {
        println!("skipped: no captures beside the repository");
        return;
    };
    let count = |paths: &[PathBuf]| {
        let mut sources = Sources::open(paths, Options::default()).ok()?;
        let (mut batch, mut packets) = (Batch::new(), 0u64);
        while sources.next_batch(&mut batch) {
            packets += batch.len() as u64;
        }
        Some((packets, sources))
    };
    let (packets, sources) = count(std::slice::from_ref(&root)).unwrap();
    let files: Vec<_> = sources.files().map(Path::to_path_buf).collect();
    let alone: u64 = files.iter().filter_map(|f| count(std::slice::from_ref(f))).map(|c| c.0).sum();
    println!(
        "{packets} packets of {} files, {} others passed over",
        files.len(),
        sources.passed_over().len()
    );
    assert_eq!(packets, alone);
    let progress = sources.progress();
    assert_eq!(progress.files_done as usize, files.len());
    assert_eq!(progress.bytes_total, Some(progress.bytes_done));
}
