//! Port and address scans by threshold random walk.
//!
//! A host that knows whom it talks to mostly gets answers; one that searches mostly doesn't. Each
//! *first* contact (of a source with an address, or with a port of one address) is a step: failure
//! multiplies the odds of searching by `(1 − θ₁)/(1 − θ₀)`, success by `θ₁/θ₀` (Jung, Paxson,
//! Berger, Balakrishnan: "Fast Portscan Detection Using Sequential Hypothesis Testing", IEEE S&P
//! 2004). With θ₀ = 0.8 and θ₁ = 0.2 a step is a factor of four either way, so the walk is the
//! number of failed contacts less that of good ones; it passes the threshold at
//! [`STEPS`] (odds above 4⁹ ≈ 262,144 : 1).
//!
//! Counting contacts instead of walking makes the verdict independent of their order. A contact
//! that failed and later succeeded counts as good.
//!
//! **Bounds:** [`SOURCES_MOST`] walks, each with [`CONTACTS_MOST`] contacts; past the first bound
//! the walk with the fewest failures among a few goes ([`Scans::forgotten`] counts), past the
//! second further contacts are only counted.

use std::net::IpAddr;

use base::{Map, Ts, Uid};
use model::{Alert, Evidence, FlowFacts, Row, Severity};
use smallvec::SmallVec;

use crate::columns::{Columns, text};

/// Failed contacts more than good ones that make a scan.
pub const STEPS: usize = 9;
/// Walks kept at most, of each kind.
pub const SOURCES_MOST: usize = 65_536;
/// Contacts kept for one walk.
pub const CONTACTS_MOST: usize = 4096;
/// Flows named in an alert.
const UIDS_MOST: usize = 5;

/// How a contact went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Good,
    /// It was refused or not answered.
    Failed,
}

/// The end of a flow, as far as scans care.
#[derive(Clone, Copy, Debug)]
pub struct FlowEnd {
    /// Time of the flow's first packet.
    pub first: Ts,
    /// The flow.
    pub uid: Uid,
    /// Who made contact.
    pub source: IpAddr,
    /// With whom.
    pub target: IpAddr,
    /// Port at the target.
    pub port: u16,
    /// IP protocol number.
    pub proto: u8,
    /// How it went.
    pub outcome: Outcome,
}

/// Who was contacted, and whether that was ever good. Most walks are a handful of contacts, which
/// are kept in place; only searches grow a table.
#[derive(Clone, Debug)]
enum Contacts<K> {
    Few(SmallVec<[(K, bool); 4]>),
    Many(Map<K, bool>),
}

/// Contacts that are kept in place.
const FEW: usize = 16;

impl<K: std::hash::Hash + Eq + Copy> Contacts<K> {
    fn len(&self) -> usize {
        match self {
            Self::Few(v) => v.len(),
            Self::Many(m) => m.len(),
        }
    }
    fn get_mut(&mut self, what: K) -> Option<&mut bool> {
        match self {
            Self::Few(v) => v.iter_mut().find(|(k, _)| *k == what).map(|(_, good)| good),
            Self::Many(m) => m.get_mut(&what),
        }
    }
    fn insert(&mut self, what: K, good: bool) {
        match self {
            Self::Few(v) if v.len() < FEW => v.push((what, good)),
            Self::Few(v) => {
                let mut many: Map<K, bool> = v.drain(..).collect();
                many.insert(what, good);
                *self = Self::Many(many);
            }
            Self::Many(m) => {
                m.insert(what, good);
            }
        }
    }
    /// All of them, in no order.
    fn all(&self) -> Vec<(K, bool)> {
        match self {
            Self::Few(v) => v.to_vec(),
            Self::Many(m) => m.iter().map(|(k, good)| (*k, *good)).collect(),
        }
    }
}

/// Contacts of one walk. `K` is what is searched: addresses (by hash) or ports.
#[derive(Clone, Debug)]
struct Walk<K> {
    contacts: Contacts<K>,
    good: usize,
    flows: u64,
    first: Ts,
    last: Ts,
    /// Earliest failed flows, in order.
    uids: Vec<(Ts, Uid)>,
    /// Contacts past the bound.
    more: u64,
    /// Lowest and highest port or the port all contacts used, told as evidence.
    ports: (u16, u16),
    proto: u8,
}

