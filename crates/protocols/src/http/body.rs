//! What becomes of a body: encodings undone, parts told apart, every piece a file.
//!
//! Nothing of a body is kept. Bytes come in after transfer encoding, go through at most two layers
//! of decompression and the MIME parts, and leave as steps of a file. A file begins with its first
//! byte, so that empty parts are none.

use base::{Dir, FileId, hash128};
use model::{Bytes, Cx, FileMeta, FileStep};
use smallvec::SmallVec;

use super::anomalies as a;
use super::events::{HttpBeginEntity, HttpEndEntity, HttpEntityData, HttpHeader};
use super::inflate::{Fault, Inflater};
use super::media::{filename_plain, name_parameter};
use super::multipart::{Multipart, Part};
use super::reading::{BodyFacts, Reading, Situation};
use super::record::NOT_SEEN;
use super::transaction::{FILES_MOST, HttpTransaction, OpenPart, Span};
use super::transfer::Transfer;

/// A body on its way.
#[derive(Debug)]
pub(crate) struct Body {
    inflaters: SmallVec<[Box<Inflater>; 1]>,
    /// Decompression failed: what comes is dropped.
    dead: bool,
    entity: Entity,
}

/// The parts of a body, and the file of the one that is open.
#[derive(Debug)]
struct Entity {
    dir: Dir,
    reading: Reading,
    /// The body is compressed: sizes in headers are not those of files.
    deflated: bool,
    parts: Option<Box<Multipart>>,
    /// Number of the part, from 1 as Zeek counts entities.
    number: u32,
    /// Name as Suricata tells it, in the message's bytes.
    plain_name: Option<Span>,
    /// What the part's headers say of it.
    facts: BodyFacts,
    /// How the part's body is encoded.
    transfer: Transfer,
    file: Option<FileId>,
    /// It is a piece of a file, of which others may come elsewhere.
    is_piece: bool,
    /// What the connection has fetched in ranges.
    resources: Resources,
}

/// Files that a connection has carried pieces of.
pub(crate) type Resources = SmallVec<[FileId; 2]>;
/// How many of them are remembered.
const RESOURCES_MOST: usize = 32;

impl Body {
    /// A body that comes as it is.
    pub(crate) fn new(
        dir: Dir,
        reading: Reading,
        facts: BodyFacts,
        number: u32,
        resources: Resources,
    ) -> Self {
        Self {
            inflaters: SmallVec::new(),
            dead: false,
            entity: Entity {
                dir,
                reading,
                deflated: false,
                parts: None,
                number,
                plain_name: None,
                facts,
                transfer: Transfer::Plain,
                file: None,
                is_piece: false,
                resources,
            },
        }
    }
    /// Undoes one more layer of compression, the next one inwards.
    pub(crate) fn inflate(&mut self) {
        self.inflaters.push(Box::new(Inflater::new()));
        self.entity.deflated = true;
    }
    /// Takes the body apart at this boundary.
    pub(crate) fn multipart(&mut self, boundary: &[u8]) {
        let mut parts = Multipart::new(boundary);
        if self.entity.reading.is_strict() {
            parts.count_short_ends();
        }
        self.entity.parts = Some(Box::new(parts));
    }
    /// Reads the body as a message.
    pub(crate) fn message(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction) {
        let entity = &mut self.entity;
        let mut parts = Multipart::message(&mut |p| entity.part(cx, tx, p));
        if entity.reading.is_strict() {
            parts.count_short_ends();
        }
        entity.parts = Some(Box::new(parts));
    }
    /// The name the file of a body in one piece has.
    pub(crate) fn named(&mut self, name: Option<Span>) {
        self.entity.plain_name = name;
    }
    /// Whether the parts ended the body.
    pub(crate) fn is_over(&self) -> bool {
        self.entity.parts.as_ref().is_some_and(|p| p.is_over())
    }
    /// Whether the last byte ended a line of its parts.
    pub(crate) fn is_line_over(&self) -> bool {
        self.entity.parts.as_ref().is_some_and(|p| p.is_line_over())
    }
    /// Whether the last line of its parts has no end.
    pub(crate) fn in_line(&self) -> bool {
        self.entity.parts.as_ref().is_some_and(|p| p.in_line())
    }
    /// Whether the body has parts.
    pub(crate) const fn has_parts(&self) -> bool {
        self.entity.parts.is_some()
    }

