//! The Dynamic Host Configuration Protocol (RFC 2131, options of RFC 2132 and later) and BOOTP
//! (RFC 951) under it.

mod analyzer;
pub mod anomalies;
pub mod events;
mod join;
pub mod keywords;
pub mod parser;
pub mod record;
#[cfg(test)]
mod tests;
mod transaction;

pub use analyzer::State;
pub use join::Joins;
pub use transaction::DhcpTransaction;
