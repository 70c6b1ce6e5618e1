//! What a program costs: CPU seconds of all its threads, wall time, and the most memory of its own.
//!
//! Read from `/proc` while it runs and once more when it has ended but isn't yet waited for, so
//! that nothing of another run is counted. The kernel counts CPU time there in hundredths of a
//! second.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Hundredths of a second: what `/proc` counts in (`USER_HZ`, fixed by Linux' interface).
const TICKS: f64 = 100.0;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// What a run cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// User and system time of all threads, in seconds.
    pub(super) cpu: f64,
    /// Wall time, in seconds.
    pub(super) wall: f64,
    /// The most anonymous memory that was resident, in bytes.
    pub(super) anon: u64,
}

/// Runs a program to its end.
pub(super) fn measure(command: &mut Command) -> Result<Cost, String> {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("can't run {command:?}: {e}"))?;
    let folder = format!("/proc/{}", child.id());
    let mut cost = Cost::default();
    loop {
        if let Ok(status) = std::fs::read_to_string(format!("{folder}/status")) {
            cost.anon = cost.anon.max(anon(&status));
        }
        let stat = std::fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
        let Some((state, cpu)) = times(&stat) else {
            return Err(format!("{folder}/stat can't be read; measuring needs Linux"));
        };
        if state == "Z" {
            cost.cpu = cpu;
            break;
        }
        std::thread::sleep(LOOK);
    }
    cost.wall = start.elapsed().as_secs_f64();
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() { Ok(cost) } else { Err(format!("{command:?} ended with {status}")) }
}

/// The state and the CPU seconds of a process, from its `stat`. Its name, in parentheses, may hold
/// anything.
fn times(stat: &str) -> Option<(&str, f64)> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
    Some((fields.first()?, (ticks(11)? + ticks(12)?) / TICKS))
}

fn anon(status: &str) -> u64 {
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"));
    let kb = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kb.unwrap_or(0) * 1024
}

/// Instructions of reading a capture with EVE on, by callgrind; nothing where it isn't installed.
pub(super) fn instructions(program: &Path, capture: &Path) -> Option<f64> {
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["read", "--quiet", "--eve", "/dev/null"])
        .arg(capture)
        .output();
    let Ok(out) = out else {
        println!("valgrind isn't installed: instructions aren't counted");
        return None;
    };
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    let counted = text.lines().find_map(|l| l.split_once("Collected :")?.1.trim().parse().ok());
    if counted.is_none() {
        // An instruction that valgrind doesn't know yet is no fault of ours.
        let last = text.lines().last().unwrap_or_default();
        println!("callgrind didn't count ({last}): instructions aren't held");
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_doesnt_confuse() {
        let stat = "7 (a) b) Z 1 7 7 0 -1 4194560 0 0 0 0 150 50 0 0 20 0 1 0";
        assert_eq!(times(stat), Some(("Z", 2.0)));
    }

    #[test]
    fn anonymous_memory_is_read() {
        assert_eq!(anon("Name:\tx\nRssAnon:\t    2048 kB\n"), 2048 * 1024);
    }
}
