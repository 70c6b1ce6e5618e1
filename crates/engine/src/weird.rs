//! Anomalies told to people: the `weird` table, with Zeek's rules about repetition, and EVE's
//! `anomaly` events.
//!
//! An anomaly of a flow is told once per name. Those that a broken host repeats on every flow are
//! told once per originator: the earliest of them, so that the row is the same for any number of
//! shards. That needs an order, so these wait until the end (`read`) or the next report (`run`).

use std::net::IpAddr;

use base::{Map, Set, Ts, Uid};
use model::{Bytes, Id, Port, Record, room};

/// One anomaly.
#[derive(Record)]
#[record(id = Id::new(room::ANOMALY, 0), name = "weird", zeek = "weird")]
pub struct WeirdRecord<'a> {
    /// When it was met.
    #[record(ecs = "@timestamp", ocsf = "time")]
    pub ts: Ts,
    /// The connection, if it was met in one.
    #[record(ecs = "network.session.id", ocsf = "connection_info.uid")]
    pub uid: Option<Uid>,
    /// Originator's address.
    #[record(name = "id.orig_h", zeek = "id.orig_h", ecs = "source.ip", ocsf = "src_endpoint.ip")]
    pub orig_h: Option<IpAddr>,
    /// Originator's port.
    #[record(
        name = "id.orig_p",
        zeek = "id.orig_p",
        ecs = "source.port",
        ocsf = "src_endpoint.port"
    )]
    pub orig_p: Option<Port>,
    /// Responder's address.
    #[record(
        name = "id.resp_h",
        zeek = "id.resp_h",
        ecs = "destination.ip",
        ocsf = "dst_endpoint.ip"
    )]
    pub resp_h: Option<IpAddr>,
    /// Responder's port.
    #[record(
        name = "id.resp_p",
        zeek = "id.resp_p",
        ecs = "destination.port",
        ocsf = "dst_endpoint.port"
    )]
    pub resp_p: Option<Port>,
    /// What it is, by Zeek's name where Zeek has one.
    #[record(ecs = "event.action", ocsf = "message")]
    pub name: &'a str,
    /// More about it.
    #[record(ecs = "event.reason")]
    pub addl: Option<Bytes<'a>>,
    /// Whether it became a notice.
    pub notice: bool,
    /// Which sensor met it.
    pub peer: &'a str,
    /// Which analyzer met it.
    pub source: Option<&'a str>,
    /// Our own name for it, stable over versions.
    #[record(zeek = "")]
    pub kind: &'a str,
    /// Suricata's event, where it has one.
    #[record(zeek = "")]
    pub event: Option<&'a str>,
}

/// An anomaly as EVE tells it.
#[derive(Record)]
#[record(id = Id::new(room::ANOMALY, 1), name = "eve_anomaly", eve = "anomaly")]
pub struct AnomalyEveRecord<'a> {
    /// `decode`, `stream` or `applayer`.
    #[record(zeek = "", eve = "anomaly.type")]
    pub kind: &'a str,
    /// Suricata's event, without the layer before it.
    #[record(zeek = "", eve = "anomaly.event")]
    pub event: &'a str,
    /// The application protocol whose parser met it.
    #[record(zeek = "", eve = "anomaly.app_proto")]
    pub app_proto: Option<&'a str>,
}

/// Weirds that hosts repeat on flow after flow: told once per originator.
const PER_ORIGINATOR: [&str; 19] = [
    "DNS_label_forward_compress_offset",
    "DNS_label_len_gt_name_len",
    "DNS_label_len_gt_pkt",
    "DNS_label_too_long",
    "SSH_max_packet_length_exceeded",
    "SSH_max_string_length_exceeded",
    "SYN_with_data",
    "UDP_datagram_length_mismatch",
    "bad_ICMP_checksum",
    "bad_IP_checksum",
    "bad_RPC",
    "bad_TCP_checksum",
    "bad_UDP_checksum",
    "connection_originator_SYN_ack",
    "excess_RPC",
    "excessively_small_fragment",
    "fragment_inconsistency",
    "fragment_overlap",
    "fragment_size_inconsistency",
];

/// Weirds that are met all the time and say nothing.
const IGNORED: [&str; 5] = [
    "FIN_after_reset",
    "spontaneous_FIN",
    "spontaneous_RST",
    "unsolicited_SYN_response",
    "dnp3_corrupt_header_checksum",
];

