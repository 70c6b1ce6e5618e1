//! The Domain Name System (RFC 1035) over UDP and TCP, multicast DNS (RFC 6762) and LLMNR
//! (RFC 4795).

mod analyzer;
pub mod parser;
pub mod record;
mod transaction;

pub use analyzer::State;
pub use transaction::DnsTransaction;
