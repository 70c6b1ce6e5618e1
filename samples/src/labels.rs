//! What is true of a capture, for people and for tests that count what was found.

use std::fmt::Write as _;

/// One thing that an analyst should find.
#[derive(Clone, Debug)]
pub struct Label {
    /// What it is, a word.
    pub kind: &'static str,
    /// ATT&CK technique.
    pub technique: &'static str,
    /// Who does it.
    pub source: String,
    /// To whom; empty where to many.
    pub target: String,
    /// From when, in nanoseconds since the epoch.
    pub from: i64,
    /// Until when.
    pub to: i64,
    /// A sentence about it.
    pub about: String,
}

/// The labels as JSON. Texts are our own and need no escapes but quotes.
pub fn to_json(labels: &[Label]) -> String {
    let mut out = String::from("[\n");
    for (i, l) in labels.iter().enumerate() {
        let seconds =
            |nanos: i64| format!("{}.{:06}", nanos / 1_000_000_000, nanos / 1000 % 1_000_000);
        let _ = write!(
            out,
            "  {{\"kind\": \"{}\", \"technique\": \"{}\", \"source\": \"{}\", \"target\": \"{}\", \"from\": {}, \"to\": {}, \"about\": \"{}\"}}",
            l.kind,
            l.technique,
            l.source,
            l.target,
            seconds(l.from),
            seconds(l.to),
            l.about.replace('"', "\\\"")
        );
        out.push_str(if i + 1 == labels.len() { "\n" } else { ",\n" });
    }
    out.push_str("]\n");
    out
}
