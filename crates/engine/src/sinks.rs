//! Where a shard's analyzers speak to: records to streams, detectors and the tally, anomalies to
//! the weird table, file bytes to the files room.

use std::sync::Arc;

use base::{FileId, Span, Ts};
use behaviour::{Columns, Disguise, Scans, Secrets};
use files::{FileSinks, Files};
use model::{
    Alert, Anomaly, Command, FileFacts, FileStep, FlowFacts, Id, Record, RecordSchema, Row, Sinks,
    Wants,
};

use crate::once::{Key, Once};
use crate::output::{Lines, Streams};
use crate::tally::{Look, Tally};
use crate::weird::{AnomalyEveRecord, Names, Turn, Waiting, WeirdRecord, Weirds};

/// Who reads the rows of a stream besides the streams.
struct Readers {
    look: Look,
    scans: Option<Columns<2>>,
    secrets: Option<Columns<2>>,
    disguise: Option<Columns<6>>,
    once: Option<Key>,
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
            once: Key::of(schema),
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

impl Detectors {
    fn merge(&mut self, other: Self) {
        self.scans.merge(other.scans);
        self.secrets.merge(other.secrets);
        self.disguise.merge(other.disguise);
    }
    /// Their alerts, the weightiest first, then by time.
    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let mut alerts = self.scans.alerts();
        alerts.extend(self.secrets.alerts());
        alerts.extend(self.disguise.alerts());
        alerts.sort_by_key(|a| (std::cmp::Reverse(a.severity), a.ts));
        alerts
    }
}

/// What a shard found, to be merged at the desk.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) tally: Tally,
    pub(crate) detectors: Detectors,
    pub(crate) weirds: Weirds,
    pub(crate) once: Once,
}

impl Findings {
    pub(crate) fn merge(&mut self, other: Self) {
        self.tally.merge(other.tally);
        self.detectors.merge(other.detectors);
        self.weirds.merge(other.weirds);
        self.once.merge(other.once);
    }
}

/// Tells rows to whoever reads them.
pub(crate) struct Told {
    streams: Option<Streams>,
    readers: Vec<Option<Box<Readers>>>,
    pub(crate) detectors: Detectors,
    pub(crate) tally: Tally,
    pub(crate) wants: Arc<Wants>,
    pub(crate) now: Ts,
    /// Rows kept back for the desk, where there are several shards.
    pub(crate) once: Option<Once>,
}

impl Told {
    /// Writes lines that were kept back for the desk.
    pub(crate) fn write_lines(&mut self, lines: Lines) {
        if let Some(streams) = &self.streams {
            streams.write_lines(lines);
        }
    }
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
            if let (Some(key), Some(once)) = (&readers.once, &mut self.once)
                && once.has_room()
            {
                let lines = streams.format(schema, flow, now, &row);
                once.keep(key, &row, (now, flow.map_or(0, |f| f.packet)), lines);
                return;
            }
            streams.write(schema, flow, now, &row);
        }
    }
}

/// The sinks of one shard.
pub(crate) struct Out {
    pub(crate) told: Told,
    pub(crate) weirds: Weirds,
    pub(crate) commands: Vec<Command>,
    /// Taken out while it speaks to the rest.
    files: Option<Box<Files>>,
    /// Time-outs of files are looked at once a second.
    files_at: Ts,
    /// What kept files from being extracted.
    pub(crate) troubles: Vec<String>,
}

impl Out {
    /// `several`: other shards run beside this one.
    pub(crate) fn new(
        streams: Option<Streams>,
        wants: Arc<Wants>,
        files: Option<Files>,
        several: bool,
    ) -> Self {
        let told = Told {
            streams,
            readers: Vec::new(),
            detectors: Detectors::default(),
            tally: Tally::default(),
            wants,
            now: Ts::default(),
            once: several.then(Once::default),
        };
        Self {
            told,
            weirds: Weirds::default(),
            commands: Vec::new(),
            files: files.map(Box::new),
            files_at: Ts::default(),
            troubles: Vec::new(),
        }
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

    fn deviation(&mut self, flow: Option<&FlowFacts>, a: Anomaly<'_>) {
        let ends = flow.map(|f| [(f.orig.addr, f.orig.port), (f.resp.addr, f.resp.port)]);
        let w = Waiting {
            ts: flow.map_or(self.told.now, |f| f.now),
            packet: flow.map_or(0, |f| f.packet),
            uid: flow.map(|f| f.uid),
            ends,
            detail: a.detail.into(),
            names: Names { own: a.kind.name, zeek: a.kind.zeek, suricata: a.kind.suricata },
        };
        self.weird(&w, flow);
    }

    /// The input's clock has come to `now`: files of which nothing comes end.
    #[inline]
    pub(crate) fn clock(&mut self, now: Ts) {
        if now < self.files_at {
            return;
        }
        self.files_at = now.plus(Span::from_secs(1));
        self.with_files(|files, out, wants| files.advance(now, wants, out));
    }

    fn with_files(&mut self, f: impl FnOnce(&mut Files, &mut Self, &Wants)) {
        if let Some(mut files) = self.files.take() {
            let wants = Arc::clone(&self.told.wants);
            f(&mut files, self, &wants);
            self.files = Some(files);
        }
    }

    /// Ends the run: hands rows over and gives back what is merged.
    pub(crate) fn finish(mut self) -> Findings {
        let now = self.told.now;
        self.with_files(|files, out, wants| files.finish(now, wants, out));
        self.told.tally.troubles = self.troubles;
        if let Some(streams) = self.told.streams.take() {
            streams.finish(self.told.now);
        }
        Findings {
            tally: self.told.tally,
            detectors: self.told.detectors,
            weirds: self.weirds,
            once: self.told.once.unwrap_or_default(),
        }
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
        self.deviation(Some(flow), a);
    }
    fn file(&mut self, flow: &FlowFacts, step: FileStep<'_>) {
        self.with_files(|files, out, wants| files.step(flow, step, wants, out));
    }
    fn file_facts(&self, id: FileId) -> Option<&FileFacts> {
        self.files.as_ref().and_then(|files| files.facts(id))
    }
    fn command(&mut self, command: Command) {
        self.commands.push(command);
    }
}

impl FileSinks for Out {
    fn record(&mut self, flow: Option<&FlowFacts>, record: &dyn Record) {
        self.told.record(flow, record);
    }
    fn event(&mut self, _: Option<&FlowFacts>, _: Id, _: &dyn Record) {
        // As above.
    }
    fn anomaly(&mut self, flow: Option<&FlowFacts>, a: Anomaly<'_>) {
        self.deviation(flow, a);
    }
    fn trouble(&mut self, text: &str) {
        self.troubles.push(text.to_owned());
    }
}
