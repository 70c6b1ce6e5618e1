//! SSL 2 and 3, TLS 1.0 to 1.3 and DTLS (RFC 8446, 5246, 4346, 2246, 6101, 6347, 9147): the part of
//! a connection that is in clear.
//!
//! A handshake is one transaction. Two readings of it stand side by side, since the programs that
//! people compare us with look away at different moments: `ssl_log` and `eve_log`. Once both have
//! told, the analyzer is done, and encrypted bytes cost nothing.
//!
//! **Invariants:** application data is never copied; a direction holds at most one record and one
//! handshake message; results don't depend on segmentation.

mod analyzer;
pub mod anomalies;
mod certificates;
mod dtls;
mod eve_log;
pub mod events;
pub mod fingerprints;
mod hellos;
pub mod keywords;
pub mod names;
pub mod parser;
mod preamble;
pub mod record;
mod session;
mod ssl_log;
mod sslv2;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod transaction;

pub use analyzer::State;
pub use transaction::TlsTransaction;

/// Reads bytes as each kind of message; for fuzzing.
pub(crate) fn fuzz_messages(data: &[u8]) {
    use parser as p;
    let _ = p::ClientHello::parse(data).map(|h| {
        let mut out = Vec::new();
        fingerprints::ja3_text(&h, &mut out);
        for style in [fingerprints::Ja4Style::Specification, fingerprints::Ja4Style::Suricata] {
            let _ = fingerprints::ja4(&h, b't', style);
        }
        h.extensions.iter().map(|e| p::server_names(e.body).count()).sum::<usize>()
    });
    let _ = p::ServerHello::parse(data).map(|h| fingerprints::ja4s(&h, b't'));
    let _ = p::certificates(data).count();
    let _ = p::certificates13(data).count();
    let _ = p::key_exchange_group(data, true);
    let _ = p::V2ClientHello::parse(data);
    let _ = p::V2ServerHello::parse(data).map(|h| h.cipher());
}
