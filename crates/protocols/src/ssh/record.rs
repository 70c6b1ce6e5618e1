//! What is told of SSH: the connection as Zeek has it, and as Suricata.

use base::{Dir, Ts};
use model::{Bytes, Cx, FlowFacts, FlowHead, Id, Record};

use super::parser::{KexInit, Version, list, negotiate};
use super::transaction::{Hello, SshTransaction};
use crate::room;

/// An SSH connection.
#[derive(Record)]
#[record(id = Id::new(room::Ssh, 0), name = "ssh", zeek = "ssh")]
pub struct SshRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Major version the two speak; unset where they do not go together.
    pub(crate) version: Option<u8>,
    /// Whether the client got in, as far as packet sizes tell.
    #[record(ecs = "event.outcome")]
    pub(crate) auth_success: Option<bool>,
    /// Attempts to get in.
    pub(crate) auth_attempts: u32,
    /// `OUTBOUND` from a private address to a public one, `INBOUND` the other way.
    #[record(ecs = "network.direction", ocsf = "connection_info.direction")]
    pub(crate) direction: Option<&'a str>,
    /// The client's banner.
    pub(crate) client: Option<Bytes<'a>>,
    /// The server's banner.
    pub(crate) server: Option<Bytes<'a>>,
    /// Encryption in use.
    pub(crate) cipher_alg: Option<Bytes<'a>>,
    /// Message authentication in use.
    pub(crate) mac_alg: Option<Bytes<'a>>,
    /// Compression in use.
    pub(crate) compression_alg: Option<Bytes<'a>>,
    /// Key exchange in use.
    pub(crate) kex_alg: Option<Bytes<'a>>,
    /// Kind of the server's host key.
    pub(crate) host_key_alg: Option<Bytes<'a>>,
    /// Fingerprint of the server's host key.
    #[record(ocsf = "server_hassh.fingerprint")]
    pub(crate) host_key_fingerprint: Option<Bytes<'a>>,
}

/// What the two agreed on.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    pub(super) cipher: Vec<u8>,
    pub(super) mac: Vec<u8>,
    pub(super) compression: Vec<u8>,
    pub(super) kex: Vec<u8>,
    pub(super) host_key: Vec<u8>,
}

const NONE: &[u8] = b"Algorithm negotiation failed";

impl Agreed {
    /// From what both can do.
    pub(super) fn new(client: &KexInit<'_>, server: &KexInit<'_>) -> Self {
        let one = |at| negotiate(client.list(at), server.list(at)).unwrap_or(NONE);
        let both = |[up, down]: [usize; 2]| {
            let (up, down) = (one(up), one(down));
            if up == down {
                return up.to_vec();
            }
            [b"To server: ", up, b", to client: ", down].concat()
        };
        Self {
            cipher: both(list::ENCRYPTION),
            mac: both(list::MAC),
            compression: both(list::COMPRESSION),
            kex: one(list::KEX).to_vec(),
            host_key: one(list::HOST_KEY).to_vec(),
        }
    }
    /// Compressed packets have sizes that tell nothing.
    pub(super) fn compresses(&self) -> bool {
        matches!(self.compression.as_slice(), b"zlib" | b"zlib@openssh.com")
    }
}

/// What is known beside the two hellos.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) since: Ts,
    pub(super) agreed: Option<Agreed>,
    pub(super) fingerprint: Vec<u8>,
    pub(super) auth_success: Option<bool>,
    pub(super) auth_attempts: u32,
}

/// The version two banners make.
pub(super) fn version(tx: &SshTransaction) -> Option<u8> {
    let [client, server] = &tx.sides;
    Version::of(&client.banner)?.agreed(Version::of(&server.banner)?)
}

fn direction(flow: &FlowFacts) -> Option<&'static str> {
    let private = |a: std::net::IpAddr| match a {
        std::net::IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        std::net::IpAddr::V6(v6) => {
            v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback()
        }
    };
    match (private(flow.orig.addr), private(flow.resp.addr)) {
        (true, false) => Some("OUTBOUND"),
        (false, true) => Some("INBOUND"),
        _ => None,
    }
}

