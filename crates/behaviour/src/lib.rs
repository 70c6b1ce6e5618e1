//! Behaviour that deviates from what is normal, told as alerts that explain themselves.
//!
//! Detectors read records (by schema, so it doesn't matter who made them) and the ends of flows.
//! Each keeps bounded state that can be merged with that of another shard, and whose verdict does
//! not depend on the order of what it saw: the same alerts come out for any number of shards.
//!
//! - [`scan`]: address and port scans (threshold random walk);
//! - [`secrets`]: passwords that cross the network in the clear;
//! - [`disguise`]: executable content under an innocent name or type.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod columns;
pub mod disguise;
pub mod scan;
pub mod secrets;

pub use columns::Columns;
pub use disguise::Disguise;
pub use scan::{FlowEnd, Outcome, Scans};
pub use secrets::Secrets;
