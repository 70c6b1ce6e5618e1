//! What scripts may handle of files, in the order in which it happens.

use base::FileId;
use model::{Id, Record, room};

const fn event(local: u8) -> Id {
    Id::new(room::FILES, local)
}

/// A file's first byte, or loss, was seen.
#[derive(Record)]
#[record(id = event(16), name = "file_new", event)]
pub struct FileNew {
    /// The file.
    pub f: FileId,
}

/// A further connection carries a piece of the file (the first too).
#[derive(Record)]
#[record(id = event(17), name = "file_over_new_connection", event)]
pub struct FileOverNewConnection {
    /// The file.
    pub f: FileId,
    /// Whether the originator sends it.
    pub is_orig: bool,
}

/// Its type is settled.
#[derive(Record)]
#[record(id = event(18), name = "file_sniff", event)]
pub struct FileSniff {
    /// The file.
    pub f: FileId,
    /// The type, if it has one.
    pub mime_type: Option<&'static str>,
    /// Whether the type comes from the content.
    pub inferred: bool,
}

/// Bytes of it were lost.
#[derive(Record)]
#[record(id = event(19), name = "file_gap", event)]
pub struct FileGap {
    /// The file.
    pub f: FileId,
    /// Where they would stand.
    pub offset: u64,
    /// How many.
    pub len: u64,
}

/// Too many bytes waited for those before them, which were skipped.
#[derive(Record)]
#[record(id = event(20), name = "file_reassembly_overflow", event)]
pub struct FileReassemblyOverflow {
    /// The file.
    pub f: FileId,
    /// Where they would stand.
    pub offset: u64,
    /// How many were skipped.
    pub skipped: u64,
}

/// Nothing came for too long.
#[derive(Record)]
#[record(id = event(21), name = "file_timeout", event)]
pub struct FileTimeout {
    /// The file.
    pub f: FileId,
}

/// A digest of the whole file.
#[derive(Record)]
#[record(id = event(22), name = "file_hash", event)]
pub struct FileHash<'a> {
    /// The file.
    pub f: FileId,
    /// `md5`, `sha1`, `sha256`.
    pub kind: &'static str,
    /// The digest in hexadecimal digits.
    pub hash: &'a str,
}

/// The file is about to be forgotten.
#[derive(Record)]
#[record(id = event(23), name = "file_state_remove", event)]
pub struct FileStateRemove {
    /// The file.
    pub f: FileId,
}
