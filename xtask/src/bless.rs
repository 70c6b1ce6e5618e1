//! `cargo xtask bless`: runs the end-to-end cases and keeps what they print as their expectation.

use crate::Outcome;
use crate::workspace::{Workspace, run as run_command};

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    let mut command = workspace.cargo(&["test", "-p", "watchpost", "--test", "cases", "--"]);
    run_command(command.args(args).arg("--nocapture").env("WATCHPOST_BLESS", "1"))
}
