//! The flow table: which packets belong together, and what becomes of each flow.
//!
//! A packet enters with [`FlowTable::advance`]: flows whose time is over end, the packet's flow is
//! found or begun, its trackers follow the packet, and the consumer of the flow is led through the
//! steps this sets off. When the consumer needs an answer in the middle, `advance` returns
//! [`Advance::Ask`] and goes on at the next byte when called again with the same packet.
//!
//! Whether a packet belongs to the flow in the table or begins another is decided by the times of
//! that flow's own packets, and in Zeek's reading by the input's clock, which is the latest time
//! seen so far: never by what else is in the table. The wheel only frees what is over.
//!
//! **Bounds.** Flows: [`model::Profile::flows`]; who comes when the table is full takes the place of
//! the longest silent of a few (policy *evict-idle*, counted). Held bytes: [`Buffers`].

use std::collections::VecDeque;

use base::{Dir, FlowId, Span, TimerId, Ts, Uid, Wheel};
use hashbrown::HashTable;
use model::{
    Anomaly, Command, Cx, Endpoint, Fed, FlowFacts, Input, Parent, Profile, Reply, Services, Sinks,
    Then, Wants,
};
use wire::{Frame, Packet, Transport};

use crate::StreamConsumer;
use crate::flow::{Flow, ToldTo};
use crate::key::{self, Place, Tuple, proto};
use crate::reassembly::{Buffers, Piece};
use crate::step::Step;
use crate::summary::EndReason;
use crate::tcp::{Reuse, Segment};
use crate::weird::{self, Weird};

/// The connection record (`protocols::conn` declares it): without it Zeek's books need not be kept
/// where another reading decides.
const CONN: model::Id = model::Id::new(model::room::CONN, 0);
/// The same of Suricata's flow record.
const FLOW: model::Id = model::Id::new(model::room::CONN, 1);

/// A packet on its way into the table.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// When it came.
    pub ts: Ts,
    /// Its number in the input, from 1.
    pub number: u64,
    /// Its link layers (of the carried frame inside a tunnel).
    pub frame: &'a Frame<'a>,
    /// The packet.
    pub packet: &'a Packet<'a>,
    /// Captured bytes of the frame, or of what a tunnel carries of it.
    pub frame_bytes: u32,
    /// Tunnels around it.
    pub depth: u8,
    /// The flow of the tunnel packet that carries it.
    pub parent: Option<Parent>,
    /// The tunnels around it, named by [`crate::tunnel_id`]; 0 where there are none.
    pub tunnel: u64,
    /// Its checksum is wrong and is held against it: it is counted as such and not analysed.
    pub bad_checksum: bool,
}

/// What the table needs of its surroundings.
pub struct Around<'a, S> {
    /// State shared by the consumers of this shard.
    pub shared: &'a mut S,
    /// Who wants what.
    pub wants: &'a Wants,
    /// Policy of interpretation, the one the table was made with.
    pub profile: &'a Profile,
    /// Where words go.
    pub out: &'a mut dyn Sinks,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// A consumer needs an answer: drain the script queue, then call again with the same packet.
    Ask,
    /// It is done; the flow it belongs to, `None` if it is part of none.
    Done(Option<FlowId>),
}

/// What the table counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableCounters {
    /// Flows begun.
    pub begun: u64,
    /// Flows ended.
    pub ended: u64,
    /// Flows that lost their place to another.
    pub evicted: u64,
    /// Most flows at a time.
    pub most: u64,
    /// Packets that are part of no flow.
    pub stray: u64,
}

/// Position in the queue of a packet that waits for an answer.
struct Waiting {
    flow: u32,
    /// Bytes of the first step that were taken.
    used: usize,
    /// Bytes of it that are analysed, once measured.
    limit: Option<usize>,
}

/// Flows of one shard.
pub struct FlowTable<C> {
    profile: Profile,
    seed: u64,
    index: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    slots: Vec<Slot<C>>,
    free: Vec<u32>,
    wheel: Wheel,
    /// The latest time seen.
    clock: Ts,
    /// How far behind it packets have come: so long a flow that is over is kept, in case that one
    /// of its packets is late.
    late: Span,
    serial: u64,
    hand: usize,
    pub(crate) buffers: Buffers,
    steps: VecDeque<Step>,
    pieces: Vec<Piece>,
    weirds: Vec<Weird>,
    due: Vec<TimerId>,
    waiting: Option<Waiting>,
    /// What the table counts.
    pub counters: TableCounters,
}

