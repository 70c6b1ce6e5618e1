//! Files seen in traffic, as protocols announce them and the files room answers.

use base::{Dir, FileId, Ts};

/// Which digests are wanted of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// MD5.
    pub md5: bool,
    /// SHA-1.
    pub sha1: bool,
    /// SHA-256.
    pub sha256: bool,
}

/// What a protocol knows of a file when it begins.
#[derive(Clone, Copy, Debug)]
pub struct FileMeta<'a> {
    /// Its id: derived from flow, transaction, direction and part ([`FileId::derive`]), or from the
    /// resource where pieces of one file come in several transactions (HTTP ranges).
    pub id: FileId,
    /// The protocol it came by as Zeek's `source` says it (`HTTP`, `SSL`).
    pub source: &'static str,
    /// The transaction it belongs to.
    pub tx: u64,
    /// Which way it goes.
    pub dir: Dir,
    /// Nesting of the part it came in (Zeek's `depth`).
    pub depth: u32,
    /// The name the sender gave it.
    pub filename: Option<&'a [u8]>,
    /// The name as Suricata tells it (for HTTP the path or the disposition name). Without one,
    /// EVE sinks are told nothing of the file.
    pub eve_filename: Option<&'a [u8]>,
    /// The type the sender claims.
    pub claimed_mime: Option<&'a [u8]>,
    /// The type the protocol is sure of (a certificate in a TLS handshake): content is not asked.
    pub known_mime: Option<&'static str>,
    /// Its size if the sender says it.
    pub total_bytes: Option<u64>,
    /// Offset of the first byte that will come in this piece (ranges).
    pub offset: u64,
    /// Whether people are told of it by a record of the files table (parts of no interest are not).
    pub told: bool,
}

/// What happens to a file. A step with bytes means the piece that the same flow opened last under
/// that id.
#[derive(Clone, Copy, Debug)]
pub enum FileStep<'a> {
    /// It begins, or a further piece of it.
    Open(FileMeta<'a>),
    /// Its next bytes in order from where the piece stands.
    Data(FileId, &'a [u8]),
    /// Bytes of it that were lost.
    Gap(FileId, u64),
    /// The piece ends. `complete`: the protocol saw its proper end.
    Close(FileId, bool),
    /// The piece ends, and further pieces of the file may come by other transactions or connections
    /// (HTTP 206): the file stays open until it is whole or nothing has come for a while. The flag
    /// as in [`Self::Close`].
    EndPiece(FileId, bool),
}

/// What the files room knows of a file by now.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Its id.
    pub id: FileId,
    /// When its first byte was seen.
    pub first: Ts,
    /// Type by content, once known.
    pub mime: Option<&'static str>,
    /// The name the sender gave it.
    pub filename: Option<Box<[u8]>>,
    /// Bytes seen.
    pub seen: u64,
    /// Size if known.
    pub total: Option<u64>,
    /// Bytes missed.
    pub missing: u64,
}
