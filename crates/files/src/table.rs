//! The files of a shard: which step belongs to which file, and when a file ends.
//!
//! A file is named by its id; the pieces in which it comes (one per transaction that carries some of
//! it) are told apart by the flow, too. One piece is the common case, and its digests are the file's.
//! **Invariants.** Open files, waiting bytes and remembered endings are bounded ([`FilesConfig`]); every file ends:
//! by its last piece, by being whole, by the time-out, or by [`Files::finish`]. No answer depends
//! on the order of a hash map.

use std::collections::VecDeque;

use base::{Dir, FileId, FlowId, Map, Span, TimerId, Ts, Wheel};
use model::{Bytes, Command, FileFacts, FileMeta, FileStep, FlowFacts, Reply, Wants};

use crate::FileAnalyzer;
use crate::analyzer::{FileCx, FileSinks};
use crate::config::{FileStats, FilesConfig};
use crate::digest::{Digester, Digests, Hex};
use crate::events::{FileOverNewConnection, FileTimeout};
use crate::record::{FILEINFO, FileInfoRecord};
use crate::state::{Room, State};

/// Ended files that are still remembered, for whoever asks about them in the same breath.
const REMEMBERED: usize = 256;
/// A piece that nobody ends is given up after so many time-outs without a byte.
const ABANDONED: i64 = 30;

/// A part of a file that one transaction carries.
struct Piece {
    id: FileId,
    flow: FlowId,
    file: u32,
    tx: u64,
    is_orig: bool,
    start: u64,
    /// Where in the file the next byte of the piece stands.
    at: u64,
    /// Bytes, lost ones included.
    size: u64,
    gaps: bool,
    begun: bool,
    /// It is a range of a larger file.
    ranged: bool,
    name: Vec<u8>,
    named: bool,
    /// Its own digests, where they aren't those of the file.
    own: Option<Digester>,
}

/// The files of a shard.
pub struct Files {
    room: Room,
    states: Vec<State>,
    free_states: Vec<u32>,
    by_id: Map<FileId, u32>,
    pieces: Vec<Piece>,
    free_pieces: Vec<u32>,
    by_piece: Map<(FileId, FlowId), u32>,
    /// The piece of the last step.
    latest: Option<(FileId, FlowId, u32)>,
    /// Files that live on without an open piece, longest first; those that don't (any more) are
    /// skipped.
    waiting: VecDeque<(u32, u32)>,
    timers: Wheel,
    due: Vec<TimerId>,
    remembered: VecDeque<FileFacts>,
}

impl Files {
    /// No files yet.
    pub fn new(config: FilesConfig, analyzers: Vec<Box<dyn FileAnalyzer>>) -> Self {
        Self {
            room: Room {
                config,
                analyzers,
                stats: FileStats::default(),
                detectors: Vec::new(),
                told: Vec::new(),
            },
            states: Vec::new(),
            free_states: Vec::new(),
            by_id: Map::default(),
            pieces: Vec::new(),
            free_pieces: Vec::new(),
            by_piece: Map::default(),
            latest: None,
            waiting: VecDeque::new(),
            timers: Wheel::new(Span::from_secs(1)),
            due: Vec::new(),
            remembered: VecDeque::with_capacity(REMEMBERED),
        }
    }

    /// What was counted.
    pub fn stats(&self) -> FileStats {
        FileStats { open: self.by_id.len(), ..self.room.stats }
    }

    /// What is known of a file that is open, or that ended a moment ago.
    pub fn facts(&self, id: FileId) -> Option<&FileFacts> {
        match self.by_id.get(&id).and_then(|i| self.states.get(*i as usize)) {
            Some(file) => Some(&file.facts),
            None => self.remembered.iter().rev().find(|f| f.id == id),
        }
    }

