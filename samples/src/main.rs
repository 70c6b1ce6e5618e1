//! Writes the generated captures: `all` of the small ones with their labels, or one `mix`.
//! `cargo xtask samples` and `cargo xtask bench` start it.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use watchpost_samples::{Mix, MixKind, Sample, intrusion, to_json, variants};

const USAGE: &str = "usage: watchpost-samples all --out DIR [--seed N]
       watchpost-samples mix office|small|steady --out FILE --flows N [--seed N]";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("watchpost-samples: {why}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn option<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    let at = args.iter().position(|a| a == name)?;
    args.get(at + 1).map(String::as_str)
}

fn run(args: &[String]) -> Result<(), String> {
    let seed =
        option(args, "--seed").unwrap_or("1").parse().map_err(|_| "--seed needs a number")?;
    let out = PathBuf::from(option(args, "--out").ok_or("--out is missing")?);
    match args.first().map(String::as_str) {
        Some("all") => {
            std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
            write(&out, &intrusion(seed))?;
            for sample in variants(seed) {
                write(&out, &sample)?;
            }
            Ok(())
        }
        Some("mix") => {
            let kind = match args.get(1).map(String::as_str) {
                Some("office") => MixKind::Office,
                Some("small") => MixKind::Small,
                Some("steady") => MixKind::Steady,
                _ => return Err("which mix?".into()),
            };
            let flows = option(args, "--flows").ok_or("--flows is missing")?;
            let flows = flows.parse().map_err(|_| "--flows needs a number")?;
            let mut file = BufWriter::with_capacity(1 << 20, create(&out)?);
            let written = Mix { kind, flows, seed }.write(&mut file).map_err(|e| e.to_string())?;
            println!("{} {} {}", written.packets, written.bytes, written.flows);
            Ok(())
        }
        _ => Err("what is to be written?".into()),
    }
}

fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(folder: &Path, sample: &Sample) -> Result<(), String> {
    let path = folder.join(format!("{}.pcap", sample.name));
    let mut file = BufWriter::new(create(&path)?);
    sample.tape.write_pcap(&mut file).map_err(|e| format!("{}: {e}", path.display()))?;
    if !sample.labels.is_empty() {
        let path = folder.join(format!("{}.labels.json", sample.name));
        std::fs::write(&path, to_json(&sample.labels))
            .map_err(|e| format!("{}: {e}", path.display()))?;
    }
    println!("{:22} {:6} packets  {}", sample.name, sample.tape.len(), sample.about);
    Ok(())
}
