//! Where a shard's analyzers speak to: records to streams, detectors and the tally, anomalies to
//! the weird table, file bytes to the files room.

use std::sync::Arc;

use base::{FileId, Ts};
use behaviour::{Columns, Disguise, Scans, Secrets};
use model::{
    Anomaly, Command, FileFacts, FileStep, FlowFacts, Id, Record, RecordSchema, Row, Sinks, Wants,
};

use crate::output::Streams;
use crate::tally::{Look, Tally};
use crate::weird::{AnomalyEveRecord, Names, Turn, Waiting, WeirdRecord, Weirds};

/// Who reads the rows of a stream besides the streams.
struct Readers {
    look: Look,
    scans: Option<Columns<2>>,
    secrets: Option<Columns<2>>,
    disguise: Option<Columns<6>>,
    written: bool,
}

impl Readers {
    fn of(schema: &RecordSchema) -> Self {
        let has = |name: &str| schema.flat().iter().any(|f| f.name == name);
        Self {
            look: Look::of(schema),
            scans: (schema.name == "conn").then(|| Columns::of(schema, Scans::COLUMNS)),
            secrets: (!schema.zeek.is_empty() && has("username") && has("password"))
                .then(|| Columns::of(schema, Secrets::COLUMNS)),
            disguise: (schema.name == "files").then(|| Columns::of(schema, Disguise::COLUMNS)),
            written: !schema.zeek.is_empty() || !schema.eve.is_empty(),
        }
    }
}

/// What detectors of one shard know.
#[derive(Default)]
pub(crate) struct Detectors {
    pub(crate) scans: Scans,
    pub(crate) secrets: Secrets,
    pub(crate) disguise: Disguise,
}

/// Tells rows to whoever reads them.
pub(crate) struct Told {
    streams: Option<Streams>,
    readers: Vec<Option<Box<Readers>>>,
    pub(crate) detectors: Detectors,
    pub(crate) tally: Tally,
    pub(crate) wants: Arc<Wants>,
    pub(crate) now: Ts,
}

impl Told {
    pub(crate) fn record(&mut self, flow: Option<&FlowFacts>, record: &dyn Record) {
        let schema = record.schema();
        let row = Row::of(record);
        let at = schema.id.index();
        if self.readers.len() <= at {
            self.readers.resize_with(at.saturating_add(1), || None);
        }
        let Some(slot) = self.readers.get_mut(at) else { return };
        let readers = slot.get_or_insert_with(|| Box::new(Readers::of(schema)));
        if !schema.zeek.is_empty() {
            self.tally.row(schema.name, &readers.look, &row, flow);
        }
        if let Some(flow) = flow {
            if let Some(columns) = &readers.scans {
                self.detectors.scans.record(columns, &row, flow);
            }
            if let Some(columns) = &readers.secrets {
                self.detectors.secrets.record(schema.name, columns, &row, flow);
            }
            if let Some(columns) = &readers.disguise {
                self.detectors.disguise.record(columns, &row, flow);
            }
        }
        if readers.written
            && let Some(streams) = &mut self.streams
        {
            let now = flow.map_or(self.now, |f| f.now);
            streams.write(schema, flow, now, &row);
        }
    }
}

/// The sinks of one shard.
pub(crate) struct Out {
    pub(crate) told: Told,
    pub(crate) weirds: Weirds,
    pub(crate) commands: Vec<Command>,
}

impl Out {
    pub(crate) fn new(streams: Option<Streams>, wants: Arc<Wants>) -> Self {
        let told = Told {
            streams,
            readers: Vec::new(),
            detectors: Detectors::default(),
            tally: Tally::default(),
            wants,
            now: Ts::default(),
        };
        Self { told, weirds: Weirds::default(), commands: Vec::new() }
    }

    /// An anomaly that belongs to a flow, to a pair of addresses, or to nothing.
    pub(crate) fn weird(&mut self, w: &Waiting, flow: Option<&FlowFacts>) {
        if !w.names.suricata.is_empty() && self.told.wants.record(AnomalyEveRecord::SCHEMA.id) {
            let (layer, event) = w.names.suricata.split_once('.').unwrap_or(("", w.names.suricata));
            let (kind, app_proto) = match layer {
                "decoder" => ("decode", None),
                "stream" => ("stream", None),
                app => ("applayer", Some(app)),
            };
            let event = if kind == "applayer" { event } else { w.names.suricata };
            self.told.record(flow, &AnomalyEveRecord { kind, event, app_proto });
        }
        if let Turn::Tell = self.weirds.meet(w)
            && self.told.wants.record(WeirdRecord::SCHEMA.id)
        {
            self.told.record(flow, &w.record());
        }
    }

    /// Ends the run: hands rows over and gives back what is merged.
    pub(crate) fn finish(mut self) -> (Tally, Detectors, Weirds) {
        if let Some(streams) = self.told.streams.take() {
            streams.finish(self.told.now);
        }
        (self.told.tally, self.told.detectors, self.weirds)
    }
}

impl Sinks for Out {
    fn event(&mut self, _flow: &FlowFacts, _id: Id, _args: &dyn Record) {
        // No script machine runs in this program yet, and `Wants` asks for no event.
    }
    fn record(&mut self, flow: &FlowFacts, record: &dyn Record) {
        self.told.record(Some(flow), record);
    }
    fn anomaly(&mut self, flow: &FlowFacts, a: Anomaly<'_>) {
        let w = Waiting {
            ts: flow.now,
            packet: flow.packet,
            uid: Some(flow.uid),
            ends: Some([(flow.orig.addr, flow.orig.port), (flow.resp.addr, flow.resp.port)]),
            detail: a.detail.into(),
            names: Names { own: a.kind.name, zeek: a.kind.zeek, suricata: a.kind.suricata },
        };
        self.weird(&w, Some(flow));
    }
    fn file(&mut self, _flow: &FlowFacts, _step: FileStep<'_>) {}
    fn file_facts(&self, _id: FileId) -> Option<&FileFacts> {
        None
    }
    fn command(&mut self, command: Command) {
        self.commands.push(command);
    }
}
