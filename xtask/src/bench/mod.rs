//! `cargo xtask bench read`: what `watchpost read` costs on generated mixes, measured whole: the
//! release program, its outputs written to files, CPU seconds of all its threads.
//!
//! Two kinds of figures come out. CPU seconds are for people: they are printed beside what the
//! machine's memory gives, and beside Suricata and Zeek where those are installed, since absolute
//! figures say little of another machine. Allocations are counted exactly, by a program of its
//! own (`benches/`), and are a ratchet (`benches/ratchet.json`): they don't depend on the machine.
//! With `--quick` the mixes are small, and CPU time is held only against a generous multiple of a
//! calibration loop.

mod calibrate;
mod process;
mod report;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::Outcome;
use crate::workspace::{Workspace, flag, only, option};
use process::{Cost, measure};
use report::Machine;

/// A mix to be generated.
struct Mix {
    kind: &'static str,
    flows: u64,
}

/// A mix on disk.
struct Capture {
    path: PathBuf,
    packets: u64,
    bytes: u64,
    flows: u64,
}

/// CPU time of a packet may grow so much, in units of the calibration loop, before CI fails: the
/// machines of CI differ and share their cores.
const CPU_SLACK: f64 = 2.5;
/// Instructions may grow so much: what another version of the compiler moves.
const INSTRUCTION_SLACK: f64 = 1.06;
/// Allocations may grow so much: what chance of memory layout moves.
const ALLOCATION_SLACK: f64 = 1.03;

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    if args.first().map(String::as_str) != Some("read") {
        return Err("knows one subject: read".into());
    }
    let args = args.get(1..).unwrap_or_default();
    only(args, &["--quick", "--bless"], &["--program"])?;
    let quick = flag(args, "--quick");
    let (office, small) = if quick { (2_500, 10_000) } else { (50_000, 400_000) };
    let folder = workspace.target_dir()?.join("bench");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let office = capture(workspace, &folder, &Mix { kind: "office", flows: office })?;
    let small = capture(workspace, &folder, &Mix { kind: "small", flows: small })?;
    let program = match option(args, "--program")? {
        Some(path) => path.into(),
        None => workspace.build("watchpost", "watchpost", "release")?,
    };

    let machine =
        Machine { memory: calibrate::memory_gb_per_second(), loop_nanos: calibrate::loop_nanos() };
    report::machine(&machine);
    let logs = folder.join("logs");
    let read = |capture: &Capture, more: &[&str]| read(&program, capture, &logs, more);
    let none = read(&office, &[])?;
    let eve = read(&office, &["--eve", "eve.json"])?;
    report::row("office, EVE", &office, &eve);
    let tsv = read(&office, &["--zeek-tsv", "zeek"])?;
    report::row("office, Zeek TSV", &office, &tsv);
    report::row("office, no output", &office, &none);
    let two = read(&office, &["--eve", "eve.json", "--threads", "2"])?;
    report::row("office, EVE, 2 shards", &office, &two);
    let small_cost = read(&small, &["--eve", "eve.json"])?;
    report::row("small flows, EVE", &small, &small_cost);
    report::ratio("CPU of two shards to one", two.cpu / eve.cpu);
    let empty = empty_capture(&folder)?;
    let start = read(&empty, &["--eve", "eve.json"])?;
    report::connection(&small, &small_cost, &start);
    report::start_up(start_up(&program, &empty, &logs)?);
    peers(&office, &folder, &eve)?;
    let allocations = allocations(workspace, &folder, &office)?;
    report::allocations(&allocations);

    let instructions = if quick { process::instructions(&program, &office.path) } else { None };
    let mut now = json!({
        "cpu_of_a_packet_in_loops":
            rounded(eve.cpu * 1e9 / office.packets as f64 / machine.loop_nanos, 100.0),
        "allocations_of_a_packet": rounded(number(&allocations, "office"), 1000.0),
        "allocations_of_a_steady_packet": rounded(number(&allocations, "steady"), 10_000.0),
    });
    if let Some(instructions) = instructions {
        let of_a_packet = instructions / office.packets as f64;
        println!("instructions: {of_a_packet:.0} of a packet, start-up included");
        now["instructions_of_a_packet"] = json!(of_a_packet.round());
    }
    let fallen = ratchet(workspace, args, &now)?;
    report::last_line(&machine, &office, &eve);
    if fallen.is_empty() { Ok(()) } else { Err(fallen.join("; ")) }
}

/// The mix on disk, generated if it isn't there yet.
fn capture(workspace: &Workspace, folder: &Path, mix: &Mix) -> Result<Capture, String> {
    let generator = workspace.build("watchpost-samples", "watchpost-samples", "dev")?;
    // A generator that has changed makes another mix.
    let made = std::fs::metadata(&generator).and_then(|m| m.modified()).ok();
    let path = folder.join(format!("{}-{}.pcap", mix.kind, mix.flows));
    let facts = path.with_extension("facts");
    let fresh = std::fs::metadata(&facts).and_then(|m| m.modified()).ok() > made;
    if !fresh {
        println!("generating {}", path.display());
        let out = Command::new(&generator)
            .args(["mix", mix.kind, "--seed", "1", "--flows", &mix.flows.to_string(), "--out"])
            .arg(&path)
            .output()
            .map_err(|e| format!("can't run the generator: {e}"))?;
        if !out.status.success() {
            return Err(String::from_utf8_lossy(&out.stderr).into_owned());
        }
        std::fs::write(&facts, &out.stdout).map_err(|e| e.to_string())?;
    }
    let text = std::fs::read_to_string(&facts).map_err(|e| format!("{}: {e}", facts.display()))?;
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    let [packets, bytes, flows] = numbers[..] else {
        return Err(format!("{} doesn't say what was written", facts.display()));
    };
    Ok(Capture { path, packets, bytes, flows })
}

