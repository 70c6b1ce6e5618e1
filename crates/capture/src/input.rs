//! The bytes of one input: a file, a pipe or standard input, unpacked where it is compressed.
//!
//! Compression is known by its magic, never by the file's name; see [`crate::unpack`].

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{CaptureError, Damage};
use crate::unpack::{Beside, CHUNK, Packing, Trailing, Unpacker};

/// Enough to know any format, and no more than the shortest capture has: reading more would wait
/// on an idle pipe.
const HEAD: usize = 24;

/// How the bytes of an input are obtained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// Unpack on a thread of its own.
    pub(crate) thread: bool,
    /// Close plain files between reads (many files at once).
    pub(crate) reopen: bool,
}

/// One opened input and the first of its (unpacked) bytes.
pub(crate) struct Input {
    source: Source,
    /// Bytes of the file itself that were read so far.
    read: Arc<AtomicU64>,
    /// Size of the file, where it is one.
    pub(crate) total: Option<u64>,
    /// The first bytes, at most [`HEAD`] of them.
    pub(crate) head: Vec<u8>,
    /// Unpacked on a thread of its own.
    pub(crate) has_thread: bool,
}

enum Source {
    File(File),
    Closed { path: PathBuf, at: u64 },
    Stream(Box<dyn Read + Send>),
}

/// Why there are no more bytes.
pub(crate) enum Stop {
    /// The input ended as it should.
    End,
    /// It ended by damage.
    Broken(Damage),
}

impl Input {
    /// Opens `path`; `-` is standard input.
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self, CaptureError> {
        let unreadable = |source| CaptureError::Unreadable { path: path.to_path_buf(), source };
        if path.as_os_str() == "-" {
            return Self::from_stream(path, Box::new(io::stdin()), None, access);
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if about.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        if !about.is_file() {
            return Self::from_stream(path, Box::new(file), None, access);
        }
        let mut head = Vec::new();
        fill(&mut file, &mut head).map_err(unreadable)?;
        if head.is_empty() {
            return Err(CaptureError::Empty { path: path.to_path_buf() });
        }
        if Packing::of(&head).is_some() {
            let whole = io::Cursor::new(head).chain(file);
            return Self::from_stream(path, Box::new(whole), Some(about.len()), access);
        }
        let at = head.len() as u64;
        let source = if access.reopen {
            Source::Closed { path: path.to_path_buf(), at }
        } else {
            Source::File(file)
        };
        let read = Arc::new(AtomicU64::new(at));
        Ok(Self { source, read, total: Some(about.len()), head, has_thread: false })
    }

    /// Reads from a stream that can't be sought, unpacking it where it is compressed.
    pub(crate) fn from_stream(
        path: &Path,
        mut stream: Box<dyn Read + Send>,
        total: Option<u64>,
        access: Access,
    ) -> Result<Self, CaptureError> {
        let mut head = Vec::new();
        fill(&mut stream, &mut head)
            .map_err(|source| CaptureError::Unreadable { path: path.to_path_buf(), source })?;
        if head.is_empty() {
            return Err(CaptureError::Empty { path: path.to_path_buf() });
        }
        let read = Arc::new(AtomicU64::new(head.len() as u64));
        let counted = Counted { inner: stream, read: Arc::clone(&read) };
        let Some(packing) = Packing::of(&head) else {
            return Ok(Self {
                source: Source::Stream(Box::new(counted)),
                read,
                total,
                head,
                has_thread: false,
            });
        };
        let undecodable = |message: String| CaptureError::Undecodable {
            path: path.to_path_buf(),
            method: packing.name(),
            message,
        };
        let packed = BufReader::with_capacity(CHUNK, io::Cursor::new(head).chain(counted));
        let unpacker = Unpacker::new(packing, packed).map_err(|e| undecodable(e.to_string()))?;
        let mut plain: Box<dyn Read + Send> = Box::new(unpacker);
        if access.thread {
            plain = Box::new(Beside::start(plain).map_err(|e| undecodable(e.to_string()))?);
        }
        let mut head = Vec::new();
        fill(&mut plain, &mut head).map_err(|e| undecodable(e.to_string()))?;
        if head.is_empty() {
            return Err(CaptureError::Empty { path: path.to_path_buf() });
        }
        Ok(Self { source: Source::Stream(plain), read, total, head, has_thread: access.thread })
    }

    /// Bytes of the file itself that were read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Reads once into `buf`, which is not empty.
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> Result<usize, Stop> {
        loop {
            let got = match &mut self.source {
                Source::File(file) => file.read(buf),
                Source::Stream(stream) => stream.read(buf),
                Source::Closed { path, at } => read_at(path, *at, buf),
            };
            match got {
                Ok(0) => return Err(Stop::End),
                Ok(n) => {
                    match &mut self.source {
                        Source::Stream(_) => {}
                        Source::File(_) => {
                            self.read.fetch_add(n as u64, Ordering::Relaxed);
                        }
                        Source::Closed { at, .. } => {
                            *at = at.saturating_add(n as u64);
                            self.read.fetch_add(n as u64, Ordering::Relaxed);
                        }
                    }
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Stop::Broken(damage(&e))),
            }
        }
    }
}

fn read_at(path: &Path, at: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at))?;
    file.read(buf)
}