struct Slot<C> {
    generation: u32,
    flow: Option<Box<Flow<C>>>,
}

fn hash_of(state: &foldhash::fast::RandomState, key: &key::FlowKey) -> u64 {
    std::hash::BuildHasher::hash_one(state, key)
}

impl<C: StreamConsumer> FlowTable<C> {
    /// An empty table; `seed` enters the names of its flows.
    pub fn new(profile: Profile, seed: u64) -> Self {
        let buffers = Buffers::new(profile.reassembly_bytes, profile.reassembly_bytes_flow);
        Self {
            profile,
            seed,
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            slots: Vec::new(),
            free: Vec::new(),
            wheel: Wheel::new(Span::from_millis(100)),
            clock: Ts(i64::MIN),
            late: Span::ZERO,
            serial: 0,
            hand: 0,
            buffers,
            steps: VecDeque::new(),
            pieces: Vec::new(),
            weirds: Vec::new(),
            due: Vec::new(),
            waiting: None,
            counters: TableCounters::default(),
        }
    }
    /// Flows in the table.
    pub fn len(&self) -> usize {
        self.index.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }
    /// Bytes that reassembly holds.
    pub const fn held_bytes(&self) -> u64 {
        self.buffers.held()
    }
    /// How often a limit of reassembly was hit: of a flow, a pair of hosts, the whole.
    pub const fn reassembly_hits(&self) -> [u64; 3] {
        self.buffers.hits
    }
    /// What is known of a flow.
    pub fn facts(&self, id: FlowId) -> Option<&FlowFacts> {
        self.get(id.0).map(|f| &f.facts)
    }
    /// What is known of a flow, to change it.
    pub fn facts_mut(&mut self, id: FlowId) -> Option<&mut FlowFacts> {
        self.get_mut(id.0).map(|f| &mut f.facts)
    }
    /// Which way the last packet of a flow went.
    pub fn direction(&self, id: FlowId) -> Option<Dir> {
        self.get(id.0).map(|f| f.dir(f.last_side))
    }
    /// The consumer of a flow.
    pub fn consumer(&mut self, id: FlowId) -> Option<&mut C> {
        self.get_mut(id.0).and_then(|f| f.app.as_mut())
    }
    /// Does what a consumer has asked of a flow; `None` for commands that concern no flow.
    pub fn command(&mut self, command: &Command) -> Option<Reply> {
        let (id, what) = match command {
            Command::Bypass(id) => (id, Some(ToldTo::Count)),
            Command::Drop(id) => (id, Some(ToldTo::Forget)),
            Command::StopAnalysis(id) | Command::Depth(id, ..) => (id, None),
            _ => return None,
        };
        let Some(flow) = self.get_mut(id.0) else { return Some(Reply::Gone) };
        match (command, what) {
            (_, Some(what)) => flow.tell_to(what),
            (Command::Depth(_, dir, bytes), _) => flow.set_depth(*dir, *bytes),
            _ => flow.app_done = true,
        }
        Some(Reply::Done)
    }
    fn get(&self, i: u32) -> Option<&Flow<C>> {
        self.slots.get(i as usize)?.flow.as_deref()
    }
    fn get_mut(&mut self, i: u32) -> Option<&mut Flow<C>> {
        self.slots.get_mut(i as usize)?.flow.as_deref_mut()
    }

    /// Takes a packet in, or goes on with the one that asked.
    pub fn advance(&mut self, a: &Arrival<'_>, around: &mut Around<'_, C::Shared>) -> Advance {
        if self.waiting.is_none() {
            self.expire(a.ts, around);
            self.late = self.late.max(self.clock.since(a.ts));
            let Some(flow) = self.enter(a, around) else {
                self.counters.stray = self.counters.stray.saturating_add(1);
                return Advance::Done(None);
            };
            self.waiting = Some(Waiting { flow, used: 0, limit: None });
        }
        self.lead(a, around)
    }