    /// Takes a step of a file.
    pub fn step(
        &mut self,
        flow: &FlowFacts,
        step: FileStep<'_>,
        wants: &Wants,
        out: &mut dyn FileSinks,
    ) {
        let id = match step {
            FileStep::Open(meta) => meta.id,
            FileStep::Data(id, _)
            | FileStep::Gap(id, _)
            | FileStep::Close(id, _)
            | FileStep::EndPiece(id, _) => id,
        };
        let mut cx = FileCx { id, now: flow.now, flow: Some(flow), wants, out };
        match step {
            FileStep::Open(meta) => self.open(flow, &meta, &mut cx),
            FileStep::Data(_, bytes) => self.data(flow.id, &mut cx, bytes),
            FileStep::Gap(_, len) => self.gap(flow.id, &mut cx, len),
            FileStep::Close(_, complete) => self.close(flow.id, &mut cx, complete, true),
            FileStep::EndPiece(_, complete) => self.close(flow.id, &mut cx, complete, false),
        }
    }

    /// Applies a command to a file.
    pub fn command(&mut self, command: &Command) -> Reply {
        let (Command::HashFile(id, _) | Command::ExtractFile(id) | Command::StopFile(id)) = command
        else {
            return Reply::Gone;
        };
        let file = self.by_id.get(id).and_then(|i| self.states.get_mut(*i as usize));
        let Some(file) = file else { return Reply::Gone };
        let done = match command {
            Command::HashFile(_, asked) => file.hash(*asked),
            Command::ExtractFile(_) => file.extract_from_now(),
            _ => {
                file.stop(&mut self.room);
                true
            }
        };
        if done { Reply::Done } else { Reply::Gone }
    }

    /// Runs the time-outs that are due at `now`.
    pub fn advance(&mut self, now: Ts, wants: &Wants, out: &mut dyn FileSinks) {
        let mut due = std::mem::take(&mut self.due);
        self.timers.advance(now, |_, timer| due.push(timer));
        for timer in due.drain(..) {
            let (index, generation) = (timer.0 as u32, (timer.0 >> 32) as u32);
            let Some(file) = self.states.get_mut(index as usize) else { continue };
            if file.generation != generation || file.ended {
                continue;
            }
            let timeout = self.room.config.timeout;
            let last = file.last;
            if last.plus(timeout) > now {
                self.timers.arm(last.plus(timeout), timer);
                continue;
            }
            let mut cx = FileCx { id: file.facts.id, now, flow: None, wants, out };
            file.timed_out = true;
            cx.raise(|| FileTimeout { f: file.facts.id });
            let abandoned = last.plus(Span(timeout.0.saturating_mul(ABANDONED))) <= now;
            if !file.pieces.is_empty() && !abandoned {
                self.timers.arm(now.plus(timeout), timer);
                continue;
            }
            self.room.stats.timed_out = self.room.stats.timed_out.saturating_add(1);
            self.end_with_pieces(index, &mut cx);
        }
        self.due = due;
    }

    /// The input ends: every file does.
    pub fn finish(&mut self, now: Ts, wants: &Wants, out: &mut dyn FileSinks) {
        for index in 0..self.states.len() as u32 {
            let Some(file) = self.states.get_mut(index as usize) else { continue };
            if file.free {
                continue;
            }
            let mut cx = FileCx { id: file.facts.id, now, flow: None, wants, out };
            if !file.ended {
                file.timed_out = true;
                cx.raise(|| FileTimeout { f: file.facts.id });
            }
            self.end_with_pieces(index, &mut cx);
        }
    }

