//! `watchpost schema`.

use std::fmt::Write as _;
use std::process::ExitCode;

use model::RecordSchema;

use crate::cli::SchemaArgs;
use crate::terminal::{self, Paint};

pub(crate) fn run(args: &SchemaArgs) -> ExitCode {
    let all = engine::schemas();
    let chosen: Vec<&RecordSchema> = match &args.table {
        Some(name) => all.iter().copied().filter(|s| s.name == name).collect(),
        None => all.clone(),
    };
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|s| s.name).collect();
        let asked = args.table.as_deref().unwrap_or_default();
        terminal::error(&format!("there is no table {asked:?}; there are: {}", names.join(", ")));
        return ExitCode::from(2);
    }
    let mut out = String::new();
    if args.json {
        json(&chosen, &mut out);
    } else if args.table.is_some() || args.all {
        for s in chosen {
            describe(s, &mut out);
        }
    } else {
        for s in chosen {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:<16} {}", Paint::stdout().bold(s.name), s.doc);
        }
        out.push_str("\n`watchpost schema TABLE` tells the fields of one.\n");
    }
    terminal::out(&out);
    ExitCode::SUCCESS
}

fn describe(s: &RecordSchema, out: &mut String) {
    let paint = Paint::stdout();
    let told = match (s.zeek, s.eve) {
        ("", "") => String::new(),
        (z, "") => format!("  (Zeek: {z}.log)"),
        ("", e) => format!("  (EVE: {e})"),
        (z, e) => format!("  (Zeek: {z}.log, EVE: {e})"),
    };
    let _ = writeln!(out, "{}{told}\n  {}\n", paint.bold(s.name), s.doc);
    for f in s.flat() {
        let unit = match f.unit.name() {
            "" => String::new(),
            u => format!(", {u}"),
        };
        let _ = writeln!(out, "  {:<24} {}{unit}", paint.cyan(f.name), f.ty.zeek());
        let _ = writeln!(out, "      {}", f.doc);
        let zeek = if s.zeek.is_empty() { "" } else { f.zeek };
        let names: Vec<String> = [("Zeek", zeek), ("EVE", f.eve), ("ECS", f.ecs), ("OCSF", f.ocsf)]
            .iter()
            .filter(|(_, n)| !n.is_empty() && !n.starts_with('@') || n.starts_with("@timestamp"))
            .map(|(l, n)| format!("{l} {n}"))
            .collect();
        if !names.is_empty() {
            let _ = writeln!(out, "      {}", paint.dim(&names.join(" · ")));
        }
    }
    out.push('\n');
}

fn json(schemas: &[&RecordSchema], out: &mut String) {
    let mut bytes = Vec::new();
    let string = |bytes: &mut Vec<u8>, key: &str, value: &str, first: bool| {
        if !first {
            bytes.push(b',');
        }
        model::write::json_string(bytes, key.as_bytes());
        bytes.push(b':');
        model::write::json_string(bytes, value.as_bytes());
    };
    bytes.push(b'[');
    for (i, s) in schemas.iter().enumerate() {
        if i > 0 {
            bytes.extend_from_slice(b",\n");
        }
        bytes.push(b'{');
        string(&mut bytes, "table", s.name, true);
        string(&mut bytes, "meaning", s.doc, false);
        string(&mut bytes, "zeek", s.zeek, false);
        string(&mut bytes, "eve", s.eve, false);
        bytes.extend_from_slice(b",\"fields\":[");
        for (j, f) in s.flat().iter().enumerate() {
            if j > 0 {
                bytes.push(b',');
            }
            bytes.push(b'{');
            string(&mut bytes, "name", f.name, true);
            for (key, value) in [
                ("type", f.ty.zeek().as_str()),
                ("unit", f.unit.name()),
                ("meaning", f.doc),
                ("zeek", if s.zeek.is_empty() { "" } else { f.zeek }),
                ("eve", f.eve),
                ("ecs", f.ecs),
                ("ocsf", f.ocsf),
            ] {
                if !value.is_empty() {
                    string(&mut bytes, key, value, false);
                }
            }
            bytes.push(b'}');
        }
        bytes.extend_from_slice(b"]}");
    }
    bytes.extend_from_slice(b"]\n");
    out.push_str(&String::from_utf8_lossy(&bytes));
}
