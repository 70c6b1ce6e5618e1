//! What is told of DHCP: an exchange over all its flows (Zeek's grain), and each message
//! (Suricata's, with its extended fields).

use std::fmt::Write as _;
use std::net::IpAddr;

use base::{Dir, Span, Ts, Uid};
use model::{Bytes, Cx, Id, Record, SetOf};
use smallvec::SmallVec;

use super::join::{Exchange, Mac};
use super::parser::{Message, address, number, option};
use crate::room;

/// Messages with the same transaction number, from whatever flow.
#[derive(Record)]
#[record(id = Id::new(room::Dhcp, 0), name = "dhcp", zeek = "dhcp")]
pub struct DhcpRecord<'a> {
    /// When the first message came.
    #[record(ecs = "@timestamp", ocsf = "time")]
    pub(crate) ts: Ts,
    /// Connections that took part.
    pub(crate) uids: SetOf<&'a [Uid]>,
    /// Address of the client.
    #[record(ecs = "client.ip", ocsf = "src_endpoint.ip")]
    pub(crate) client_addr: Option<IpAddr>,
    /// Address of the server that gave an address.
    #[record(ecs = "server.ip", ocsf = "dst_endpoint.ip")]
    pub(crate) server_addr: Option<IpAddr>,
    /// Hardware address of the client.
    #[record(ecs = "client.mac", ocsf = "src_endpoint.mac")]
    pub(crate) mac: Option<Bytes<'a>>,
    /// Name the client gives itself.
    #[record(ecs = "client.domain", ocsf = "src_endpoint.hostname")]
    pub(crate) host_name: Option<Bytes<'a>>,
    /// Full name the client gives itself.
    pub(crate) client_fqdn: Option<Bytes<'a>>,
    /// Domain the server gives.
    pub(crate) domain: Option<Bytes<'a>>,
    /// Address the client asked for.
    pub(crate) requested_addr: Option<IpAddr>,
    /// Address the server gave.
    pub(crate) assigned_addr: Option<IpAddr>,
    /// For how long.
    #[record(ocsf = "lease_dur")]
    pub(crate) lease_time: Option<Span>,
    /// Words of the client.
    pub(crate) client_message: Option<Bytes<'a>>,
    /// Words of the server.
    pub(crate) server_message: Option<Bytes<'a>>,
    /// Kinds of the messages, in order.
    pub(crate) msg_types: &'a [Kind],
    /// From the first message to the last.
    pub(crate) duration: Span,
}

/// A kind of message by its name.
#[derive(Clone, Copy, Debug)]
pub struct Kind(pub u8);

/// Names of kinds (RFC 2132, 3203, 4388, 6926, 7724), from 1.
const KINDS: [&str; 18] = [
    "DISCOVER",
    "OFFER",
    "REQUEST",
    "DECLINE",
    "ACK",
    "NAK",
    "RELEASE",
    "INFORM",
    "FORCERENEW",
    "LEASEQUERY",
    "LEASEUNASSIGNED",
    "LEASEUNKNOWN",
    "LEASEACTIVE",
    "BULKLEASEQUERY",
    "LEASEQUERYDONE",
    "ACTIVELEASEQUERY",
    "LEASEQUERYSTATUS",
    "TLS",
];

impl model::IntoField for Kind {
    const TYPE: model::Type = model::Type::Text;
    fn field(&self) -> model::Field<'_> {
        let name = usize::from(self.0).checked_sub(1).and_then(|i| KINDS.get(i));
        model::Field::Text(name.unwrap_or(&"unknown"))
    }
}

/// Tells an exchange.
pub(super) fn tell(cx: &mut Cx<'_>, x: &Exchange) {
    let kinds: SmallVec<[Kind; 8]> = x.kinds.iter().map(|k| Kind(*k)).collect();
    cx.tell(DhcpRecord::SCHEMA.id, |_| DhcpRecord {
        ts: x.first,
        uids: SetOf(&x.uids),
        client_addr: x.client,
        server_addr: x.server,
        mac: x.mac.as_ref().or(x.chaddr.as_ref()).map(|m| Bytes(Mac::text(m))),
        host_name: x.host_name.as_deref().map(Bytes),
        client_fqdn: x.client_fqdn.as_deref().map(Bytes),
        domain: x.domain.as_deref().map(Bytes),
        requested_addr: x.requested,
        assigned_addr: x.assigned,
        lease_time: x.lease,
        client_message: x.client_message.as_deref().map(Bytes),
        server_message: x.server_message.as_deref().map(Bytes),
        msg_types: &kinds,
        duration: x.last.since(x.first),
    });
}

