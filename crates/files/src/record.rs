//! What is told of files: one row a file (Zeek's `files`), one event a piece of it in a transaction
//! (EVE's `fileinfo`).

use std::net::IpAddr;

use base::{FileId, Span, Ts, Uid};
use model::{Bytes, Id, Port, Record, SetOf, room};

/// Id of [`FilesRecord`].
pub const FILES: Id = Id::new(room::FILES, 0);
/// Id of [`FileInfoRecord`].
pub const FILEINFO: Id = Id::new(room::FILES, 1);

/// One file and one connection that carried some of it; rows of one file share its id.
#[derive(Record)]
#[record(id = FILES, name = "files", zeek = "files")]
pub struct FilesRecord<'a> {
    /// When its first byte was seen.
    #[record(ecs = "@timestamp", ocsf = "time")]
    pub ts: Ts,
    /// The file's id.
    #[record(ecs = "file.inode", ocsf = "file.uid")]
    pub fuid: FileId,
    /// The connection.
    #[record(ecs = "network.session.id", ocsf = "connection_info.uid")]
    pub uid: Uid,
    /// Originator's address.
    #[record(name = "id.orig_h", zeek = "id.orig_h", ecs = "source.ip", ocsf = "src_endpoint.ip")]
    pub orig_h: IpAddr,
    /// Originator's port.
    #[record(
        name = "id.orig_p",
        zeek = "id.orig_p",
        ecs = "source.port",
        ocsf = "src_endpoint.port"
    )]
    pub orig_p: Port,
    /// Responder's address.
    #[record(
        name = "id.resp_h",
        zeek = "id.resp_h",
        ecs = "destination.ip",
        ocsf = "dst_endpoint.ip"
    )]
    pub resp_h: IpAddr,
    /// Responder's port.
    #[record(
        name = "id.resp_p",
        zeek = "id.resp_p",
        ecs = "destination.port",
        ocsf = "dst_endpoint.port"
    )]
    pub resp_p: Port,
    /// The protocol it came by.
    #[record(ecs = "network.protocol", ocsf = "app_name")]
    pub source: &'static str,
    /// How deep it lay in its source: the number of the request, the nesting of the part.
    pub depth: u32,
    /// What looked at it.
    pub analyzers: SetOf<&'a [&'static str]>,
    /// Type by content, or the type its protocol is sure of.
    #[record(ecs = "file.mime_type", ocsf = "file.mime_type")]
    pub mime_type: Option<&'static str>,
    /// The name its sender gave it.
    #[record(ecs = "file.name", ocsf = "file.name")]
    pub filename: Option<Bytes<'a>>,
    /// From its first byte to its last.
    #[record(ecs = "event.duration", ocsf = "duration")]
    pub duration: Span,
    /// Whether it came from the local network.
    pub local_orig: Option<bool>,
    /// Whether the originator sent it.
    #[record(ocsf = "connection_info.direction_id")]
    pub is_orig: bool,
    /// Bytes that were seen in order.
    #[record(unit = Bytes)]
    pub seen_bytes: u64,
    /// Its size, where the sender said it.
    #[record(unit = Bytes, ecs = "file.size", ocsf = "file.size")]
    pub total_bytes: Option<u64>,
    /// Bytes that were lost or never came.
    #[record(unit = Bytes)]
    pub missing_bytes: u64,
    /// Bytes skipped because too many waited behind them.
    #[record(unit = Bytes)]
    pub overflow_bytes: u64,
    /// Whether nothing came for too long before it was whole.
    pub timedout: bool,
    /// The file it was found in.
    pub parent_fuid: Option<FileId>,
    /// MD5 of all its bytes.
    #[record(ecs = "file.hash.md5", ocsf = "file.hashes")]
    pub md5: Option<&'a str>,
    /// SHA-1 of all its bytes.
    #[record(ecs = "file.hash.sha1", ocsf = "file.hashes")]
    pub sha1: Option<&'a str>,
    /// SHA-256 of all its bytes.
    #[record(ecs = "file.hash.sha256", ocsf = "file.hashes")]
    pub sha256: Option<&'a str>,
    /// Name of the file it was extracted to.
    #[record(ecs = "file.path", ocsf = "file.path")]
    pub extracted: Option<&'a str>,
    /// Whether a limit cut the extraction short.
    pub extracted_cutoff: Option<bool>,
    /// Bytes that were extracted.
    #[record(unit = Bytes)]
    pub extracted_size: Option<u64>,
    /// The type the sender claimed.
    #[record(zeek = "")]
    pub claimed_mime: Option<Bytes<'a>>,
}

/// A file, or a range of one, as one transaction carried it.
#[derive(Record)]
#[record(id = FILEINFO, name = "fileinfo", eve = "fileinfo")]
pub struct FileInfoRecord<'a> {
    /// The file went from the responder to the originator.
    #[record(eve = "@reversed")]
    pub reversed: bool,
    /// The application protocol.
    #[record(eve = "app_proto", ecs = "network.protocol")]
    pub app_proto: Option<&'static str>,
    /// Its name: the last part of the path, or what the sender called it.
    #[record(eve = "fileinfo.filename", ecs = "file.name", ocsf = "file.name")]
    pub filename: Option<Bytes<'a>>,
    /// Whether bytes of it were lost.
    #[record(eve = "fileinfo.gaps")]
    pub gaps: bool,
    /// `CLOSED`: seen to its end without a loss; `TRUNCATED`: not.
    #[record(eve = "fileinfo.state")]
    pub state: &'static str,
    /// MD5.
    #[record(eve = "fileinfo.md5", ecs = "file.hash.md5", ocsf = "file.hashes")]
    pub md5: Option<&'a str>,
    /// SHA-1.
    #[record(eve = "fileinfo.sha1", ecs = "file.hash.sha1", ocsf = "file.hashes")]
    pub sha1: Option<&'a str>,
    /// SHA-256.
    #[record(eve = "fileinfo.sha256", ecs = "file.hash.sha256", ocsf = "file.hashes")]
    pub sha256: Option<&'a str>,
    /// Whether it was extracted.
    #[record(eve = "fileinfo.stored")]
    pub stored: bool,
    /// Bytes, lost ones included.
    #[record(eve = "fileinfo.size", unit = Bytes, ecs = "file.size", ocsf = "file.size")]
    pub size: u64,
    /// Offset of the first byte of a range.
    #[record(eve = "fileinfo.start", unit = Bytes)]
    pub start: Option<u64>,
    /// Offset of the last byte of a range.
    #[record(eve = "fileinfo.end", unit = Bytes)]
    pub end: Option<u64>,
    /// The transaction in the flow.
    #[record(eve = "fileinfo.tx_id")]
    pub tx_id: u64,
}
