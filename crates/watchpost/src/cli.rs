//! The command line: one definition from which parsing, help, man pages and completions come.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

/// Network security monitoring in one program.
#[derive(Parser)]
#[command(name = "watchpost", version, about, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Examples:\n  watchpost read capture.pcap            what is in a capture\n  watchpost read -o logs/ day/*.pcap.gz  the same, with logs for other tools\n  watchpost schema dns                   the fields of a table and their names elsewhere"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Tell what is in capture files: flows, protocols, files, anomalies, alerts.
    Read(Box<ReadArgs>),
    /// Read a generated intrusion, and tell it.
    Demo(DemoArgs),
    /// Describe the tables: fields, types, units, meanings, names in Zeek, EVE, ECS and OCSF.
    Schema(SchemaArgs),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write man pages to a folder.
    Man {
        /// Where.
        dir: PathBuf,
    },
}

/// Whose reading of ambiguous traffic is followed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ProfileArg {
    /// Our own.
    Watchpost,
    /// Zeek's defaults.
    Zeek,
    /// Suricata's defaults.
    Suricata,
}

/// What is done with checksums.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChecksumArg {
    /// Verify them; packets with wrong ones are counted and not analysed.
    Verify,
    /// Verify them, and forgive senders whose card fills them in.
    Offload,
    /// Don't look at them.
    Ignore,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  watchpost read capture.pcap\n  watchpost read -f 'host 10.0.0.1 and tcp port 80' capture.pcapng\n  watchpost read --eve eve.json --zeek-tsv zeek/ captures/\n  zcat capture.pcap.gz | watchpost read -\n  watchpost read --profile zeek --zeek-json logs/ capture.pcap\n\nExit codes: 0 all went well, 1 something could not be written, 2 wrong command line or filter,\n3 no input could be read, 4 damaged input with --strict."
)]
pub(crate) struct ReadArgs {
    /// Capture files and folders (pcap, pcapng; gzip, zstd, xz); `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look only at packets that match, as in tcpdump.
    #[arg(short, long, value_name = "EXPRESSION")]
    pub(crate) filter: Option<String>,
    /// Write all logs below this folder: eve.json, and Zeek's logs in zeek/.
    #[arg(short = 'o', long, value_name = "DIR")]
    pub(crate) logs: Option<PathBuf>,
    /// Write EVE JSON (`-`: standard output).
    #[arg(long, value_name = "FILE")]
    pub(crate) eve: Option<PathBuf>,
    /// Write Zeek logs as JSON lines to this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) zeek_json: Option<PathBuf>,
    /// Write Zeek logs as tab-separated values to this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) zeek_tsv: Option<PathBuf>,
    /// Write the files that were seen in traffic to this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) extract: Option<PathBuf>,
    /// Extract only files of these types (`application/pdf`, `image/*`), separated by commas.
    #[arg(long, value_name = "TYPES", value_delimiter = ',', requires = "extract")]
    pub(crate) extract_types: Vec<String>,
    /// Megabytes of one file that are extracted at most; the rest is cut off.
    #[arg(long, value_name = "MB", default_value_t = 100, value_parser = clap::value_parser!(u64).range(..=1 << 40))]
    pub(crate) extract_file_mb: u64,
    /// Megabytes that are extracted at most in all.
    #[arg(long, value_name = "MB", default_value_t = 10_240, value_parser = clap::value_parser!(u64).range(..=1 << 40))]
    pub(crate) extract_total_mb: u64,
    /// Files that are extracted at most.
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    pub(crate) extract_files: u64,
    /// Whose reading of ambiguous traffic is followed.
    #[arg(long, value_enum, default_value = "watchpost")]
    pub(crate) profile: ProfileArg,
    /// Verify or ignore checksums [default: as the profile says].
    #[arg(long, value_enum)]
    pub(crate) checksums: Option<ChecksumArg>,
    /// Use this many threads; the same native records come out, in another order.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) threads: u8,
    /// Enters the ids of connections, so that several runs don't share them.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Tell secrets (passwords, tokens) in records as they are.
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// The summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// No summary.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Damaged input is an error (exit code 4); the rest is analysed all the same.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  watchpost demo               a morning at an office, with an intrusion in it\n  watchpost demo --keep demo/  the same, keeping the capture, its labels and the logs"
)]
pub(crate) struct DemoArgs {
    /// Keep the capture, its labels and the logs in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Another morning.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  watchpost schema           all tables\n  watchpost schema conn      the fields of one\n  watchpost schema --all --json"
)]
pub(crate) struct SchemaArgs {
    /// Table to describe.
    pub(crate) table: Option<String>,
    /// Describe all tables.
    #[arg(long)]
    pub(crate) all: bool,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Cli::command(), "watchpost", &mut std::io::stdout());
}

pub(crate) fn man_pages(dir: &Path) -> ExitCode {
    let written =
        std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            crate::terminal::error(&format!("cannot write man pages to {}: {e}", dir.display()));
            ExitCode::from(1)
        }
    }
}
