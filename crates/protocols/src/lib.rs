//! Application protocols: one folder each, and the layer that finds out which one a flow speaks.
//!
//! A folder holds all that is known of its protocol: `parser.rs` (bytes to messages, no state),
//! `transaction.rs` and `analyzer.rs` (state of a connection), `record.rs` (what is told),
//! `events.rs` (what scripts may handle), `keywords.rs` (buffers that rules may inspect). To add a
//! protocol is to add a folder and one line in the registry below.
//!
//! **Invariants:** parsers do no I/O, allocate nothing and cannot panic; an analyzer's results do
//! not depend on how its stream was cut into segments; everything kept per flow has a bound.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

// The record derive writes `::watchpost_model::…`.
extern crate model as watchpost_model;

mod analyzer;
mod anomalies;
mod app_layer;
pub mod conn;
pub mod dhcp;
pub mod dns;
pub mod fuzz;
pub mod http;
mod lines;
pub mod ntp;
pub mod ssh;
#[cfg(test)]
mod testing;
pub mod tls;
pub mod x509;

pub use analyzer::{Analyzer, Head, Transport, Verdict};
pub use app_layer::AppLayer;
pub use lines::{LineSet, Lines};

/// What looks into files for the sake of a protocol.
pub fn file_analyzers() -> Vec<Box<dyn files::FileAnalyzer>> {
    vec![Box::new(x509::OcspAnalyzer)]
}

app_layer::registry! {
    // variant = room number, folder, Suricata's app_proto, likely ports (TCP), likely ports (UDP)
    Dns = 16, dns, "dns", [53], [53, 137, 5353, 5355];
    Ssh = 19, ssh, "ssh", [22], [];
    Ntp = 17, ntp, "ntp", [], [123];
    Dhcp = 18, dhcp, "dhcp", [], [67, 68, 4011];
    Http = 24, http, "http", [80, 81, 631, 1080, 3128, 8000, 8080, 8888], [];
    Tls = 20, tls, "tls", [443, 465, 563, 585, 614, 636, 989, 990, 992, 993, 995, 5223], [443];
}
