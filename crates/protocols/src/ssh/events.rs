//! What scripts may handle, with the names and arguments of Zeek's events.

use model::{Bytes, Id, Record, RecordSchema};

use crate::{Lines, room};

macro_rules! events {
    ($($(#[$meta:meta])* $name:ident $(<$lt:lifetime>)? = $local:literal, $zeek:literal,
        { $($(#[$fmeta:meta])* $field:ident: $ty:ty),* };)*) => {
        $(
            $(#[$meta])*
            #[derive(Record, Clone, Copy)]
            #[record(id = Id::new(room::Ssh, $local), name = $zeek, event)]
            pub struct $name $(<$lt>)? {
                $($(#[$fmeta])* pub $field: $ty,)*
            }
        )*
        /// The events this folder raises.
        pub const EVENTS: &[&RecordSchema] = &[$(&$name::SCHEMA),*];
    };
}

events! {
    /// The client's banner.
    ClientVersionEvent<'a> = 0, "ssh_client_version", {
        /// The line.
        version: Bytes<'a>
    };
    /// The server's banner.
    ServerVersionEvent<'a> = 1, "ssh_server_version", {
        /// The line.
        version: Bytes<'a>
    };
    /// What one side can do.
    CapabilitiesEvent<'a> = 2, "ssh_capabilities", {
        /// Random bytes.
        cookie: Bytes<'a>,
        /// Key exchange methods.
        kex_algorithms: &'a Lines,
        /// Kinds of host keys.
        server_host_key_algorithms: &'a Lines,
        /// It is the server's.
        is_server: bool
    };
    /// The server's host key as people compare it.
    HostKeyFingerprintEvent<'a> = 3, "ssh_server_host_key_fingerprint", {
        /// `SHA256:` and base 64.
        fingerprint: Bytes<'a>
    };
    /// The server's host key.
    HostKeyEvent<'a> = 4, "ssh2_server_host_key", {
        /// As it came.
        key: Bytes<'a>
    };
    /// Encrypted bytes.
    EncryptedPacketEvent = 5, "ssh_encrypted_packet", {
        /// By the client.
        orig: bool,
        /// How many.
        len: u64
    };
    /// The client tried to get in.
    AuthAttemptedEvent = 6, "ssh_auth_attempted", {
        /// And did.
        authenticated: bool
    };
    /// The client got in.
    AuthSuccessfulEvent = 7, "ssh_auth_successful", {
        /// Without credentials.
        auth_method_none: bool
    };
    /// How authentication ended.
    AuthResultEvent = 8, "ssh_auth_result", {
        /// The client got in.
        result: bool,
        /// After so many attempts.
        auth_attempts: u32
    };
    /// A line the server sent before its banner.
    PreBannerEvent<'a> = 9, "ssh_server_pre_banner_data", {
        /// The line.
        data: Bytes<'a>
    };
}
