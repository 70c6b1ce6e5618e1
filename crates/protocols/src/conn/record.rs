//! Two views of a finished flow: Zeek's connection and Suricata's flow.
//!
//! They differ in grain and in what they call the same thing: a connection counts network bytes and
//! says how its ends behaved, a flow counts frames and says how it was kept.

use std::net::IpAddr;

use base::{Span, Ts, Uid};
use flow::{EndReason, FlowSummary};
use model::{Cx, FlowFacts, FlowHead, Id, Proto, Record, SetOf, room};
use smallvec::SmallVec;

/// A connection of TCP, or the packets that went between two endpoints in any other protocol.
#[derive(Record)]
#[record(id = Id::new(room::CONN, 0), name = "conn", zeek = "conn")]
pub struct ConnRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Transport protocol.
    #[record(ecs = "network.transport", ocsf = "connection_info.protocol_name")]
    pub(crate) proto: Proto,
    /// Application protocols that were confirmed, comma between them.
    #[record(ecs = "network.protocol", ocsf = "app_name")]
    pub(crate) service: Option<&'a str>,
    /// From the first packet to the last one that counts.
    #[record(ecs = "event.duration", ocsf = "duration", unit = Seconds)]
    pub(crate) duration: Option<Span>,
    /// Payload bytes the originator sent; for TCP by its sequence numbers.
    #[record(unit = Bytes)]
    pub(crate) orig_bytes: Option<u64>,
    /// Payload bytes the responder sent.
    #[record(unit = Bytes)]
    pub(crate) resp_bytes: Option<u64>,
    /// How the connection went: S0 no answer, S1 established, SF closed by both, REJ refused,
    /// S2/S3 closed by the originator/responder only, RSTO/RSTR reset by one of them, RSTOS0, RSTRH,
    /// SH, SHR the same with only one side seen, OTH no handshake seen.
    pub(crate) conn_state: &'static str,
    /// The originator is in a private network.
    pub(crate) local_orig: bool,
    /// The responder is in a private network.
    pub(crate) local_resp: bool,
    /// Bytes that were acknowledged but never seen.
    #[record(unit = Bytes)]
    pub(crate) missed_bytes: u64,
    /// What happened in order, a letter each, capital from the originator: s SYN, h SYN-ACK, a ACK,
    /// d data, f FIN, r RST, c bad checksum, g gap, t retransmission, w zero window, i and q flags
    /// that don't go together, ^ roles exchanged.
    pub(crate) history: Option<&'a str>,
    /// Packets the originator sent.
    #[record(ecs = "source.packets", ocsf = "traffic.packets_out", unit = Packets)]
    pub(crate) orig_pkts: u64,
    /// Their bytes, network headers included.
    #[record(ecs = "source.bytes", ocsf = "traffic.bytes_out", unit = Bytes)]
    pub(crate) orig_ip_bytes: u64,
    /// Packets the responder sent.
    #[record(ecs = "destination.packets", ocsf = "traffic.packets_in", unit = Packets)]
    pub(crate) resp_pkts: u64,
    /// Their bytes, network headers included.
    #[record(ecs = "destination.bytes", ocsf = "traffic.bytes_in", unit = Bytes)]
    pub(crate) resp_ip_bytes: u64,
    /// The connection that carries this one in a tunnel.
    pub(crate) tunnel_parents: Option<SetOf<&'a [Uid]>>,
    /// Protocol number of the network header.
    #[record(ecs = "network.iana_number", ocsf = "connection_info.protocol_num")]
    pub(crate) ip_proto: u8,
    /// Why the flow is over.
    #[record(zeek = "")]
    pub(crate) reason: &'static str,
}

