//! The Domain Name System (RFC 1035) over UDP and TCP, multicast DNS (RFC 6762), LLMNR
//! (RFC 4795) and the NetBIOS name service (RFC 1002), which all speak the same messages.

mod analyzer;
pub mod anomalies;
pub mod events;
pub mod keywords;
pub mod local;
mod names;
pub mod parser;
pub mod rdata;
pub mod record;
#[cfg(test)]
mod tests;
mod text;
mod transaction;

pub(crate) use analyzer::fuzz_message;
pub use analyzer::{Shared, State};
pub use transaction::{DnsTransaction, Exchange, Message};