/// A message in EVE.
#[derive(Record)]
#[record(id = Id::new(room::Dhcp, 1), name = "eve_dhcp", eve = "dhcp")]
pub struct EveDhcp<'a> {
    /// It came from the responder.
    #[record(eve = "@reversed")]
    pub(crate) reversed: bool,
    /// `request` or `reply`.
    #[record(eve = "dhcp.type")]
    pub(crate) op: &'a str,
    /// Transaction number.
    #[record(eve = "dhcp.id")]
    pub(crate) id: u32,
    /// Hardware address of the client.
    #[record(eve = "dhcp.client_mac")]
    pub(crate) client_mac: Bytes<'a>,
    /// Address given or offered.
    #[record(eve = "dhcp.assigned_ip")]
    pub(crate) assigned_ip: IpAddr,
    /// Address the client has.
    #[record(eve = "dhcp.client_ip")]
    pub(crate) client_ip: IpAddr,
    /// Relay.
    #[record(eve = "dhcp.relay_ip")]
    pub(crate) relay_ip: Option<IpAddr>,
    /// Next server.
    #[record(eve = "dhcp.next_server_ip")]
    pub(crate) next_server_ip: Option<IpAddr>,
    /// Kind of message.
    #[record(eve = "dhcp.dhcp_type")]
    pub(crate) dhcp_type: Option<&'a str>,
    /// What the client calls itself.
    #[record(eve = "dhcp.client_id")]
    pub(crate) client_id: Option<Bytes<'a>>,
    /// Name of the client.
    #[record(eve = "dhcp.hostname")]
    pub(crate) hostname: Option<Bytes<'a>>,
    /// Lease time.
    #[record(eve = "dhcp.lease_time", unit = Seconds)]
    pub(crate) lease_time: Option<u32>,
    /// Rebinding time.
    #[record(eve = "dhcp.rebinding_time", unit = Seconds)]
    pub(crate) rebinding_time: Option<u32>,
    /// Renewal time.
    #[record(eve = "dhcp.renewal_time", unit = Seconds)]
    pub(crate) renewal_time: Option<u32>,
    /// Mask of the network.
    #[record(eve = "dhcp.subnet_mask")]
    pub(crate) subnet_mask: Option<IpAddr>,
    /// Address the client asks for.
    #[record(eve = "dhcp.requested_ip")]
    pub(crate) requested_ip: Option<IpAddr>,
    /// What the client wants to be told.
    #[record(eve = "dhcp.params")]
    pub(crate) params: Option<&'a [&'a str]>,
    /// Name servers.
    #[record(eve = "dhcp.dns_servers")]
    pub(crate) dns_servers: Option<&'a [IpAddr]>,
    /// Routers.
    #[record(eve = "dhcp.routers")]
    pub(crate) routers: Option<&'a [IpAddr]>,
    /// Who made the client.
    #[record(eve = "dhcp.vendor_class_identifier")]
    pub(crate) vendor_class: Option<Bytes<'a>>,
}

/// Text that mostly fits on the stack.
#[derive(Default)]
struct Text(SmallVec<[u8; 64]>);

impl std::fmt::Write for Text {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        self.0.extend_from_slice(s.as_bytes());
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> Text {
    let mut text = Text::default();
    for (i, b) in bytes.iter().enumerate() {
        let _ = write!(text, "{}{b:02x}", if i > 0 { ":" } else { "" });
    }
    text
}

fn addresses(data: Option<&[u8]>) -> Option<SmallVec<[IpAddr; 4]>> {
    Some(data?.chunks_exact(4).filter_map(address).map(IpAddr::V4).collect())
}

const fn kind_name(kind: u8) -> &'static str {
    match kind {
        1 => "discover",
        2 => "offer",
        3 => "request",
        4 => "decline",
        5 => "ack",
        6 => "nak",
        7 => "release",
        8 => "inform",
        _ => "unknown",
    }
}

const fn parameter_name(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "subnet_mask",
        3 => "router",
        6 => "dns_server",
        15 => "domain",
        35 => "arp_timeout",
        42 => "ntp_server",
        66 => "tftp_server_name",
        150 => "tftp_server_ip",
        _ => return None,
    })
}

/// Tells a message.
pub(super) fn tell_message(cx: &mut Cx<'_>, m: &Message<'_>, dir: Dir) {
    if !cx.wants.record(EveDhcp::SCHEMA.id) {
        return;
    }
    let mac = hex(m.hardware());
    let client_id = match m.option(option::CLIENT_ID) {
        Some([_, id @ ..]) if !id.is_empty() => Some(hex(id)),
        _ => None,
    };
    let params: Option<SmallVec<[&str; 8]>> = m
        .option(option::PARAMETER_LIST)
        .map(|list| list.iter().filter_map(|c| parameter_name(*c)).collect());
    let dns_servers = addresses(m.option(option::DNS_SERVERS));
    let routers = addresses(m.option(option::ROUTERS));
    let reply = m.op == 2;
    let [client_ip, assigned_ip, next, relay] = m.addrs.map(IpAddr::V4);
    let one = |code| m.option(code).and_then(address).map(IpAddr::V4);
    let count = |code| m.option(code).and_then(number);
    let text = |code| m.option(code).filter(|t| !t.is_empty()).map(Bytes);
    cx.tell(EveDhcp::SCHEMA.id, |_| EveDhcp {
        reversed: dir == Dir::Resp,
        op: match m.op {
            1 => "request",
            2 => "reply",
            _ => "<unknown>",
        },
        id: m.xid,
        client_mac: Bytes(&mac.0),
        assigned_ip,
        client_ip,
        relay_ip: reply.then_some(relay),
        next_server_ip: reply.then_some(next),
        dhcp_type: m.kind().map(kind_name),
        client_id: client_id.as_ref().map(|t| Bytes(&t.0)),
        hostname: text(option::HOST_NAME),
        lease_time: count(option::LEASE_TIME),
        rebinding_time: count(option::REBINDING_TIME),
        renewal_time: count(option::RENEWAL_TIME),
        subnet_mask: one(option::SUBNET_MASK),
        requested_ip: one(option::REQUESTED_ADDRESS),
        params: params.as_deref(),
        dns_servers: dns_servers.as_deref(),
        routers: routers.as_deref(),
        vendor_class: text(option::VENDOR_CLASS),
    });
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] = &[&DhcpRecord::SCHEMA, &EveDhcp::SCHEMA];