    /// Moves the clock without a packet: flows whose time is over end.
    pub fn expire(&mut self, now: Ts, around: &mut Around<'_, C::Shared>) {
        self.clock = self.clock.max(now);
        let now = self.clock;
        let mut due = std::mem::take(&mut self.due);
        self.wheel.advance(now, |_, id| due.push(id));
        for id in due.drain(..) {
            let (slot, generation) = (id.0 as u32, (id.0 >> 32) as u32);
            let Some(s) = self.slots.get_mut(slot as usize) else { continue };
            if s.generation != generation {
                continue;
            }
            let Some(flow) = &mut s.flow else { continue };
            let sure = now.plus(Span(self.late.0.saturating_neg()));
            if flow.run_timers(now, sure, &self.profile) {
                self.end(slot, EndReason::Timeout, around);
            } else {
                let at = flow.next_timer(&self.profile);
                self.wheel.arm(if self.profile.is_zeek() { at } else { at.plus(self.late) }, id);
            }
        }
        self.due = due;
    }

    /// The input is over: every flow ends, in the order of first packets.
    pub fn finish(&mut self, around: &mut Around<'_, C::Shared>) {
        self.waiting = None;
        self.steps.clear();
        let mut all: Vec<(u64, u32)> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((s.flow.as_ref()?.serial, u32::try_from(i).ok()?)))
            .collect();
        all.sort_unstable();
        for (_, slot) in all {
            self.end(slot, EndReason::Shutdown, around);
        }
    }

    fn find(&self, key: &key::FlowKey) -> Option<u32> {
        let hash = hash_of(&self.hasher, key);
        let slots = &self.slots;
        self.index
            .find(hash, |i| {
                slots
                    .get(*i as usize)
                    .and_then(|s| s.flow.as_deref())
                    .is_some_and(|f| f.key == *key)
            })
            .copied()
    }

    /// Finds or begins the packet's flow and lets the trackers follow it.
    fn enter(&mut self, a: &Arrival<'_>, around: &mut Around<'_, C::Shared>) -> Option<u32> {
        let place = place_of(a);
        if self.profile.is_suricata()
            && let Transport::Icmp(i) = &a.packet.transport
            && a.packet.proto == proto::ICMP
            && key::is_icmp_error(proto::ICMP, i.kind)
        {
            return self.enter_icmp_error(a, i, place);
        }
        if !a.packet.tracked {
            return None;
        }
        let tuple = Tuple::of(a.packet, place, &self.profile)?;
        let mut found = self.find(&tuple.key);
        let mut twin = 0;
        if let Some(slot) = found
            && let Some(flow) =
                self.slots.get_mut(slot as usize).and_then(|s| s.flow.as_deref_mut())
        {
            let over = flow.run_timers(self.clock, a.ts, &self.profile);
            let reuse = if over { None } else { flow.is_reuse(a, &tuple, &self.profile) };
            if over || reuse.is_some() {
                twin = if flow.facts.first == a.ts { flow.twin.saturating_add(1) } else { 0 };
                if let Some(Reuse::Yes(Some(kind))) = reuse {
                    self.weirds.push(Weird { kind, detail: None });
                    self.tell_weirds(slot, around);
                }
                let reason = if over { EndReason::Timeout } else { EndReason::Reuse };
                self.end(slot, reason, around);
                found = None;
            }
        }
        let slot = match found {
            Some(slot) => slot,
            None => self.begin(a, &tuple, twin, around),
        };
        self.follow(slot, a, &tuple, around);
        Some(slot)
    }

    /// Suricata counts an ICMP error with the flow that it quotes, and begins none for it.
    fn enter_icmp_error(
        &mut self,
        a: &Arrival<'_>,
        i: &wire::Icmp<'_>,
        place: Place,
    ) -> Option<u32> {
        let quoted = i.quoted.filter(|_| i.kind == 3)?;
        let tuple = Tuple::of_quoted(&quoted, place, &self.profile);
        let slot = self.find(&tuple.key)?;
        let profile = &self.profile;
        let flow = self.slots.get_mut(slot as usize)?.flow.as_deref_mut()?;
        if flow.run_timers(self.clock, a.ts, profile) {
            return None;
        }
        let side = usize::from(a.packet.src != flow.first_src());
        flow.touch(a, side, false);
        Some(slot)
    }

    fn begin(
        &mut self,
        a: &Arrival<'_>,
        tuple: &Tuple,
        twin: u32,
        around: &mut Around<'_, C::Shared>,
    ) -> u32 {
        if self.index.len() >= self.profile.flows as usize {
            self.evict(around);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, flow: None });
            u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        self.serial = self.serial.saturating_add(1);
        let orig = Endpoint { addr: tuple.src, port: tuple.src_port };
        let resp = Endpoint { addr: tuple.dst, port: tuple.dst_port };
        let [v0, v1, _] = place_of(a).vlans;
        let facts = FlowFacts {
            id: FlowId(slot),
            uid: Uid::derive(self.seed, &tuple.key.bytes(), a.ts.0, twin),
            orig,
            resp,
            proto: a.packet.proto,
            first: a.ts,
            now: a.ts,
            packet: a.number,
            vlans: [v0, v1],
            parent: a.parent.map(Box::new),
            services: Services::default(),
            app_proto: None,
            transactions: 0,
            slot: [u32::MAX; model::CONSUMERS],
            established: false,
            midstream: false,
            resets: 0,
            flipped: false,
        };
        let mut flow = Flow::new(facts, tuple, a, &self.profile, self.serial, twin, self.clock);
        flow.orient();
        let due = flow.next_timer(&self.profile);
        let hash = hash_of(&self.hasher, &tuple.key);
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.index.insert_unique(hash, slot, |i| {
            slots
                .get(*i as usize)
                .and_then(|s| s.flow.as_deref())
                .map_or(0, |f| hash_of(hasher, &f.key))
        });
        if let Some(s) = self.slots.get_mut(slot as usize) {
            s.generation = s.generation.wrapping_add(1);
            s.flow = Some(Box::new(flow));
            let id = TimerId(u64::from(s.generation) << 32 | u64::from(slot));
            self.wheel.arm(due, id);
        }
        self.counters.begun = self.counters.begun.saturating_add(1);
        self.counters.most = self.counters.most.max(self.index.len() as u64);
        slot
    }

    /// Frees the place of the longest silent flow among the next few.
    fn evict(&mut self, around: &mut Around<'_, C::Shared>) {
        let mut oldest: Option<(Ts, u32)> = None;
        let mut seen = 0u8;
        for _ in 0..self.slots.len() {
            self.hand = if self.hand.saturating_add(1) < self.slots.len() {
                self.hand.saturating_add(1)
            } else {
                0
            };
            if let Some(flow) = self.slots.get(self.hand).and_then(|s| s.flow.as_deref()) {
                let slot = u32::try_from(self.hand).unwrap_or(u32::MAX);
                if oldest.is_none_or(|(t, _)| flow.last_packet < t) {
                    oldest = Some((flow.last_packet, slot));
                }
                seen = seen.saturating_add(1);
                if seen == 16 {
                    break;
                }
            }
        }
        if let Some((_, slot)) = oldest {
            self.counters.evicted = self.counters.evicted.saturating_add(1);
            self.end(slot, EndReason::Evicted, around);
        }
    }

    /// The trackers of a flow follow a packet.
    fn follow(
        &mut self,
        slot: u32,
        a: &Arrival<'_>,
        tuple: &Tuple,
        around: &mut Around<'_, C::Shared>,
    ) {
        let Some(flow) = self.slots.get_mut(slot as usize).and_then(|s| s.flow.as_deref_mut())
        else {
            return;
        };
        let mut tracking = crate::step::Tracking {
            payload: payload_of(a.packet),
            reading: flow.reading(&self.profile),
            gives_up: self.profile.is_zeek(),
            books: around.wants.record(CONN),
            sessions: around.wants.record(FLOW),
            buffers: &mut self.buffers,
            pieces: std::mem::take(&mut self.pieces),
            steps: &mut self.steps,
            weirds: &mut self.weirds,
            overflow: false,
            inconsistent: false,
        };
        flow.follow(a, tuple, &self.profile, &mut tracking);
        if tracking.inconsistent {
            tracking.weirds.push(Weird { kind: &weird::REASSEMBLY_OVERLAP, detail: None });
        }
        if tracking.overflow {
            tracking.weirds.push(Weird { kind: &weird::REASSEMBLY_FULL, detail: None });
        }
        self.pieces = tracking.pieces;
        if !self.weirds.is_empty() {
            self.tell_weirds(slot, around);
        }
    }

    fn tell_weirds(&mut self, slot: u32, around: &mut Around<'_, C::Shared>) {
        let weirds = std::mem::take(&mut self.weirds);
        if let Some(flow) = self.get(slot) {
            for w in &weirds {
                let detail = w.detail.map(|d| d.to_string()).unwrap_or_default();
                let anomaly = Anomaly { kind: w.kind, detail: detail.as_bytes() };
                around.out.anomaly(&flow.facts, anomaly);
            }
        }
        self.weirds = weirds;
        self.weirds.clear();
    }

    /// Leads the consumer through the steps in the queue.
    fn lead(&mut self, a: &Arrival<'_>, around: &mut Around<'_, C::Shared>) -> Advance {
        let Some(mut waiting) = self.waiting.take() else { return Advance::Done(None) };
        let payload = payload_of(a.packet);
        while let Some(step) = self.steps.pop_front() {
            let Some(flow) =
                self.slots.get_mut(waiting.flow as usize).and_then(|s| s.flow.as_deref_mut())
            else {
                break;
            };
            let limit = *waiting.limit.get_or_insert_with(|| measure(flow, &step));
            match take(flow, &step, payload, limit, waiting.used, around) {
                Taken::All => {
                    waiting.used = 0;
                    waiting.limit = None;
                    if let Step::Stream { piece: Piece::Held(v), .. } = step {
                        self.buffers.give_back(v);
                    }
                }
                Taken::Ask(used) => {
                    waiting.used = used;
                    self.steps.push_front(step);
                    self.waiting = Some(waiting);
                    return Advance::Ask;
                }
            }
        }
        Advance::Done(Some(FlowId(waiting.flow)))
    }

    /// A flow is over.
    fn end(&mut self, slot: u32, reason: EndReason, around: &mut Around<'_, C::Shared>) {
        let Some(s) = self.slots.get_mut(slot as usize) else { return };
        let Some(mut flow) = s.flow.take() else { return };
        s.generation = s.generation.wrapping_add(1);
        let hash = hash_of(&self.hasher, &flow.key);
        if let Ok(entry) = self.index.find_entry(hash, |i| *i == slot) {
            entry.remove();
        }
        self.free.push(slot);
        self.counters.ended = self.counters.ended.saturating_add(1);
        let mut steps = VecDeque::new();
        let mut tracking = crate::step::Tracking {
            payload: b"",
            reading: flow.reading(&self.profile),
            gives_up: false,
            books: false,
            sessions: false,
            buffers: &mut self.buffers,
            pieces: std::mem::take(&mut self.pieces),
            steps: &mut steps,
            weirds: &mut self.weirds,
            overflow: false,
            inconsistent: false,
        };
        flow.end(&mut tracking);
        self.pieces = tracking.pieces;
        for step in steps {
            // Nothing can wait for an answer any more: whoever asks goes on at once.
            let limit = measure(&mut flow, &step);
            let mut used = 0;
            while let Taken::Ask(n) = take(&mut flow, &step, b"", limit, used, around) {
                used = n;
            }
            if let Step::Stream { piece: Piece::Held(v), .. } = step {
                self.buffers.give_back(v);
            }
        }
        let Flow { app, facts, .. } = &mut *flow;
        if let Some(app) = app {
            let mut cx =
                Cx { flow: facts, wants: around.wants, profile: around.profile, out: around.out };
            app.close(around.shared, &mut cx);
        }
        let summary = flow.summary(reason);
        let mut facts = flow.facts.clone();
        let mut cx =
            Cx { flow: &mut facts, wants: around.wants, profile: around.profile, out: around.out };
        C::ended(around.shared, &mut cx, &summary);
    }
}

