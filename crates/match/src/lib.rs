//! Matching: what bytes are. For now the type of a file from its first bytes ([`magic`]); the
//! multi-pattern engine and regular expressions move in with the signature language.
//!
//! Nothing here knows a network, and nothing here trusts the bytes it looks at.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

#[doc(hidden)]
pub mod fuzz;
pub mod magic;
