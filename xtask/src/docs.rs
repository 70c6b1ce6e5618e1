//! `cargo xtask docs`: pages that come from the program itself, so that they can't be wrong:
//! `docs/records.md` from the schemas of records and `docs/commands.md` from the help. Man pages
//! and completions are written below the target folder, since they are made for packages.
//!
//! `--check` writes nothing and fails where a committed page isn't what the program says now.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Outcome;
use crate::workspace::{Workspace, flag, only};

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    only(args, &["--check"], &[])?;
    let program = workspace.build("watchpost", "watchpost", "dev")?;
    let pages =
        [("docs/records.md", records(&program)?), ("docs/commands.md", commands(&program)?)];
    let mut stale = Vec::new();
    for (path, text) in pages {
        let place = workspace.root.join(path);
        if std::fs::read_to_string(&place).unwrap_or_default() == text {
            continue;
        }
        if flag(args, "--check") {
            stale.push(path);
        } else {
            std::fs::write(&place, text).map_err(|e| format!("{path}: {e}"))?;
            println!("wrote {path}");
        }
    }
    if !stale.is_empty() {
        return Err(format!(
            "{} isn't what the program says; run cargo xtask docs",
            stale.join(" and ")
        ));
    }
    let folder = workspace.target_dir()?.join("docs");
    packages(&program, &folder)?;
    println!("docs: pages are current; man pages and completions stand in {}", folder.display());
    Ok(())
}

/// What the program prints.
fn print(program: &Path, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program)
        .args(args)
        .env("COLUMNS", "100")
        .output()
        .map_err(|e| format!("can't run {}: {e}", program.display()))?;
    if !out.status.success() {
        return Err(format!(
            "watchpost {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&out.stderr)
        ));
    }
    String::from_utf8(out.stdout).map_err(|e| e.to_string())
}

fn records(program: &Path) -> Result<String, String> {
    let json = print(program, &["schema", "--all", "--json"])?;
    let tables: Value = serde_json::from_str(&json).map_err(|e| format!("schema: {e}"))?;
    let mut out = String::from(
        "# Records\n\nWritten by `cargo xtask docs` from what `watchpost schema` says. A dash says that the \
         other language has no such field.\n",
    );
    let text =
        |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // What stands in a cell of a table: nothing that would end it.
    let cell = |v: &Value, key: &str| match text(v, key).replace('|', "\\|").replace('\n', " ") {
        t if t.is_empty() || (t.starts_with('@') && key == "eve") => "–".to_owned(),
        t if key == "meaning" => t,
        t => format!("`{t}`"),
    };
    for table in tables.as_array().into_iter().flatten() {
        let mut told = Vec::new();
        if !text(table, "zeek").is_empty() {
            told.push(format!("Zeek `{}.log`", text(table, "zeek")));
        }
        if !text(table, "eve").is_empty() {
            told.push(format!("EVE `{}`", text(table, "eve")));
        }
        let _ = write!(out, "\n## {}\n\n{}", text(table, "table"), text(table, "meaning"));
        let _ = writeln!(
            out,
            " {}\n",
            if told.is_empty() { String::new() } else { format!("({})", told.join(", ")) }
        );
        out.push_str(
            "| field | type | meaning | Zeek | EVE | ECS | OCSF |\n|---|---|---|---|---|---|---|\n",
        );
        for f in table.get("fields").and_then(Value::as_array).into_iter().flatten() {
            let unit = match text(f, "unit") {
                u if u.is_empty() => u,
                u => format!(" ({u})"),
            };
            let _ = writeln!(
                out,
                "| {} | {}{unit} | {} | {} | {} | {} | {} |",
                cell(f, "name"),
                cell(f, "type"),
                cell(f, "meaning"),
                cell(f, "zeek"),
                cell(f, "eve"),
                cell(f, "ecs"),
                cell(f, "ocsf")
            );
        }
    }
    Ok(out)
}

fn commands(program: &Path) -> Result<String, String> {
    let mut out =
        String::from("# Commands\n\nWritten by `cargo xtask docs` from what `--help` says.\n");
    let top = print(program, &["--help"])?;
    let _ = write!(out, "\n## watchpost\n\n```text\n{}\n```\n", top.trim_end());
    let listed = top.lines().skip_while(|l| !l.starts_with("Commands:")).skip(1);
    for line in listed.take_while(|l| l.starts_with("  ")) {
        let Some(name) = line.split_whitespace().next() else { continue };
        // A long explanation goes on, indented, on lines of its own.
        if line.starts_with("   ") || name == "help" {
            continue;
        }
        let help = print(program, &[name, "--help"])?;
        let _ = write!(out, "\n## watchpost {name}\n\n```text\n{}\n```\n", help.trim_end());
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    Ok(lines.join("\n") + "\n")
}

fn packages(program: &Path, folder: &Path) -> Outcome {
    let man = folder.join("man");
    std::fs::create_dir_all(&man).map_err(|e| format!("{}: {e}", man.display()))?;
    print(program, &["man", &man.display().to_string()])?;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = print(program, &["completions", shell])?;
        let path = folder.join(format!("watchpost.{shell}"));
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}