enum Taken {
    All,
    Ask(usize),
}

/// How many bytes of a step are analysed.
fn measure<C>(flow: &mut Flow<C>, step: &Step) -> usize {
    let (side, len) = match step {
        Step::Stream { side, piece: Piece::Packet { len, .. } } => (*side, *len as usize),
        Step::Stream { side, piece: Piece::Held(v) } => (*side, v.len()),
        _ => return usize::MAX,
    };
    flow.within_depth(side, len)
}

/// Calls the consumer with the first `limit` bytes of one step, from byte `used` on.
fn take<C: StreamConsumer>(
    flow: &mut Flow<C>,
    step: &Step,
    payload: &[u8],
    limit: usize,
    used: usize,
    around: &mut Around<'_, C::Shared>,
) -> Taken {
    let (side, bytes) = match step {
        Step::Stream { side, piece: Piece::Packet { start, len } } => {
            let rest = payload.get(*start as usize..).unwrap_or_default();
            (*side, rest.get(..*len as usize).unwrap_or(rest))
        }
        Step::Stream { side, piece: Piece::Held(v) } => (*side, v.as_slice()),
        Step::Datagram { side } => (*side, payload),
        Step::Stream { side, piece: Piece::Gap(n) } => {
            return tell(flow, *side, Input::Gap(*n), around);
        }
        Step::End { side } => return tell(flow, *side, Input::End, around),
    };
    let bytes = bytes.get(..limit).unwrap_or(bytes);
    if matches!(step, Step::Datagram { .. }) {
        return tell(flow, side, Input::Datagram(bytes), around);
    }
    let mut used = used;
    let mut stalled = 0u8;
    while let Some(rest) = bytes.get(used..).filter(|r| !r.is_empty()) {
        let Some(fed) = call(flow, side, Input::Bytes(rest), around) else { return Taken::All };
        used = used.saturating_add(fed.used.min(rest.len()));
        // Taking nothing and wanting to be called again must lead somewhere.
        stalled = if fed.used == 0 { stalled.saturating_add(1) } else { 0 };
        match fed.then {
            Then::Ask => return Taken::Ask(used),
            Then::Again if stalled < 16 => {}
            Then::Again | Then::More => break,
            Then::Done | Then::NotMine | Then::HandOn => {
                flow.app_done = true;
                break;
            }
        }
    }
    Taken::All
}

