//! `cargo xtask conformance records`: our records against those of Zeek and Suricata on the same
//! captures.
//!
//! The judge and its data are other projects' and stand beside the workspace (`../shared`); where
//! they or Python are absent this says so and passes. Results are compared with two things: the
//! bar of every kind ([`BARS`]), and the committed ratchet (`docs/conformance/records.json`),
//! below which nothing may fall. `--bless` raises the ratchet to what was measured.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::workspace::{Workspace, flag, number, only, option};

/// One side of the comparison.
struct Side {
    name: &'static str,
    /// Our command, as the judge takes it.
    command: &'static str,
    /// What the side calls the protocols that we build.
    protocols: &'static str,
    /// The least mean over captures of each kind we build.
    bars: &'static [(&'static str, f64)],
}

/// What both sides must reach.
const BARS: [Side; 2] = [
    Side {
        name: "suricata",
        command: "{watchpost} read {pcap} --profile suricata --checksums ignore --eve {out}/eve.json",
        protocols: "dns,http,tls,ssh,dhcp,ntp,mdns,llmnr",
        bars: &[
            ("flow", 0.93),
            ("dns", 0.88),
            ("http", 0.88),
            ("tls", 0.88),
            ("ssh", 0.88),
            ("dhcp", 0.88),
            ("file", 0.88),
        ],
    },
    Side {
        name: "zeek",
        command: "{watchpost} read {pcap} --profile zeek --checksums ignore --zeek-json {out}",
        protocols: "dns,http,ssl,ssh,dhcp,ntp",
        bars: &[
            ("conn", 0.95),
            ("conn_history", 0.92),
            ("dns", 0.88),
            ("http", 0.88),
            ("ssl", 0.88),
            ("ssh", 0.88),
            ("dhcp", 0.88),
            ("ntp", 0.88),
            ("files", 0.88),
            ("x509", 0.88),
            ("weird", 0.70),
        ],
    },
];

/// How far a mean may fall before it counts as fallen: rounding of the stored figure.
const ROUNDING: f64 = 0.0005;

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    if args.first().map(String::as_str) != Some("records") {
        return Err("knows one subject: records".into());
    }
    let args = args.get(1..).unwrap_or_default();
    only(args, &["--smoke", "--bless"], &["--only", "--show", "--jobs", "--side", "--program"])?;
    let smoke = flag(args, "--smoke");
    let Some(shared) = workspace.shared() else {
        println!("conformance: skipped, there is no ../shared beside the workspace");
        return Ok(());
    };
    let python = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    if !python.is_ok_and(|s| s.success()) {
        println!("conformance: skipped, there is no python3");
        return Ok(());
    }
    let program = match option(args, "--program")? {
        Some(path) => path.into(),
        None => workspace.build("watchpost", "watchpost", "release")?,
    };
    let target = workspace.target_dir()?.join("conformance");
    std::fs::create_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
    let expected = if smoke { Some(smoke_set(workspace, &shared, &target)?) } else { None };

    let store = workspace.root.join("docs/conformance/records.json");
    let mut ratchet = read_json(&store).unwrap_or_else(|| json!({}));
    let part = if smoke { "smoke" } else { "full" };
    let whole = option(args, "--only")?.is_none();
    let (mut faults, mut reached, mut kinds, mut total) = (Vec::new(), 0u32, 0u32, 0.0);
    let mut page = String::from("| side | kind | captures | mean | bar |\n|---|---|---|---|---|\n");
    let sides =
        BARS.iter().filter(|s| option(args, "--side").is_ok_and(|o| o.is_none_or(|o| o == s.name)));
    for side in sides {
        let out = target.join(format!("{part}-{}.json", side.name));
        judge(&shared, side, &program, expected.as_deref(), args, &out)?;
        let means =
            read_json(&out).ok_or_else(|| format!("the judge left no {}", out.display()))?;
        let stored = ratchet.pointer(&format!("/{part}/{}", side.name)).cloned();
        let mut keep = Map::new();
        let mut table = String::new();
        for (kind, bar) in side.bars {
            let Some(mean) = means.pointer(&format!("/{kind}/mean")).and_then(Value::as_f64) else {
                continue;
            };
            let captures = means.pointer(&format!("/{kind}/captures")).and_then(Value::as_u64);
            let _ = writeln!(
                page,
                "| {} | {kind} | {} | {:.2} % | {:.0} % |",
                side.name,
                captures.unwrap_or(0),
                mean * 100.0,
                bar * 100.0
            );
            kinds += 1;
            total += mean;
            let last = stored.as_ref().and_then(|s| s.get(kind)).and_then(Value::as_f64);
            let mut words = String::new();
            if mean >= *bar {
                reached += 1;
            } else {
                words.push_str("  below its bar");
                if !smoke {
                    faults.push(format!("{} {kind} is below its bar", side.name));
                }
            }
            if whole && last.is_some_and(|l| mean < l - ROUNDING) {
                words.push_str("  FALLEN");
                faults.push(format!("{} {kind} fell below the ratchet", side.name));
            }
            let last = last.map_or("      -".into(), |l| format!("{:7.2}", l * 100.0));
            let _ = writeln!(
                table,
                "{:9} {kind:14}{:8.2} %  bar {:5.1}  ratchet {last}{words}",
                side.name,
                mean * 100.0,
                bar * 100.0
            );
            keep.insert((*kind).into(), json!((mean * 10_000.0).floor() / 10_000.0));
        }
        print!("{table}");
        if let Some(all) = ratchet.as_object_mut() {
            let place = all.entry(part).or_insert_with(|| json!({}));
            if let Some(place) = place.as_object_mut() {
                place.insert(side.name.into(), Value::Object(keep));
            }
        }
    }
    if flag(args, "--bless") && whole {
        let text = serde_json::to_string_pretty(&ratchet).map_err(|e| e.to_string())? + "\n";
        std::fs::write(&store, text).map_err(|e| format!("{}: {e}", store.display()))?;
        println!("kept as {}", store.display());
        if !smoke {
            keep_page(&workspace.root.join("docs/conformance.md"), &page)?;
        }
        faults.retain(|f| !f.ends_with("ratchet"));
    }
    for f in &faults {
        println!("fault: {f}");
    }
    println!(
        "conformance records ({part}): {reached} of {kinds} kinds reach their bar, mean {:.2} %",
        100.0 * total / f64::from(kinds.max(1))
    );
    if faults.is_empty() { Ok(()) } else { Err("conformance isn't what it has to be".into()) }
}

