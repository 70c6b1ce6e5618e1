//! Generated captures with labels: the intrusion that `watchpost demo` tells, small variants of
//! every protocol for tests and fuzzing, and the mixes that `xtask bench` measures.
//!
//! Everything is made from a seed, so that a capture is never committed and always the same.
//! Nothing here reads untrusted bytes: it writes what is well-formed, and at some places, on
//! purpose, what isn't.
//!
//! Names and addresses are those reserved for documentation (RFC 2606, RFC 5737, RFC 3849) and
//! private ones; malware is a harmless shape of the real thing.

pub mod der;
pub mod dhcp;
pub mod dns;
pub mod http;
mod intrusion;
mod labels;
pub mod mail;
mod mix;
pub mod office;
mod random;
pub mod ssh;
pub mod tape;
mod tcp;
pub mod tls;
mod variants;

pub use intrusion::intrusion;
pub use labels::{Label, to_json};
pub use mix::{Mix, MixKind};
pub use random::Random;
pub use tape::{Host, Tape};
pub use tcp::{Side, Tcp};
pub use variants::variants;

/// A capture with what is true of it.
#[derive(Debug)]
pub struct Sample {
    /// File name without its ending.
    pub name: &'static str,
    /// What is in it, a sentence.
    pub about: &'static str,
    /// The packets.
    pub tape: Tape,
    /// What an analyst should find.
    pub labels: Vec<Label>,
}
