//! A shard's streams: each record's plans, and the buffers they fill.

use std::path::PathBuf;

use base::Ts;
use model::write::{EvePlan, JsonNames, JsonPlan, ZeekPlan};
use model::{FlowFacts, RecordSchema, Row};

use super::community::CommunityIds;
use super::{Outputs, WriterHandle};

/// A buffer that holds this much goes to the writer.
const FULL: usize = 256 * 1024;

struct Target {
    file: usize,
    rows: Vec<u8>,
}

impl Target {
    const fn new(file: usize) -> Self {
        Self { file, rows: Vec::new() }
    }
    fn hand_over(&mut self, writer: &WriterHandle, at_least: usize) {
        if self.rows.len() >= at_least {
            writer.write(self.file, &mut self.rows);
        }
    }
}

#[derive(Default)]
struct Stream {
    eve: Option<EvePlan>,
    json: Option<(JsonPlan, Target)>,
    tsv: Option<(ZeekPlan, Target)>,
}

/// The streams of one shard.
pub struct Streams {
    outputs: Outputs,
    writer: WriterHandle,
    /// By the schema's id.
    streams: Vec<Option<Box<Stream>>>,
    eve: Option<Target>,
    community: CommunityIds,
    started: Option<Ts>,
}

impl Streams {
    /// Streams that go to `outputs` by way of `writer`.
    pub fn new(outputs: Outputs, writer: WriterHandle) -> Self {
        let eve = outputs.eve.as_ref().map(|p| Target::new(writer.open(p, Vec::new())));
        Self {
            outputs,
            writer,
            streams: Vec::new(),
            eve,
            community: CommunityIds::new(),
            started: None,
        }
    }

    /// Writes one row. `flow` is the flow it belongs to, if any.
    pub fn write(
        &mut self,
        schema: &RecordSchema,
        flow: Option<&FlowFacts>,
        now: Ts,
        row: &Row<'_>,
    ) {
        self.started.get_or_insert(now);
        let at = schema.id.index();
        if self.streams.len() <= at {
            self.streams.resize_with(at.saturating_add(1), || None);
        }
        if self.streams.get(at).is_some_and(Option::is_none) {
            let stream = self.plan(schema, now);
            if let Some(slot) = self.streams.get_mut(at) {
                *slot = Some(Box::new(stream));
            }
        }
        let Some(Some(stream)) = self.streams.get_mut(at) else { return };
        if let (Some(plan), Some(target)) = (&stream.eve, &mut self.eve) {
            match flow {
                Some(flow) => plan.write(flow, self.community.of(flow), row, &mut target.rows),
                None => plan.write_alone(now, row, &mut target.rows),
            }
            target.rows.push(b'\n');
            target.hand_over(&self.writer, FULL);
        }
        if let Some((plan, target)) = &mut stream.json {
            plan.write(row, &mut target.rows);
            target.rows.push(b'\n');
            target.hand_over(&self.writer, FULL);
        }
        if let Some((plan, target)) = &mut stream.tsv {
            plan.write(row, &mut target.rows);
            target.hand_over(&self.writer, FULL);
        }
    }

    fn plan(&self, schema: &RecordSchema, now: Ts) -> Stream {
        let path = |dir: &PathBuf| dir.join(format!("{}.log", schema.zeek));
        let mut stream = Stream::default();
        if !schema.eve.is_empty() && self.eve.is_some() {
            stream.eve = Some(EvePlan::new(schema));
        }
        if !schema.zeek.is_empty() {
            if let Some(dir) = &self.outputs.zeek_json {
                let file = self.writer.open(&path(dir), Vec::new());
                stream.json = Some((JsonPlan::new(schema, JsonNames::Zeek), Target::new(file)));
            }
            if let Some(dir) = &self.outputs.zeek_tsv {
                let plan = ZeekPlan::new(schema);
                let mut header = Vec::new();
                plan.header(now, &mut header);
                let file = self.writer.open(&path(dir), header);
                stream.tsv = Some((plan, Target::new(file)));
            }
        }
        stream
    }

    /// Hands over what is left.
    pub fn finish(mut self, now: Ts) {
        for stream in self.streams.iter_mut().flatten() {
            if let Some((_, target)) = &mut stream.json {
                target.hand_over(&self.writer, 0);
            }
            if let Some((plan, target)) = &mut stream.tsv {
                target.hand_over(&self.writer, 0);
                let mut footer = Vec::new();
                plan.footer(now, &mut footer);
                self.writer.footer(target.file, footer);
            }
        }
        if let Some(target) = &mut self.eve {
            target.hand_over(&self.writer, 0);
        }
    }
}
