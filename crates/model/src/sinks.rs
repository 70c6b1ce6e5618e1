//! The push side: what an analyzer says while it parses, and what the flow table says to it.

use base::FileId;

use crate::{
    Anomaly, AnomalyKind, Command, Event, FileFacts, FileStep, FlowFacts, Id, Profile, Record,
    RecordSchema,
};

/// What a stream consumer is given.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The next bytes of a stream.
    Bytes(&'a [u8]),
    /// A datagram.
    Datagram(&'a [u8]),
    /// So many bytes of the stream were lost.
    Gap(u64),
    /// This direction ends.
    End,
}

/// What a stream consumer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Give me more when it comes.
    More,
    /// Call me again with what I left.
    Again,
    /// Drain the script queue, then call me again with what I left.
    Ask,
    /// What follows in both directions is another protocol's (CONNECT, upgrade, STARTTLS): it is
    /// recognised anew, and its transactions belong to the same flow.
    HandOn,
    /// I need nothing more of this flow.
    Done,
    /// This is not my protocol (any more).
    NotMine,
}

/// How much a consumer took, and what it wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// Bytes taken from the input.
    pub used: usize,
    /// What next.
    pub then: Then,
}

impl Fed {
    /// Took all of it, wants more.
    pub const fn all(bytes: &[u8]) -> Self {
        Self { used: bytes.len(), then: Then::More }
    }
    /// Took nothing and is done with the flow.
    pub const DONE: Self = Self { used: 0, then: Then::Done };
    /// Took nothing; wants more.
    pub const MORE: Self = Self { used: 0, then: Then::More };
    /// Not its protocol.
    pub const NOT_MINE: Self = Self { used: 0, then: Then::NotMine };
}

/// Which records, events and buffers anybody wants: what nobody wants is never built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    records: Vec<u64>,
    events: Vec<u64>,
    buffers: Vec<u64>,
}

fn set(bits: &mut Vec<u64>, id: Id) {
    let i = id.index();
    if bits.len() <= i >> 6 {
        bits.resize((i >> 6).saturating_add(1), 0);
    }
    if let Some(w) = bits.get_mut(i >> 6) {
        *w |= 1 << (i & 63);
    }
}

#[inline]
fn has(bits: &[u64], id: Id) -> bool {
    let i = id.index();
    bits.get(i >> 6).is_some_and(|w| w >> (i & 63) & 1 == 1)
}

impl Wants {
    /// Asks for a record.
    pub fn want_record(&mut self, schema: &RecordSchema) {
        set(&mut self.records, schema.id);
    }
    /// Asks for an event.
    pub fn want_event(&mut self, id: Id) {
        set(&mut self.events, id);
    }
    /// Asks for a buffer.
    pub fn want_buffer(&mut self, id: Id) {
        set(&mut self.buffers, id);
    }
    /// Whether the record is wanted.
    #[inline]
    pub fn record(&self, id: Id) -> bool {
        has(&self.records, id)
    }
    /// Whether the event is wanted.
    #[inline]
    pub fn event(&self, id: Id) -> bool {
        has(&self.events, id)
    }
    /// Whether the buffer is wanted.
    #[inline]
    pub fn buffer(&self, id: Id) -> bool {
        has(&self.buffers, id)
    }
}

/// Where an analyzer's words go. The engine implements it; tests have small ones.
pub trait Sinks {
    /// A script event.
    fn event(&mut self, flow: &FlowFacts, id: Id, args: &dyn Record);
    /// A record to tell. `flow` is the flow it belongs to.
    fn record(&mut self, flow: &FlowFacts, record: &dyn Record);
    /// A deviation.
    fn anomaly(&mut self, flow: &FlowFacts, anomaly: Anomaly<'_>);
    /// A step in the life of a file.
    fn file(&mut self, flow: &FlowFacts, step: FileStep<'_>);
    /// What is known of a file by now.
    fn file_facts(&self, id: FileId) -> Option<&FileFacts>;
    /// Something asked of the shard.
    fn command(&mut self, command: Command);
}

/// What an analyzer has at hand during a step.
pub struct Cx<'a> {
    /// The flow.
    pub flow: &'a mut FlowFacts,
    /// Who wants what.
    pub wants: &'a Wants,
    /// Policy of interpretation.
    pub profile: &'a Profile,
    /// Where words go.
    pub out: &'a mut dyn Sinks,
}

impl Cx<'_> {
    /// Raises an event if anybody handles it; `make` is not called otherwise.
    #[inline]
    pub fn raise<E: Event>(&mut self, make: impl FnOnce() -> E) {
        if self.wants.event(E::ID) {
            self.out.event(self.flow, E::ID, &make());
        }
    }
    /// Tells a record if anybody takes it. `id` is that of its schema.
    #[inline]
    pub fn tell<R: Record>(&mut self, id: Id, make: impl FnOnce(&FlowFacts) -> R) {
        if self.wants.record(id) {
            let record = make(self.flow);
            self.out.record(self.flow, &record);
        }
    }
    /// Reports a deviation.
    pub fn anomaly(&mut self, kind: &'static AnomalyKind) {
        self.out.anomaly(self.flow, Anomaly { kind, detail: b"" });
    }
    /// Reports a deviation with a word about it.
    pub fn anomaly_with(&mut self, kind: &'static AnomalyKind, detail: &[u8]) {
        self.out.anomaly(self.flow, Anomaly { kind, detail });
    }
    /// Says a step of a file.
    pub fn file(&mut self, step: FileStep<'_>) {
        self.out.file(self.flow, step);
    }
    /// The flow speaks this protocol: Zeek's service name and Suricata's `app_proto`.
    pub fn confirm(&mut self, service: &'static str) {
        self.flow.services.confirm(service);
    }
    /// A number for the next transaction of the flow.
    pub fn next_tx(&mut self) -> u64 {
        let id = self.flow.transactions;
        self.flow.transactions = id.saturating_add(1);
        id
    }
}
