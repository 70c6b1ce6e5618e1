//! One file while it is seen: its stream in order, its type, its digests, who looks at it.
//!
//! **Invariants.** `at` is where the stream stands: everything before it was delivered or is counted
//! as missing, and nothing is delivered twice. The type is settled exactly once, by the bytes before the
//! first loss; who is started then gets those bytes first. What is told depends on offsets and
//! bytes only, never on how they were cut into steps.

use base::{Span, Ts};
use matching::magic::{Detector, Verdict, judge};
use model::{Bytes, Endpoint, FileFacts, FileMeta, FlowFacts, Hashes, Port, SetOf};

use crate::ahead::Ahead;
use crate::analyzer::{FileAnalysis, FileAnalyzer, FileCx};
use crate::config::{FileStats, FilesConfig};
use crate::digest::{Digester, Digests, Hex};
use crate::events::{
    FileGap, FileHash, FileNew, FileReassemblyOverflow, FileSniff, FileStateRemove,
};
use crate::extract::Extraction;
use crate::record::{FILES, FilesRecord};

/// What all files of a shard share.
pub(crate) struct Room {
    pub(crate) config: FilesConfig,
    pub(crate) analyzers: Vec<Box<dyn FileAnalyzer>>,
    pub(crate) stats: FileStats,
    /// Detectors that no file uses now.
    pub(crate) detectors: Vec<Detector>,
    /// Kinds of failures to write that were told.
    pub(crate) told: Vec<std::io::ErrorKind>,
}

/// Detectors kept for later.
const SPARE_DETECTORS: usize = 256;

impl Room {
    fn detector(&mut self) -> Detector {
        self.detectors.pop().unwrap_or_else(|| Detector::new(self.config.catalogue))
    }
    fn give_back(&mut self, mut detector: Detector) {
        if self.detectors.len() < SPARE_DETECTORS {
            detector.reset();
            self.detectors.push(detector);
        }
    }
    /// Tells a failure to write, each kind once.
    fn trouble(&mut self, cx: &mut FileCx<'_>, what: &str, error: &std::io::Error) {
        if !self.told.contains(&error.kind()) {
            self.told.push(error.kind());
            cx.out.trouble(&format!(
                "{what}: {error}; files are lost to extraction, nothing else is"
            ));
        }
    }
}

/// A file.
pub(crate) struct State {
    pub(crate) facts: FileFacts,
    /// Told apart from earlier files in the same place.
    pub(crate) generation: u32,
    /// Pieces that are open, by their place.
    pub(crate) pieces: Vec<u32>,
    /// The piece whose bytes are exactly those of the file so far.
    pub(crate) whole_piece: Option<u32>,
    pub(crate) digester: Digester,
    pub(crate) digests: Digests,
    pub(crate) ended: bool,
    /// Nobody uses this place.
    pub(crate) free: bool,
    /// Something of it was seen.
    pub(crate) begun: bool,
    pub(crate) timed_out: bool,
    pub(crate) last: Ts,
    pub(crate) stopped: bool,
    pub(crate) extract: bool,
    /// It ended with every byte seen.
    pub(crate) whole: bool,
    /// Pieces that have carried some of it.
    pub(crate) parts: u32,
    /// It was extracted, or is being.
    pub(crate) stored: bool,
    origin: Origin,
    /// In the order in which they came.
    carriers: Vec<Carrier>,
    at: u64,
    overflow: u64,
    settled: bool,
    known: Option<&'static str>,
    detector: Option<Detector>,
    ahead: Ahead,
    running: Vec<Box<dyn FileAnalysis>>,
    names: Vec<&'static str>,
    extraction: Option<Extraction>,
}

/// A connection that carried some of a file.
struct Carrier {
    uid: base::Uid,
    orig: Endpoint,
    resp: Endpoint,
}

/// Connections of one file that are told; who spreads a file over more gains nothing by it.
const CARRIERS: usize = 256;

/// Where a file came from first.
struct Origin {
    is_orig: bool,
    source: &'static str,
    depth: u32,
    told: bool,
    claimed: Option<Box<[u8]>>,
}

