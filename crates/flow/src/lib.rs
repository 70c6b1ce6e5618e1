//! Flows: defragmentation, the flow table, TCP reassembly, expiry, the shard key.
//!
//! Knows application protocols only by [`StreamConsumer`].
//!
//! - [`FlowTable`]: which packets belong together; [`FlowSummary`] is what is told of a flow that is
//!   over.
//! - [`tcp`]: the two readings of a TCP connection that records are made of.
//! - [`Half`]: one direction of a stream, from segments in any order to bytes in order.
//! - [`shard_hash`]: which shard a packet goes to.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod consumer;
mod defrag;
mod flow;
pub mod fuzz;
mod key;
mod ports;
mod reassembly;
mod step;
mod summary;
mod table;
pub mod tcp;
pub mod weird;

pub use consumer::StreamConsumer;
pub use defrag::{DefragCounters, Defragmenter};
pub use key::{
    FlowKey, Place, Tuple, counterpart, is_icmp_error, pair_hash, proto, shard_hash, tunnel_id,
};
pub use reassembly::{Buffers, Half, Inserted, Passed, Piece, Reading};
pub use summary::{EndReason, FlowSummary, TcpSummary, Volume};
pub use table::{Advance, Around, Arrival, FlowTable, TableCounters};
