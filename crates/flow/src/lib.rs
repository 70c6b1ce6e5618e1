//! Flows: defragmentation, the flow table, TCP reassembly, expiry, the shard key.
//!
//! Knows application protocols only by [`StreamConsumer`].

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod consumer;

pub use consumer::StreamConsumer;