    /// Takes bytes of the body; returns how many belong to it, which is all unless its parts are
    /// over before.
    pub(crate) fn data(
        &mut self,
        cx: &mut Cx<'_>,
        tx: &mut HttpTransaction,
        bytes: &[u8],
    ) -> usize {
        let Self { inflaters, dead, entity } = self;
        if *dead {
            return bytes.len();
        }
        let done = match inflaters.as_mut_slice() {
            [] => return entity.take(cx, tx, bytes),
            [one] => one.feed(bytes, &mut |b| {
                entity.take(cx, tx, b);
            }),
            [outer, inner, ..] => {
                let mut second = Ok(());
                let first = outer.feed(bytes, &mut |b| {
                    if second.is_ok() {
                        second = inner.feed(b, &mut |b| {
                            entity.take(cx, tx, b);
                        });
                    }
                });
                first.and(second)
            }
        };
        if let Err(fault) = done {
            *dead = true;
            cx.anomaly(match fault {
                Fault::Damaged => &a::INFLATE_FAILED,
                Fault::Bomb => &a::COMPRESSION_BOMB,
            });
        }
        bytes.len()
    }

    /// Whether this is a compressed body of parts, which Zeek unpacks line by line.
    pub(crate) fn is_unpacked_by_line(&self) -> bool {
        self.entity.reading.is_strict() && self.has_parts() && !self.inflaters.is_empty()
    }

    /// Takes a line of such a body, without its end. What it unpacks to stands for a line too.
    pub(crate) fn packed_line(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction, text: &[u8]) {
        let Self { inflaters, dead, entity } = self;
        let Some(inflater) = inflaters.first_mut().filter(|_| !*dead) else { return };
        let mut odd = false;
        let done = inflater.feed(text, &mut |piece| {
            let Some(mut parts) = entity.parts.take() else { return };
            odd |= parts.piece(piece, &mut |p| entity.part(cx, tx, p));
            entity.parts = Some(parts);
            let m = tx.message_mut(entity.dir);
            m.body_len = m.body_len.saturating_add(piece.len() as u64);
        });
        if odd {
            cx.anomaly(&a::NO_LINE_END_IN_HEADERS);
        }
        if done.is_err() {
            *dead = true;
            cx.anomaly(&a::INFLATE_FAILED);
        }
    }

    /// Bytes by which Zeek, which counts two for each line end, is beyond what came.
    pub(crate) fn take_short_ends(&mut self) -> u64 {
        self.entity.parts.as_mut().map_or(0, |p| p.take_short_ends())
    }

    /// Whether a line of the parts ended in CR alone since the last call (strict reading).
    pub(crate) fn take_lone_cr(&mut self) -> bool {
        let strict = self.entity.reading.is_strict();
        self.entity.parts.as_mut().is_some_and(|p| p.take_lone_cr()) && strict
    }

    /// So many bytes of a part are lost. `false` where the parts can't be followed beyond.
    pub(crate) fn gap_in_part(
        &mut self,
        cx: &mut Cx<'_>,
        tx: &mut HttpTransaction,
        lost: u64,
    ) -> bool {
        if let Some(id) = self.entity.file {
            cx.file(FileStep::Gap(id, lost));
        }
        let entity = &mut self.entity;
        let Some(mut parts) = entity.parts.take() else { return false };
        let fits = parts.gap(lost, &mut |p| entity.part(cx, tx, p));
        entity.parts = Some(parts);
        fits
    }

    /// So many bytes of the body are lost.
    pub(crate) fn gap(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction, lost: u64) {
        if !self.inflaters.is_empty() && !self.entity.reading.is_strict() {
            // What follows a hole can't be unpacked.
            self.dead = true;
            return;
        }
        if self.entity.file.is_none() && !self.entity.reading.is_strict() {
            self.entity.open(cx, tx);
        }
        if let Some(id) = self.entity.file {
            cx.file(FileStep::Gap(id, lost));
        }
    }

    /// The body ends. `proper`: where it should. Returns what the connection has fetched in ranges.
    pub(crate) fn end(
        mut self,
        cx: &mut Cx<'_>,
        tx: &mut HttpTransaction,
        proper: bool,
    ) -> Resources {
        let entity = &mut self.entity;
        if let Some(mut parts) = entity.parts.take() {
            let whole = parts.is_over();
            if !whole && !entity.reading.is_strict() {
                entity.close(cx, false);
            }
            parts.end(&mut |p| entity.part(cx, tx, p));
        }
        entity.close(cx, proper);
        self.entity.resources
    }
}

