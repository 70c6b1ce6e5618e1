//! Fuzzing on the stable compiler: a mutator, a corpus, the targets of every room, and a loop that
//! feeds the one to the other, guided by the compiler's own coverage counters where the build has
//! them.
//!
//! Targets are plain functions of bytes, listed beside the parsers they try; [`ROOMS`] collects the
//! lists, for the runner (`src/main.rs`), for the test that keeps old findings fixed, and for
//! cargo-fuzz (`libfuzzer/`).

// A fuzzer owns clocks and reads the environment; the lint guards the data path.
#![allow(clippy::disallowed_methods)]

pub mod corpus;
pub mod coverage;
pub mod mutate;
mod targets;

pub use targets::{ROOMS, Target, find, names};
