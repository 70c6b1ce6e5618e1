//! What is known of a flow, for whoever looks at it.

use std::net::IpAddr;

use base::{FlowId, Ts, Uid};
use smallvec::SmallVec;

use crate::{CONSUMERS, Port, Proto, Record};

/// One end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Address.
    pub addr: IpAddr,
    /// Port; the type or its counterpart for ICMP; 0 where the protocol has none.
    pub port: u16,
}

/// The tunnel flow that carries a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The carrying flow, where it has one of its own.
    pub uid: Uid,
    /// Its endpoints.
    pub orig: Endpoint,
    /// Its endpoints.
    pub resp: Endpoint,
}

/// Confirmed protocols of a flow, in the order of confirmation. Names are Zeek's, lower case. Most
/// flows have one or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    names: SmallVec<[&'static str; 1]>,
}

/// Protocols that a flow may have.
const SERVICES_MOST: usize = 6;

impl Services {
    /// Adds a protocol once; more than six are ignored.
    pub fn confirm(&mut self, name: &'static str) {
        if self.names.len() < SERVICES_MOST && !self.names.contains(&name) {
            self.names.push(name);
        }
    }
    /// Takes a protocol out again (the analyzer was wrong).
    pub fn withdraw(&mut self, name: &str) {
        self.names.retain(|n| *n != name);
    }
    /// The protocols.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.names.iter().copied()
    }
    /// Whether none is confirmed.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What is known of a flow while it lives. Kept by the flow table; analyzers may add to it.
#[derive(Clone, Debug)]
pub struct FlowFacts {
    /// Its place in the table.
    pub id: FlowId,
    /// Its name.
    pub uid: Uid,
    /// Originator.
    pub orig: Endpoint,
    /// Responder.
    pub resp: Endpoint,
    /// IP protocol number (6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6, 132 SCTP …).
    pub proto: u8,
    /// Time of the first packet.
    pub first: Ts,
    /// Time of the packet being handled now, or of the last one.
    pub now: Ts,
    /// Number of that packet in the input, from 1.
    pub packet: u64,
    /// VLAN ids from the outside in; 0 where there is none.
    pub vlans: [u16; 2],
    /// The flow that carries this one.
    pub parent: Option<Box<Parent>>,
    /// Confirmed protocols (Zeek's `service`).
    pub services: Services,
    /// The application protocol as Suricata names it, once detection has ended: `failed` where
    /// nothing matched, `None` while it is open.
    pub app_proto: Option<&'static str>,
    /// Transactions begun so far; the next one's id.
    pub transactions: u64,
    /// A slot per consumer, an index into that consumer's own slab.
    pub slot: [u32; CONSUMERS],
    /// TCP: whether the three-way handshake was seen.
    pub established: bool,
    /// Picked up in the middle.
    pub midstream: bool,
    /// TCP: packets with a reset so far, believed or not.
    pub resets: u16,
    /// The ends have been swapped by an analyzer (see [`Self::flip`]). The flow table compares this
    /// before and after each step, and swaps what it keeps per direction when it has changed.
    pub flipped: bool,
}

impl FlowFacts {
    /// Swaps originator and responder: the content says that who spoke first was the server. Holds
    /// at once for records of this step; inputs of later steps come with the new direction.
    pub const fn flip(&mut self) {
        std::mem::swap(&mut self.orig, &mut self.resp);
        self.flipped = !self.flipped;
    }
    /// The columns every record of a flow begins with, at time `ts`.
    pub const fn head(&self, ts: Ts) -> FlowHead {
        FlowHead {
            ts,
            uid: self.uid,
            orig_h: self.orig.addr,
            orig_p: Port(self.orig.port),
            resp_h: self.resp.addr,
            resp_p: Port(self.resp.port),
        }
    }
    /// The protocol as a field.
    pub const fn proto_field(&self) -> Proto {
        Proto(self.proto)
    }
}

/// The columns every record of a flow begins with.
///
/// EVE sinks add `flow_id`, `proto`, `vlan`, `community_id` and the like themselves, since every
/// event of a flow has them.
#[derive(Record, Clone, Copy)]
#[record(id = crate::Id::new(crate::room::CONN, 255), name = "flow_head")]
pub struct FlowHead {
    /// When it happened.
    #[record(zeek = "ts", ecs = "@timestamp", ocsf = "time")]
    pub ts: Ts,
    /// The connection's id.
    #[record(zeek = "uid", ecs = "network.session.id", ocsf = "connection_info.uid")]
    pub uid: Uid,
    /// Originator's address.
    #[record(name = "id.orig_h", zeek = "id.orig_h", ecs = "source.ip", ocsf = "src_endpoint.ip")]
    pub orig_h: IpAddr,
    /// Originator's port.
    #[record(
        name = "id.orig_p",
        zeek = "id.orig_p",
        ecs = "source.port",
        ocsf = "src_endpoint.port"
    )]
    pub orig_p: Port,
    /// Responder's address.
    #[record(
        name = "id.resp_h",
        zeek = "id.resp_h",
        ecs = "destination.ip",
        ocsf = "dst_endpoint.ip"
    )]
    pub resp_h: IpAddr,
    /// Responder's port.
    #[record(
        name = "id.resp_p",
        zeek = "id.resp_p",
        ecs = "destination.port",
        ocsf = "dst_endpoint.port"
    )]
    pub resp_p: Port,
}