    fn open(&mut self, flow: &FlowFacts, meta: &FileMeta<'_>, cx: &mut FileCx<'_>) {
        if self.by_piece.contains_key(&(meta.id, flow.id)) {
            self.close(flow.id, cx, false, false);
        }
        let Some(index) = self.file_of(flow, meta, cx) else { return };
        let Some(file) = self.states.get_mut(index as usize) else { return };
        // From now on two pieces feed the stream: the first one goes on with digests of its own.
        if let Some(first) = file.whole_piece.take()
            && let Some(piece) = self.pieces.get_mut(first as usize)
        {
            piece.own = Some(file.digester.clone());
        }
        let alone = file.pieces.is_empty() && file.untouched_at(meta.offset);
        let place = self.free_pieces.pop().unwrap_or_else(|| {
            self.pieces.push(Piece::blank());
            self.pieces.len().saturating_sub(1) as u32
        });
        let Some(piece) = self.pieces.get_mut(place as usize) else { return };
        piece.restart(flow, meta, index);
        if alone {
            file.whole_piece = Some(place);
        } else if cx.wants.record(FILEINFO) {
            let mut own = Digester::default();
            own.start(self.room.config.hashes);
            piece.own = Some(own);
        }
        file.pieces.push(place);
        self.by_piece.insert((meta.id, flow.id), place);
        self.latest = Some((meta.id, flow.id, place));
    }

    /// The open file with this id, or a new one.
    fn file_of(
        &mut self,
        flow: &FlowFacts,
        meta: &FileMeta<'_>,
        cx: &mut FileCx<'_>,
    ) -> Option<u32> {
        if let Some(&index) = self.by_id.get(&meta.id) {
            self.states.get_mut(index as usize)?.learn(meta);
            return Some(index);
        }
        if self.by_id.len() >= self.room.config.files && !self.evict(cx) {
            self.room.stats.refused = self.room.stats.refused.saturating_add(1);
            return None;
        }
        let config = &self.room.config;
        let index = if let Some(index) = self.free_states.pop() {
            self.states.get_mut(index as usize)?.restart(flow, meta, config);
            index
        } else {
            self.states.push(State::new(flow, meta, config));
            self.states.len().saturating_sub(1) as u32
        };
        let generation = self.states.get(index as usize)?.generation;
        self.by_id.insert(meta.id, index);
        self.room.stats.open_most = self.room.stats.open_most.max(self.by_id.len());
        let timer = TimerId((u64::from(generation) << 32) | u64::from(index));
        self.timers.arm(flow.now.plus(self.room.config.timeout), timer);
        Some(index)
    }

    /// Ends the ranged file that waits longest for a further piece.
    fn evict(&mut self, cx: &mut FileCx<'_>) -> bool {
        while let Some((index, generation)) = self.waiting.pop_front() {
            let Some(file) = self.states.get_mut(index as usize) else { continue };
            if file.generation == generation && !file.ended && file.pieces.is_empty() {
                file.timed_out = true;
                self.room.stats.evicted = self.room.stats.evicted.saturating_add(1);
                let FileCx { now, wants, .. } = *cx;
                let mut own = FileCx { id: file.facts.id, now, flow: None, wants, out: cx.out };
                self.end_with_pieces(index, &mut own);
                return true;
            }
        }
        false
    }

    /// The piece that a step of `cx.id` in `flow` means.
    #[inline]
    fn piece(&mut self, flow: FlowId, cx: &FileCx<'_>) -> Option<u32> {
        if let Some((id, f, place)) = self.latest
            && id == cx.id
            && f == flow
        {
            return Some(place);
        }
        let place = self.by_piece.get(&(cx.id, flow)).copied();
        match place {
            Some(place) => self.latest = Some((cx.id, flow, place)),
            None => self.room.stats.stray = self.room.stats.stray.saturating_add(1),
        }
        place
    }

    fn data(&mut self, flow: FlowId, cx: &mut FileCx<'_>, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let Some(place) = self.piece(flow, cx) else { return };
        let Some(piece) = self.pieces.get_mut(place as usize) else { return };
        let Some(file) = self.states.get_mut(piece.file as usize) else { return };
        piece.begin(file, &mut self.room, cx);
        if let Some(own) = &mut piece.own {
            own.update(bytes);
        }
        let at = piece.at;
        piece.advance(bytes.len() as u64);
        let index = piece.file;
        let open = !file.ended;
        file.bytes(&mut self.room, cx, at, bytes);
        if open && file.ended {
            self.forget(index);
        }
    }