impl Entity {
    fn take(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction, bytes: &[u8]) -> usize {
        let used = match self.parts.take() {
            None => {
                self.leaf(cx, tx, bytes);
                bytes.len()
            }
            Some(mut parts) => {
                let used = parts.feed(bytes, &mut |p| self.part(cx, tx, p));
                self.parts = Some(parts);
                used
            }
        };
        let m = tx.message_mut(self.dir);
        m.body_len = m.body_len.saturating_add(used as u64);
        used
    }

    /// Takes note of a step of the parts; answers the end of headers with the part's length.
    fn part(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction, part: Part<'_>) -> Option<u64> {
        let is_orig = self.dir == Dir::Orig;
        match part {
            Part::Begin => {
                let m = tx.message_mut(self.dir);
                m.entities = m.entities.saturating_add(1);
                self.number = m.entities;
                self.facts = BodyFacts::default();
                self.plain_name = None;
                self.transfer = Transfer::Plain;
                tx.entity = Some(OpenPart::default());
                cx.raise(|| HttpBeginEntity { is_orig });
            }
            Part::Header { name, value } => {
                raise_header(cx, self.dir, name, value);
                let at = Situation {
                    request: is_orig,
                    status: tx.status.unwrap_or(0),
                    version: None,
                    top: false,
                };
                self.facts.note(name, value, at, &mut |kind, detail| cx.anomaly_with(kind, detail));
                if self.reading.is_strict() && tx.entity.is_none() {
                    cx.anomaly(&a::MISSING_ENTITY);
                }
                note_name(tx, self.dir, name, value);
                // Suricata takes the parts of a form as they were sent.
                if name.eq_ignore_ascii_case(b"content-transfer-encoding")
                    && !cx.profile.is_suricata()
                {
                    self.transfer = Transfer::named(value);
                }
                if name.eq_ignore_ascii_case(b"content-disposition") {
                    let m = tx.message_mut(self.dir);
                    self.plain_name = filename_plain(value).map(|n| m.keep(n));
                }
            }
            Part::Headers if self.reading.is_strict() => return self.facts.length,
            Part::Headers | Part::Closed => {}
            Part::Data(bytes) => {
                let mut transfer = std::mem::take(&mut self.transfer);
                transfer.feed(bytes, &mut |b| self.leaf(cx, tx, b));
                self.transfer = transfer;
            }
            Part::End => {
                self.close(cx, true);
                tx.entity = None;
                cx.raise(|| HttpEndEntity { is_orig });
            }
        }
        None
    }

    /// Bytes of a body that has no parts.
    fn leaf(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let is_orig = self.dir == Dir::Orig;
        let length = bytes.len() as u64;
        cx.raise(|| HttpEntityData { is_orig, length, data: Bytes(bytes) });
        if self.file.is_none() {
            self.open(cx, tx);
        }
        if let Some(id) = self.file {
            cx.file(FileStep::Data(id, bytes));
        }
    }

