//! What the program knows of its terminal: whether there is one, its colours, its progress line.

use std::io::{IsTerminal, Write};

/// Paints text, or doesn't.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// Colours only where standard output is a terminal and nobody asked for none.
    #[allow(clippy::disallowed_methods)] // the program may ask its environment
    pub(crate) fn stdout() -> Self {
        let asked_not = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        Self(std::io::stdout().is_terminal() && !asked_not)
    }
    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }
    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }
    pub(crate) fn red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
    pub(crate) fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }
    pub(crate) fn cyan(self, text: &str) -> String {
        self.wrap("36", text)
    }
}

/// Tells an error to the person.
pub(crate) fn error(text: &str) {
    // Nothing can be done if even this cannot be written.
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

/// Tells what already says that it is an error.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Tells a warning.
pub(crate) fn warning(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}

/// Writes to standard output; a closed pipe is no error of ours.
pub(crate) fn out(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// A line on standard error that is written over.
pub(crate) struct Line {
    on: bool,
    width: usize,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { on: std::io::stderr().is_terminal(), width: 0 }
    }
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }
    pub(crate) fn show(&mut self, text: &str) {
        if self.on {
            let _ = write!(std::io::stderr(), "\r{text:<width$}", width = self.width);
            self.width = text.len();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.width > 0 {
            let _ = write!(std::io::stderr(), "\r{:width$}\r", "", width = self.width);
        }
    }
}