/// Where the page about conformance has its figures.
const MARKS: [&str; 2] = ["<!-- figures: begin -->", "<!-- figures: end -->"];

/// Puts the figures where the page has its place for them.
fn keep_page(path: &Path, figures: &str) -> Outcome {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let parts = text
        .split_once(MARKS[0])
        .and_then(|(head, rest)| rest.split_once(MARKS[1]).map(|(_, tail)| (head, tail)));
    let Some((head, tail)) = parts else {
        return Err(format!("{} has no place for figures", path.display()));
    };
    let text = format!("{head}{}\n{figures}{}{tail}", MARKS[0], MARKS[1]);
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Runs the judge once; its table and its differences go to the terminal.
fn judge(
    shared: &Path,
    side: &Side,
    program: &Path,
    expected: Option<&Path>,
    args: &[String],
    out: &Path,
) -> Outcome {
    let jobs: u32 = number(args, "--jobs", 2)?;
    let command = side.command.replace("{watchpost}", &program.display().to_string());
    let mut judge = Command::new("python3");
    judge.arg(shared.join("conformance/oracle/judge.py")).args(["run", "--side", side.name]);
    judge.args(["--cmd", &command, "--protocols", side.protocols, "--jobs", &jobs.to_string()]);
    judge.arg("--out").arg(out);
    if let Some(expected) = expected {
        judge.arg("--expected").arg(expected);
    }
    for name in ["--only", "--show"] {
        if let Some(value) = option(args, name)? {
            judge.args([name, value]);
        }
    }
    // The judge fails when one capture ended with an error; it has told which, and its rows count.
    let status = judge.status().map_err(|e| format!("can't run python3: {e}"))?;
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!("the judge ended with {status}")),
    }
}

/// A folder of those expectations that `docs/conformance/smoke.txt` names.
fn smoke_set(workspace: &Workspace, shared: &Path, target: &Path) -> Result<PathBuf, String> {
    let list = workspace.root.join("docs/conformance/smoke.txt");
    let names = std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let folder = target.join("smoke-expected");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| e.to_string())?;
    }
    for name in names.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let from = shared.join("conformance/oracle/expected").join(name);
        let to = folder.join(name);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        }
        std::fs::copy(&from, &to).map_err(|e| format!("{}: {e}", from.display()))?;
    }
    Ok(folder)
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