/// Tells the connection as Zeek has it.
pub(super) fn tell(cx: &mut Cx<'_>, tx: &SshTransaction, known: &Known) {
    let [client, server] = &tx.sides;
    let some = |b: &'_ [u8]| -> bool { !b.is_empty() };
    let agreed = known.agreed.as_ref();
    cx.tell(SshRecord::SCHEMA.id, |flow| SshRecord {
        head: flow.head(known.since),
        version: version(tx),
        auth_success: known.auth_success,
        auth_attempts: known.auth_attempts,
        direction: direction(flow),
        client: Some(Bytes(&client.banner)).filter(|b| some(b.0)),
        server: Some(Bytes(&server.banner)).filter(|b| some(b.0)),
        cipher_alg: agreed.map(|a| Bytes(&a.cipher)),
        mac_alg: agreed.map(|a| Bytes(&a.mac)),
        compression_alg: agreed.map(|a| Bytes(&a.compression)),
        kex_alg: agreed.map(|a| Bytes(&a.kex)),
        host_key_alg: agreed.map(|a| Bytes(&a.host_key)),
        host_key_fingerprint: Some(Bytes(&known.fingerprint)).filter(|b| some(b.0)),
    });
}

/// An SSH connection in EVE.
#[derive(Record)]
#[record(id = Id::new(room::Ssh, 1), name = "eve_ssh", eve = "ssh")]
pub struct EveSsh<'a> {
    /// Protocol version of the client.
    #[record(eve = "ssh.client.proto_version")]
    pub(crate) client_proto: Option<Bytes<'a>>,
    /// Software of the client.
    #[record(eve = "ssh.client.software_version")]
    pub(crate) client_software: Option<Bytes<'a>>,
    /// HASSH of the client.
    #[record(eve = "ssh.client.hassh.hash")]
    pub(crate) client_hassh: Option<Bytes<'a>>,
    /// What it hashes.
    #[record(eve = "ssh.client.hassh.string")]
    pub(crate) client_hassh_text: Option<Bytes<'a>>,
    /// Protocol version of the server.
    #[record(eve = "ssh.server.proto_version")]
    pub(crate) server_proto: Option<Bytes<'a>>,
    /// Software of the server.
    #[record(eve = "ssh.server.software_version")]
    pub(crate) server_software: Option<Bytes<'a>>,
    /// HASSH of the server.
    #[record(eve = "ssh.server.hassh.hash")]
    pub(crate) server_hassh: Option<Bytes<'a>>,
    /// What it hashes.
    #[record(eve = "ssh.server.hassh.string")]
    pub(crate) server_hassh_text: Option<Bytes<'a>>,
}

/// Tells the connection as Suricata has it.
pub(super) fn tell_eve(cx: &mut Cx<'_>, tx: &SshTransaction) {
    if Dir::Orig.of(&tx.sides).proto().or(Dir::Resp.of(&tx.sides).proto()).is_none() {
        return;
    }
    let [client, server] = &tx.sides;
    let hashed = |h: &Hello| h.proto().is_some() && !h.hassh.is_empty();
    cx.tell(EveSsh::SCHEMA.id, |_| EveSsh {
        client_proto: client.proto().map(Bytes),
        client_software: client.software().map(Bytes),
        client_hassh: hashed(client).then_some(Bytes(&client.hassh)),
        client_hassh_text: hashed(client).then_some(Bytes(&client.hassh_text)),
        server_proto: server.proto().map(Bytes),
        server_software: server.software().map(Bytes),
        server_hassh: hashed(server).then_some(Bytes(&server.hassh)),
        server_hassh_text: hashed(server).then_some(Bytes(&server.hassh_text)),
    });
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] = &[&SshRecord::SCHEMA, &EveSsh::SCHEMA];
