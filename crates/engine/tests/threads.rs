//! Any number of shards tells the same rows, sorted.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::Profile;
use watchpost_engine::{Outputs, ReadOptions, read};

/// The sorted lines of every log of a run.
fn logs(
    capture: &Path,
    profile: &Profile,
    threads: usize,
    dir: &Path,
) -> BTreeMap<String, Vec<String>> {
    let options = ReadOptions {
        paths: vec![capture.to_owned()],
        profile: profile.clone(),
        outputs: Outputs {
            eve: Some(dir.join("eve.json")),
            zeek_json: Some(dir.to_owned()),
            zeek_tsv: None,
        },
        extract: None,
        filter: None,
        threads,
        seed: 7,
        progress: None,
    };
    std::fs::create_dir_all(dir).unwrap();
    read(options).unwrap();
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        all.insert(path.file_name().unwrap().to_string_lossy().into_owned(), lines);
    }
    all
}

fn same_for_all_counts(capture: &Path) {
    for profile in [Profile::WATCHPOST, Profile::ZEEK, Profile::SURICATA] {
        let dir = tempfile::tempdir().unwrap();
        let one = logs(capture, &profile, 1, &dir.path().join("1"));
        assert!(one.values().map(Vec::len).sum::<usize>() > 0, "{}: no rows", capture.display());
        for threads in [2, 3, 5] {
            let several = logs(capture, &profile, threads, &dir.path().join(threads.to_string()));
            let names = |m: &BTreeMap<String, Vec<String>>| m.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&one), names(&several), "{} {threads} threads", capture.display());
            for (name, lines) in &one {
                let other = &several[name];
                let differ = lines.iter().zip(other).find(|(a, b)| a != b);
                assert!(
                    lines == other,
                    "{} {:?} {name}, {threads} threads: {} rows against {}, first difference {differ:#?}",
                    capture.display(),
                    profile.name,
                    lines.len(),
                    other.len()
                );
            }
        }
    }
}

#[test]
fn generated_captures_give_the_same_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = samples::variants(3);
    all.push(samples::intrusion(3));
    let all: Vec<_> = all.into_iter().filter(|s| !s.tape.is_empty()).collect();
    assert!(all.len() > 5);
    // One capture of everything finds more mistakes of order than many small ones.
    let mut tape = samples::Tape::default();
    for s in &all {
        tape.append(&s.tape);
    }
    tape.sort();
    let path = dir.path().join("all.pcap");
    tape.write_pcap(std::fs::File::create(&path).unwrap()).unwrap();
    same_for_all_counts(&path);
}

#[test]
fn real_captures_give_the_same_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let wanted: [PathBuf; 5] = [
        root.join("elcabezzonn/malware_infection.pcap.gz"),
        root.join("elcabezzonn/capture-Thu-11-24-16-10-28-11_cerber.pcap.gz"),
        root.join("maltrail-corpus/mixed_soup.pcap"),
        root.join("maltrail-corpus/fragments.pcap"),
        root.join("zeek-traces/tunnels/vxlan.pcap"),
    ];
    for path in wanted {
        if path.exists() {
            same_for_all_counts(&path);
        } else {
            println!("skipped: {} is not here", path.display());
        }
    }
}