/// Calls the consumer with an input that is taken whole.
fn tell<C: StreamConsumer>(
    flow: &mut Flow<C>,
    side: usize,
    input: Input<'_>,
    around: &mut Around<'_, C::Shared>,
) -> Taken {
    let mut rounds = 0u8;
    while let Some(fed) = call(flow, side, input, around) {
        rounds = rounds.saturating_add(1);
        match fed.then {
            // The input was taken; what is asked for concerns what comes after.
            Then::Ask | Then::More => break,
            // Again without having taken the datagram: another analyzer may.
            Then::Again if rounds < 64 && fed.used == 0 => {}
            Then::Again => break,
            Then::Done | Then::NotMine | Then::HandOn => {
                flow.app_done = true;
                break;
            }
        }
    }
    Taken::All
}

fn call<C: StreamConsumer>(
    flow: &mut Flow<C>,
    side: usize,
    input: Input<'_>,
    around: &mut Around<'_, C::Shared>,
) -> Option<Fed> {
    if flow.app_done {
        return None;
    }
    let dir = flow.dir(side);
    let before = flow.facts.flipped;
    let app = flow.app.get_or_insert_default();
    let mut cx =
        Cx { flow: &mut flow.facts, wants: around.wants, profile: around.profile, out: around.out };
    let fed = app.step(around.shared, &mut cx, dir, input);
    if flow.facts.flipped != before {
        flow.flip_by_consumer(around.profile.is_zeek());
    }
    Some(fed)
}

fn place_of(a: &Arrival<'_>) -> Place {
    Place { depth: a.depth, ..Place::of(a.frame) }
}

pub(crate) fn payload_of<'a>(p: &Packet<'a>) -> &'a [u8] {
    match &p.transport {
        Transport::Tcp(t) => t.payload,
        Transport::Udp(u) => u.payload,
        Transport::Icmp(i) => i.payload,
        Transport::Sctp(s) => s.payload,
        Transport::Other => p.body,
        Transport::None => b"",
    }
}

pub(crate) fn segment_of(p: &Packet<'_>) -> Option<Segment> {
    match &p.transport {
        Transport::Tcp(t) => Some(Segment::of(t)),
        _ => None,
    }
}
