//! What scripts may handle, with the names and arguments of Zeek's documented events. The
//! connection is an argument of all and comes from the flow.

use model::{Bytes, Cx, Id, Record, RecordSchema};

use super::parser::{ClientHello, ServerHello};
use crate::room;

macro_rules! events {
    ($($(#[$meta:meta])* $name:ident $(<$lt:lifetime>)? = $local:literal, $zeek:literal,
        { $($(#[$fmeta:meta])* $field:ident: $ty:ty),* };)*) => {
        $(
            $(#[$meta])*
            #[derive(Record)]
            #[record(id = Id::new(room::Tls, $local), name = $zeek, event)]
            pub struct $name $(<$lt>)? {
                $($(#[$fmeta])* pub $field: $ty,)*
            }
        )*
        /// Names of the events with their ids, for those who subscribe.
        pub const NAMES: &[(&str, Id)] = &[$(($zeek, Id::new(room::Tls, $local))),*];
        /// Their descriptions.
        pub static EVENTS: &[&RecordSchema] = &[$(&$name::SCHEMA),*];
    };
}

events! {
    /// A client's hello.
    ClientHelloEvent<'a> = 16, "ssl_client_hello", {
        /// Version it offers.
        version: u16,
        /// Its 28 random bytes after the time.
        client_random: Bytes<'a>,
        /// Session it wants to resume.
        session_id: Bytes<'a>,
        /// Cipher suites it offers.
        ciphers: Vec<u16>,
        /// Compression methods it offers.
        comp_methods: Vec<u16>
    };
    /// A server's hello.
    ServerHelloEvent<'a> = 17, "ssl_server_hello", {
        /// Version it chose.
        version: u16,
        /// Its random bytes.
        server_random: Bytes<'a>,
        /// Session.
        session_id: Bytes<'a>,
        /// Cipher suite it chose.
        cipher: u16,
        /// Compression method it chose.
        comp_method: u8
    };
    /// An extension of a hello.
    Extension<'a> = 18, "ssl_extension", {
        /// By the client.
        is_client: bool,
        /// Its number.
        code: u16,
        /// Its content.
        val: Bytes<'a>
    };
    /// A handshake message.
    HandshakeMessage = 19, "ssl_handshake_message", {
        /// By the client.
        is_client: bool,
        /// Its type.
        msg_type: u8,
        /// Bytes.
        length: u64
    };
    /// A change of the cipher.
    ChangeCipherSpec = 20, "ssl_change_cipher_spec", {
        /// By the client.
        is_client: bool
    };
    /// An alert in clear.
    Alert = 21, "ssl_alert", {
        /// By the client.
        is_client: bool,
        /// 1 warning, 2 fatal.
        level: u16,
        /// Which.
        desc: u16
    };
    /// The handshake came to its end.
    Established = 22, "ssl_established", {};
    /// An OCSP response stapled to the handshake.
    StapledOcsp<'a> = 23, "ssl_stapled_ocsp", {
        /// By the client.
        is_client: bool,
        /// The response.
        response: Bytes<'a>
    };
}

/// Raises the event of a client's hello.
pub(super) fn raise_client_hello(cx: &mut Cx<'_>, hello: &ClientHello<'_>) {
    cx.raise(|| ClientHelloEvent {
        version: hello.version,
        client_random: Bytes(hello.random.get(4..).unwrap_or_default()),
        session_id: Bytes(hello.session_id),
        ciphers: hello.ciphers.iter().collect(),
        comp_methods: hello.compressions.iter().map(|c| u16::from(*c)).collect(),
    });
}

/// Raises the event of a server's hello.
pub(super) fn raise_server_hello(cx: &mut Cx<'_>, hello: &ServerHello<'_>) {
    cx.raise(|| ServerHelloEvent {
        version: hello.version,
        server_random: Bytes(hello.random),
        session_id: Bytes(hello.session_id),
        cipher: hello.cipher,
        comp_method: hello.compression,
    });
}
