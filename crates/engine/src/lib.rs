//! The engine: puts the rooms together and runs them over an input.
//!
//! [`read`] takes captures through decoding, flows and protocols to records, anomalies and alerts,
//! in one shard (*inline*, the default) or several (*sharded*); see DESIGN rule 6. Reading and
//! decompression run beside the shards, writing runs on a thread of its own.

#![deny(clippy::indexing_slicing, clippy::unwrap_used)]

// The record derive writes `::watchpost_model::…`.
extern crate model as watchpost_model;

mod alert;
#[doc(hidden)]
pub mod fuzz;
mod once;
pub mod output;
mod read;
mod senders;
mod shard;
mod sinks;
pub mod tally;
pub mod weird;

pub use alert::alert_json;
pub use output::Outputs;
pub use read::{ReadError, ReadOptions, Report, Tell, read, read_from, schemas};
