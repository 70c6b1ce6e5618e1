//! `cargo xtask fuzz`: builds the runner and lets it share the time over all targets.
//!
//! The build carries the compiler's coverage counters, which guide the runner; a compiler that
//! can't put them in gives a build without, which still tries and only learns nothing. `--plain`
//! takes the test build at once: nothing to wait for, for a short look in CI.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::workspace::{Workspace, flag, number, only, option, run as run_command};

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    only(args, &["--plain"], &["--minutes", "--target", "--seed"])?;
    let minutes: f64 = number(args, "--minutes", 2.0)?;
    let program = if flag(args, "--plain") { plain(workspace)? } else { guided(workspace)? };
    let mut command = Command::new(program);
    command.args(["--seconds", &(minutes * 60.0).to_string()]);
    for name in ["--target", "--seed"] {
        if let Some(value) = option(args, name)? {
            command.args([name, value]);
        }
    }
    command.arg("--kept").arg(workspace.target_dir()?.join("fuzz-corpus"));
    command.arg("--findings").arg(workspace.root.join("fuzz/corpus/regressions"));
    let status = command.status().map_err(|e| format!("can't run the runner: {e}"))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(10) => {
            Err("there are findings; mend them and keep their inputs in fuzz/corpus".into())
        }
        _ => Err(format!("the runner ended with {status}")),
    }
}

fn plain(workspace: &Workspace) -> Result<PathBuf, String> {
    workspace.build("watchpost-fuzz", "watchpost-fuzz", "dev")
}

/// A build of its own folder, since its flags differ from all others'.
fn guided(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target_dir()?.join("fuzz");
    let mut build = workspace.cargo(&["build", "-p", "watchpost-fuzz", "--profile", "fuzz"]);
    build.arg("--target-dir").arg(&folder);
    build.env("RUSTFLAGS", "-C instrument-coverage --cfg watchpost_coverage");
    build.env("LLVM_PROFILE_FILE", "/dev/null");
    match run_command(&mut build) {
        Ok(()) => Ok(folder.join("fuzz/watchpost-fuzz")),
        Err(why) => {
            println!("no coverage to guide us ({why}); going on without");
            plain(workspace)
        }
    }
}