fn empty_capture(folder: &Path) -> Result<Capture, String> {
    let path = folder.join("empty.pcap");
    let mut bytes = 0xA1B2_C3D4_u32.to_le_bytes().to_vec();
    bytes.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
    std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
    Ok(Capture { path, packets: 0, bytes: 0, flows: 0 })
}

/// Reads a capture with the program and measures it. The file is read once before, so that it
/// comes from memory as it does for the peers.
fn read(program: &Path, capture: &Capture, logs: &Path, more: &[&str]) -> Result<Cost, String> {
    clear(logs)?;
    warm(&capture.path)?;
    let mut command = Command::new(program);
    command.arg("read").arg("--quiet").arg(&capture.path).args(more).current_dir(logs);
    measure(&mut command)
}

fn clear(folder: &Path) -> Result<(), String> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}

fn warm(path: &Path) -> Result<(), String> {
    let mut file = std::fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    std::io::copy(&mut file, &mut std::io::sink()).map_err(|e| e.to_string())?;
    Ok(())
}

/// The median wall time of reading nothing.
fn start_up(program: &Path, empty: &Capture, logs: &Path) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..15 {
        times.push(read(program, empty, logs, &["--eve", "eve.json"])?.wall);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// The same input by the programs that people run today, where they are installed.
fn peers(office: &Capture, folder: &Path, ours: &Cost) -> Outcome {
    let logs = folder.join("peer");
    let present = |name: &str| Command::new(name).arg("--version").output().is_ok();
    if present("suricata") {
        clear(&logs)?;
        let mut command = Command::new("suricata");
        command.args(["-k", "none", "-S", "/dev/null", "--runmode", "single", "-l"]).arg(&logs);
        let cost = measure(command.arg("-r").arg(&office.path).current_dir(&logs))?;
        report::row("Suricata, EVE", office, &cost);
        report::ratio("packets per CPU second to Suricata's", cost.cpu / ours.cpu);
    } else {
        println!("Suricata isn't installed: no ratio to it");
    }
    if present("zeek") {
        clear(&logs)?;
        let mut command = Command::new("zeek");
        let cost = measure(command.arg("-C").arg("-r").arg(&office.path).current_dir(&logs))?;
        report::row("Zeek", office, &cost);
        report::ratio("packets per CPU second to Zeek's", cost.cpu / ours.cpu);
    } else {
        println!("Zeek isn't installed: no ratio to it");
    }
    Ok(())
}

/// Allocations per packet, counted by the program in `benches/`.
fn allocations(workspace: &Workspace, folder: &Path, office: &Capture) -> Result<Value, String> {
    let short = capture(workspace, folder, &Mix { kind: "steady", flows: 8 })?;
    let long = capture(workspace, folder, &Mix { kind: "steady", flows: 16 })?;
    // Optimised or not, it allocates the same; the test build is there already.
    let program = workspace.build("watchpost-benches", "allocations", "dev")?;
    let count = |capture: &Capture| -> Result<f64, String> {
        let out = Command::new(&program)
            .arg(&capture.path)
            .output()
            .map_err(|e| format!("can't count allocations: {e}"))?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.trim()
            .parse()
            .map_err(|_| format!("no count in {text:?}: {}", String::from_utf8_lossy(&out.stderr)))
    };
    let packets = (long.packets - short.packets) as f64;
    let steady = (count(&long)? - count(&short)?) / packets;
    let all = count(office)? / office.packets as f64;
    Ok(json!({ "steady": steady, "office": all }))
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

/// What is held against what was, how much it may grow, and what is too little to matter.
const HELD: [(&str, f64, f64); 4] = [
    ("cpu_of_a_packet_in_loops", CPU_SLACK, 0.0),
    ("instructions_of_a_packet", INSTRUCTION_SLACK, 0.0),
    ("allocations_of_a_packet", ALLOCATION_SLACK, 0.002),
    ("allocations_of_a_steady_packet", ALLOCATION_SLACK, 0.002),
];

/// Compares with what is stored, or stores. Answers what has fallen.
fn ratchet(workspace: &Workspace, args: &[String], now: &Value) -> Result<Vec<String>, String> {
    let path = workspace.root.join("benches/ratchet.json");
    let part = if flag(args, "--quick") { "quick" } else { "full" };
    let mut stored: Value = std::fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_else(|| json!({}));
    if flag(args, "--bless") {
        stored[part] = now.clone();
        let text = serde_json::to_string_pretty(&stored).map_err(|e| e.to_string())? + "\n";
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("kept as {}", path.display());
        return Ok(Vec::new());
    }
    let Some(old) = stored.get(part) else {
        println!("no ratchet for {part} yet: --bless stores it");
        return Ok(Vec::new());
    };
    let mut fallen = Vec::new();
    for (key, slack, least) in HELD {
        let (Some(was), Some(is)) =
            (old.get(key).and_then(Value::as_f64), now.get(key).and_then(Value::as_f64))
        else {
            continue;
        };
        let fell = is > was * slack + least;
        println!("ratchet {key}: {is} (stored {was}){}", if fell { "  FALLEN" } else { "" });
        if fell {
            fallen.push(format!("{key} went from {was} to {is}"));
        }
    }
    Ok(fallen)
}

fn number(value: &Value, key: &str) -> f64 {
    value.get(key).and_then(Value::as_f64).unwrap_or(f64::INFINITY)
}
