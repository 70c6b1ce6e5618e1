//! Capture files: reading, merging, writing; filter expressions over packets.
//!
//! ```text
//! let mut sources = Sources::open(&paths, Options::default())?;
//! let mut batch = Batch::new();
//! while sources.next_batch(&mut batch) {
//!     for packet in &batch { /* packet.ts, packet.link, packet.data */ }
//! }
//! for trouble in sources.troubles() { /* what was damaged, where, what was done about it */ }
//! ```
//!
//! **Invariants:** damage in a file never ends the rest of the input and is always told; no packet
//! of a plain file is copied on its way from the read system call into a batch; nothing is
//! allocated per packet; everything that a file may make grow has a bound.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod error;
mod filter;
#[doc(hidden)]
pub mod fuzz;
mod input;
mod notes;
mod packet;
mod pcap;
mod pcapng;
mod progress;
mod reader;
mod sources;
mod unpack;
mod write;

pub use error::{CaptureError, Damage, Remedy, Trouble};
pub use filter::{Code, Diagnostic, Filter};
pub use notes::{Comment, HostName, Interface, Secret, SecretKind};
pub use packet::{Batch, Iter, PacketRef};
pub use progress::Progress;
pub use sources::{Options, Sources};
pub use write::{Group, Index, PcapWriter, PcapngWriter, WriteError};
