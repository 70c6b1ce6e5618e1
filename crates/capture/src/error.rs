//! What can go wrong with an input, in two weights.
//!
//! A [`CaptureError`] means that a path gives nothing at all. A [`Trouble`] is damage inside an
//! input that otherwise goes on: it says where, what was found, and what was done about it, so
//! that an examiner knows what the figures don't contain.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a path gives no packets at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The path can't be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file has no bytes; even an empty capture has a header.
    #[error("{} is empty (zero bytes), not even a capture without packets", path.display())]
    Empty {
        /// The path.
        path: PathBuf,
    },
    /// The content is something else.
    #[error("{} is not a capture file: it looks like {found}", path.display())]
    NotACapture {
        /// The path.
        path: PathBuf,
        /// What it looks like, and what to do about it where that is known.
        found: &'static str,
    },
    /// The file ends within its own header.
    #[error("{} ends within the header of a {format} file, after {bytes} bytes", path.display())]
    ShortHeader {
        /// The path.
        path: PathBuf,
        /// The format that its first bytes name.
        format: &'static str,
        /// How many bytes there are.
        bytes: u64,
    },
    /// The compressed data around the capture can't be unpacked from its very start.
    #[error("cannot decompress {} ({method}): {message}", path.display())]
    Undecodable {
        /// The path.
        path: PathBuf,
        /// The method its magic names.
        method: &'static str,
        /// What the decompressor said.
        message: String,
    },
    /// A folder holds no capture file.
    #[error("{} holds no capture file", path.display())]
    NoCaptures {
        /// The folder.
        path: PathBuf,
    },
    /// No path was given.
    #[error("no capture file was named")]
    NothingNamed,
}

impl CaptureError {
    /// The path that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Unreadable { path, .. }
            | Self::Empty { path }
            | Self::NotACapture { path, .. }
            | Self::ShortHeader { path, .. }
            | Self::Undecodable { path, .. }
            | Self::NoCaptures { path } => Some(path),
            Self::NothingNamed => None,
        }
    }
}

/// Damage in an input that otherwise goes on.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The file.
    pub file: Arc<Path>,
    /// Where in the file, in bytes (of the unpacked stream, where the file is compressed).
    pub offset: u64,
    /// What was found.
    pub what: Damage,
    /// What was done about it.
    pub done: Remedy,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends within a packet or block.
    #[error("the file ends within a {what}: {have} of {need} bytes are there")]
    Truncated {
        /// The word for what is cut.
        what: &'static str,
        /// Bytes there are.
        have: u64,
        /// Bytes it should have.
        need: u64,
    },
    /// A record header of a pcap file makes no sense.
    #[error("a packet header says {captured} captured bytes of {wire}, which can't be")]
    BadRecord {
        /// Captured length as written.
        captured: u32,
        /// Wire length as written.
        wire: u32,
    },
    /// A stretch of zeros where packets should be, as a crash or a full disk leaves it.
    #[error("a hole of zero bytes stands where packets should be")]
    Hole,
    /// A pcapng block whose lengths make no sense.
    #[error("a block of type {kind:#010x} says a length of {length}, which can't be")]
    BadBlockLength {
        /// Block type as written.
        kind: u32,
        /// Length as written.
        length: u32,
    },
    /// The length at the end of a pcapng block differs from that at its start.
    #[error("a block of type {kind:#010x} says length {head} at its start and {tail} at its end")]
    LengthsDisagree {
        /// Block type.
        kind: u32,
        /// Length at the start.
        head: u32,
        /// Length at the end.
        tail: u32,
    },
    /// A block's body contradicts itself.
    #[error("a block of type {kind:#010x} is malformed: {why}")]
    BadBlock {
        /// Block type.
        kind: u32,
        /// What is wrong in it.
        why: &'static str,
    },
    /// A packet names an interface that the section never described.
    #[error("a packet names interface {iface}, which the file never described")]
    UnknownInterface {
        /// The interface as written.
        iface: u32,
    },
    /// Reading failed.
    #[error("reading failed: {0}")]
    Unreadable(String),
    /// The compressed data is damaged.
    #[error("the compressed data is damaged: {0}")]
    Undecodable(String),
    /// Bytes that are not compressed follow the compressed data.
    #[error("other bytes follow the compressed data")]
    TrailingBytes,
    /// The path gave nothing.
    #[error("{0}")]
    Unusable(String),
    /// There was more of something than is kept.
    #[error("more {0} than are kept")]
    TooMany(&'static str),
}

/// What was done about damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Remedy {
    /// The bytes up to where sense begins again were left out.
    #[error("{bytes} bytes were left out, reading goes on after them")]
    Resumed {
        /// How many.
        bytes: u64,
    },
    /// The thing itself was left out.
    #[error("it was left out")]
    LeftOut,
    /// It was kept as it is, and reading went on at the next header, which lies within it.
    #[error("it was kept, and reading went on at the packet header within it")]
    Reread,
    /// It was taken as its first length says.
    #[error("the first was believed")]
    Believed,
    /// The rest of the file was left out.
    #[error("the rest of the file, {bytes} bytes as far as known, was left out")]
    Ended {
        /// How many bytes, as far as known.
        bytes: u64,
    },
    /// The whole file was left out.
    #[error("the file was left out")]
    Skipped,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: byte {}: {}; {}", self.file.display(), self.offset, self.what, self.done)
    }
}
