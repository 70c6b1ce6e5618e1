//! Files seen in traffic: put together from the pieces in which they come, named by their content,
//! digested, told, and extracted if asked.
//!
//! A protocol announces a file and its bytes ([`model::FileStep`]); the shard hands the steps to its
//! [`Files`]. What comes out goes to [`FileSinks`]: a row of [`FilesRecord`] a file, a [`FileInfoRecord`] a piece,
//! events for scripts. Formats look into files by the hook [`FileAnalyzer`].
//!
//! **Invariants.** No byte is held longer than needed: the first 4 KiB until the type is settled, bytes that are ahead
//! of missing ones within bounds, nothing else. In steady state no step allocates: places, buffers and
//! detectors are used again. Nothing of what the net says is trusted as a path.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

// The derive of records writes `::watchpost_model::…`.
extern crate model as watchpost_model;

mod ahead;
mod analyzer;
mod config;
mod digest;
pub mod events;
mod extract;
#[doc(hidden)]
pub mod fuzz;
pub mod pe;
mod record;
mod state;
mod table;

pub use analyzer::{FileAnalysis, FileAnalyzer, FileCx, FileSinks};
pub use config::{FileStats, FilesConfig};
pub use digest::{Digests, Hex};
pub use extract::{ExtractCounts, ExtractLimits, Extractor};
pub use record::{FILEINFO, FILES, FileInfoRecord, FilesRecord};
pub use table::Files;

/// The tables of this crate.
pub const RECORDS: &[&model::RecordSchema] =
    &[&FilesRecord::SCHEMA, &FileInfoRecord::SCHEMA, &pe::PeRecord::SCHEMA];

/// The events of this crate.
pub const EVENTS: &[&model::RecordSchema] = &[
    &events::FileNew::SCHEMA,
    &events::FileOverNewConnection::SCHEMA,
    &events::FileSniff::SCHEMA,
    &events::FileGap::SCHEMA,
    &events::FileReassemblyOverflow::SCHEMA,
    &events::FileTimeout::SCHEMA,
    &events::FileHash::SCHEMA,
    &events::FileStateRemove::SCHEMA,
];

/// The analyzers of this crate.
pub fn analyzers() -> Vec<Box<dyn FileAnalyzer>> {
    vec![Box::new(pe::PeAnalyzer)]
}

#[cfg(test)]
mod tests;
