//! What scripts may handle.

use std::net::IpAddr;

use base::Span;
use model::{Bytes, Id, Record, RecordSchema};

use super::parser::{Message, address, number, option};
use crate::room;

/// Any message (`dhcp_message`), with the options that its handlers use.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dhcp, 0), name = "dhcp_message", event)]
pub struct MessageEvent<'a> {
    /// By the originator.
    pub is_orig: bool,
    /// 1 request, 2 reply.
    pub op: u8,
    /// Kind of message.
    pub m_type: u8,
    /// What ties the messages of an exchange together.
    pub xid: u32,
    /// Time since the client began.
    pub secs: Span,
    /// Flags.
    pub flags: u16,
    /// Client's address.
    pub ciaddr: IpAddr,
    /// Offered address.
    pub yiaddr: IpAddr,
    /// Next server.
    pub siaddr: IpAddr,
    /// Relay.
    pub giaddr: IpAddr,
    /// Hardware address.
    pub chaddr: Bytes<'a>,
    /// Name of the client.
    pub host_name: Option<Bytes<'a>>,
    /// Domain of the client.
    pub domain_name: Option<Bytes<'a>>,
    /// Address the client asks for.
    pub addr_request: Option<IpAddr>,
    /// How long the address is given.
    pub lease: Option<Span>,
    /// Words of one side to the other.
    pub message: Option<Bytes<'a>>,
    /// Who made the client.
    pub vendor_class: Option<Bytes<'a>>,
}

/// The events this folder raises.
pub const EVENTS: &[&RecordSchema] = &[&MessageEvent::SCHEMA];

impl<'a> MessageEvent<'a> {
    pub(super) fn new(m: &Message<'a>, is_orig: bool) -> Self {
        let [ciaddr, yiaddr, siaddr, giaddr] = m.addrs.map(IpAddr::V4);
        let text = |code| m.option(code).map(Bytes);
        Self {
            is_orig,
            op: m.op,
            m_type: m.kind().unwrap_or(0),
            xid: m.xid,
            secs: Span::from_secs(i64::from(m.secs)),
            flags: m.flags,
            ciaddr,
            yiaddr,
            siaddr,
            giaddr,
            chaddr: Bytes(m.hardware()),
            host_name: text(option::HOST_NAME),
            domain_name: text(option::DOMAIN_NAME),
            addr_request: m.option(option::REQUESTED_ADDRESS).and_then(address).map(IpAddr::V4),
            lease: m
                .option(option::LEASE_TIME)
                .and_then(number)
                .map(|s| Span::from_secs(i64::from(s))),
            message: text(option::MESSAGE),
            vendor_class: text(option::VENDOR_CLASS),
        }
    }
}
