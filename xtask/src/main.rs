//! The project's chores, each a subcommand of `cargo xtask`; each measuring one ends with its
//! figure. Links none of the project's crates, so that it builds in seconds and works when they
//! don't.

// Chores own clocks and read the environment; the lint guards the data path.
#![allow(clippy::disallowed_methods)]

mod bench;
mod bless;
mod conformance;
mod docs;
mod fuzz;
mod samples;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

/// What a chore ends with; the error is a sentence for the person at the terminal.
type Outcome = Result<(), String>;

/// A chore: its name, its arguments, what it does, and the function.
struct Chore {
    name: &'static str,
    args: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> Outcome,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "tidy",
        args: "",
        about: "check the layers of crates, file lengths, names and module pages",
        run: tidy::run,
    },
    Chore {
        name: "samples",
        args: "[--seed N] [--out DIR]",
        about: "write the generated captures with their labels (default samples/generated)",
        run: samples::run,
    },
    Chore {
        name: "bench",
        args: "read [--quick] [--bless] [--program PATH]",
        about: "measure the release program on generated mixes; --quick smokes it in CI",
        run: bench::run,
    },
    Chore {
        name: "conformance",
        args: "records [--only TEXT] [--show N] [--side NAME] [--jobs N] [--smoke] [--bless] [--program PATH]",
        about: "compare records with those of Zeek and Suricata on the same captures",
        run: conformance::run,
    },
    Chore {
        name: "fuzz",
        args: "[--minutes N] [--target NAME]",
        about: "mutate inputs of every parser, keep what breaks one",
        run: fuzz::run,
    },
    Chore {
        name: "bless",
        args: "[FILTER]",
        about: "rewrite the expected output of tests/cases; review the diff",
        run: bless::run,
    },
    Chore {
        name: "docs",
        args: "[--check]",
        about: "regenerate the reference pages in docs/ from the program itself",
        run: docs::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(chore) = args.first().and_then(|a| CHORES.iter().find(|c| c.name == a)) else {
        eprintln!("usage: cargo xtask CHORE\n");
        for c in CHORES {
            eprintln!("  {:12} {}\n  {:12}   {}", c.name, c.about, "", c.args);
        }
        return ExitCode::from(2);
    };
    let done = Workspace::find().and_then(|w| (chore.run)(&w, args.get(1..).unwrap_or_default()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {}: {why}", chore.name);
            ExitCode::FAILURE
        }
    }
}
