//! What the terminal tells at the end of a run: totals, and the most of everything.
//!
//! Tables are bounded: past [`KEYS_MOST`] keys the smaller half is dropped, which leaves the large
//! ones exact or nearly so ([`Most::is_pruned`] tells that it happened).

use std::hash::Hash;
use std::net::IpAddr;

use base::{Map, Ts};
use behaviour::Columns;
use model::{Field, FlowFacts, RecordSchema, Row};

/// Keys kept in one table.
pub const KEYS_MOST: usize = 200_000;

/// Counts by key, bounded.
#[derive(Clone, Debug)]
pub struct Most<K> {
    counts: Map<K, [u64; 3]>,
    pruned: bool,
}

impl<K> Default for Most<K> {
    fn default() -> Self {
        Self { counts: Map::default(), pruned: false }
    }
}

impl<K: Hash + Eq + Ord + Clone> Most<K> {
    /// Adds to a key's three figures; the first orders.
    pub fn add(&mut self, key: &K, by: [u64; 3]) {
        self.add_owned(key.clone(), by);
    }
    fn add_owned(&mut self, key: K, by: [u64; 3]) {
        if self.counts.len() >= KEYS_MOST && !self.counts.contains_key(&key) {
            self.prune();
        }
        let have = self.counts.entry(key).or_default();
        for (h, b) in have.iter_mut().zip(by) {
            *h = h.saturating_add(b);
        }
    }
    fn prune(&mut self) {
        let mut sizes: Vec<u64> =
            self.counts.values().map(|v| v.first().copied().unwrap_or(0)).collect();
        let middle = sizes.len() / 2;
        let (_, median, _) = sizes.select_nth_unstable(middle);
        let median = *median;
        self.counts.retain(|_, v| v.first().is_some_and(|n| *n > median));
        self.pruned = true;
    }
    /// Keys were dropped: there were more than are counted.
    pub const fn is_pruned(&self) -> bool {
        self.pruned
    }
    /// Takes in another table.
    pub fn merge(&mut self, other: Self) {
        self.pruned |= other.pruned;
        #[allow(clippy::iter_over_hash_type)] // sums
        for (k, v) in other.counts {
            self.add_owned(k, v);
        }
    }
    /// The `n` keys with the largest first figure; ties in the order of keys.
    pub fn top(&self, n: usize) -> Vec<(K, [u64; 3])> {
        let mut all: Vec<_> = self.counts.iter().map(|(k, v)| (k.clone(), *v)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(n);
        all
    }
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl<K: Hash + Eq + Ord + Clone + AsRef<[u8]> + for<'b> From<&'b [u8]>> Most<K> {
    /// Adds to a text key without owning it first.
    fn add_text(&mut self, key: &[u8], by: [u64; 3])
    where
        K: std::borrow::Borrow<[u8]>,
    {
        if let Some(have) = self.counts.get_mut(key) {
            for (h, b) in have.iter_mut().zip(by) {
                *h = h.saturating_add(b);
            }
        } else {
            self.add_owned(K::from(key.get(..key.len().min(255)).unwrap_or(key)), by);
        }
    }
}

/// Text as it came.
pub type Name = Box<[u8]>;

/// What a run saw.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// First packet.
    pub first: Option<Ts>,
    /// Last packet by time.
    pub last: Option<Ts>,
    /// Packets handed to decoding.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Packets that the filter left out.
    pub filtered: u64,
    /// Packets that carried no IP.
    pub not_ip: u64,
    /// Packets not analysed because a checksum was wrong.
    pub bad_checksum: u64,
    /// Packets whose wrong checksum was laid to the sender's card, and that were analysed.
    pub offload: u64,
    /// Flows by IP protocol.
    pub flows: Most<u8>,
    /// Hosts: bytes, bytes sent, flows.
    pub hosts: Most<IpAddr>,
    /// Services: flows, bytes.
    pub services: Most<&'static str>,
    /// Names asked for in DNS: times.
    pub names: Most<Name>,
    /// Hosts of web requests: times.
    pub web: Most<Name>,
    /// Server names of TLS: times.
    pub tls: Most<Name>,
    /// Files by type: count, bytes.
    pub files: Most<Name>,
    /// Rows by table.
    pub rows: Most<&'static str>,
    /// What kept files from being extracted, each cause once a shard.
    pub troubles: Vec<String>,
}

/// Where the tally looks in the rows of one stream.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    Nothing,
    Flows(Columns<2>),
    Names(Columns<1>),
    Web(Columns<1>),
    Tls(Columns<1>),
    Files(Columns<2>),
}

