//! Secure Shell: the open part of a connection (RFC 4253; SSH 1 as far as its host key), HASSH
//! fingerprints of both sides, and what the sizes of encrypted packets tell of authentication.

mod analyzer;
pub mod anomalies;
mod auth;
pub mod events;
pub mod keywords;
pub mod parser;
pub mod record;
#[cfg(test)]
mod tests;
mod transaction;

pub use analyzer::State;
pub use transaction::{Hello, SshTransaction};