impl<K: std::hash::Hash + Eq + Copy> Walk<K> {
    fn new(end: &FlowEnd) -> Self {
        Self {
            contacts: Contacts::Few(SmallVec::new()),
            good: 0,
            flows: 0,
            first: end.first,
            last: end.first,
            uids: Vec::new(),
            more: 0,
            ports: (end.port, end.port),
            proto: end.proto,
        }
    }
    fn failed(&self) -> usize {
        self.contacts.len().saturating_sub(self.good)
    }
    fn is_scan(&self) -> bool {
        self.failed() >= self.good.saturating_add(STEPS)
    }
    fn step(&mut self, what: K, good: bool) {
        let full = self.contacts.len() >= CONTACTS_MOST;
        match self.contacts.get_mut(what) {
            Some(was) if good && !*was => {
                *was = true;
                self.good = self.good.saturating_add(1);
            }
            Some(_) => {}
            None if full => self.more = self.more.saturating_add(1),
            None => {
                self.contacts.insert(what, good);
                self.good = self.good.saturating_add(usize::from(good));
            }
        }
    }
    fn span(&mut self, first: Ts, last: Ts, ports: (u16, u16)) {
        self.first = self.first.min(first);
        self.last = self.last.max(last);
        self.ports = (self.ports.0.min(ports.0), self.ports.1.max(ports.1));
    }
    fn name(&mut self, at: Ts, uid: Uid) {
        let place = self.uids.partition_point(|u| *u < (at, uid));
        if place < UIDS_MOST {
            self.uids.insert(place, (at, uid));
            self.uids.truncate(UIDS_MOST);
        }
    }
    fn merge(&mut self, other: Self) {
        self.flows = self.flows.saturating_add(other.flows);
        self.more = self.more.saturating_add(other.more);
        self.span(other.first, other.last, other.ports);
        for (at, uid) in other.uids {
            self.name(at, uid);
        }
        // The result is the same in any order: a contact is good if it ever was.
        for (what, good) in other.contacts.all() {
            self.step(what, good);
        }
    }
}

/// Finds scans among the ends of flows.
#[derive(Debug, Default)]
pub struct Scans {
    /// Source → addresses tried at any port, by hash.
    addresses: Map<IpAddr, Walk<u64>>,
    /// (source, target) → ports tried.
    ports: Map<(IpAddr, IpAddr), Walk<u16>>,
    forgotten: u64,
}

impl Scans {
    /// Walks that were forgotten because there were too many.
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Columns that [`Scans::record`] reads, of the conn table.
    pub const COLUMNS: [&'static str; 2] = ["conn_state", "history"];

    /// Takes in a row of the conn table.
    pub fn record(&mut self, columns: &Columns<2>, row: &Row<'_>, flow: &FlowFacts) {
        let [state, history] = columns.read(row);
        let (Some(state), history) = (text(state), text(history).unwrap_or_default()) else {
            return;
        };
        if flow.orig.addr.is_multicast() || is_group(flow.resp.addr) {
            return;
        }
        let outcome = match (flow.proto, state) {
            // Refused, not answered, or reset before a word was said.
            (6, b"REJ" | b"S0" | b"RSTOS0" | b"RSTRH" | b"SH") => Outcome::Failed,
            // Probes that carry no SYN (FIN, NULL, Xmas scans) and get a reset, or nothing.
            (6, b"OTH" | b"RSTR") if !history.iter().any(|b| matches!(b, b'h' | b'H' | b'd')) => {
                Outcome::Failed
            }
            // Anything else in the middle of a connection says nothing about its beginning.
            (6, b"OTH") => return,
            (6, _) => Outcome::Good,
            (17, b"S0") => Outcome::Failed,
            (17, _) => Outcome::Good,
            _ => return,
        };
        self.flow_end(&FlowEnd {
            first: flow.first,
            uid: flow.uid,
            source: flow.orig.addr,
            target: flow.resp.addr,
            port: flow.resp.port,
            proto: flow.proto,
            outcome,
        });
    }

    /// Takes in the end of a flow.
    pub fn flow_end(&mut self, end: &FlowEnd) {
        let good = end.outcome == Outcome::Good;
        // A datagram without an answer says little about who sent it (logs, traps, streams): UDP
        // counts towards port scans only, where the ports of one target differ.
        if end.proto == 6 {
            let forgotten = &mut self.forgotten;
            let walk = walk(&mut self.addresses, end.source, end, forgotten);
            note(walk, end, good);
            walk.step(address_hash(end.target), good);
        }
        let walk = walk(&mut self.ports, (end.source, end.target), end, &mut self.forgotten);
        note(walk, end, good);
        walk.step(end.port, good);
    }

    /// Takes in what another shard saw.
    pub fn merge(&mut self, other: Self) {
        self.forgotten = self.forgotten.saturating_add(other.forgotten);
        merge_walks(&mut self.addresses, other.addresses);
        merge_walks(&mut self.ports, other.ports);
    }

    /// The scans there were, ordered by time.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut out = Vec::new();
        // Sorted below, so the order of the tables doesn't show.
        #[allow(clippy::iter_over_hash_type)]
        for (source, w) in self.addresses.iter().filter(|(_, w)| w.is_scan()) {
            out.push(address_alert(*source, w));
        }
        #[allow(clippy::iter_over_hash_type)]
        for ((source, target), w) in self.ports.iter().filter(|(_, w)| w.is_scan()) {
            out.push(port_alert(*source, *target, w));
        }
        out.sort_by_key(|a| (a.ts, a.source, a.target, a.rule));
        out
    }
}

