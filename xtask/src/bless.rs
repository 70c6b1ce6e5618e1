//! `cargo xtask bless`: runs the end-to-end cases and keeps what they print as their expectation.

use crate::Outcome;
use crate::workspace::{Workspace, only, run as run_command};

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    only(args.get(1..).unwrap_or_default(), &[], &[])?;
    let filter = args.first().map_or("", String::as_str);
    let mut command = workspace.cargo(&["test", "-p", "watchpost", "--test", "cases"]);
    run_command(command.env("WATCHPOST_BLESS", "1").env("WATCHPOST_CASE", filter))
}
