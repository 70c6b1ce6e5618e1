//! The runner: shares the time over all targets, each in a process of its own, and tells what it
//! found. `cargo xtask fuzz` builds and starts it.
//!
//! An input is written to a file before it is tried, so that one which kills the process (no
//! stack, no memory) or never ends is found as surely as one that panics.

// A fuzzer owns clocks; the lint guards the data path.
#![allow(clippy::disallowed_methods)]

mod child;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use watchpost_fuzz::corpus::Places;
use watchpost_fuzz::names;

/// Address space of a target's process.
const MEMORY_KB: u64 = 4 << 20;
/// How often a target is started again after it killed its process.
const STARTS_MOST: u32 = 5;

/// What a run was asked for; parent and child read the same options.
#[derive(Clone, Debug)]
struct Options {
    seconds: f64,
    target: Option<String>,
    seed: u64,
    places: Places,
    child: bool,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(o) => o,
        Err(why) => {
            eprintln!("watchpost-fuzz: {why}");
            eprintln!(
                "usage: watchpost-fuzz [--seconds N] [--target TEXT] [--seed N] [--kept DIR] [--findings DIR]"
            );
            return ExitCode::from(2);
        }
    };
    let found = if options.child { child::run(&options) } else { parent(&options) };
    match found {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(10),
        Err(why) => {
            eprintln!("watchpost-fuzz: {why}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut o = Options {
        seconds: 60.0,
        target: None,
        seed: 1,
        places: Places {
            kept: PathBuf::from("target/fuzz-corpus"),
            findings: PathBuf::from("fuzz/corpus/regressions"),
        },
        child: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        if name == "--child" {
            o.child = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        let bad = |_| format!("{name} needs a number, not {value:?}");
        match name.as_str() {
            "--seconds" => {
                o.seconds =
                    value.parse().map_err(|e: std::num::ParseFloatError| bad(e.to_string()))?;
            }
            "--seed" => {
                o.seed = value.parse().map_err(|e: std::num::ParseIntError| bad(e.to_string()))?;
            }
            "--target" => o.target = Some(value),
            "--kept" => o.places.kept = value.into(),
            "--findings" => o.places.findings = value.into(),
            _ => return Err(format!("doesn't know {name:?}")),
        }
    }
    Ok(o)
}

/// Runs every target that the options name; answers how many findings there were.
fn parent(options: &Options) -> Result<usize, String> {
    let wanted = |n: &String| options.target.as_ref().is_none_or(|t| n.contains(t.as_str()));
    let todo: Vec<String> = names().into_iter().filter(wanted).collect();
    if todo.is_empty() {
        return Err(format!("no such target; there are: {}", names().join(" ")));
    }
    let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(todo.len());
    let share = Duration::from_secs_f64(options.seconds * lanes as f64 / todo.len() as f64);
    println!(
        "{} targets, {lanes} at a time, {:.1} s each, seed {}",
        todo.len(),
        share.as_secs_f64(),
        options.seed
    );
    let total = todo.len();
    let queue = Mutex::new(todo);
    let findings = Mutex::new(0usize);
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().ok().and_then(|mut q| q.pop());
                    let Some(name) = next else { return };
                    let found = watch(&name, share, options).unwrap_or_else(|why| {
                        println!("{name}: {why}");
                        1
                    });
                    if let Ok(mut all) = findings.lock() {
                        *all += found;
                    }
                }
            });
        }
    });
    let found = findings.into_inner().map_err(|e| e.to_string())?;
    println!("fuzz: {total} targets, {found} findings");
    Ok(found)
}

/// Runs one target in a process of its own, again after each input that kills it.
fn watch(name: &str, share: Duration, options: &Options) -> Result<usize, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let until = Instant::now() + share;
    let mut found = 0;
    for start in 0..STARTS_MOST {
        let left = until.saturating_duration_since(Instant::now());
        if start > 0 && left < Duration::from_secs(2) {
            break;
        }
        let status = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY_KB}; exec \"$0\" \"$@\"")])
            .arg(&own)
            .arg("--child")
            .args(["--target", name, "--seconds", &left.as_secs_f64().to_string()])
            .args(["--seed", &options.seed.wrapping_add(u64::from(start)).to_string()])
            .arg("--kept")
            .arg(&options.places.kept)
            .arg("--findings")
            .arg(&options.places.findings)
            .env("LLVM_PROFILE_FILE", "/dev/null")
            .status()
            .map_err(|e| format!("can't start: {e}"))?;
        match status.code() {
            Some(0) => return Ok(found),
            Some(10) => return Ok(found + 1),
            _ => {
                let input = child::last_tried(&options.places, name).unwrap_or_default();
                let path = options.places.keep_finding(name, &input).map_err(|e| e.to_string())?;
                println!(
                    "{name}: FOUND: the process ended with {status}; input kept in {}",
                    path.display()
                );
                found += 1;
            }
        }
    }
    Ok(found)
}
