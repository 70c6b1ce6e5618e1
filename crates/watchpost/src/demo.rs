//! `watchpost demo`: a generated intrusion, read and told.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use capture::Sources;
use engine::{Outputs, ReadOptions};
use model::Profile;
use samples::Sample;

use crate::cli::DemoArgs;
use crate::summary;
use crate::terminal::{self, Paint};

pub(crate) fn run(args: &DemoArgs) -> ExitCode {
    match tell(args) {
        Ok(text) => {
            terminal::out(&text);
            ExitCode::SUCCESS
        }
        Err(why) => {
            terminal::error(&why);
            ExitCode::from(1)
        }
    }
}

fn tell(args: &DemoArgs) -> Result<String, String> {
    let sample = samples::intrusion(args.seed);
    let mut pcap = Vec::with_capacity(sample.tape.total_bytes() * 2);
    sample.tape.write_pcap(&mut pcap).map_err(|e| e.to_string())?;
    let mut outputs = Outputs::default();
    if let Some(dir) = &args.keep {
        keep(dir, &sample, &pcap).map_err(|e| format!("cannot write to {}: {e}", dir.display()))?;
        outputs.eve = Some(dir.join("eve.json"));
        outputs.zeek_tsv = Some(dir.join("zeek"));
    }
    let sources =
        Sources::from_reader("demo", std::io::Cursor::new(pcap), capture::Options::default())
            .map_err(|e| e.to_string())?;
    let options = ReadOptions {
        paths: Vec::new(),
        profile: Profile::WATCHPOST,
        outputs: outputs.clone(),
        extract: None,
        filter: None,
        threads: 1,
        seed: args.seed,
        progress: None,
    };
    let report = engine::read_from(sources, options).map_err(|e| e.to_string())?;
    if args.json {
        return Ok(summary::json(&report, &outputs));
    }
    let paint = Paint::stdout();
    let mut text = format!("{}\n  {}\n", paint.bold("The story"), sample.about);
    for l in &sample.labels {
        let at = base::Ts(l.from).civil();
        let to = if l.target.is_empty() { String::new() } else { format!(" -> {}", l.target) };
        let who = paint.dim(&format!("[{} {}{to}]", l.technique, l.source));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:02}:{:02}  {}  {who}", at.3, at.4, l.about);
    }
    text.push('\n');
    text.push_str(&summary::text(&report, &outputs, paint));
    Ok(text)
}

fn keep(dir: &Path, sample: &Sample, pcap: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::File::create(dir.join("intrusion.pcap"))?.write_all(pcap)?;
    std::fs::write(dir.join("labels.json"), samples::to_json(&sample.labels))
}