/// What an error of reading means: the system's own, or that of a decompressor.
fn damage(e: &io::Error) -> Damage {
    if e.get_ref().and_then(|inner| inner.downcast_ref::<Trailing>()).is_some() {
        return Damage::TrailingBytes;
    }
    if e.raw_os_error().is_some() {
        return Damage::Unreadable(e.to_string());
    }
    Damage::Undecodable(e.to_string())
}

/// Reads until there are [`HEAD`] bytes or no more. An error after the first bytes is left for the
/// next read to find again.
fn fill(from: &mut impl Read, head: &mut Vec<u8>) -> io::Result<()> {
    head.resize(HEAD, 0);
    let mut have = 0usize;
    while let Some(rest) = head.get_mut(have..).filter(|r| !r.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(n) => have = have.saturating_add(n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if have == 0 => return Err(e),
            Err(_) => break,
        }
    }
    head.truncate(have);
    Ok(())
}

struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// What a file that is no capture looks like, for the message.
pub(crate) fn guess(head: &[u8]) -> &'static str {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a ZIP archive (unpack it first)"),
        (b"BZh", "bzip2 data (unpack it first)"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
        (b"Rar!\x1a\x07", "a RAR archive (unpack it first)"),
        (b"\x04\x22\x4d\x18", "LZ4 data (unpack it first)"),
        (b"\x1f\x8b", "gzip within gzip (unpack it once first)"),
        (b"\x28\xb5\x2f\xfd", "Zstandard data within compressed data (unpack it once first)"),
        (b"\xfd7zXZ\0", "xz data within compressed data (unpack it once first)"),
        (b"snoop\0\0\0", "a Solaris snoop capture (convert it: editcap -F pcapng)"),
        (b"GMBU", "a Microsoft Network Monitor capture (convert it: editcap -F pcapng)"),
        (b"RTSS", "a Microsoft Network Monitor 1 capture (convert it: editcap -F pcapng)"),
        (b"TRSNIFF data", "a Sniffer capture (convert it: editcap -F pcapng)"),
        (b"XCP\0", "a NetXray capture (convert it: editcap -F pcapng)"),
        (b"iptrace ", "an AIX iptrace capture (convert it: editcap -F pcapng)"),
        (b"btsnoop\0", "a Bluetooth snoop capture (convert it: editcap -F pcapng)"),
        (b"ElfFile\0", "a Windows event log (EVTX)"),
        (b"#separator", "a Zeek log"),
        (b"%PDF", "a PDF document"),
        (b"\x7fELF", "an ELF program"),
        (b"MZ", "a Windows program"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"{", "JSON text"),
        (b"<", "markup text"),
    ];
    for (magic, name) in KNOWN {
        if head.starts_with(magic) {
            return name;
        }
    }
    let printable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    if head.iter().all(printable) { "text" } else { "unknown binary data" }
}
