//! That rooms are complete: a protocol's folder has its six files and a line in the registry, a
//! parser of untrusted bytes is fuzzed and its crate forbids what can panic, a test case has its
//! command and its expectation.

use super::{Findings, Source};
use crate::workspace::Workspace;

/// The files of a protocol's folder.
const SIX: [&str; 6] = ["parser", "transaction", "analyzer", "record", "events", "keywords"];
/// Crates that read untrusted bytes.
const UNTRUSTED: &[&str] = &["wire", "capture", "flow", "files", "match", "protocols"];
/// What their roots must deny.
const DENIED: [&str; 3] =
    ["clippy::indexing_slicing", "clippy::unwrap_used", "clippy::arithmetic_side_effects"];
/// Where the runner collects the crates' targets.
const RUNNER: &str = "fuzz/src/targets.rs";

pub(super) fn check(workspace: &Workspace, sources: &[Source], found: &mut Findings) {
    let text = |path: &str| sources.iter().find(|s| s.path == path).map(|s| s.text.as_str());
    protocols(sources, text("crates/protocols/src/lib.rs").unwrap_or_default(), found);
    fuzzing(sources, text(RUNNER).unwrap_or_default(), found);
    for name in UNTRUSTED {
        let path = format!("crates/{name}/src/lib.rs");
        let Some(root) = text(&path) else { continue };
        let within = format!("crates/{name}/src/fuzz");
        if !sources.iter().any(|s| s.path.starts_with(&within) && s.text.contains("TARGETS")) {
            found.faults.push(format!("{path}: reads untrusted bytes but has no fuzz targets"));
        }
        for lint in DENIED.iter().filter(|l| !root.contains(**l)) {
            found.faults.push(format!("{path}: reads untrusted bytes but doesn't deny {lint}"));
        }
    }
    cases(workspace, found);
}

fn protocols(sources: &[Source], registry: &str, found: &mut Findings) {
    let registered = registered(registry);
    let has = |path: &str| {
        let folder = format!("{path}/");
        sources.iter().any(|s| s.path == format!("{path}.rs") || s.path.starts_with(&folder))
    };
    for folder in &registered {
        let target = format!("(\"{folder}_");
        let mut tables = sources.iter().filter(|s| s.path.starts_with("crates/protocols/src/fuzz"));
        if !tables.any(|s| s.text.contains(&target)) {
            found.faults.push(format!("protocol {folder} has no fuzz target of its name"));
        }
        for file in SIX.iter().filter(|f| !has(&format!("crates/protocols/src/{folder}/{f}"))) {
            found.faults.push(format!("protocol {folder} has no {file}.rs"));
        }
    }
    for source in sources {
        let Some(rest) = source.path.strip_prefix("crates/protocols/src/") else { continue };
        if let Some(folder) = rest.strip_suffix("/analyzer.rs")
            && !registered.iter().any(|r| r == folder)
        {
            found.faults.push(format!("protocol {folder} isn't in the registry"));
        }
    }
}

/// The folders that the registry names: `Dns = 16, dns, "dns", …`.
fn registered(text: &str) -> Vec<String> {
    let Some((_, rest)) = text.split_once("app_layer::registry!") else { return Vec::new() };
    let mut out = Vec::new();
    for line in rest.lines() {
        let Some((_, right)) = line.split_once('=') else { continue };
        let mut parts = right.split(',').map(str::trim);
        if let (Some(room), Some(folder)) = (parts.next(), parts.next())
            && room.parse::<u8>().is_ok()
        {
            out.push(folder.to_owned());
        }
    }
    out
}

fn fuzzing(sources: &[Source], runner: &str, found: &mut Findings) {
    for source in sources.iter().filter(|s| s.path.starts_with("crates/")) {
        let mut parts = source.path.split('/').skip(1);
        let Some(name) = parts.next() else { continue };
        let is_table = source.text.contains("pub const TARGETS");
        // The folder `match` is the library `matching`, since `match` is a word of the language.
        let library = if name == "match" { "matching" } else { name };
        if is_table && !runner.contains(&format!("{library}::fuzz::TARGETS")) {
            found.faults.push(format!("{}: its TARGETS are not in {RUNNER}", source.path));
        }
        for line in source.text.lines() {
            let Some(rest) = line.trim_start().strip_prefix("pub fn fuzz_") else { continue };
            let function: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let word = format!("fuzz_{function}");
            let within = format!("crates/{name}/src/fuzz");
            let listed = sources.iter().filter(|s| s.path.starts_with(&within)).any(|s| {
                s.text.split_once("TARGETS").is_some_and(|(_, table)| {
                    table.split("];").next().is_some_and(|t| t.contains(&word))
                })
            });
            if !listed {
                found.faults.push(format!("{}: {word} is in no TARGETS", source.path));
            }
        }
    }
}

fn cases(workspace: &Workspace, found: &mut Findings) {
    let Ok(areas) = std::fs::read_dir(workspace.root.join("tests/cases")) else { return };
    for area in areas.flatten() {
        let Ok(cases) = std::fs::read_dir(area.path()) else { continue };
        for case in cases.flatten() {
            for part in ["cmd", "expected"] {
                if !case.path().join(part).exists() {
                    found.faults.push(format!("{} has no {part}", case.path().display()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_names_folders() {
        let text = "app_layer::registry! {\n // variant = room\n Dns = 16, dns, \"dns\", [53], [53];\n\
                    Http = 17, http, \"http\", [80], [];\n}\n";
        assert_eq!(registered(text), ["dns", "http"]);
    }

    #[test]
    fn a_target_that_nobody_runs_is_told() {
        let fuzz =
            "//! F.\npub fn fuzz_a(d: &[u8]) {}\npub const TARGETS: X = &[(\"a\", fuzz_a)];\n";
        let sources = [Source { path: "crates/wire/src/fuzz.rs".into(), text: fuzz.into() }];
        let mut found = Findings::default();
        fuzzing(&sources, "", &mut found);
        assert_eq!(found.faults.len(), 1);
        let mut found = Findings::default();
        fuzzing(&sources, "wire::fuzz::TARGETS", &mut found);
        assert_eq!(found.faults.len(), 0);
    }

    #[test]
    fn a_fuzz_function_outside_the_table_is_told() {
        let fuzz = "pub fn fuzz_a(d: &[u8]) {}\npub fn fuzz_b(d: &[u8]) {}\n\
                    pub const TARGETS: X = &[(\"a\", fuzz_a)];\n";
        let sources = [Source { path: "crates/wire/src/fuzz.rs".into(), text: fuzz.into() }];
        let mut found = Findings::default();
        fuzzing(&sources, "wire::fuzz::TARGETS", &mut found);
        assert_eq!(found.faults.len(), 1);
    }
}
