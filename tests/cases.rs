//! End-to-end cases: every folder below `cases/<area>/` is one.
//!
//! A case has `cmd` (one command a line: `watchpost …`, run in an empty folder; `{case}` is the
//! case's own folder, `{samples}` a folder of generated captures), its input where it needs one,
//! and `expected`: what the commands printed, with their exit codes, and the files they left. A
//! line `show FILE` in `cmd` adds a file's text to what is compared. `cargo xtask bless` rewrites
//! expectations; the diff is reviewed. `WATCHPOST_CASE=TEXT` runs those with the text in their
//! name. What changes from run to run is masked (see `mask`).

// A test of the program from outside: it reads its own switches from the environment.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cases");
    let samples = write_samples(&scratch);
    let filter = std::env::var("WATCHPOST_CASE").unwrap_or_default();
    let bless = std::env::var_os("WATCHPOST_BLESS").is_some();
    let mut failed = Vec::new();
    let mut ran = 0;
    for area in folders(&root) {
        for case in folders(&area) {
            let name = case.strip_prefix(&root).unwrap_or(&case).display().to_string();
            if !name.contains(&filter) {
                continue;
            }
            ran += 1;
            let printed = run(&case, &samples, &scratch.join(name.replace('/', "-")));
            let expected = case.join("expected");
            if bless {
                std::fs::write(&expected, &printed).expect("an expectation can be written");
            } else if std::fs::read_to_string(&expected).unwrap_or_default() != printed {
                let kept = scratch.join(format!("{}.printed", name.replace('/', "-")));
                std::fs::write(&kept, &printed).expect("what was printed can be kept");
                failed.push(format!(
                    "{name}: {}",
                    difference(&std::fs::read_to_string(&expected).unwrap_or_default(), &printed)
                ));
            }
        }
    }
    assert!(ran > 0, "no case is called {filter:?}");
    assert!(failed.is_empty(), "{} of {ran} cases differ:\n{}", failed.len(), failed.join("\n"));
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(of)
        .map(|entries| entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect())
        .unwrap_or_default();
    out.sort();
    out
}

fn write_samples(scratch: &Path) -> PathBuf {
    let folder = scratch.join("samples");
    std::fs::create_dir_all(&folder).expect("the test's own folder can be made");
    for sample in samples::variants(1).iter().chain([&samples::intrusion(1)]) {
        let mut bytes = Vec::new();
        sample.tape.write_pcap(&mut bytes).expect("memory can be written");
        std::fs::write(folder.join(format!("{}.pcap", sample.name)), bytes)
            .expect("the test's own folder can be written");
    }
    folder
}

/// Runs a case in an empty folder; answers what came of it.
fn run(case: &Path, samples: &Path, scratch: &Path) -> String {
    let _ = std::fs::remove_dir_all(scratch);
    std::fs::create_dir_all(scratch).expect("the test's own folder can be made");
    let commands = std::fs::read_to_string(case.join("cmd")).expect("a case has a cmd");
    let mut out = String::new();
    for line in commands.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let line_here = line
            .replace("{case}", &case.display().to_string())
            .replace("{samples}", &samples.display().to_string());
        if let Some(file) = line_here.strip_prefix("show ") {
            let text = std::fs::read(scratch.join(file)).unwrap_or_default();
            let _ = writeln!(out, "==> {file}\n{}", String::from_utf8_lossy(&text).trim_end());
            continue;
        }
        // The shell splits words and knows pipes; the program is found by its name.
        let program = Path::new(env!("CARGO_BIN_EXE_watchpost"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = program.parent().map(Path::to_path_buf).into_iter();
        let path = std::env::join_paths(own.chain(std::env::split_paths(&path)));
        let done = Command::new("sh")
            .args(["-c", &line_here])
            .current_dir(scratch)
            .env("PATH", path.expect("folders of PATH have no colons"))
            .env("LC_ALL", "C")
            .output()
            .expect("sh runs");
        let _ = writeln!(out, "$ {line}");
        out.push_str(&String::from_utf8_lossy(&done.stdout));
        out.push_str(&String::from_utf8_lossy(&done.stderr));
        let _ = writeln!(out, "[{}]", done.status.code().unwrap_or(-1));
    }
    mask(&out, &[(scratch, "{scratch}"), (samples, "{samples}"), (case, "{case}")])
}

/// Puts words for what differs from machine to machine and from run to run: folders, how long it
/// took, when a log was opened.
fn mask(text: &str, folders: &[(&Path, &str)]) -> String {
    let mut text = text.to_owned();
    for (folder, word) in folders {
        text = text.replace(&folder.display().to_string(), word);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with("#open") || line.starts_with("#close") {
            out.push_str(line.split('\t').next().unwrap_or_default());
            out.push_str("\t{time}");
        } else if let Some((head, tail)) = line.rsplit_once(" in ")
            && tail.ends_with(" s")
            && tail.starts_with(|c: char| c.is_ascii_digit())
        {
            out.push_str(head);
            out.push_str(" in {time}");
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// The first line that differs, with its number.
fn difference(expected: &str, printed: &str) -> String {
    let mut expected = expected.lines();
    for (i, now) in printed.lines().enumerate() {
        let was = expected.next();
        if was != Some(now) {
            return format!(
                "line {}\n  expected {}\n  printed  {now}",
                i + 1,
                was.unwrap_or("(end)")
            );
        }
    }
    format!("printed ends before\n  expected {}", expected.next().unwrap_or("(end)"))
}
