//! `cargo xtask tidy`: the rules of the house that a compiler doesn't check.
//!
//! Layers of crates ([`layers`]), what a source file may look like ([`files`]), and that protocol
//! folders, fuzz targets and test cases are complete ([`rooms`]).

mod files;
mod layers;
mod rooms;

use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::workspace::{Workspace, only};

/// What was found: a fault fails, a warning is told.
#[derive(Default)]
struct Findings {
    faults: Vec<String>,
    warnings: Vec<String>,
}

/// A text file of the tree.
struct Source {
    /// Path from the root, with forward slashes.
    path: String,
    text: String,
}

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome {
    only(args, &[], &[])?;
    let mut found = Findings::default();
    let sources = sources(&workspace.root)?;
    layers::check(&workspace.metadata()?, &mut found);
    files::check(&sources, &mut found);
    rooms::check(workspace, &sources, &mut found);
    for w in &found.warnings {
        println!("warning: {w}");
    }
    for f in &found.faults {
        println!("fault: {f}");
    }
    println!(
        "tidy: {} files, {} faults, {} warnings",
        sources.len(),
        found.faults.len(),
        found.warnings.len()
    );
    if found.faults.is_empty() { Ok(()) } else { Err("the house isn't tidy".into()) }
}

/// All text files of the tree but generated and hidden ones.
fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let mut out = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut entries: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let hidden = name.starts_with('.') && ![".ci", ".cargo"].contains(&name);
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let relative = relative.to_string_lossy().replace('\\', "/");
            let generated = ["target", "node_modules"].contains(&name)
                || relative == "samples/generated"
                || relative.ends_with("fuzz/corpus");
            if hidden || generated || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                out.push(Source { path: relative, text });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(out)
}
