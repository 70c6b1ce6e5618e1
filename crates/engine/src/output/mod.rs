//! Where records go: files of text, written by a thread of their own.
//!
//! A shard formats rows into buffers of its own ([`Streams`]) and hands full buffers to the
//! [`Writer`], which alone touches the disk. Buffers come back to be filled again. A file that
//! cannot be written (a full disk) is told once, its further rows are counted as lost, and
//! everything else goes on.

mod community;
mod streams;
mod writer;

use std::path::PathBuf;

pub use streams::{Lines, Streams};
pub use writer::{FileTrouble, Writer, WriterHandle};

/// What is written, and where.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// EVE JSON lines; `-` is standard output.
    pub eve: Option<PathBuf>,
    /// A folder of Zeek logs as JSON lines.
    pub zeek_json: Option<PathBuf>,
    /// A folder of Zeek logs as tab-separated values.
    pub zeek_tsv: Option<PathBuf>,
}

impl Outputs {
    /// Whether nothing is written.
    pub const fn is_empty(&self) -> bool {
        self.eve.is_none() && self.zeek_json.is_none() && self.zeek_tsv.is_none()
    }
}
