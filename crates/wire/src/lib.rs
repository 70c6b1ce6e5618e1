//! Stateless decoding: from the bytes of a frame to the packet a flow wants, and the anomalies
//! met on the way.
//!
//! One frame may carry packets in packets (tunnels) and pieces of packets (fragments), so decoding
//! is a short loop that its caller drives, and that can be entered again at any IP header:
//!
//! ```text
//! let frame = decoder.frame(link, bytes, &mut notes);            // link layers → Net
//! let mut next = frame.net;
//! while let Net::Ip(bytes) = next {
//!     let Some(packet) = decoder.ip(bytes, &mut notes) else { break };   // network + transport
//!     if packet.fragment.is_some() { /* defragment, then `ip` again on the whole */ }
//!     /* the flow of this packet */
//!     next = decoder.inner(&packet, &mut notes);                 // what a tunnel carries
//! }
//! ```
//!
//! **Invariants:** nothing here allocates per packet, keeps state between packets, reads a clock or
//! panics; every deviation becomes a [`Note`] whose kind knows Zeek's and Suricata's names for it.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod note;
mod packet;

pub use note::NoteKind;
pub use packet::*;
