//! Files written to a directory, `--extract DIR`.
//!
//! A file is written from the moment its type is known, so that limits by type hold and the name can
//! end as files of the type do. **Invariants.** Nothing is ever written outside the directory or over something that
//! is there: a name is the file's id, the harmless characters of the name its sender gave it, and the
//! type's extension, and is opened only if new. Limits (bytes of a file, bytes in all, number of files,
//! types) are shared by all shards. A disk that is full, or any other failure to write, is told once per cause, counted,
//! and costs only the file it hit; nothing is made executable.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::FileId;
use matching::magic;
use model::FileFacts;

/// What may be extracted.
#[derive(Clone, Debug)]
pub struct ExtractLimits {
    /// Bytes of one file; the rest of it is cut off.
    pub file_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Number of files.
    pub files: u64,
    /// Only files of these classes, if any is named.
    pub classes: Vec<magic::Class>,
    /// Only files of these types, if any is named; `image/*` stands for all of a kind.
    pub types: Vec<String>,
}

impl Default for ExtractLimits {
    fn default() -> Self {
        Self {
            file_bytes: 100 << 20,
            total_bytes: 10 << 30,
            files: 100_000,
            classes: Vec::new(),
            types: Vec::new(),
        }
    }
}

impl ExtractLimits {
    /// Whether files of this type are extracted.
    pub fn allow(&self, mime: Option<&str>) -> bool {
        if self.classes.is_empty() && self.types.is_empty() {
            return true;
        }
        let mime = mime.unwrap_or("application/octet-stream");
        self.classes.contains(&magic::class(mime))
            || self.types.iter().any(|t| match t.strip_suffix('*') {
                Some(prefix) => mime.starts_with(prefix),
                None => t == mime,
            })
    }
}

/// What extraction has done so far, over all shards.
#[derive(Debug, Default)]
pub struct ExtractCounts {
    /// Files that were begun.
    pub files: AtomicU64,
    /// Bytes that were written.
    pub bytes: AtomicU64,
    /// Files that a limit kept out or cut off.
    pub limited: AtomicU64,
    /// Files that could not be written.
    pub failed: AtomicU64,
}

/// The directory that files go to. Cloned into every shard.
#[derive(Clone, Debug)]
pub struct Extractor {
    dir: PathBuf,
    limits: Arc<ExtractLimits>,
    counts: Arc<ExtractCounts>,
}

impl Extractor {
    /// Extracts to `dir`, which is made if it isn't there.
    pub fn new(dir: &Path, limits: ExtractLimits) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        Ok(Self { dir: dir.to_owned(), limits: Arc::new(limits), counts: Arc::default() })
    }
    /// What was done so far.
    pub fn counts(&self) -> &ExtractCounts {
        &self.counts
    }
    /// Whether files of this type are extracted.
    pub(crate) fn allows(&self, mime: Option<&str>) -> bool {
        self.limits.allow(mime)
    }
    /// Begins on a file; `Ok(None)` if a limit forbids.
    pub(crate) fn begin(&self, file: &FileFacts) -> io::Result<Option<Extraction>> {
        if self.counts.files.fetch_add(1, Ordering::Relaxed) >= self.limits.files {
            self.counts.files.fetch_sub(1, Ordering::Relaxed);
            self.counts.limited.fetch_add(1, Ordering::Relaxed);
            return Ok(None);
        }
        let name = safe_name(file.id, file.filename.as_deref(), file.mime);
        let open = |name: &str| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(self.dir.join(name))
        };
        // The same resource may be seen again: a number tells the copies apart.
        const COPIES: u32 = 1000;
        let mut tried = Err(io::ErrorKind::AlreadyExists.into());
        let mut used = name.clone();
        for copy in 1..=COPIES {
            tried = open(&used);
            match &tried {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    used = numbered(&name, copy);
                }
                _ => break,
            }
        }
        match tried {
            Ok(file) => {
                Ok(Some(Extraction { file, name: used, written: 0, cut: false, of: self.clone() }))
            }
            Err(e) => {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                Err(e)
            }
        }
    }
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Extraction {
    file: File,
    name: String,
    written: u64,
    cut: bool,
    of: Extractor,
}