impl State {
    pub(crate) fn new(flow: &FlowFacts, meta: &FileMeta<'_>, config: &FilesConfig) -> Self {
        let mut state = Self {
            facts: FileFacts::default(),
            generation: 0,
            pieces: Vec::new(),
            whole_piece: None,
            digester: Digester::default(),
            digests: Digests::default(),
            ended: false,
            free: false,
            begun: false,
            timed_out: false,
            last: flow.now,
            stopped: false,
            extract: false,
            whole: false,
            parts: 0,
            stored: false,
            origin: Origin::of(meta),
            carriers: Vec::new(),
            at: 0,
            overflow: 0,
            settled: false,
            known: None,
            detector: None,
            ahead: Ahead::default(),
            running: Vec::new(),
            names: Vec::new(),
            extraction: None,
        };
        state.restart(flow, meta, config);
        state
    }

    /// Another file takes this place; memory is kept.
    pub(crate) fn restart(&mut self, flow: &FlowFacts, meta: &FileMeta<'_>, config: &FilesConfig) {
        self.facts = FileFacts {
            id: meta.id,
            first: flow.now,
            filename: meta.filename.map(Into::into),
            total: meta.total_bytes,
            ..FileFacts::default()
        };
        self.generation = self.generation.wrapping_add(1);
        self.pieces.clear();
        self.whole_piece = None;
        self.digester.start(config.hashes);
        self.digests = Digests::default();
        self.ended = false;
        self.free = false;
        self.begun = false;
        self.timed_out = false;
        self.last = flow.now;
        self.stopped = false;
        self.extract = config.extract_all;
        self.whole = false;
        self.parts = 0;
        self.stored = false;
        self.origin = Origin::of(meta);
        self.carriers.clear();
        self.at = 0;
        self.overflow = 0;
        self.settled = false;
        self.known = meta.known_mime;
        self.names.clear();
        self.running.clear();
        self.name_digests();
    }

    /// A further piece says what it knows.
    pub(crate) fn learn(&mut self, meta: &FileMeta<'_>) {
        if self.facts.filename.is_none() {
            self.facts.filename = meta.filename.map(Into::into);
        }
        self.facts.total = meta.total_bytes.or(self.facts.total);
    }

    /// Whether the file stands where a piece that begins at `offset` would be all of it.
    pub(crate) const fn untouched_at(&self, offset: u64) -> bool {
        offset == 0 && !self.begun
    }

    fn name_digests(&mut self) {
        let Hashes { md5, sha1, sha256 } = self.digester.running();
        for (runs, name) in [(md5, "MD5"), (sha1, "SHA1"), (sha256, "SHA256")] {
            if runs {
                self.name(name);
            }
        }
    }

    /// Sets of names are kept in the order of the alphabet.
    fn name(&mut self, name: &'static str) {
        if let Err(i) = self.names.binary_search(&name) {
            self.names.insert(i, name);
        }
    }

    /// Digests that somebody asks for later. They hold only if every byte is still at hand.
    pub(crate) fn hash(&mut self, asked: Hashes) -> bool {
        let running = self.digester.running();
        let missing = Hashes {
            md5: asked.md5 && !running.md5,
            sha1: asked.sha1 && !running.sha1,
            sha256: asked.sha256 && !running.sha256,
        };
        if missing == Hashes::default() {
            return true;
        }
        let head = self.detector.as_ref().map_or(&[][..], Detector::head);
        if self.ended || head.len() as u64 != self.at {
            return false;
        }
        let mut late = Digester::default();
        late.start(missing);
        late.update(head);
        self.digester.join(late);
        self.name_digests();
        true
    }

    /// A connection carries something of it: whether it is one that didn't before.
    pub(crate) fn carried_by(&mut self, flow: &FlowFacts) -> bool {
        let known = self.carriers.iter().any(|c| c.orig == flow.orig && c.resp == flow.resp);
        if !known && self.carriers.len() < CARRIERS {
            let (uid, orig, resp) = (flow.uid, flow.orig, flow.resp);
            self.carriers.push(Carrier { uid, orig, resp });
        }
        !known
    }