/// An address as a contact: 64 bits of hash, since only their number counts.
fn address_hash(a: IpAddr) -> u64 {
    match a {
        IpAddr::V4(v) => u64::from(v.to_bits()),
        IpAddr::V6(v) => base::hash64(0, &v.octets()),
    }
}

/// Whether an address stands for many hosts (multicast, limited broadcast).
const fn is_group(a: IpAddr) -> bool {
    match a {
        IpAddr::V4(v) => v.is_multicast() || v.is_broadcast(),
        IpAddr::V6(v) => v.is_multicast(),
    }
}

fn walk<'a, K: std::hash::Hash + Eq + Copy, C: std::hash::Hash + Eq + Copy>(
    walks: &'a mut Map<K, Walk<C>>,
    key: K,
    end: &FlowEnd,
    forgotten: &mut u64,
) -> &'a mut Walk<C> {
    if walks.len() >= SOURCES_MOST && !walks.contains_key(&key) {
        // The least suspicious of a few makes room.
        let victim = walks.iter().take(16).min_by_key(|(_, w)| w.failed()).map(|(k, _)| *k);
        if let Some(k) = victim {
            walks.remove(&k);
            *forgotten = forgotten.saturating_add(1);
        }
    }
    walks.entry(key).or_insert_with(|| Walk::new(end))
}

fn note<K: std::hash::Hash + Eq + Copy>(w: &mut Walk<K>, end: &FlowEnd, good: bool) {
    w.flows = w.flows.saturating_add(1);
    w.span(end.first, end.first, (end.port, end.port));
    if !good {
        w.name(end.first, end.uid);
    }
}

fn merge_walks<K, C>(into: &mut Map<K, Walk<C>>, from: Map<K, Walk<C>>)
where
    K: std::hash::Hash + Eq + Copy,
    C: std::hash::Hash + Eq + Copy,
{
    #[allow(clippy::iter_over_hash_type)] // merging is the same in any order
    for (key, w) in from {
        match into.get_mut(&key) {
            Some(have) => have.merge(w),
            None => {
                into.insert(key, w);
            }
        }
    }
}

fn evidence<K: std::hash::Hash + Eq + Copy>(w: &Walk<K>, what: &'static str) -> Vec<Evidence> {
    let tried = (w.contacts.len() as u64).saturating_add(w.more);
    let first = |t: Ts| {
        let mut s = Vec::new();
        t.write_eve(&mut s);
        String::from_utf8(s).unwrap_or_default()
    };
    let ports = if w.ports.0 == w.ports.1 {
        w.ports.0.to_string()
    } else {
        format!("{} to {}", w.ports.0, w.ports.1)
    };
    vec![
        Evidence { what, value: tried.to_string() },
        Evidence { what: "without an answer", value: w.failed().to_string() },
        Evidence { what: "answered", value: w.good.to_string() },
        Evidence { what: "ports", value: ports },
        Evidence { what: "first seen", value: first(w.first) },
        Evidence { what: "last seen", value: first(w.last) },
    ]
}

