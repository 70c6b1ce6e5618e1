//! When EVE tells of a TLS connection, and which version it names: the rules of Suricata's parser
//! and logger.
//!
//! It tells once: when the server has said its part and its certificate is read (with the client's,
//! if one was asked for), or when both sides have left the handshake, or when both directions have ended. A connection
//! without a certificate is told only if it resumes a session or speaks TLS 1.3.

use base::Dir;

use super::names::eve_version_known;
use super::parser::{TLS12, TLS13};

const CLIENT_HANDSHAKE_DONE: u8 = 3;
const CLIENT_FINISHED: u8 = 4;
const SERVER_HANDSHAKE_DONE: u8 = 4;
const SERVER_FINISHED: u8 = 5;
/// A draft of TLS 1.3 before the sixteenth.
const PRE_DRAFT16: u16 = 0x7f01;

/// State of a connection that EVE's `tls` event has and nobody else needs.
#[derive(Debug, Default)]
pub(super) struct EveLog {
    /// It has been told, or it has been decided that it won't be.
    pub(super) over: bool,
    versions: [u16; 2],
    hello: [bool; 2],
    ended: [bool; 2],
    states: [u8; 2],
    cipher_changed: bool,
    early_data: bool,
    asks_client: bool,
    offers_versions: bool,
    without_certificate: bool,
    pub(super) resumed: bool,
    session_id: [u8; 32],
    session_len: usize,
    leaf: [bool; 2],
    server_done: bool,
}

