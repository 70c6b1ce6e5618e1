//! Stateless decoding: from the bytes of a frame to the packet a flow wants, and the anomalies
//! met on the way.
//!
//! One frame may carry packets in packets (tunnels) and pieces of packets (fragments), so decoding
//! is a short loop that its caller drives, and that can be entered again at any IP header:
//!
//! ```text
//! let mut frame = decoder.frame(link, bytes, wire_len, &mut notes);  // link layers → Net
//! while let Some(packet) = decoder.packet(&frame, &mut notes) {      // network + transport
//!     if packet.fragment.is_some() { /* defragment, then `reassembled` on the whole */ }
//!     if packet.tracked { /* the flow of this packet */ }
//!     let Some(inner) = decoder.inner(&packet, &mut notes) else { break };  // a tunnel's load
//!     frame = inner.frame;
//! }
//! /* then decoder.next(&frame, &mut notes) for the rest of an 802.11 aggregate */
//! ```
//!
//! Programs differ in what they accept. A [`Dialect`] chooses whose reading is followed; every
//! deviation is a [`Note`], and [`NoteKind::info`] knows who says what of it.
//!
//! **Invariants:** nothing here allocates per packet, keeps state between packets, reads a clock or
//! panics; every deviation becomes a [`Note`] whose kind knows Zeek's and Suricata's names for it.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]
// Headers are read with masks, and a match shows both ways that a header can go.
#![allow(clippy::verbose_bit_mask, clippy::single_match_else)]

pub mod build;
mod checksum;
mod decoder;
#[doc(hidden)]
pub mod fuzz;
mod kinds;
mod link;
mod net;
mod note;
mod packet;
mod transport;
mod tunnel;

pub use decoder::{Checksums, DecodeOptions, Decoder, Dialect, Ports, TunnelPorts};
pub use note::{Note, NoteInfo, NoteKind, Notes, WeirdScope};
pub use packet::*;
