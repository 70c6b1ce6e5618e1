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

/// Lines of one row, each with the file it is for.
#[derive(Clone, Debug, Default)]
pub struct Lines(Vec<(usize, Vec<u8>)>);

/// The streams of one shard.
pub struct Streams {
    outputs: Outputs,
    writer: WriterHandle,
    /// By the schema's id.
    planned: Vec<Option<Box<Stream>>>,
    eve: Option<Target>,
    community: CommunityIds,
}

impl Streams {
    /// Streams that go to `outputs` by way of `writer`.
    pub fn new(outputs: Outputs, writer: WriterHandle) -> Self {
        let eve = outputs.eve.as_ref().map(|p| Target::new(writer.open(p, Vec::new())));
        Self { outputs, writer, planned: Vec::new(), eve, community: CommunityIds::new() }
    }

    /// Writes one row. `flow` is the flow it belongs to, if any.
    pub fn write(
        &mut self,
        schema: &RecordSchema,
        flow: Option<&FlowFacts>,
        now: Ts,
        row: &Row<'_>,
    ) {
        let Some(stream) = planned(&mut self.planned, &self.outputs, &self.writer, schema, now)
        else {
            return;
        };
        if let (Some(plan), Some(target)) = (&stream.eve, &mut self.eve) {
            eve(plan, flow, &mut self.community, now, row, &mut target.rows);
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

    /// Formats one row and keeps it back: the lines, each with the file it is for.
    pub fn format(
        &mut self,
        schema: &RecordSchema,
        flow: Option<&FlowFacts>,
        now: Ts,
        row: &Row<'_>,
    ) -> Lines {
        let mut lines = Lines::default();
        let Some(stream) = planned(&mut self.planned, &self.outputs, &self.writer, schema, now)
        else {
            return lines;
        };
        if let (Some(plan), Some(target)) = (&stream.eve, &self.eve) {
            let mut line = Vec::new();
            eve(plan, flow, &mut self.community, now, row, &mut line);
            lines.0.push((target.file, line));
        }
        if let Some((plan, target)) = &stream.json {
            let mut line = Vec::new();
            plan.write(row, &mut line);
            line.push(b'\n');
            lines.0.push((target.file, line));
        }
        if let Some((plan, target)) = &stream.tsv {
            let mut line = Vec::new();
            plan.write(row, &mut line);
            lines.0.push((target.file, line));
        }
        lines
    }

    /// Writes lines that were kept back.
    pub fn write_lines(&self, lines: Lines) {
        for (file, mut line) in lines.0 {
            self.writer.write(file, &mut line);
        }
    }

    /// Hands over what is left.
    pub fn finish(mut self, now: Ts) {
        for stream in self.planned.iter_mut().flatten() {
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

/// The stream of a schema, planned when its first row comes.
fn planned<'a>(
    streams: &'a mut Vec<Option<Box<Stream>>>,
    outputs: &Outputs,
    writer: &WriterHandle,
    schema: &RecordSchema,
    now: Ts,
) -> Option<&'a mut Stream> {
    let at = schema.id.index();
    if streams.len() <= at {
        streams.resize_with(at.saturating_add(1), || None);
    }
    let slot = streams.get_mut(at)?;
    Some(slot.get_or_insert_with(|| Box::new(plan(outputs, writer, schema, now))))
}

fn plan(outputs: &Outputs, writer: &WriterHandle, schema: &RecordSchema, now: Ts) -> Stream {
    let path = |dir: &PathBuf| dir.join(format!("{}.log", schema.zeek));
    let mut stream = Stream::default();
    if !schema.eve.is_empty() && outputs.eve.is_some() {
        stream.eve = Some(EvePlan::new(schema));
    }
    if !schema.zeek.is_empty() {
        if let Some(dir) = &outputs.zeek_json {
            let file = writer.open(&path(dir), Vec::new());
            stream.json = Some((JsonPlan::new(schema, JsonNames::Zeek), Target::new(file)));
        }
        if let Some(dir) = &outputs.zeek_tsv {
            let plan = ZeekPlan::new(schema);
            let mut header = Vec::new();
            plan.header(now, &mut header);
            let file = writer.open(&path(dir), header);
            stream.tsv = Some((plan, Target::new(file)));
        }
    }
    stream
}

fn eve(
    plan: &EvePlan,
    flow: Option<&FlowFacts>,
    community: &mut CommunityIds,
    now: Ts,
    row: &Row<'_>,
    out: &mut Vec<u8>,
) {
    match flow {
        Some(flow) => plan.write(flow, community.of(flow), row, out),
        None => plan.write_alone(now, row, out),
    }
    out.push(b'\n');
}
