//! Filter expressions: which packets are wanted, in the language that tcpdump made common.
//!
//! ```text
//! host 10.0.0.1 and tcp port 80
//! not (net 192.168.0.0/16 or vlan 7) and udp portrange 5000-5010
//! tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn
//! ```
//!
//! The grammar is that of pcap-filter(7), with its surprises kept: `and` and `or` bind equally and
//! group from the left, and an address without qualifiers takes those of the one before
//! (`tcp port 80 or 443`). Where a decoded packet says more than fixed offsets can, it is used:
//!
//! - VLAN tags, MPLS labels and PPPoE are seen through: `tcp port 80` finds tagged packets too, and
//!   `vlan 7` changes nothing for what follows it;
//! - `tcp`, `udp`, `proto …` mean the protocol after all IPv6 extension headers, and `tcp[…]` reads
//!   there;
//! - ports are those of a packet, or of the first of its fragments: a test for a port refuses the
//!   others, as it does in tcpdump;
//! - a byte access outside a packet makes its comparison false, and not the whole filter.
//!
//! Names of hosts and networks are not looked up; names of services are those of a short table.
//!
//! **Invariants:** compiling never panics and is bounded in depth and size; a compiled filter
//! evaluates without allocation, recursion or loops backwards.

mod diagnostic;
mod lexer;
mod names;
mod parser;
mod program;

use wire::{Frame, Packet};

pub use diagnostic::{Code, Diagnostic};

use crate::PacketRef;

/// A compiled filter expression.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    program: program::Program,
}

impl Filter {
    /// Compiles an expression. An empty one takes every packet. All mistakes are told, not only
    /// the first.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let program = program::compile(parser::parse(text)?);
        Ok(Self { text: text.to_owned(), program })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a packet is wanted. `packet` is what `frame` carries, where that is IP and could be
    /// decoded; `raw` gives lengths and bytes as captured.
    #[inline]
    pub fn matches(
        &self,
        frame: &Frame<'_>,
        packet: Option<&Packet<'_>>,
        raw: &PacketRef<'_>,
    ) -> bool {
        self.program.run(&program::Subject { frame, packet, raw })
    }
}
