//! The program: thin subcommands over the engine.
//!
//! Exit codes: 0 all went well (damage in the input is told, not failed on, unless `--strict`);
//! 1 something could not be written; 2 the command line or the filter is wrong; 3 no input could be
//! read; 4 `--strict` and the input is damaged.

mod cli;
mod demo;
mod read;
mod schema;
mod summary;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

/// Many short-lived flows on several threads: a general-purpose allocator is measurably slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.command {
        cli::Command::Read(args) => read::run(&args),
        cli::Command::Demo(args) => demo::run(&args),
        cli::Command::Schema(args) => schema::run(&args),
        cli::Command::Completions { shell } => {
            cli::completions(shell);
            ExitCode::SUCCESS
        }
        cli::Command::Man { dir } => cli::man_pages(&dir),
    }
}
