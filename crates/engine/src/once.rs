//! Rows that are told once for all shards.
//!
//! A certificate is told when it is new, once a day (Zeek's rule). One shard decides that by itself;
//! several would each tell it. So in sharded mode such rows are kept back, and the desk tells those
//! that one shard would have told: the first of each key, and then none for a day.
//!
//! **Bound:** [`KEPT_MOST`] rows a shard; past it rows are told at once, twice rather than never.

use base::{Hash128, Map, Span, Ts};
use behaviour::Columns;
use model::{Field, RecordSchema, Row};

use crate::output::Lines;

/// Rows kept back by one shard.
const KEPT_MOST: usize = 200_000;
/// A key is told again after this long.
const AGAIN: Span = Span::from_secs(86_400);

/// What makes two rows the same, for the streams of which there are such rows.
#[derive(Clone, Debug)]
pub(crate) struct Key(Columns<3>);

impl Key {
    pub(crate) fn of(schema: &RecordSchema) -> Option<Self> {
        (schema.name == "x509")
            .then(|| Self(Columns::of(schema, ["fingerprint", "host_cert", "client_cert"])))
    }
    fn hash(&self, row: &Row<'_>) -> u128 {
        let mut h = Hash128::new(0);
        for field in self.0.read(row) {
            match field {
                Field::Text(t) => h.write(t.as_bytes()),
                Field::Bytes(b) => h.write(b),
                Field::Bool(b) => h.write_u64(u64::from(b)),
                _ => h.write_u64(2),
            }
        }
        h.finish()
    }
}

struct Kept {
    key: u128,
    ts: Ts,
    packet: u64,
    lines: Lines,
}

/// Rows that a shard kept back.
#[derive(Default)]
pub(crate) struct Once(Vec<Kept>);

impl Once {
    pub(crate) fn has_room(&self) -> bool {
        self.0.len() < KEPT_MOST
    }
    pub(crate) fn keep(&mut self, key: &Key, row: &Row<'_>, at: (Ts, u64), lines: Lines) {
        self.0.push(Kept { key: key.hash(row), ts: at.0, packet: at.1, lines });
    }
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
    /// Those that are told, in order.
    pub(crate) fn told(mut self) -> impl Iterator<Item = Lines> {
        self.0.sort_by_key(|k| (k.ts, k.packet, k.key));
        let mut last: Map<u128, Ts> = Map::default();
        self.0.into_iter().filter_map(move |k| {
            if last.get(&k.key).is_some_and(|t| k.ts.since(*t) < AGAIN) {
                return None;
            }
            last.insert(k.key, k.ts);
            Some(k.lines)
        })
    }
}