/// A flow as Suricata counts it: by frames, from the client to the server and back.
#[derive(Record)]
#[record(id = Id::new(room::CONN, 1), name = "flow", eve = "flow")]
pub struct FlowEveRecord<'a> {
    /// When the record was made: the time of the last packet.
    #[record(eve = "@timestamp")]
    pub(crate) ts: Ts,
    /// Type of the first ICMP message.
    #[record(eve = "icmp_type")]
    pub(crate) icmp_type: Option<u16>,
    /// Its code.
    #[record(eve = "icmp_code")]
    pub(crate) icmp_code: Option<u8>,
    /// Type of the answer.
    #[record(eve = "response_icmp_type")]
    pub(crate) response_icmp_type: Option<u16>,
    /// Its code.
    #[record(eve = "response_icmp_code")]
    pub(crate) response_icmp_code: Option<u8>,
    /// Application protocol; `failed` where none was recognised.
    #[record(eve = "app_proto", ecs = "network.protocol", ocsf = "app_name")]
    pub(crate) app_proto: Option<&'a str>,
    /// Packets to the server.
    #[record(eve = "flow.pkts_toserver", unit = Packets)]
    pub(crate) pkts_toserver: u64,
    /// Packets to the client.
    #[record(eve = "flow.pkts_toclient", unit = Packets)]
    pub(crate) pkts_toclient: u64,
    /// Bytes of frames to the server.
    #[record(eve = "flow.bytes_toserver", unit = Bytes)]
    pub(crate) bytes_toserver: u64,
    /// Bytes of frames to the client.
    #[record(eve = "flow.bytes_toclient", unit = Bytes)]
    pub(crate) bytes_toclient: u64,
    /// Time of the first packet.
    #[record(eve = "flow.start", ecs = "event.start", ocsf = "start_time")]
    pub(crate) start: Ts,
    /// Time of the last packet.
    #[record(eve = "flow.end", ecs = "event.end", ocsf = "end_time")]
    pub(crate) end: Ts,
    /// Whole seconds between them.
    #[record(eve = "flow.age", unit = Seconds)]
    pub(crate) age: u64,
    /// `new`, `established` or `closed`.
    #[record(eve = "flow.state")]
    pub(crate) state: &'static str,
    /// Why the flow is over.
    #[record(eve = "flow.reason")]
    pub(crate) reason: &'static str,
    /// A rule has alerted on it.
    #[record(eve = "flow.alerted")]
    pub(crate) alerted: bool,
    /// Transactions.
    #[record(eve = "flow.tx_cnt")]
    pub(crate) tx_cnt: Option<u64>,
    /// All TCP flags of the flow, hexadecimal.
    #[record(eve = "tcp.tcp_flags")]
    pub(crate) tcp_flags: Option<Hex>,
    /// Those of packets to the server.
    #[record(eve = "tcp.tcp_flags_ts")]
    pub(crate) tcp_flags_ts: Option<Hex>,
    /// Those of packets to the client.
    #[record(eve = "tcp.tcp_flags_tc")]
    pub(crate) tcp_flags_tc: Option<Hex>,
    /// SYN was seen.
    #[record(eve = "tcp.syn")]
    pub(crate) syn: Option<bool>,
    /// FIN was seen.
    #[record(eve = "tcp.fin")]
    pub(crate) fin: Option<bool>,
    /// RST was seen.
    #[record(eve = "tcp.rst")]
    pub(crate) rst: Option<bool>,
    /// PSH was seen.
    #[record(eve = "tcp.psh")]
    pub(crate) psh: Option<bool>,
    /// ACK was seen.
    #[record(eve = "tcp.ack")]
    pub(crate) ack: Option<bool>,
    /// URG was seen.
    #[record(eve = "tcp.urg")]
    pub(crate) urg: Option<bool>,
    /// ECE was seen.
    #[record(eve = "tcp.ecn")]
    pub(crate) ecn: Option<bool>,
    /// CWR was seen.
    #[record(eve = "tcp.cwr")]
    pub(crate) cwr: Option<bool>,
    /// State of the session.
    #[record(eve = "tcp.state")]
    pub(crate) tcp_state: Option<&'static str>,
    /// Bytes to the server were missed.
    #[record(eve = "tcp.ts_gap")]
    pub(crate) ts_gap: Option<bool>,
    /// Bytes to the client were missed.
    #[record(eve = "tcp.tc_gap")]
    pub(crate) tc_gap: Option<bool>,
}

/// A byte as two hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Hex([u8; 2]);

impl Hex {
    fn of(b: u8) -> Self {
        let digit = |n: u8| char::from_digit(u32::from(n), 16).map_or(b'0', |c| c as u8);
        Self([digit(b >> 4), digit(b & 15)])
    }
}

impl model::IntoField for Hex {
    const TYPE: model::Type = model::Type::Text;
    fn field(&self) -> model::Field<'_> {
        model::Field::Bytes(&self.0)
    }
}

/// Whether an address is of a private network: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and
/// the loopback.
fn is_local(a: IpAddr) -> bool {
    match a {
        IpAddr::V4(v) => {
            let [x, y, ..] = v.octets();
            v.is_private() || v.is_loopback() || v.is_link_local() || (x == 100 && y & 0xc0 == 64)
        }
        IpAddr::V6(v) => v.is_loopback() || v.is_unique_local() || v.is_unicast_link_local(),
    }
}

