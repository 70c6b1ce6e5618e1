//! `cargo xtask samples`: the generated captures with their labels, written where people can look
//! at them. The generator is the crate `watchpost-samples`, which the program links as well.

use crate::Outcome;
use crate::workspace::{Workspace, number, only, option, run as run_command};

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    only(args, &[], &["--seed", "--out"])?;
    let seed: u64 = number(args, "--seed", 1)?;
    let out = match option(args, "--out")? {
        Some(dir) => dir.into(),
        None => workspace.root.join("samples/generated"),
    };
    let program = workspace.build("watchpost-samples", "watchpost-samples", "dev")?;
    let mut command = std::process::Command::new(program);
    run_command(command.args(["all", "--seed", &seed.to_string(), "--out"]).arg(out))
}
