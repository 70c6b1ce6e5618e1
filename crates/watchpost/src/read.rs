//! `watchpost read`.

use std::path::Path;
use std::process::ExitCode;

use capture::Filter;
use engine::{Outputs, ReadError, ReadOptions};
use files::{ExtractLimits, Extractor};
use model::{Checksums, Profile};

use crate::cli::{ChecksumArg, ProfileArg, ReadArgs};
use crate::summary;
use crate::terminal::{self, Line, Paint};

/// Exit code: something could not be written.
const NOT_WRITTEN: u8 = 1;
/// Exit code: the command line or the filter is wrong.
const USAGE: u8 = 2;
/// Exit code: no input could be read.
const NO_INPUT: u8 = 3;
/// Exit code: the input is damaged and `--strict` was given.
const DAMAGED: u8 = 4;

pub(crate) fn run(args: &ReadArgs) -> ExitCode {
    let filter = match args.filter.as_deref().map(Filter::parse).transpose() {
        Ok(f) => f,
        Err(diagnostics) => {
            let text = args.filter.as_deref().unwrap_or_default();
            for d in &diagnostics {
                terminal::tell(&format!("in the filter: {}", d.render(text)));
            }
            return ExitCode::from(USAGE);
        }
    };
    let outputs = outputs(args);
    let extract = match extractor(args) {
        Ok(e) => e,
        Err((dir, e)) => {
            terminal::error(&format!("cannot extract files to {}: {e}", dir.display()));
            return ExitCode::from(NOT_WRITTEN);
        }
    };
    let to_stdout = outputs.eve.as_ref().is_some_and(|p| p.as_os_str() == "-");
    let options = ReadOptions {
        paths: args.paths.clone(),
        profile: profile(args),
        outputs: outputs.clone(),
        filter,
        extract,
        threads: usize::from(args.threads),
        seed: args.seed,
        progress: progress(),
    };
    let report = match engine::read(options) {
        Ok(r) => r,
        Err(e) => {
            terminal::error(&e.to_string());
            return ExitCode::from(match e {
                ReadError::Capture(_) => NO_INPUT,
                _ => NOT_WRITTEN,
            });
        }
    };
    for t in &report.troubles {
        terminal::warning(&t.to_string());
    }
    if report.more_troubles > 0 {
        terminal::warning(&format!("{} further places were damaged", report.more_troubles));
    }
    for t in &report.file_troubles {
        terminal::error(&format!(
            "cannot write {}: {}; {} bytes of rows were lost, everything else was written",
            t.path.display(),
            t.why,
            t.lost_bytes
        ));
    }
    for t in &report.tally.troubles {
        terminal::error(t);
    }
    if !args.quiet && !to_stdout {
        let text = if args.json {
            summary::json(&report, &outputs)
        } else {
            summary::text(&report, &outputs, Paint::stdout())
        };
        terminal::out(&text);
    }
    if !report.file_troubles.is_empty() || !report.tally.troubles.is_empty() {
        return ExitCode::from(NOT_WRITTEN);
    }
    if args.strict && !report.troubles.is_empty() {
        return ExitCode::from(DAMAGED);
    }
    ExitCode::SUCCESS
}

fn progress() -> Option<engine::Tell> {
    let mut line = Line::new();
    line.is_on()
        .then(|| -> engine::Tell { Box::new(move |p, elapsed| line.show(&p.line(elapsed))) })
}

/// Where files are extracted to, and how many.
fn extractor(args: &ReadArgs) -> Result<Option<Extractor>, (&Path, std::io::Error)> {
    let Some(dir) = &args.extract else { return Ok(None) };
    let limits = ExtractLimits {
        file_bytes: args.extract_file_mb << 20,
        total_bytes: args.extract_total_mb << 20,
        files: args.extract_files,
        types: args.extract_types.clone(),
        ..ExtractLimits::default()
    };
    Extractor::new(dir, limits).map(Some).map_err(|e| (dir.as_path(), e))
}

fn profile(args: &ReadArgs) -> Profile {
    let mut profile = match args.profile {
        ProfileArg::Watchpost => Profile::WATCHPOST,
        ProfileArg::Zeek => Profile::ZEEK,
        ProfileArg::Suricata => Profile::SURICATA,
    };
    match args.checksums {
        Some(ChecksumArg::Verify) => profile.checksums = Checksums::Verify,
        Some(ChecksumArg::Offload) => profile.checksums = Checksums::Offload,
        Some(ChecksumArg::Ignore) => profile.checksums = Checksums::Ignore,
        None => {}
    }
    profile.show_secrets = args.show_secrets;
    profile
}

fn outputs(args: &ReadArgs) -> Outputs {
    let mut outputs = Outputs {
        eve: args.eve.clone(),
        zeek_json: args.zeek_json.clone(),
        zeek_tsv: args.zeek_tsv.clone(),
    };
    if let Some(dir) = &args.logs {
        // A folder that cannot be made shows when its files cannot be opened.
        let _ = std::fs::create_dir_all(dir);
        outputs.eve.get_or_insert_with(|| dir.join("eve.json"));
        outputs.zeek_tsv.get_or_insert_with(|| dir.join("zeek"));
    }
    outputs
}