impl Look {
    pub(crate) fn of(schema: &RecordSchema) -> Self {
        match schema.name {
            "conn" => Self::Flows(Columns::of(schema, ["orig_ip_bytes", "resp_ip_bytes"])),
            "dns" => Self::Names(Columns::of(schema, ["query"])),
            "http" => Self::Web(Columns::of(schema, ["host"])),
            "ssl" => Self::Tls(Columns::of(schema, ["server_name"])),
            "files" => Self::Files(Columns::of(schema, ["mime_type", "seen_bytes"])),
            _ => Self::Nothing,
        }
    }
}

fn bytes_of(f: Field<'_>) -> Option<&[u8]> {
    match f {
        Field::Bytes(b) => Some(b),
        Field::Text(t) => Some(t.as_bytes()),
        _ => None,
    }
}

impl Tally {
    /// Takes in a packet.
    #[inline]
    pub(crate) fn packet(&mut self, ts: Ts, wire_len: u32) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(wire_len));
        self.first = Some(self.first.map_or(ts, |t| t.min(ts)));
        self.last = Some(self.last.map_or(ts, |t| t.max(ts)));
    }
    /// Takes in the end of a flow with the bytes of either side.
    fn flow(&mut self, flow: &FlowFacts, bytes: [u64; 2]) {
        let [out, back] = bytes;
        let all = out.saturating_add(back);
        self.flows.add(&flow.proto, [1, all, 0]);
        self.hosts.add(&flow.orig.addr, [all, out, 1]);
        self.hosts.add(&flow.resp.addr, [all, back, 1]);
        if flow.services.is_empty() {
            self.services.add(&"(not recognised)", [1, all, 0]);
        }
        for s in flow.services.iter() {
            self.services.add(&s, [1, all, 0]);
        }
    }
    /// Takes in a row.
    pub(crate) fn row(
        &mut self,
        name: &'static str,
        look: &Look,
        row: &Row<'_>,
        flow: Option<&FlowFacts>,
    ) {
        self.rows.add(&name, [1, 0, 0]);
        let (table, key, by) = match look {
            Look::Nothing => return,
            Look::Flows(c) => {
                let bytes = c.read(row).map(|f| if let Field::Count(n) = f { n } else { 0 });
                if let Some(flow) = flow {
                    self.flow(flow, bytes);
                }
                return;
            }
            Look::Names(c) => (&mut self.names, c.read(row)[0], [1, 0, 0]),
            Look::Web(c) => (&mut self.web, c.read(row)[0], [1, 0, 0]),
            Look::Tls(c) => (&mut self.tls, c.read(row)[0], [1, 0, 0]),
            Look::Files(c) => {
                let [mime, seen] = c.read(row);
                let seen = if let Field::Count(n) = seen { n } else { 0 };
                (&mut self.files, mime, [1, seen, 0])
            }
        };
        if let Some(text) = bytes_of(key) {
            table.add_text(text, by);
        }
    }
    /// Takes in what another shard saw.
    pub(crate) fn merge(&mut self, o: Self) {
        self.first = match (self.first, o.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last = self.last.max(o.last);
        for (a, b) in [
            (&mut self.packets, o.packets),
            (&mut self.bytes, o.bytes),
            (&mut self.filtered, o.filtered),
            (&mut self.not_ip, o.not_ip),
            (&mut self.bad_checksum, o.bad_checksum),
            (&mut self.offload, o.offload),
        ] {
            *a = a.saturating_add(b);
        }
        self.flows.merge(o.flows);
        self.hosts.merge(o.hosts);
        self.services.merge(o.services);
        self.names.merge(o.names);
        self.web.merge(o.web);
        self.tls.merge(o.tls);
        self.files.merge(o.files);
        self.rows.merge(o.rows);
        for trouble in o.troubles {
            if !self.troubles.contains(&trouble) {
                self.troubles.push(trouble);
            }
        }
    }
}
