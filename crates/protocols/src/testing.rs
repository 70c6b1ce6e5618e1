//! For tests of analyzers: sinks that keep what was said, as text.

use std::collections::BTreeMap;

use base::{Dir, FileId, FlowId, Ts, Uid};
use model::{
    Anomaly, Command, Cx, Endpoint, FileFacts, FileStep, FlowFacts, Id, Input, Profile, Record,
    Sinks, Then, Wants,
};

use crate::Analyzer;

/// Everything an analyzer said.
#[derive(Default, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) records: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) anomalies: Vec<String>,
    /// Bytes of each file, in order, gaps as `[gap n]`.
    pub(crate) files: BTreeMap<FileId, Vec<u8>>,
}

impl Sinks for Said {
    fn event(&mut self, _: &FlowFacts, id: Id, args: &dyn Record) {
        self.events.push(format!("{id:?} {}", model::write::json_text(args)));
    }
    fn record(&mut self, _: &FlowFacts, record: &dyn Record) {
        self.records.push(format!("{} {}", record.schema().name, model::write::json_text(record)));
    }
    fn anomaly(&mut self, _: &FlowFacts, a: Anomaly<'_>) {
        self.anomalies.push(format!("{} {}", a.kind.name, String::from_utf8_lossy(a.detail)));
    }
    fn file(&mut self, _: &FlowFacts, step: FileStep<'_>) {
        match step {
            FileStep::Open(m) => {
                self.files.entry(m.id).or_default();
            }
            FileStep::Data(id, b) => self.files.entry(id).or_default().extend_from_slice(b),
            FileStep::Gap(id, n) => {
                self.files
                    .entry(id)
                    .or_default()
                    .extend_from_slice(format!("[gap {n}]").as_bytes());
            }
            FileStep::Close(..) | FileStep::EndPiece(..) => {}
        }
    }
    fn file_facts(&self, _: FileId) -> Option<&FileFacts> {
        None
    }
    fn command(&mut self, _: Command) {}
}

/// A flow between two documentation addresses.
pub(crate) fn flow(proto: u8, resp_port: u16) -> FlowFacts {
    let end = |last: u8, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    FlowFacts {
        id: FlowId(0),
        uid: Uid(1),
        orig: end(1, 40000),
        resp: end(2, resp_port),
        proto,
        first: Ts::new(1_700_000_000, 0),
        now: Ts::new(1_700_000_000, 0),
        packet: 1,
        vlans: [0; 2],
        parent: None,
        services: model::Services::default(),
        app_proto: None,
        transactions: 0,
        slot: [0; model::CONSUMERS],
        established: true,
        midstream: false,
        resets: 0,
        flipped: false,
    }
}

/// Feeds `inputs` to a fresh analyzer, each stream input cut into pieces of at most `piece` bytes,
/// and returns what was said. `wants` says which records and events are asked for.
pub(crate) fn run<A: Analyzer>(
    mut flow: FlowFacts,
    wants: &Wants,
    profile: &Profile,
    inputs: &[(Dir, Input<'_>)],
    mut piece: impl FnMut() -> usize,
) -> Said {
    let mut said = Said::default();
    let mut shared = A::Shared::default();
    let mut a = A::default();
    let mut over = false;
    for (dir, input) in inputs {
        let mut feed = |cx: &mut Cx<'_>, input: Input<'_>| {
            if over {
                return usize::MAX;
            }
            let fed = a.step(&mut shared, cx, *dir, input);
            over |= matches!(fed.then, Then::Done | Then::NotMine | Then::HandOn);
            fed.used
        };
        let mut cx = Cx { flow: &mut flow, wants, profile, out: &mut said };
        match input {
            Input::Bytes(bytes) => {
                for part in pieces(bytes, &mut piece) {
                    let mut rest = part;
                    while !rest.is_empty() {
                        let used = feed(&mut cx, Input::Bytes(rest));
                        if used == 0 {
                            break;
                        }
                        rest = rest.get(used..).unwrap_or_default();
                    }
                }
            }
            other => {
                feed(&mut cx, *other);
            }
        }
    }
    let mut cx = Cx { flow: &mut flow, wants, profile, out: &mut said };
    a.close(&mut shared, &mut cx);
    said
}

fn pieces<'a>(bytes: &'a [u8], piece: &mut impl FnMut() -> usize) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(piece().clamp(1, rest.len()));
        out.push(head);
        rest = tail;
    }
    out
}
