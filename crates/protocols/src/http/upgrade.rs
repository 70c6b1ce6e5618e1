//! The way from HTTP into WebSocket: whether the server proves that it understood the client.
//!
//! The server answers the client's key with the digest of it and a fixed text. Source: RFC 6455,
//! section 4.2.2.

use model::Cx;
use sha1::{Digest, Sha1};

use super::anomalies as a;
use super::transaction::HttpTransaction;

/// What is hashed after the client's key.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The answer to a client's key, in base64.
fn accept(key: &[u8]) -> [u8; 28] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(MAGIC);
    let digest = hash.finalize();
    let mut text = [b'='; 28];
    // Twenty bytes: six groups of three, and one of two that is padded.
    for (group, out) in digest.chunks(3).zip(text.chunks_mut(4)) {
        let bits = match group {
            [a, b, c] => u32::from_be_bytes([0, *a, *b, *c]),
            [a, b] => u32::from_be_bytes([0, *a, *b, 0]),
            _ => 0,
        };
        let digits = group.len().saturating_add(1);
        for (i, slot) in out.iter_mut().enumerate().take(digits) {
            let shift = 18u32.saturating_sub((i as u32).saturating_mul(6));
            *slot = DIGITS.get((bits >> shift & 63) as usize).copied().unwrap_or(b'=');
        }
    }
    text
}

/// Names what is wrong with an upgrade to WebSocket.
pub(crate) fn judge(cx: &mut Cx<'_>, tx: &HttpTransaction) {
    let wanted = tx.response.last_header(b"upgrade").unwrap_or_default();
    if !wanted.eq_ignore_ascii_case(b"websocket") {
        return;
    }
    let key = tx.request.last_header(b"sec-websocket-key");
    let found = tx.response.last_header(b"sec-websocket-accept");
    if key.is_none() {
        cx.anomaly(&a::WEBSOCKET_MISSING_KEY);
    }
    if found.is_none() {
        cx.anomaly(&a::WEBSOCKET_MISSING_ACCEPT);
    }
    let (Some(key), Some(found)) = (key, found) else { return };
    let expected = accept(key);
    if found != expected {
        let mut detail = b"expected=".to_vec();
        detail.extend_from_slice(&expected);
        detail.extend_from_slice(b", found=");
        detail.extend_from_slice(found);
        cx.anomaly_with(&a::WEBSOCKET_WRONG_ACCEPT, &detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_standard() {
        // The example of RFC 6455, 1.3.
        assert_eq!(&accept(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