    fn gap(&mut self, flow: FlowId, cx: &mut FileCx<'_>, len: u64) {
        if len == 0 {
            return;
        }
        let Some(place) = self.piece(flow, cx) else { return };
        let Some(piece) = self.pieces.get_mut(place as usize) else { return };
        let Some(file) = self.states.get_mut(piece.file as usize) else { return };
        piece.begin(file, &mut self.room, cx);
        piece.gaps = true;
        let at = piece.at;
        piece.advance(len);
        let index = piece.file;
        let open = !file.ended;
        file.gap(&mut self.room, cx, at, len);
        if open && file.ended {
            self.forget(index);
        }
    }

    /// A piece ends; `last`: the file does, too.
    fn close(&mut self, flow: FlowId, cx: &mut FileCx<'_>, complete: bool, last: bool) {
        let Some(place) = self.piece(flow, cx) else { return };
        self.latest = None;
        self.by_piece.remove(&(cx.id, flow));
        let Some(piece) = self.pieces.get_mut(place as usize) else { return };
        piece.ranged |= !last;
        let index = piece.file;
        let Some(file) = self.states.get_mut(index as usize) else { return };
        file.pieces.retain(|p| *p != place);
        // A file that others still feed goes on without this piece.
        let over = file.pieces.is_empty() && (last || !file.begun);
        if over {
            self.end(index, cx);
        }
        self.close_piece(place, cx, complete);
        let Some(file) = self.states.get(index as usize) else { return };
        if !file.ended && file.pieces.is_empty() {
            self.waiting.push_back((index, file.generation));
            self.tidy_waiting();
        }
        self.release(index);
    }

    /// The queue of waiting files holds stale entries; it is swept when they are the most.
    fn tidy_waiting(&mut self) {
        let bound = self.by_id.len().saturating_mul(2).saturating_add(64);
        if self.waiting.len() > bound {
            let states = &self.states;
            self.waiting.retain(|(index, generation)| {
                states
                    .get(*index as usize)
                    .is_some_and(|f| f.generation == *generation && !f.ended && f.pieces.is_empty())
            });
        }
    }

    /// Tells a piece and frees its place.
    fn close_piece(&mut self, place: u32, cx: &mut FileCx<'_>, complete: bool) {
        let Some(piece) = self.pieces.get_mut(place as usize) else { return };
        let Some(file) = self.states.get_mut(piece.file as usize) else { return };
        if piece.begun && piece.named && file.told() {
            let digests = piece.digests(place, file);
            let stored = file.stored;
            let app_proto = cx.flow.and_then(|f| f.app_proto);
            cx.tell(FILEINFO, || piece.record(&digests, stored, complete, app_proto));
            // The last range of a file brings all of it, which is told once more as a whole.
            if file.ended && file.whole && file.parts > 1 {
                file.parts = 0;
                (piece.start, piece.size, piece.ranged) = (0, file.size(), false);
                let digests = file.digests;
                cx.tell(FILEINFO, || piece.record(&digests, stored, true, app_proto));
            }
        }
        piece.own = None;
        if file.whole_piece == Some(place) {
            file.whole_piece = None;
        }
        self.free_pieces.push(place);
    }

    /// Ends a file and the pieces that are still open.
    fn end_with_pieces(&mut self, index: u32, cx: &mut FileCx<'_>) {
        self.end(index, cx);
        self.latest = None;
        while let Some(place) = self.states.get_mut(index as usize).and_then(|f| f.pieces.pop()) {
            let key = self.pieces.get(place as usize).map(|p| (p.id, p.flow));
            if let Some(key) = key {
                self.by_piece.remove(&key);
            }
            self.close_piece(place, cx, false);
        }
        self.release(index);
    }

    /// Ends a file. It is no longer found by its id, but remembered for a while.
    fn end(&mut self, index: u32, cx: &mut FileCx<'_>) {
        let Some(file) = self.states.get_mut(index as usize) else { return };
        if !file.ended {
            file.end(&mut self.room, cx);
            self.forget(index);
        }
    }