    /// The first thing seen of the file.
    pub(crate) fn begin(&mut self, room: &mut Room, cx: &mut FileCx<'_>) {
        if self.begun {
            return;
        }
        self.begun = true;
        self.facts.first = cx.now;
        room.stats.files = room.stats.files.saturating_add(1);
        cx.raise(|| FileNew { f: self.facts.id });
        if let Some(mime) = self.known {
            self.settle(room, cx, Some(mime), 0, false);
        }
    }

    /// Bytes that stand at `at`.
    pub(crate) fn bytes(&mut self, room: &mut Room, cx: &mut FileCx<'_>, at: u64, bytes: &[u8]) {
        self.last = cx.now;
        if self.ended || self.stopped {
            room.stats.surplus_bytes = room.stats.surplus_bytes.saturating_add(bytes.len() as u64);
            return;
        }
        if self.ahead.is_empty() && at == self.at {
            self.deliver(room, cx, bytes);
        } else {
            self.keep(room, cx, at, bytes);
        }
        self.end_if_whole(room, cx);
    }

    fn end_if_whole(&mut self, room: &mut Room, cx: &mut FileCx<'_>) {
        if self.facts.total.is_some_and(|total| total > 0 && self.at >= total) {
            self.end(room, cx);
        }
    }

    /// Bytes that are lost where a piece stands at `at`.
    pub(crate) fn gap(&mut self, room: &mut Room, cx: &mut FileCx<'_>, at: u64, len: u64) {
        self.last = cx.now;
        if self.ended || self.stopped {
            return;
        }
        // A hole ahead of the stream may still be filled; it counts when the stream gets there.
        if at <= self.at {
            self.advance_to(room, cx, at.saturating_add(len));
        }
        self.end_if_whole(room, cx);
    }

    /// Keeps bytes that are ahead of the stream, drops those that are behind.
    fn keep(&mut self, room: &mut Room, cx: &mut FileCx<'_>, at: u64, bytes: &[u8]) {
        if self.ahead.held() > room.config.ahead_bytes {
            let last = self.ahead.last().unwrap_or(self.at);
            self.give_up(room, cx, last);
        }
        let new = self.not_behind(at, bytes);
        if room.stats.held.saturating_add(new.len()) > room.config.ahead_bytes_all {
            self.give_up(room, cx, at);
        }
        let new = self.not_behind(at, bytes);
        let before = self.ahead.held();
        let known = self.ahead.insert(at.max(self.at), new);
        room.stats.held = room.stats.held.saturating_add(self.ahead.held().saturating_sub(before));
        let again = known.saturating_add(bytes.len().saturating_sub(new.len())) as u64;
        room.stats.duplicate_bytes = room.stats.duplicate_bytes.saturating_add(again);
        self.drain(room, cx);
    }

    /// Too much waits: what is missing before `to` is given up.
    fn give_up(&mut self, room: &mut Room, cx: &mut FileCx<'_>, to: u64) {
        let offset = self.at;
        let skipped = self.ahead.first().unwrap_or(to).min(to).saturating_sub(offset);
        room.stats.overflows = room.stats.overflows.saturating_add(1);
        self.overflow = self.overflow.saturating_add(skipped);
        self.advance_to(room, cx, to);
        cx.raise(|| FileReassemblyOverflow { f: self.facts.id, offset, skipped });
    }