/// (anomaly, whom it is about) pairs remembered to tell each once.
const TOLD_MOST: usize = 500_000;
/// Anomalies that wait to be told once per originator.
const WAITING_MOST: usize = 100_000;

/// An anomaly that waits for its turn.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) ts: Ts,
    pub(crate) packet: u64,
    pub(crate) uid: Option<Uid>,
    pub(crate) ends: Option<Ends>,
    pub(crate) detail: Box<[u8]>,
    pub(crate) names: Names,
}

/// The names of an anomaly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) own: &'static str,
    pub(crate) zeek: &'static str,
    pub(crate) suricata: &'static str,
}

/// What is to be done with an anomaly.
pub(crate) enum Turn {
    /// Told now.
    Tell,
    /// Known already, or of no interest.
    Drop,
}

/// Addresses and ports of both ends.
type Ends = [(IpAddr, u16); 2];

/// Remembers what was told, within bounds.
#[derive(Default)]
pub(crate) struct Weirds {
    told: Set<(&'static str, Option<Ends>)>,
    waiting: Map<(&'static str, Option<IpAddr>), Waiting>,
    /// Anomalies by name, for the summary.
    pub(crate) counts: Map<&'static str, u64>,
    /// Told more than once or not at all because a bound was hit.
    pub(crate) over_bound: u64,
}

impl Weirds {
    /// Takes in an anomaly and says whether it is told now.
    pub(crate) fn meet(&mut self, w: &Waiting) -> Turn {
        *self.counts.entry(w.names.own).or_default() += 1;
        let name = w.names.zeek;
        if name.is_empty() || IGNORED.contains(&name) {
            return Turn::Drop;
        }
        // Those that are tied to nothing are told once in all.
        let once = match w.ends {
            None => Some(None),
            Some([(orig, _), _]) => PER_ORIGINATOR.contains(&name).then_some(Some(orig)),
        };
        if let Some(whom) = once {
            self.wait(name, whom, w);
            return Turn::Drop;
        }
        if self.told.len() >= TOLD_MOST {
            // Telling twice is better than not at all.
            self.told.clear();
            self.over_bound = self.over_bound.saturating_add(1);
        }
        if self.told.insert((name, w.ends)) { Turn::Tell } else { Turn::Drop }
    }

    fn wait(&mut self, name: &'static str, orig: Option<IpAddr>, w: &Waiting) {
        let full = self.waiting.len() >= WAITING_MOST;
        match self.waiting.get_mut(&(name, orig)) {
            Some(have) if (w.ts, w.packet) < (have.ts, have.packet) => *have = w.clone(),
            Some(_) => {}
            None if !full => {
                self.waiting.insert((name, orig), w.clone());
            }
            None => self.over_bound = self.over_bound.saturating_add(1),
        }
    }

    /// Takes in what another shard met.
    pub(crate) fn merge(&mut self, other: Self) {
        self.over_bound = self.over_bound.saturating_add(other.over_bound);
        #[allow(clippy::iter_over_hash_type)] // the earliest wins in any order
        for ((name, orig), w) in other.waiting {
            self.wait(name, orig, &w);
        }
        #[allow(clippy::iter_over_hash_type)] // sums
        for (name, n) in other.counts {
            let have = self.counts.entry(name).or_default();
            *have = have.saturating_add(n);
        }
    }

    /// Those that waited, in order.
    pub(crate) fn waited(&mut self) -> Vec<Waiting> {
        let mut all: Vec<Waiting> = self.waiting.drain().map(|(_, w)| w).collect();
        all.sort_by_key(|w| (w.ts, w.packet, w.names.zeek));
        all
    }
}

impl Waiting {
    /// The row that is told.
    pub(crate) fn record(&self) -> WeirdRecord<'_> {
        let end = |i: usize| self.ends.as_ref().and_then(|e| e.get(i));
        WeirdRecord {
            ts: self.ts,
            uid: self.uid,
            orig_h: end(0).map(|e| e.0),
            orig_p: end(0).map(|e| Port(e.1)),
            resp_h: end(1).map(|e| e.0),
            resp_p: end(1).map(|e| Port(e.1)),
            name: self.names.zeek,
            addl: (!self.detail.is_empty()).then_some(Bytes(&self.detail)),
            notice: false,
            peer: "watchpost",
            source: None,
            kind: self.names.own,
            event: (!self.names.suricata.is_empty()).then_some(self.names.suricata),
        }
    }
}
