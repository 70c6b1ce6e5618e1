//! HTTP/1.x and HTTP/0.9 (RFC 9110, RFC 9112, RFC 1945).
//!
//! The way of a stream: [`line`] cuts lines out of it, [`parser`] reads them, [`reading`] decides
//! over the headers how the body is framed, `body` undoes encodings ([`inflate`]), takes MIME parts
//! apart ([`multipart`]) and hands every piece to the files room. `analyzer` keeps the state of the
//! two directions and pairs requests with responses; `request` and `response` are its two sides.
//!
//! **Invariants:** no body is held; lines, headers, open transactions and nesting have bounds; how
//! the stream was cut does not show.

mod analyzer;
pub mod anomalies;
mod body;
pub mod events;
mod inflate;
pub mod keywords;
mod line;
pub mod media;
mod message;
mod multipart;
pub mod parser;
mod probe;
mod reading;
pub mod record;
mod request;
mod response;
mod stream;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of small numbers
mod tests;
mod transaction;
mod transfer;
mod upgrade;
pub mod uri;

pub use analyzer::{Shared, State};
pub(crate) use probe::misread;
pub use transaction::{Header, HttpTransaction, Message, Span, step};
