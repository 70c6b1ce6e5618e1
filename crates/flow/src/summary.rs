//! What is told of a flow when it is over.

use base::{Span, Ts};

/// Packets and bytes of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Packets.
    pub packets: u64,
    /// Bytes by the network headers' total lengths.
    pub ip_bytes: u64,
    /// Bytes of the frames as captured (of the carried frame inside a tunnel).
    pub frame_bytes: u64,
}

impl Volume {
    pub(crate) const fn add(&mut self, v: Self) {
        self.packets = self.packets.saturating_add(v.packets);
        self.ip_bytes = self.ip_bytes.saturating_add(v.ip_bytes);
        self.frame_bytes = self.frame_bytes.saturating_add(v.frame_bytes);
    }
    pub(crate) const fn take(&mut self, v: Self) {
        self.packets = self.packets.saturating_sub(v.packets);
        self.ip_bytes = self.ip_bytes.saturating_sub(v.ip_bytes);
        self.frame_bytes = self.frame_bytes.saturating_sub(v.frame_bytes);
    }
}

/// Why a flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Silence, or a close and then silence.
    Timeout,
    /// The end of the input.
    Shutdown,
    /// A new connection took over its endpoints.
    Reuse,
    /// Room was needed.
    Evicted,
}

/// What is told of a TCP connection besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpSummary {
    /// All flags seen from the client.
    pub flags_to_server: u8,
    /// All flags seen from the server.
    pub flags_to_client: u8,
    /// State of Suricata's session machine.
    pub state: &'static str,
    /// Bytes were missed from the client.
    pub gap_to_server: bool,
    /// Bytes were missed from the server.
    pub gap_to_client: bool,
}

/// A finished flow: what the flow table knows and [`model::FlowFacts`] does not say. Pairs are
/// (originator, responder).
#[derive(Clone, Debug)]
pub struct FlowSummary<'a> {
    /// Time of the last packet that counts (Zeek's duration ends there).
    pub last: Ts,
    /// Time of the last packet.
    pub last_packet: Ts,
    /// From the first packet to `last`.
    pub duration: Span,
    /// Zeek's state.
    pub conn_state: &'static str,
    /// Zeek's history.
    pub history: &'a str,
    /// Payload bytes; by sequence numbers for TCP.
    pub sizes: [u64; 2],
    /// Bytes missed.
    pub missed: u64,
    /// Packets and bytes.
    pub volumes: [Volume; 2],
    /// Suricata's state: `new`, `established` or `closed`.
    pub flow_state: &'static str,
    /// Why it ended.
    pub reason: EndReason,
    /// TCP.
    pub tcp: Option<TcpSummary>,
    /// Code of the first ICMP message.
    pub icmp_code: Option<u8>,
    /// Hardware addresses of the first packet.
    pub macs: [Option<[u8; 6]>; 2],
    /// Lowest and highest time to live.
    pub ttl: [(u8, u8); 2],
}