impl Extraction {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }
    /// Whether a limit or a failure ended it early.
    pub(crate) const fn cut(&self) -> bool {
        self.cut
    }
    /// Writes the next bytes as far as limits allow.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.cut || bytes.is_empty() {
            return Ok(());
        }
        let limits = &self.of.limits;
        let own = limits.file_bytes.saturating_sub(self.written);
        let all = limits.total_bytes.saturating_sub(self.of.counts.bytes.load(Ordering::Relaxed));
        let room = usize::try_from(own.min(all)).unwrap_or(usize::MAX);
        let part = bytes.get(..room).unwrap_or(bytes);
        if part.len() < bytes.len() {
            self.cut = true;
            self.of.counts.limited.fetch_add(1, Ordering::Relaxed);
        }
        self.write(part)
    }
    /// Leaves a hole where bytes were lost, so that what follows stands in its place.
    pub(crate) fn gap(&mut self, len: u64) -> io::Result<()> {
        if self.cut {
            return Ok(());
        }
        let room = self.of.limits.file_bytes.saturating_sub(self.written);
        if len > room {
            self.cut = true;
            self.of.counts.limited.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let done = self.file.seek(SeekFrom::Current(len.cast_signed()));
        self.written = self.written.saturating_add(len);
        done.map(drop)
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let done = self.file.write_all(bytes);
        if done.is_ok() {
            self.written = self.written.saturating_add(bytes.len() as u64);
            self.of.counts.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        } else {
            self.cut = true;
            self.of.counts.failed.fetch_add(1, Ordering::Relaxed);
            if self.written == 0 {
                // An empty file tells nobody anything. If it can't be removed, it stays.
                let _ = std::fs::remove_file(self.of.dir.join(&self.name));
            }
        }
        done
    }
}

/// Longest part of a sender's name that is kept.
const NAME_CHARS: usize = 80;

/// The file's id, what is harmless of the name, and the extension of the type.
fn safe_name(id: FileId, name: Option<&[u8]>, mime: Option<&str>) -> String {
    let mut out = id.text().as_str().to_owned();
    let last = name.unwrap_or_default().rsplit(|b| matches!(b, b'/' | b'\\')).next();
    let mut kept = String::new();
    for b in last.unwrap_or_default().iter().take(NAME_CHARS) {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => kept.push(char::from(*b)),
            // No hidden files, no "..".
            b'.' if !kept.is_empty() && !kept.ends_with('.') => kept.push('.'),
            b'.' => {}
            _ if !kept.ends_with('_') => kept.push('_'),
            _ => {}
        }
    }
    let kept = kept.trim_end_matches('.');
    if !kept.is_empty() && kept != "_" {
        out.push('-');
        out.push_str(kept);
    }
    if let Some(usual) = mime.map(magic::extensions).and_then(<[_]>::first) {
        let has = kept.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case(usual));
        if !has {
            out.push('.');
            out.push_str(usual);
        }
    }
    out
}

/// The name of a further copy.
fn numbered(name: &str, copy: u32) -> String {
    match name.split_once(['-', '.']) {
        Some((id, _)) => format!("{id}~{copy}{}", name.get(id.len()..).unwrap_or_default()),
        None => format!("{name}~{copy}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_net_stay_in_the_directory() {
        let id = FileId(1);
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            (b"", None, "F1"),
            (b"../../etc/passwd", None, "F1-passwd"),
            (b"..\\..\\boot.ini", Some("text/ini"), "F1-boot.ini"),
            (b"...", None, "F1"),
            (b".bashrc", None, "F1-bashrc"),
            (b"a b\0c/d\ne.jpg", Some("application/x-dosexec"), "F1-d_e.jpg.exe"),
            (b"x.JPG", Some("image/jpeg"), "F1-x.JPG"),
            ("päper.pdf".as_bytes(), Some("application/pdf"), "F1-p_per.pdf"),
            (b"con..txt", None, "F1-con.txt"),
        ];
        for (name, mime, want) in cases {
            assert_eq!(safe_name(id, Some(name), *mime), *want);
        }
        assert!(safe_name(id, Some(&[b'a'; 5000]), None).len() < 100);
        assert_eq!(numbered("F1-a.txt", 2), "F1~2-a.txt");
    }

    #[test]
    fn types_are_limited_by_class_and_name() {
        let limits = ExtractLimits {
            classes: vec![magic::Class::Executable],
            types: vec!["image/*".into()],
            ..ExtractLimits::default()
        };
        assert!(limits.allow(Some("application/x-dosexec")) && limits.allow(Some("image/png")));
        assert!(!limits.allow(Some("text/html")) && !limits.allow(None));
        assert!(ExtractLimits::default().allow(None));
    }
}
