//! Executable content under an innocent name or type.
//!
//! Content decides what a file is; the name and the type that the sender gave are claims. A program
//! that claims to be a picture, a document or text is told.

use base::{Ts, Uid};
use model::{Alert, Evidence, FlowFacts, Row, Severity};

use crate::columns::{Columns, text};

/// Alerts kept at most; further ones are counted.
const ALERTS_MOST: usize = 10_000;

/// Types by content that run.
const EXECUTABLE: [(&str, &str); 8] = [
    ("application/x-dosexec", "a Windows program"),
    ("application/x-executable", "a program"),
    ("application/x-elf", "a Linux program"),
    ("application/x-sharedlib", "a shared library"),
    ("application/x-mach-o-executable", "a macOS program"),
    ("application/x-msdownload", "a Windows program"),
    ("application/java-archive", "a Java program"),
    ("application/vnd.microsoft.portable-executable", "a Windows program"),
];

/// Name endings that do not run when opened.
const INNOCENT_ENDINGS: [&str; 26] = [
    "jpg", "jpeg", "png", "gif", "bmp", "ico", "svg", "webp", "txt", "log", "csv", "pdf", "doc",
    "docx", "xls", "xlsx", "ppt", "pptx", "htm", "html", "css", "json", "xml", "mp3", "mp4", "dat",
];

/// Beginnings of claimed types that do not run.
const INNOCENT_TYPES: [&str; 8] = [
    "image/",
    "text/",
    "audio/",
    "video/",
    "font/",
    "application/pdf",
    "application/json",
    "application/xml",
];

/// Finds disguised programs.
#[derive(Debug, Default)]
pub struct Disguise {
    alerts: Vec<(Ts, Uid, Alert)>,
    more: u64,
}

impl Disguise {
    /// Columns that [`Disguise::record`] reads, of the files table.
    pub const COLUMNS: [&'static str; 6] =
        ["mime_type", "filename", "claimed_mime", "sha256", "fuid", "is_orig"];

    /// Takes in a row of the files table.
    pub fn record(&mut self, columns: &Columns<6>, row: &Row<'_>, flow: &FlowFacts) {
        let [mime, name, claimed, sha256, fuid, is_orig] = columns.read(row);
        let Some(mime) = text(mime) else { return };
        let Some((_, what)) = EXECUTABLE.iter().find(|(m, _)| m.as_bytes() == mime) else { return };
        let name = text(name).unwrap_or_default();
        let claimed = text(claimed).unwrap_or_default();
        let ending = name.rsplit(|b| *b == b'.').next().filter(|e| e.len() < name.len());
        let by_name = ending
            .filter(|e| INNOCENT_ENDINGS.iter().any(|i| e.eq_ignore_ascii_case(i.as_bytes())));
        let by_type = INNOCENT_TYPES
            .iter()
            .any(|t| claimed.get(..t.len()).is_some_and(|c| c.eq_ignore_ascii_case(t.as_bytes())));
        if by_name.is_none() && !by_type {
            return;
        }
        if self.alerts.len() >= ALERTS_MOST {
            self.more = self.more.saturating_add(1);
            return;
        }
        let mut evidence = vec![Evidence {
            what: "type by content",
            value: String::from_utf8_lossy(mime).into_owned(),
        }];
        for (label, value) in [("name", name), ("claimed type", claimed)] {
            if !value.is_empty() {
                let value =
                    String::from_utf8_lossy(value.get(..value.len().min(256)).unwrap_or_default());
                evidence.push(Evidence { what: label, value: value.into_owned() });
            }
        }
        if let Some(hash) = text(sha256) {
            evidence.push(Evidence {
                what: "SHA-256",
                value: String::from_utf8_lossy(hash).into_owned(),
            });
        }
        if let model::Field::File(id) = fuid {
            evidence.push(Evidence { what: "file", value: id.to_string() });
        }
        let uploaded = matches!(is_orig, model::Field::Bool(true));
        let (from, to) = if uploaded { (flow.orig, flow.resp) } else { (flow.resp, flow.orig) };
        let claim = if by_name.is_some() {
            format!("named {:?}", String::from_utf8_lossy(name))
        } else {
            format!("declared as {}", String::from_utf8_lossy(claimed))
        };
        let alert = Alert {
            ts: flow.now,
            rule: "files.disguised_executable",
            title: format!("{what} {claim} went from {} to {}", from.addr, to.addr),
            severity: Severity::High,
            source: from.addr,
            target: Some(to.addr),
            target_port: Some(to.port),
            source_port: Some(from.port),
            proto: flow.proto,
            uids: vec![flow.uid],
            flows_total: 1,
            evidence,
            why_now: "the content of the file contradicts the name or type it was sent under"
                .into(),
            technique: "T1036.008",
            tactic: "Defense Evasion",
            next: "Look the hash up, find out which process on the receiving host asked for it, and \
                   whether it ran. Isolate the host if it did.",
            explains: "A file whose content is a program was sent under the name or type of \
                       something that does not run.",
        };
        self.alerts.push((flow.now, flow.uid, alert));
    }

    /// Takes in what another shard saw.
    pub fn merge(&mut self, other: Self) {
        self.more = self.more.saturating_add(other.more);
        self.alerts.extend(other.alerts);
    }

    /// The alerts, ordered by time.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut out = self.alerts.clone();
        out.sort_by(|a, b| (a.0, a.1, &a.2.title).cmp(&(b.0, b.1, &b.2.title)));
        out.into_iter().map(|(_, _, a)| a).collect()
    }
}