    fn open(&mut self, cx: &mut Cx<'_>, tx: &mut HttpTransaction) {
        let suricata = cx.profile.is_suricata();
        if suricata && self.plain_name.is_none() {
            return;
        }
        let is_resp = self.dir == Dir::Resp;
        // Zeek goes by what was asked for, Suricata by what came and from which host.
        let by_resource = is_resp
            && if suricata {
                self.facts.range.is_some_and(|r| r.is_part()) && tx.hostname.is_some()
            } else {
                tx.range_request
            };
        let id = if by_resource {
            resource_id(cx, tx)
        } else {
            FileId::derive(cx.flow.uid, tx_head_id(tx), self.dir, self.number)
        };
        let known = self.resources.contains(&id);
        if by_resource && !known && self.resources.len() < RESOURCES_MOST {
            self.resources.push(id);
        }
        self.is_piece = is_resp && tx.status == Some(206) && (by_resource || !suricata);
        let range = self.facts.range.filter(|_| by_resource || !suricata);
        let total = match range {
            _ if self.deflated || (suricata && !by_resource) => None,
            Some(r) => r.whole.filter(|n| *n > 0),
            None => self.facts.length.filter(|n| *n > 0),
        };
        let name = tx.entity.and_then(|e| e.name);
        let message = tx.message(self.dir);
        cx.file(FileStep::Open(FileMeta {
            id,
            source: "HTTP",
            tx: tx_head_id(tx),
            dir: self.dir,
            depth: 0,
            filename: name.map(|(d, s)| tx.message(d).get(s)),
            eve_filename: self.plain_name.map(|s| match s {
                PATH => match tx.path {
                    None if tx.unasked => NOT_SEEN,
                    path => path.map_or(&b""[..], |p| tx.request.get(p)),
                },
                s => message.get(s),
            }),
            claimed_mime: message.last_header(b"content-type"),
            known_mime: None,
            total_bytes: total,
            offset: range.map_or(0, |r| r.first),
            told: true,
        }));
        self.file = Some(id);
        let typed = cx.out.file_facts(id).is_some_and(|f| f.mime.is_some());
        if known && cx.profile.is_zeek() {
            // Zeek names a file with the first message of a connection that carries it.
            return;
        }
        let m = tx.message_mut(self.dir);
        if m.fuids.len() < FILES_MOST && !m.fuids.contains(&id) {
            m.untyped |= u16::from(!typed).checked_shl(m.fuids.len() as u32).unwrap_or(0);
            m.fuids.push(id);
        }
        if let Some((dir, span)) = name
            && tx.message(self.dir).filenames.len() < FILES_MOST
        {
            let span = if dir == self.dir {
                span
            } else {
                let copy = tx.message(dir).get(span).to_vec();
                tx.message_mut(self.dir).keep(&copy)
            };
            tx.message_mut(self.dir).filenames.push(span);
        }
    }

    fn close(&mut self, cx: &mut Cx<'_>, proper: bool) {
        let Some(id) = self.file.take() else { return };
        cx.file(if self.is_piece {
            FileStep::EndPiece(id, proper)
        } else {
            FileStep::Close(id, proper)
        });
    }
}

/// Stands for the path of the target, whose bytes are the request's.
pub(crate) const PATH: Span = Span::PATH;

fn tx_head_id(tx: &HttpTransaction) -> u64 {
    model::Transaction::head(tx).id
}

/// The id of what a client fetches in ranges: the same over transactions and connections.
fn resource_id(cx: &Cx<'_>, tx: &HttpTransaction) -> FileId {
    let mut key = Vec::new();
    if cx.profile.is_suricata() {
        // One file for all clients.
        for span in [tx.hostname, tx.path].into_iter().flatten() {
            key.extend_from_slice(tx.request.get(span));
        }
        return FileId(hash128(0x7261_6e67, &key) >> 32);
    }
    key.extend_from_slice(cx.flow.orig.addr.to_string().as_bytes());
    key.push(0);
    let uri = tx.uri.map_or(&b"/<missed_request>"[..], |s| tx.request.get(s));
    if memchr::memmem::find(uri, b"://").is_none() {
        match tx.request.last_header(b"host") {
            Some(host) => key.extend_from_slice(host),
            None => key.extend_from_slice(cx.flow.resp.addr.to_string().as_bytes()),
        }
        key.push(b':');
        key.extend_from_slice(&cx.flow.resp.port.to_be_bytes());
    }
    key.extend_from_slice(uri);
    FileId(hash128(0x7261_6e67, &key) >> 32)
}

/// Raises `http_header`.
pub(crate) fn raise_header(cx: &mut Cx<'_>, dir: Dir, name: &[u8], value: &[u8]) {
    cx.raise(|| HttpHeader {
        is_orig: dir == Dir::Orig,
        original_name: Bytes(name),
        name: String::from_utf8_lossy(name).to_ascii_uppercase(),
        value: Bytes(value),
    });
}

/// Takes the name of the open part from a header that has one.
pub(crate) fn note_name(tx: &mut HttpTransaction, dir: Dir, name: &[u8], value: &[u8]) {
    let Some(word) = naming_word(name) else { return };
    if tx.entity.is_none() {
        return;
    }
    let mut found = false;
    let span = tx.message_mut(dir).keep_written(|out| found = name_parameter(value, word, out));
    if found {
        tx.entity = Some(OpenPart { name: Some((dir, span)) });
    }
}

/// The word before a name in the value of a header, if this header may hold one.
pub(crate) fn naming_word(header: &[u8]) -> Option<&'static [u8]> {
    if header.eq_ignore_ascii_case(b"content-disposition") {
        Some(b"filename")
    } else if header.eq_ignore_ascii_case(b"content-type") {
        Some(b"name")
    } else {
        None
    }
}