const fn reason(r: EndReason) -> &'static str {
    match r {
        EndReason::Timeout => "timeout",
        EndReason::Shutdown => "shutdown",
        EndReason::Reuse => "tcp_reuse",
        EndReason::Evicted => "forced",
    }
}

/// Tells what a finished flow was, to whoever takes it.
pub fn tell(cx: &mut Cx<'_>, s: &FlowSummary<'_>) {
    if cx.wants.record(ConnRecord::SCHEMA.id) {
        let mut service: SmallVec<[u8; 32]> = SmallVec::new();
        for name in cx.flow.services.iter() {
            if !service.is_empty() {
                service.push(b',');
            }
            service.extend_from_slice(name.as_bytes());
        }
        let service = str::from_utf8(&service).ok().filter(|t| !t.is_empty());
        let parent: SmallVec<[Uid; 1]> = cx.flow.parent.iter().map(|p| p.uid).collect();
        let record = conn(cx.flow, s, service, &parent);
        cx.out.record(cx.flow, &record);
    }
    if cx.wants.record(FlowEveRecord::SCHEMA.id) {
        let record = eve(cx.flow, s);
        cx.out.record(cx.flow, &record);
    }
}

fn conn<'a>(
    flow: &FlowFacts,
    s: &FlowSummary<'a>,
    service: Option<&'a str>,
    parent: &'a [Uid],
) -> ConnRecord<'a> {
    let lasted = s.duration > Span::ZERO;
    let [orig_bytes, resp_bytes] = s.sizes;
    let [orig, resp] = s.volumes;
    ConnRecord {
        head: flow.head(flow.first),
        proto: flow.proto_field(),
        service,
        duration: lasted.then_some(s.duration),
        orig_bytes: lasted.then_some(orig_bytes),
        resp_bytes: lasted.then_some(resp_bytes),
        conn_state: s.conn_state,
        local_orig: is_local(flow.orig.addr),
        local_resp: is_local(flow.resp.addr),
        missed_bytes: s.missed,
        history: Some(s.history).filter(|h| !h.is_empty()),
        orig_pkts: orig.packets,
        orig_ip_bytes: orig.ip_bytes,
        resp_pkts: resp.packets,
        resp_ip_bytes: resp.ip_bytes,
        tunnel_parents: (!parent.is_empty()).then_some(SetOf(parent)),
        ip_proto: flow.proto,
        reason: reason(s.reason),
    }
}

fn eve<'a>(flow: &'a FlowFacts, s: &FlowSummary<'_>) -> FlowEveRecord<'a> {
    let [to_server, to_client] = s.volumes;
    let icmp = matches!(flow.proto, 1 | 58);
    let answered = icmp && to_client.packets > 0;
    let tcp = s.tcp;
    let flags = tcp.map(|t| t.flags_to_server | t.flags_to_client);
    let flag = |bit: u8| flags.filter(|f| f & bit != 0).map(|_| true);
    FlowEveRecord {
        ts: s.last_packet,
        icmp_type: icmp.then_some(flow.orig.port & 0xff),
        icmp_code: s.icmp_code,
        response_icmp_type: answered.then_some(flow.resp.port & 0xff),
        response_icmp_code: answered.then_some(0),
        app_proto: flow.app_proto,
        pkts_toserver: to_server.packets,
        pkts_toclient: to_client.packets,
        bytes_toserver: to_server.frame_bytes,
        bytes_toclient: to_client.frame_bytes,
        start: flow.first,
        end: s.last_packet,
        age: u64::try_from(s.last_packet.secs().saturating_sub(flow.first.secs())).unwrap_or(0),
        state: s.flow_state,
        reason: reason(s.reason),
        alerted: false,
        tx_cnt: Some(flow.transactions).filter(|n| *n > 0),
        tcp_flags: flags.map(Hex::of),
        tcp_flags_ts: tcp.map(|t| Hex::of(t.flags_to_server)),
        tcp_flags_tc: tcp.map(|t| Hex::of(t.flags_to_client)),
        syn: flag(0x02),
        fin: flag(0x01),
        rst: flag(0x04),
        psh: flag(0x08),
        ack: flag(0x10),
        urg: flag(0x20),
        ecn: flag(0x40),
        cwr: flag(0x80),
        tcp_state: tcp.map(|t| t.state),
        ts_gap: tcp.filter(|t| t.gap_to_server).map(|_| true),
        tc_gap: tcp.filter(|t| t.gap_to_client).map(|_| true),
    }
}