    fn forget(&mut self, index: u32) {
        let Some(file) = self.states.get_mut(index as usize) else { return };
        let facts = std::mem::take(&mut file.facts);
        file.facts.id = facts.id;
        self.by_id.remove(&facts.id);
        if file.begun {
            if self.remembered.len() >= REMEMBERED {
                self.remembered.pop_front();
            }
            self.remembered.push_back(facts);
        }
    }

    /// The place of an ended file without pieces is free.
    fn release(&mut self, index: u32) {
        let Some(file) = self.states.get_mut(index as usize) else { return };
        if file.ended && file.pieces.is_empty() && !file.free {
            file.free = true;
            self.free_states.push(index);
        }
    }
}

impl Piece {
    const fn blank() -> Self {
        Self {
            id: FileId(0),
            flow: FlowId(0),
            file: 0,
            tx: 0,
            is_orig: false,
            start: 0,
            at: 0,
            size: 0,
            gaps: false,
            begun: false,
            ranged: false,
            name: Vec::new(),
            named: false,
            own: None,
        }
    }

    /// Another piece takes this place; memory is kept.
    fn restart(&mut self, flow: &FlowFacts, meta: &FileMeta<'_>, file: u32) {
        let mut name = std::mem::take(&mut self.name);
        name.clear();
        name.extend_from_slice(meta.eve_filename.unwrap_or_default());
        *self = Self {
            id: meta.id,
            flow: flow.id,
            file,
            tx: meta.tx,
            is_orig: meta.dir == Dir::Orig,
            start: meta.offset,
            at: meta.offset,
            ranged: meta.offset > 0,
            name,
            named: meta.eve_filename.is_some(),
            ..Self::blank()
        };
    }

    /// The first byte, or loss, of the piece.
    fn begin(&mut self, file: &mut State, room: &mut Room, cx: &mut FileCx<'_>) {
        if self.begun {
            return;
        }
        self.begun = true;
        file.begin(room, cx);
        file.parts = file.parts.saturating_add(1);
        if cx.flow.is_some_and(|flow| file.carried_by(flow)) {
            let is_orig = self.is_orig;
            cx.raise(|| FileOverNewConnection { f: self.id, is_orig });
        }
    }

    const fn advance(&mut self, len: u64) {
        self.at = self.at.saturating_add(len);
        self.size = self.size.saturating_add(len);
    }

    /// Digests of the piece's bytes.
    fn digests(&mut self, place: u32, file: &State) -> Digests {
        match &mut self.own {
            _ if file.stopped => Digests::default(),
            Some(own) => own.finish(),
            None if file.whole_piece != Some(place) => Digests::default(),
            None if file.ended => file.digests,
            None => file.digester.clone().finish(),
        }
    }

    fn record<'a>(
        &'a self,
        digests: &'a Digests,
        stored: bool,
        complete: bool,
        app_proto: Option<&'static str>,
    ) -> FileInfoRecord<'a> {
        let closed = complete && !self.gaps;
        let end = self.start.saturating_add(self.size).saturating_sub(1);
        FileInfoRecord {
            reversed: !self.is_orig,
            app_proto,
            filename: self.named.then_some(Bytes(&self.name)),
            gaps: self.gaps,
            state: if closed { "CLOSED" } else { "TRUNCATED" },
            md5: digests.md5.as_ref().filter(|_| closed).map(Hex::as_str),
            sha1: digests.sha1.as_ref().filter(|_| closed).map(Hex::as_str),
            // Suricata tells this one of what it saw even where bytes were lost before the end.
            sha256: digests.sha256.as_ref().filter(|_| complete).map(Hex::as_str),
            stored,
            size: self.size,
            start: self.ranged.then_some(self.start),
            end: self.ranged.then_some(end),
            tx_id: self.tx,
        }
    }
}