    /// What of `bytes` at `at` isn't behind the stream.
    fn not_behind<'b>(&self, at: u64, bytes: &'b [u8]) -> &'b [u8] {
        let behind = usize::try_from(self.at.saturating_sub(at)).unwrap_or(usize::MAX);
        bytes.get(behind..).unwrap_or_default()
    }

    /// Delivers what joins the stream.
    fn drain(&mut self, room: &mut Room, cx: &mut FileCx<'_>) {
        while self.ahead.first().is_some_and(|first| first <= self.at) {
            let Some((at, buffer)) = self.ahead.take_first() else { return };
            room.stats.held = room.stats.held.saturating_sub(buffer.len());
            let new = self.not_behind(at, &buffer);
            self.deliver(room, cx, new);
            self.ahead.give_back(buffer);
        }
    }

    /// Moves the stream to `to`: what waits before it is delivered, what is missing is lost.
    fn advance_to(&mut self, room: &mut Room, cx: &mut FileCx<'_>, to: u64) {
        while let Some(first) = self.ahead.first().filter(|first| *first < to) {
            self.lose(room, cx, first.saturating_sub(self.at));
            self.drain(room, cx);
        }
        self.lose(room, cx, to.saturating_sub(self.at));
        self.drain(room, cx);
    }

    fn lose(&mut self, room: &mut Room, cx: &mut FileCx<'_>, len: u64) {
        if len == 0 {
            return;
        }
        self.settle_by_head(room, cx);
        self.running.retain_mut(|r| r.gap(cx, len));
        if let Some(extraction) = &mut self.extraction
            && let Err(e) = extraction.gap(len)
        {
            room.trouble(cx, "cannot extract a file", &e);
        }
        let offset = self.at;
        cx.raise(|| FileGap { f: self.facts.id, offset, len });
        self.at = self.at.saturating_add(len);
        self.facts.missing = self.facts.missing.saturating_add(len);
    }

    /// The next bytes of the stream.
    fn deliver(&mut self, room: &mut Room, cx: &mut FileCx<'_>, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if !self.settled {
            let verdict = match &mut self.detector {
                Some(detector) => detector.push(bytes),
                None => match judge(room.config.catalogue, bytes, false) {
                    Verdict::More => self.detector.insert(room.detector()).push(bytes),
                    sure @ Verdict::Sure(_) => sure,
                },
            };
            if let Verdict::Sure(mime) = verdict {
                self.settle(room, cx, mime, self.at, true);
            }
        }
        self.digester.update(bytes);
        self.running.retain_mut(|r| r.data(cx, bytes));
        self.write(room, cx, bytes);
        self.at = self.at.saturating_add(bytes.len() as u64);
        self.facts.seen = self.facts.seen.saturating_add(bytes.len() as u64);
    }

    fn write(&mut self, room: &mut Room, cx: &mut FileCx<'_>, bytes: &[u8]) {
        if let Some(extraction) = &mut self.extraction
            && let Err(e) = extraction.data(bytes)
        {
            room.trouble(cx, "cannot extract a file", &e);
        }
    }

    /// Settles the type by what was seen before a loss or the end.
    fn settle_by_head(&mut self, room: &mut Room, cx: &mut FileCx<'_>) {
        if !self.settled {
            let mime = self.detector.as_mut().and_then(Detector::finish);
            self.settle(room, cx, mime, self.at, true);
        }
    }

    /// The type is known: `before` bytes came until now, and whoever is started gets them first.
    fn settle(
        &mut self,
        room: &mut Room,
        cx: &mut FileCx<'_>,
        mime: Option<&'static str>,
        before: u64,
        inferred: bool,
    ) {
        self.settled = true;
        self.facts.mime = mime;
        let detector = self.detector.take();
        let head = detector.as_ref().map_or(&[][..], Detector::head);
        let head = head.get(..before as usize).unwrap_or(head);
        if !inferred || before > 0 || mime.is_some() {
            cx.raise(|| FileSniff { f: self.facts.id, mime_type: mime, inferred });
        }
        for analyzer in &room.analyzers {
            if analyzer.takes(&self.facts, self.origin.source) {
                let mut analysis = analyzer.start(&self.facts);
                if head.is_empty() || analysis.data(cx, head) {
                    self.running.push(analysis);
                }
                if let Err(i) = self.names.binary_search(&analyzer.name()) {
                    self.names.insert(i, analyzer.name());
                }
            }
        }
        let extractor = room.config.extract.as_ref().filter(|e| self.extract && e.allows(mime));
        match extractor.map(|e| e.begin(&self.facts)) {
            Some(Ok(Some(extraction))) => {
                self.extraction = Some(extraction);
                self.stored = true;
                self.name("EXTRACT");
                self.write(room, cx, head);
            }
            Some(Err(e)) => room.trouble(cx, "cannot extract a file", &e),
            _ => {}
        }
        if let Some(detector) = detector {
            room.give_back(detector);
        }
    }

    /// The file ends: what waits is delivered, and it is told.
    pub(crate) fn end(&mut self, room: &mut Room, cx: &mut FileCx<'_>) {
        if self.ended {
            return;
        }
        if let Some(last) = self.ahead.last() {
            self.advance_to(room, cx, last);
        }
        self.ended = true;
        if !self.begun {
            return;
        }
        self.settle_by_head(room, cx);
        self.digests = self.digester.finish();
        for mut running in self.running.drain(..) {
            running.end(cx);
        }
        self.whole = self.facts.missing == 0 && self.facts.seen > 0;
        if self.whole {
            let Digests { md5, sha1, sha256 } = &self.digests;
            let all = [
                ("md5", md5.as_ref().map(Hex::as_str)),
                ("sha1", sha1.as_ref().map(Hex::as_str)),
                ("sha256", sha256.as_ref().map(Hex::as_str)),
            ];
            for (kind, hash) in all.into_iter().filter_map(|(k, h)| Some((k, h?))) {
                cx.raise(|| FileHash { f: self.facts.id, kind, hash });
            }
        }
        if self.origin.told {
            for carrier in &self.carriers {
                cx.tell(FILES, || self.record(carrier, &room.config));
            }
        }
        cx.raise(|| FileStateRemove { f: self.facts.id });
        self.extraction = None;
    }

    fn record(&self, carrier: &Carrier, config: &FilesConfig) -> FilesRecord<'_> {
        let origin = &self.origin;
        let sender = if origin.is_orig { carrier.orig } else { carrier.resp };
        let digests = Some(&self.digests).filter(|_| self.whole);
        let extraction = self.extraction.as_ref();
        FilesRecord {
            ts: self.facts.first,
            fuid: self.facts.id,
            uid: carrier.uid,
            orig_h: carrier.orig.addr,
            orig_p: Port(carrier.orig.port),
            resp_h: carrier.resp.addr,
            resp_p: Port(carrier.resp.port),
            source: origin.source,
            depth: origin.depth,
            analyzers: SetOf(&self.names),
            mime_type: self.facts.mime,
            filename: self.facts.filename.as_deref().map(Bytes),
            duration: self.duration(),
            local_orig: Some((config.is_local)(sender.addr)),
            is_orig: origin.is_orig,
            seen_bytes: self.facts.seen,
            total_bytes: self.facts.total,
            missing_bytes: self.facts.missing,
            overflow_bytes: self.overflow,
            timedout: self.timed_out,
            parent_fuid: None,
            md5: digests.and_then(|d| d.md5.as_ref()).map(Hex::as_str),
            sha1: digests.and_then(|d| d.sha1.as_ref()).map(Hex::as_str),
            sha256: digests.and_then(|d| d.sha256.as_ref()).map(Hex::as_str),
            extracted: extraction.map(Extraction::name),
            extracted_cutoff: extraction.map(Extraction::cut),
            extracted_size: extraction.map(Extraction::written),
            claimed_mime: origin.claimed.as_deref().map(Bytes),
        }
    }

    /// How far its stream came.
    pub(crate) const fn size(&self) -> u64 {
        self.at
    }

    /// Whether people are told of it.
    pub(crate) const fn told(&self) -> bool {
        self.origin.told
    }

    /// Nothing more of it is looked at.
    pub(crate) fn stop(&mut self, room: &mut Room) {
        self.stopped = true;
        room.stats.held = room.stats.held.saturating_sub(self.ahead.held());
        self.ahead.clear();
        self.running.clear();
    }

    /// Extraction was asked for. Too late once the type is settled: the first bytes are gone.
    pub(crate) const fn extract_from_now(&mut self) -> bool {
        if !self.settled {
            self.extract = true;
        }
        !self.settled
    }

    fn duration(&self) -> Span {
        self.last.since(self.facts.first)
    }
}

impl Origin {
    fn of(meta: &FileMeta<'_>) -> Self {
        Self {
            is_orig: meta.dir == base::Dir::Orig,
            source: meta.source,
            depth: meta.depth,
            told: meta.told,
            claimed: meta.claimed_mime.map(Into::into),
        }
    }
}
