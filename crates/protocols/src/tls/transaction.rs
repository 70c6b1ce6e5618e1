//! A handshake: what both sides said, kept until every consumer has read it. One per connection.

use base::{Dir, Ts};
use model::{Step, Transaction, TxHead};
use smallvec::SmallVec;

use super::fingerprints::{Ja4, Ja4s, Md5Hex};

/// Steps of a client (Suricata's hook names).
pub mod client_step {
    use model::Step;
    /// `client_in_progress`.
    pub const IN_PROGRESS: Step = Step(0);
    /// `client_hello_done`.
    pub const HELLO_DONE: Step = Step(1);
    /// `client_cert_done`.
    pub const CERT_DONE: Step = Step(2);
    /// `client_handshake_done`.
    pub const HANDSHAKE_DONE: Step = Step(3);
}

/// Steps of a server (Suricata's hook names).
pub mod server_step {
    use model::Step;
    /// `server_in_progress`.
    pub const IN_PROGRESS: Step = Step(0);
    /// `server_hello`.
    pub const HELLO: Step = Step(1);
    /// `server_cert_done`.
    pub const CERT_DONE: Step = Step(2);
    /// `server_hello_done`.
    pub const HELLO_DONE: Step = Step(3);
    /// `server_handshake_done`.
    pub const HANDSHAKE_DONE: Step = Step(4);
}

/// A piece of the transaction's buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    start: u32,
    len: u32,
}

/// Text and bytes of a transaction in one buffer.
#[derive(Debug, Default)]
pub struct Pool(Vec<u8>);

impl Pool {
    /// Appends what `write` writes.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let start = self.0.len();
        write(&mut self.0);
        let len = self.0.len().saturating_sub(start);
        Piece { start: start as u32, len: len as u32 }
    }
    /// Appends bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Piece {
        self.write(|out| out.extend_from_slice(bytes))
    }
    /// A piece's bytes.
    pub fn get(&self, p: Piece) -> &[u8] {
        let start = p.start as usize;
        self.0.get(start..start.saturating_add(p.len as usize)).unwrap_or_default()
    }
    /// A piece's bytes as text.
    pub fn text(&self, p: Piece) -> &str {
        str::from_utf8(self.get(p)).unwrap_or_default()
    }
}

/// The first certificate of a side, in EVE's forms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leaf {
    /// Whom it names.
    pub subject: Piece,
    /// Who signed it.
    pub issuer: Piece,
    /// Its serial number.
    pub serial: Piece,
    /// SHA-1.
    pub fingerprint: Piece,
    /// Valid from.
    pub not_before: Option<Ts>,
    /// Valid until.
    pub not_after: Option<Ts>,
}

/// Certificates of a chain that are remembered by fingerprint.
pub const CHAIN_MOST: usize = 64;
/// Alternative names and protocol names that are remembered.
pub const NAMES_MOST: usize = 128;

/// What a side said.
#[derive(Debug, Default)]
pub struct Side {
    /// ALPN: offered by the client, chosen by the server.
    pub alpn: Vec<Piece>,
    /// JA3 or JA3S text.
    pub ja3: Option<Piece>,
    /// JA3 or JA3S.
    pub ja3_hash: Option<Md5Hex>,
    /// Its first certificate.
    pub leaf: Option<Box<Leaf>>,
    /// Alternative names of that certificate.
    pub alternative: Vec<Piece>,
    /// SHA-256 of its certificates in their order.
    pub chain: Vec<[u8; 32]>,
}

/// Longest history that is kept.
pub const HISTORY_MOST: usize = 100;

/// A handshake.
#[derive(Debug, Default)]
pub struct TlsTransaction {
    head: TxHead,
    /// When its first record came.
    pub first: Ts,
    /// Bytes of it.
    pub pool: Pool,
    /// Client and server.
    pub sides: [Side; 2],
    /// The name the client asks for.
    pub sni: Option<Piece>,
    /// JA4 of the client.
    pub ja4: Option<Ja4>,
    /// JA4S of the server.
    pub ja4s: Option<Ja4s>,
    /// The version chosen.
    pub version: Option<u16>,
    /// The suite chosen.
    pub cipher: Option<u32>,
    /// The group chosen.
    pub curve: Option<u16>,
    /// The session was resumed.
    pub resumed: bool,
    /// The last alert in clear.
    pub last_alert: Option<u16>,
    /// The handshake came to its end.
    pub established: bool,
    /// Letters of the messages in their order.
    pub history: SmallVec<[u8; 24]>,
    /// A certificate chain was seen, of either side.
    pub chain_seen: bool,
    /// Whether the server's certificate covers the name the client asked for.
    pub sni_matches: Option<bool>,
    /// The version as EVE tells it.
    pub eve_version: u16,
    /// EVE calls the session resumed.
    pub eve_resumed: bool,
}

impl TlsTransaction {
    /// A transaction of number `id` that begins now.
    pub fn begin(id: u64, now: Ts) -> Self {
        let head = TxHead { id, ..TxHead::default() };
        Self { head, first: now, ..Self::default() }
    }
    /// A side.
    pub const fn side(&self, dir: Dir) -> &Side {
        dir.of(&self.sides)
    }
    /// A side, to change it.
    pub const fn side_mut(&mut self, dir: Dir) -> &mut Side {
        dir.of_mut(&mut self.sides)
    }
    /// A direction has come as far as `step`.
    pub fn reach(&mut self, dir: Dir, step: Step) {
        let p = dir.of_mut(&mut self.head.progress);
        *p = (*p).max(step);
    }
    /// Adds a letter: capital for the client.
    pub fn add_history(&mut self, client: bool, letter: u8) {
        let letter = if client { letter.to_ascii_uppercase() } else { letter };
        self.push_history(letter);
    }
    /// Adds a letter as it is.
    pub fn push_history(&mut self, letter: u8) {
        if self.history.len() < HISTORY_MOST {
            self.history.push(letter);
        }
    }
}

impl Transaction for TlsTransaction {
    fn head(&self) -> &TxHead {
        &self.head
    }
    fn head_mut(&mut self) -> &mut TxHead {
        &mut self.head
    }
    fn reset(&mut self) {
        let mut pool = std::mem::take(&mut self.pool);
        pool.0.clear();
        *self = Self { pool, ..Self::default() };
    }
}
