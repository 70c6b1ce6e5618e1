//! The Network Time Protocol, versions 1 to 4 (RFC 5905 and what came before), with its control
//! (mode 6, RFC 1119 and 9327) and private (mode 7, as the reference implementation has it)
//! messages.

mod analyzer;
pub mod anomalies;
pub mod events;
pub mod keywords;
pub mod parser;
pub mod record;
#[cfg(test)]
mod tests;
mod transaction;

pub use analyzer::State;
pub use transaction::NtpTransaction;
