//! What `ssl.log` makes of a connection: the rules of Zeek's SSL analyzer and scripts.
//!
//! They look at a connection until the first encrypted record after both sides changed their
//! cipher (or sent application data of TLS 1.3), or until something is wrong; then the row is
//! written and nothing later counts. A connection that ends before has its row at its end.

use base::Dir;

use super::parser::{DTLS13, SSL2, SSL3, TLS10, TLS11, TLS12, is_tls13};

/// State of a connection that `ssl.log` has and nobody else needs.
#[derive(Debug, Default)]
pub(super) struct SslLog {
    /// There is something to tell.
    pub(super) seen: bool,
    /// The row is written, or there will be none.
    pub(super) over: bool,
    encrypted: [bool; 2],
    /// The first version that the handshake named; later ones don't change how it is read.
    pub(super) negotiated: u16,
    /// The originator behaves as server.
    pub(super) flipped: bool,
    told_flip: bool,
    /// The next ServerHello letter is that of a HelloRetryRequest.
    pub(super) retry: bool,
    /// The client sent a ticket and no session id.
    ticket: bool,
    /// The client sent a pre-shared key.
    pub(super) offered_key: bool,
    /// The client sent a ClientKeyExchange.
    pub(super) client_key: bool,
    session_id: Option<[u8; 32]>,
}

/// What a hello's direction says of the connection's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// As expected.
    None,
    /// It has turned round.
    Turned,
    /// It has turned round for the second time.
    TurnedBack,
}

impl SslLog {
    /// Whether a direction (as the flow has it) is the client's.
    pub(super) fn is_client(&self, dir: Dir) -> bool {
        (dir == Dir::Orig) != self.flipped
    }
    /// Whether a record of the direction is encrypted; application data before any TLS 1.2 or older
    /// version was negotiated makes it so.
    pub(super) fn encrypted(&mut self, dir: Dir, application: bool) -> bool {
        let old = matches!(self.negotiated, SSL2 | SSL3 | TLS10 | TLS11 | TLS12);
        let e = dir.of_mut(&mut self.encrypted);
        *e |= application && !old;
        *e
    }
    /// Whether both directions are encrypted.
    pub(super) const fn both_encrypted(&self) -> bool {
        matches!(self.encrypted, [true, true])
    }
    /// ChangeCipherSpec in clear; in TLS 1.3 it means nothing.
    pub(super) fn change_cipher(&mut self, dir: Dir) -> bool {
        if !is_tls13(self.negotiated) {
            *dir.of_mut(&mut self.encrypted) = true;
        }
        // A ticket that the server takes without a new key exchange.
        self.is_client(dir) && self.ticket && !self.client_key
    }
    /// SSLv2's master key: both sides encrypt from here.
    pub(super) const fn encrypt_both(&mut self) {
        self.encrypted = [true; 2];
    }
    /// A DTLS 1.3 record came from this direction.
    pub(super) fn unified(&mut self, dir: Dir) {
        *dir.of_mut(&mut self.encrypted) = true;
    }
    /// Names the version once.
    pub(super) const fn negotiate(&mut self, version: u16) {
        if self.negotiated == 0 {
            self.negotiated = version;
        }
    }
    /// Whether DTLS 1.3 was negotiated.
    pub(super) const fn is_dtls13(&self) -> bool {
        self.negotiated == DTLS13
    }
    /// A message that only a client (or only a server) sends came from `dir`.
    pub(super) fn turn(&mut self, from_client: bool, dir: Dir) -> Turn {
        if self.is_client(dir) == from_client {
            return Turn::None;
        }
        self.flipped = !self.flipped;
        if !self.flipped && !self.told_flip {
            self.told_flip = true;
            return Turn::TurnedBack;
        }
        Turn::Turned
    }
    /// The client's session id and ticket.
    pub(super) fn client_session(&mut self, id: &[u8], ticket: bool) {
        self.ticket |= ticket;
        if let Some(id) = padded(id) {
            self.session_id = Some(id);
            self.ticket = false;
        }
    }
    /// Whether the server's session id takes the client's up.
    pub(super) fn resumes(&self, id: &[u8], version: u16) -> bool {
        self.session_id.is_some_and(|s| padded(id) == Some(s)) && !is_tls13(version)
    }
}

/// A session id filled up with zeros; none where there is nothing else or too much.
fn padded(id: &[u8]) -> Option<[u8; 32]> {
    let mut out = [0u8; 32];
    out.get_mut(..id.len())?.copy_from_slice(id);
    (out != [0; 32]).then_some(out)
}

/// The letter of a handshake message; `None` for types that `ssl.log` takes for an error.
pub(super) const fn letter(kind: u8) -> Option<u8> {
    Some(match kind {
        0 => b'h',
        1 => b'c',
        2 => b's',
        3 => b'v',
        4 => b't',
        11 => b'x',
        12 => b'k',
        13 => b'r',
        14 => b'n',
        15 => b'y',
        16 => b'g',
        20 => b'f',
        21 => b'w',
        22 => b'u',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_resumed_by_its_id_but_not_in_tls_1_3() {
        let mut s = SslLog::default();
        s.client_session(&[1, 2, 3], true);
        assert!(s.resumes(&[1, 2, 3], TLS12));
        assert!(!s.resumes(&[1, 2, 3], 0x0304));
        assert!(!s.resumes(&[1, 2], TLS12));
        assert!(!SslLog::default().resumes(&[], TLS12));
    }

    #[test]
    fn application_data_encrypts_only_where_the_version_is_new_or_unknown() {
        let mut s = SslLog::default();
        s.negotiate(TLS12);
        assert!(!s.encrypted(Dir::Orig, true));
        let mut s = SslLog::default();
        s.negotiate(0x0304);
        assert!(!s.encrypted(Dir::Resp, false));
        assert!(s.encrypted(Dir::Resp, true));
        assert!(!s.both_encrypted());
    }
}
