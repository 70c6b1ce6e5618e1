//! What a source file may look like: its length, its name, its page, and what must not be in it.

use super::{Findings, Source};

/// Past this a file is asked what it hides.
const LINES_ASKED: usize = 600;
/// Past this it fails, tables and tests excepted.
const LINES_MOST: usize = 900;
/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc"];
/// Text that must not stand in Rust, with the reason. Written in halves, so that this table
/// doesn't find itself.
const FORBIDDEN_RUST: &[(&str, &str, &str)] = &[
    ("todo", "!(", "work that isn't done"),
    ("unimplemented", "!(", "work that isn't done"),
    ("allow(dead", "_code", "dead code goes"),
    ("allow(unu", "sed)", "dead code goes"),
    ("#[ign", "ore", "a test that never runs"),
];
/// Text that must stand nowhere: paths of the machine that it was written on.
const FORBIDDEN: &[(&str, &str)] = &[("/wo", "rk/"), ("/ro", "ot/"), ("/tmp/bash", "_jobs")];

pub(super) fn check(sources: &[Source], found: &mut Findings) {
    for source in sources {
        for (i, line) in source.text.lines().enumerate() {
            for (a, b) in FORBIDDEN {
                if line.contains(&format!("{a}{b}")) {
                    found.faults.push(format!("{}:{}: a path of a machine", source.path, i + 1));
                }
            }
        }
        if is_rust(&source.path) {
            rust(source, found);
        }
    }
}

fn is_rust(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|e| e == "rs")
}

fn rust(source: &Source, found: &mut Findings) {
    let Source { path, text } = source;
    for part in path.trim_end_matches(".rs").split('/') {
        if EMPTY_NAMES.contains(&part) {
            found.faults.push(format!("{path}: {part} names nothing; say what it holds"));
        }
    }
    if !text.starts_with("//!") {
        found.faults.push(format!("{path}: begins without a //! page"));
    }
    for (i, line) in text.lines().enumerate() {
        for (a, b, why) in FORBIDDEN_RUST {
            if line.contains(&format!("{a}{b}")) {
                found.faults.push(format!("{path}:{}: {a}{b}: {why}", i + 1));
            }
        }
    }
    let lines = text.lines().count();
    let is_test =
        path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("tests/");
    if lines > LINES_MOST && !is_test && !is_table(text) {
        found.faults.push(format!("{path}: {lines} lines; at most {LINES_MOST}"));
    } else if lines > LINES_ASKED && !is_test && !is_table(text) {
        found.warnings.push(format!("{path}: {lines} lines; what does it hide?"));
    }
}

/// Whether the file's page says that it is a table.
fn is_table(text: &str) -> bool {
    let page: String = text.lines().take_while(|l| l.starts_with("//!")).collect();
    let page = page.to_lowercase();
    ["a table of", "tables of", "the table of"].iter().any(|t| page.contains(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> usize {
        let mut found = Findings::default();
        check(&[Source { path: path.into(), text: text.into() }], &mut found);
        found.faults.len()
    }

    #[test]
    fn a_plain_file_passes() {
        assert_eq!(faults("crates/a/src/words.rs", "//! Words.\nfn f() {}\n"), 0);
    }

    #[test]
    fn a_file_wants_its_page_and_a_name() {
        assert_eq!(faults("crates/a/src/words.rs", "fn f() {}\n"), 1);
        assert_eq!(faults("crates/a/src/util/words.rs", "//! Words.\n"), 1);
    }

    #[test]
    fn long_files_fail_unless_tables() {
        let body = "x\n".repeat(1000);
        assert_eq!(faults("crates/a/src/words.rs", &format!("//! Words.\n{body}")), 1);
        assert_eq!(faults("crates/a/src/words.rs", &format!("//! A table of words.\n{body}")), 0);
        assert_eq!(faults("crates/a/tests/words.rs", &format!("//! Words.\n{body}")), 0);
    }

    #[test]
    fn paths_of_a_machine_fail_everywhere() {
        assert_eq!(faults("README.md", concat!("see /wo", "rk/x\n")), 1);
    }
}