impl EveLog {
    /// The header of a record.
    pub(super) fn record(&mut self, dir: Dir, version: u16) {
        let v = dir.of_mut(&mut self.versions);
        if !(*dir.of(&self.hello) && *v != 0) {
            *v = version;
        }
    }
    /// Bytes that are SSLv2 or nothing.
    pub(super) fn old_record(&mut self, dir: Dir, first: u8) {
        if first & 0xc0 != 0 {
            *dir.of_mut(&mut self.versions) = 0x0200;
        }
    }
    /// Whether handshake records are still read.
    pub(super) fn reads_handshake(&self) -> bool {
        let [client, _] = self.versions;
        !self.cipher_changed || (self.hello == [true, false] && client > TLS12)
    }
    /// ChangeCipherSpec.
    pub(super) fn change_cipher(&mut self, dir: Dir) {
        self.cipher_changed = true;
        if dir == Dir::Orig {
            self.set(Dir::Orig, CLIENT_HANDSHAKE_DONE);
        }
    }
    /// Application data.
    pub(super) fn application(&mut self, dir: Dir) {
        let [_, server] = self.hello;
        if self.early_data && !server {
            return;
        }
        self.set(dir, if dir == Dir::Orig { CLIENT_HANDSHAKE_DONE } else { SERVER_HANDSHAKE_DONE });
    }
    /// A fatal alert in clear.
    pub(super) const fn fatal(&mut self) {
        self.states = [CLIENT_FINISHED, SERVER_FINISHED];
    }
    fn set(&mut self, dir: Dir, state: u8) {
        *dir.of_mut(&mut self.states) = state;
    }
    /// The version of a hello.
    pub(super) fn hello_version(&mut self, dir: Dir, version: u16) {
        if dir == Dir::Resp && (version == TLS13 || version >> 8 == 0x7f) {
            self.without_certificate = true;
        }
        let early = version == TLS13 || (0x7f01..0x7f10).contains(&version);
        *dir.of_mut(&mut self.versions) = if early { PRE_DRAFT16 } else { version };
    }
    /// A hello was read to its end.
    pub(super) fn hello(&mut self, dir: Dir) {
        *dir.of_mut(&mut self.hello) = true;
    }
    /// The versions that a client offers besides the hello's own.
    pub(super) fn offered(&mut self, mut versions: impl Iterator<Item = u16>) {
        if let Some(v) = versions.find(|v| eve_version_known(*v)) {
            let [client, _] = &mut self.versions;
            *client = v;
        }
        self.offers_versions = true;
    }
    /// The version that a server selects besides the hello's own.
    pub(super) fn selected(&mut self, version: u16) {
        if self.offers_versions && version > TLS12 {
            self.without_certificate = true;
        }
        let [_, server] = &mut self.versions;
        *server = version;
    }
    /// Session ids of either side.
    pub(super) fn session(&mut self, dir: Dir, id: &[u8]) {
        if dir == Dir::Orig {
            if self.session_len == 0
                && let Some(slot) = self.session_id.get_mut(..id.len())
            {
                slot.copy_from_slice(id);
                self.session_len = id.len();
            }
        } else if !id.is_empty() && self.session_id.get(..self.session_len) == Some(id) {
            self.resumed = true;
        }
    }
    /// The client offers a session ticket, or will send data with its hello.
    pub(super) const fn extension(&mut self, ticket: bool, early_data: bool) {
        self.resumed |= ticket;
        self.early_data |= early_data;
    }
    /// The server has said its part of the handshake. (Suricata waits for the end of the packet that
    /// brought the certificate instead, which would let segmentation decide.)
    pub(super) const fn server_done(&mut self) {
        self.server_done = true;
    }
    /// The server asks for a certificate of the client.
    pub(super) const fn asks_client(&mut self) {
        self.asks_client = true;
    }
    /// A Certificate message; `leaf`: its first certificate could be read.
    pub(super) fn certificate(&mut self, dir: Dir, leaf: bool) {
        *dir.of_mut(&mut self.leaf) |= leaf;
        self.set(dir, 2);
    }
    /// A direction ended.
    pub(super) fn end(&mut self, dir: Dir) {
        *dir.of_mut(&mut self.ended) = true;
        self.set(dir, if dir == Dir::Orig { CLIENT_FINISHED } else { SERVER_FINISHED });
    }
    /// Nothing more can be read: what stands is told.
    pub(super) const fn end_both(&mut self) {
        self.ended = [true; 2];
    }
    /// After each input: whether the time to tell has come. The answer is given once.
    pub(super) fn due(&mut self) -> bool {
        if self.over {
            return false;
        }
        let [client_leaf, server_leaf] = self.leaf;
        if self.server_done && if self.asks_client { client_leaf } else { server_leaf } {
            self.states = [CLIENT_HANDSHAKE_DONE, SERVER_HANDSHAKE_DONE];
        }
        let [client, server] = self.states;
        let done = client >= CLIENT_HANDSHAKE_DONE && server >= SERVER_HANDSHAKE_DONE;
        if !done && self.ended != [true; 2] {
            return false;
        }
        self.over = true;
        server_leaf || self.resumed || self.without_certificate
    }
    /// The version to tell: the server's, else the client's.
    pub(super) const fn version(&self) -> u16 {
        let [client, server] = self.versions;
        if server != 0 { server } else { client }
    }
    /// Whether the session counts as resumed in what is told.
    pub(super) fn says_resumed(&self) -> bool {
        let [_, server_hello] = self.hello;
        let [_, server_leaf] = self.leaf;
        self.resumed && !server_leaf && server_hello && !self.without_certificate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_at_once_unless_the_clients_is_awaited() {
        let mut e = EveLog::default();
        e.certificate(Dir::Resp, true);
        assert!(!e.due());
        e.server_done();
        assert!(e.due());
        assert!(!e.due());
        let mut e = EveLog::default();
        e.certificate(Dir::Resp, true);
        e.asks_client();
        e.server_done();
        assert!(!e.due());
        e.certificate(Dir::Orig, true);
        assert!(e.due());
    }

    #[test]
    fn without_a_certificate_it_takes_resumption_or_tls_1_3() {
        for (resumed, want) in [(true, true), (false, false)] {
            let mut e = EveLog::default();
            e.extension(resumed, false);
            e.end(Dir::Orig);
            assert!(!e.due());
            e.end(Dir::Resp);
            assert_eq!(e.due(), want);
        }
    }
}
