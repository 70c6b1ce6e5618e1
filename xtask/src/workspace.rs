//! Where things are, and running other programs there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspace this program was built from.
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// From the place of this program's sources.
    pub(crate) fn find() -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().ok_or("xtask has no folder above it")?.to_path_buf();
        Ok(Self { root })
    }

    /// The cargo that runs us, at the root.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut c = Command::new(cargo);
        c.args(args).current_dir(&self.root);
        c
    }

    /// What cargo knows of the workspace.
    pub(crate) fn metadata(&self) -> Result<Value, String> {
        let out = self
            .cargo(&["metadata", "--format-version", "1", "--no-deps"])
            .output()
            .map_err(|e| format!("can't run cargo metadata: {e}"))?;
        if !out.status.success() {
            return Err(String::from_utf8_lossy(&out.stderr).into_owned());
        }
        serde_json::from_slice(&out.stdout).map_err(|e| format!("cargo metadata: {e}"))
    }

    /// Cargo's target folder.
    pub(crate) fn target_dir(&self) -> Result<PathBuf, String> {
        let meta = self.metadata()?;
        let dir = meta.get("target_directory").and_then(Value::as_str);
        Ok(dir.ok_or("cargo metadata names no target folder")?.into())
    }

    /// Builds a binary in a profile and answers where it stands.
    pub(crate) fn build(&self, package: &str, bin: &str, profile: &str) -> Result<PathBuf, String> {
        run(&mut self.cargo(&["build", "-p", package, "--bin", bin, "--profile", profile]))?;
        let folder = if profile == "dev" { "debug" } else { profile };
        Ok(self.target_dir()?.join(folder).join(bin))
    }

    /// The folder beside the workspace that holds other projects' test data, where it is present.
    pub(crate) fn shared(&self) -> Option<PathBuf> {
        let dir = self.root.parent()?.join("shared");
        dir.is_dir().then_some(dir)
    }
}

/// Runs to the end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("can't run {command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}

/// The value after an option's name, if the option is there.
pub(crate) fn option<'a>(args: &'a [String], name: &str) -> Result<Option<&'a str>, String> {
    let Some(at) = args.iter().position(|a| a == name) else { return Ok(None) };
    let value = args.get(at + 1).ok_or_else(|| format!("{name} needs a value"))?;
    Ok(Some(value))
}

/// The value after an option's name as a number, or what holds without it.
pub(crate) fn number<T: std::str::FromStr>(
    args: &[String],
    name: &str,
    otherwise: T,
) -> Result<T, String> {
    match option(args, name)? {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| format!("{name} needs a number, not {text:?}")),
    }
}

/// Whether a flag is there.
pub(crate) fn flag(args: &[String], name: &str) -> bool {
    args.iter().any(|a| a == name)
}

/// Refuses what a chore doesn't know, so that a typing mistake isn't silently the default.
pub(crate) fn only(args: &[String], flags: &[&str], options: &[&str]) -> Result<(), String> {
    let mut rest = args.iter();
    while let Some(a) = rest.next() {
        if options.contains(&a.as_str()) {
            rest.next();
        } else if !flags.contains(&a.as_str()) {
            return Err(format!("doesn't know {a:?}"));
        }
    }
    Ok(())
}