fn why_now<K: std::hash::Hash + Eq + Copy>(w: &Walk<K>) -> String {
    format!(
        "{} first contacts failed and {} were answered; {STEPS} more failures than answers make a \
         search 4^{STEPS} times likelier than ordinary use",
        w.failed(),
        w.good
    )
}

fn address_alert(source: IpAddr, w: &Walk<u64>) -> Alert {
    Alert {
        ts: w.last,
        rule: "scan.address",
        title: format!("{source} searched {} addresses", w.contacts.len()),
        severity: Severity::Medium,
        source,
        target: None,
        target_port: (w.ports.0 == w.ports.1).then_some(w.ports.0),
        source_port: None,
        proto: w.proto,
        uids: w.uids.iter().map(|u| u.1).collect(),
        flows_total: w.flows,
        evidence: evidence(w, "addresses tried"),
        why_now: why_now(w),
        technique: "T1018",
        tactic: "Discovery",
        next: "Find out what runs on the source: a scanner of yours, or something that looks for \
               its next victim. Look at the contacts that were answered first.",
        explains: "A host makes contact with many addresses that do not answer (threshold random \
                   walk over first contacts).",
    }
}

fn port_alert(source: IpAddr, target: IpAddr, w: &Walk<u16>) -> Alert {
    let mut open: Vec<u16> =
        w.contacts.all().into_iter().filter(|(_, good)| *good).map(|(port, _)| port).collect();
    open.sort_unstable();
    let mut evidence = evidence(w, "ports tried");
    if !open.is_empty() {
        let shown: Vec<String> = open.iter().take(20).map(ToString::to_string).collect();
        evidence.push(Evidence { what: "open ports found", value: shown.join(", ") });
    }
    Alert {
        ts: w.last,
        rule: "scan.port",
        title: format!("{source} tried {} ports of {target}", w.contacts.len()),
        severity: if open.is_empty() { Severity::Low } else { Severity::Medium },
        source,
        target: Some(target),
        target_port: None,
        source_port: None,
        proto: w.proto,
        uids: w.uids.iter().map(|u| u.1).collect(),
        flows_total: w.flows,
        evidence,
        why_now: why_now(w),
        technique: "T1046",
        tactic: "Discovery",
        next: "See which ports were open and what was said on them afterwards; block the source at \
               the edge if it comes from outside.",
        explains: "A host tries many ports of one target that do not answer (threshold random walk \
                   over first contacts).",
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn end(i: u32, port: u16, outcome: Outcome) -> FlowEnd {
        FlowEnd {
            first: Ts::new(i64::from(i), 0),
            uid: Uid(u128::from(i)),
            source: "192.0.2.1".parse().unwrap(),
            target: std::net::Ipv4Addr::from(0xc633_6400 + i).into(),
            port,
            proto: 6,
            outcome,
        }
    }

    #[test]
    fn nine_failures_more_than_answers_make_a_scan_and_eight_do_not() {
        for (failed, good, want) in [(8, 0, 0), (9, 0, 1), (12, 4, 0), (13, 4, 1), (40, 40, 0)] {
            let mut s = Scans::default();
            for i in 0..failed {
                s.flow_end(&end(i, 445, Outcome::Failed));
            }
            for i in 0..good {
                s.flow_end(&end(1000 + i, 445, Outcome::Good));
            }
            assert_eq!(s.alerts().len(), want, "{failed} failed, {good} good");
        }
    }

    #[test]
    fn the_verdict_does_not_depend_on_order_or_shards() {
        let mut ends: Vec<FlowEnd> = (0..200)
            .map(|i| {
                let mut e = end(i, (i * 7 % 90) as u16, Outcome::Failed);
                e.target = "198.51.100.9".parse().unwrap();
                if i % 11 == 0 {
                    e.outcome = Outcome::Good;
                }
                e
            })
            .collect();
        let mut one = Scans::default();
        for e in &ends {
            one.flow_end(e);
        }
        ends.reverse();
        let (mut a, mut b) = (Scans::default(), Scans::default());
        for (i, e) in ends.iter().enumerate() {
            if i % 3 == 0 { a.flow_end(e) } else { b.flow_end(e) }
        }
        a.merge(b);
        assert_eq!(a.alerts(), one.alerts());
        assert_eq!(one.alerts().len(), 1);
    }
}
