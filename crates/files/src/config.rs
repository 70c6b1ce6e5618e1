//! What the files room is told to do, and what it counts.

use std::net::IpAddr;

use base::Span;
use matching::magic::Catalogue;
use model::{Hashes, Profile};

use crate::Extractor;

/// How files are handled in a run.
#[derive(Clone, Debug)]
pub struct FilesConfig {
    /// Which formats are told apart.
    pub catalogue: Catalogue,
    /// Digests of every file.
    pub hashes: Hashes,
    /// A file of which nothing comes for so long ends.
    pub timeout: Span,
    /// Bytes of one file that may wait for those before them. When they are more, what is missing is
    /// given up.
    pub ahead_bytes: usize,
    /// The same for all files together.
    pub ahead_bytes_all: usize,
    /// Files open at once. When there are more, the ranged file that waits longest is ended; if
    /// none waits, the new file is not followed.
    pub files: usize,
    /// Whether an address belongs to the local network.
    pub is_local: fn(IpAddr) -> bool,
    /// Where files are extracted to.
    pub extract: Option<Extractor>,
    /// Extract every file that the limits allow, not only those that a command names.
    pub extract_all: bool,
}

impl FilesConfig {
    /// What a profile does by itself: Zeek's and Suricata's reading with the digests that their
    /// users turn on, ours with SHA-256.
    pub const fn new(profile: &Profile) -> Self {
        let (zeek, suricata) = (profile.is_zeek(), profile.is_suricata());
        Self {
            catalogue: if zeek { Catalogue::Zeek } else { Catalogue::Full },
            hashes: Hashes { md5: zeek || suricata, sha1: zeek, sha256: true },
            timeout: Span::from_secs(120),
            ahead_bytes: 512 << 10,
            ahead_bytes_all: 64 << 20,
            files: 100_000,
            is_local: private,
            extract: None,
            extract_all: false,
        }
    }
}

/// Addresses that no one else on the Internet has.
fn private(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(a) => a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local(),
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStats {
    /// Files begun.
    pub files: u64,
    /// Files not followed because too many were open.
    pub refused: u64,
    /// Ranged files ended early to make room.
    pub evicted: u64,
    /// Files ended because nothing came.
    pub timed_out: u64,
    /// Times that waiting bytes were too many.
    pub overflows: u64,
    /// Bytes that came again.
    pub duplicate_bytes: u64,
    /// Bytes that came behind a file's end.
    pub surplus_bytes: u64,
    /// Steps of files that nobody opened.
    pub stray: u64,
    /// Bytes waiting now.
    pub held: usize,
    /// Files open now.
    pub open: usize,
    /// Most files open at once.
    pub open_most: usize,
}
