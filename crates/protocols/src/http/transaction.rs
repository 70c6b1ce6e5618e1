//! A request with its response: one buffer a message, spans into it.
//!
//! Lines and headers are kept as bytes, bodies never. [`HttpTransaction::reset`] empties the buffers
//! and keeps their capacity, so that a flow's later transactions allocate nothing.

use base::{FileId, Ts};
use model::{Step, Transaction, TxHead};
use smallvec::SmallVec;

use super::parser::Version;

/// Steps of a request, named as Suricata's hooks.
pub mod step {
    use model::Step;

    /// `request_started`, `response_started`.
    pub const STARTED: Step = Step(1);
    /// `request_line`, `response_line`.
    pub const LINE: Step = Step(2);
    /// `request_headers`, `response_headers`.
    pub const HEADERS: Step = Step(3);
    /// `request_body`, `response_body`.
    pub const BODY: Step = Step(4);
    /// `request_trailer`, `response_trailer`.
    pub const TRAILER: Step = Step(5);
    /// `request_complete`, `response_complete`.
    pub const COMPLETE: Step = Step::COMPLETE;

    /// Hooks of the direction to the server, in order.
    pub const REQUEST_HOOKS: &[(&str, Step)] = &[
        ("request_started", STARTED),
        ("request_line", LINE),
        ("request_headers", HEADERS),
        ("request_body", BODY),
        ("request_trailer", TRAILER),
        ("request_complete", COMPLETE),
    ];
    /// Hooks of the direction to the client, in order.
    pub const RESPONSE_HOOKS: &[(&str, Step)] = &[
        ("response_started", STARTED),
        ("response_line", LINE),
        ("response_headers", HEADERS),
        ("response_body", BODY),
        ("response_trailer", TRAILER),
        ("response_complete", COMPLETE),
    ];
}

/// Bytes of lines and headers that a message keeps; further headers are dropped and told.
pub(crate) const MESSAGE_MOST: usize = 256 << 10;
/// Headers that a message keeps.
pub(crate) const HEADERS_MOST: usize = 1024;
/// Files of a direction that a record names.
pub(crate) const FILES_MOST: usize = 15;
/// Capacity that an emptied message may keep.
const KEPT_CAPACITY: usize = 16 << 10;

/// A range of a message's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    at: u32,
    len: u32,
}

impl Span {
    /// Whether there is nothing in it.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
    /// No span of bytes, but a sign that stands for the target's path.
    pub(crate) const PATH: Self = Self { at: u32::MAX, len: 0 };
}

/// A header of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: Span,
    /// Its value.
    pub value: Span,
    /// It came more than once.
    pub repeated: bool,
}

/// One message.
#[derive(Debug, Default)]
pub struct Message {
    bytes: Vec<u8>,
    headers: Vec<Header>,
    /// Where a header began that may go on in the next line, and how many lines it has.
    pub(crate) open_header: Option<(u32, u32)>,
    /// Its start line.
    pub line: Span,
    /// The raw block of its headers.
    pub head: Span,
    /// The protocol's text.
    pub protocol: Span,
    /// The version, where it could be read.
    pub version: Option<Version>,
    /// Bytes of its body after transfer and content encoding were undone.
    pub body_len: u64,
    /// Bytes of its body as they were sent, framing included.
    pub wire_len: u64,
    /// Ids of the files it carried.
    pub fuids: SmallVec<[FileId; 1]>,
    /// Which of them, a bit each, had no type yet when this message began to carry them. Zeek tells
    /// the type with the message that brings it out.
    pub(crate) untyped: u16,
    /// Their names.
    pub filenames: SmallVec<[Span; 1]>,
    /// Parts begun.
    pub(crate) entities: u32,
    /// Too many headers were told of already.
    pub(crate) overfull: bool,
}

impl Message {
    /// The bytes of a span.
    pub fn get(&self, s: Span) -> &[u8] {
        let at = s.at as usize;
        self.bytes.get(at..at.saturating_add(s.len as usize)).unwrap_or_default()
    }
    /// The headers in order.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.headers.iter().map(|h| (self.get(h.name), self.get(h.value)))
    }
    /// How many there are.
    pub fn header_count(&self) -> usize {
        self.headers.len()
    }
    /// The first header of this name.
    pub fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.headers().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
    /// The last header of this name.
    pub fn last_header(&self, name: &[u8]) -> Option<&[u8]> {
        self.headers().rev().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
    /// Keeps `bytes`.
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Span {
        let at = self.bytes.len();
        let room = MESSAGE_MOST.saturating_sub(at);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(bytes);
        Span { at: at as u32, len: bytes.len() as u32 }
    }
    /// Keeps what `write` appends.
    pub(crate) fn keep_written(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let at = self.bytes.len();
        write(&mut self.bytes);
        self.bytes.truncate(MESSAGE_MOST.max(at));
        Span { at: at as u32, len: self.bytes.len().saturating_sub(at) as u32 }
    }
    /// The part of a kept span that `part`, a slice of its bytes, is.
    pub(crate) fn within(whole: Span, text: &[u8], part: &[u8]) -> Span {
        let offset = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if offset > text.len() || part.len() > text.len().saturating_sub(offset) {
            return Span::default();
        }
        Span { at: whole.at.saturating_add(offset as u32), len: part.len() as u32 }
    }
    /// Where the next kept byte will stand.
    pub(crate) fn mark(&self) -> u32 {
        self.bytes.len() as u32
    }
    /// All from a mark to here.
    pub(crate) fn since(&self, mark: u32) -> Span {
        Span { at: mark, len: self.mark().saturating_sub(mark) }
    }
    /// Whether another header fits.
    pub(crate) fn has_room(&self, len: usize) -> bool {
        self.headers.len() < HEADERS_MOST && self.bytes.len().saturating_add(len) <= MESSAGE_MOST
    }
    pub(crate) fn add_header(&mut self, name: Span, value: Span) {
        self.headers.push(Header { name, value, repeated: false });
    }
    /// The place of the first header of this name.
    pub(crate) fn find_header(&self, name: &[u8]) -> Option<usize> {
        self.headers.iter().position(|h| self.get(h.name).eq_ignore_ascii_case(name))
    }
    /// Joins a further value to the header at `i`, as a list.
    pub(crate) fn join_header(&mut self, i: usize, value: Span) {
        let Some(h) = self.headers.get(i).copied() else { return };
        let at = self.bytes.len();
        let range = |s: Span| s.at as usize..(s.at as usize).saturating_add(s.len as usize);
        let len = (h.value.len as usize).saturating_add(value.len as usize).saturating_add(2);
        if at.saturating_add(len) <= MESSAGE_MOST {
            self.bytes.extend_from_within(range(h.value));
            self.bytes.extend_from_slice(b", ");
            self.bytes.extend_from_within(range(value));
            if let Some(h) = self.headers.get_mut(i) {
                h.value = Span { at: at as u32, len: len as u32 };
            }
        }
        self.mark_repeated(i);
    }
    pub(crate) fn mark_repeated(&mut self, i: usize) {
        if let Some(h) = self.headers.get_mut(i) {
            h.repeated = true;
        }
    }
    /// Forgets headers (those of an interim response).
    pub(crate) fn drop_headers(&mut self) {
        self.headers.clear();
        self.open_header = None;
    }
    fn reset(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        let mut headers = std::mem::take(&mut self.headers);
        bytes.clear();
        bytes.shrink_to(KEPT_CAPACITY);
        headers.clear();
        headers.shrink_to(KEPT_CAPACITY >> 5);
        *self = Self { bytes, headers, ..Self::default() };
    }
}

/// A part that is open; both directions share one, as in Zeek.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OpenPart {
    /// Its name, and in whose bytes it stands.
    pub(crate) name: Option<(base::Dir, Span)>,
}

/// A request with its response.
#[derive(Debug, Default)]
pub struct HttpTransaction {
    head: TxHead,
    /// Place in the order of requests of the connection, from 1.
    pub(crate) number: u64,
    /// Zeek's `trans_depth`.
    pub depth: u64,
    /// When it began.
    pub ts: Ts,
    /// The request.
    pub request: Message,
    /// The response.
    pub response: Message,
    /// The method.
    pub method: Option<Span>,
    /// The target as it stands.
    pub target: Option<Span>,
    /// The target with its escapes undone.
    pub uri: Option<Span>,
    /// The target's path, decoded and normalised.
    pub path: Option<Span>,
    /// The host of target or Host header, lower case.
    pub hostname: Option<Span>,
    /// The port beside it.
    pub port: Option<u16>,
    /// Status code; 0 where it could not be read.
    pub status: Option<u16>,
    /// Its text.
    pub status_text: Option<Span>,
    /// Reason phrase.
    pub reason: Option<Span>,
    /// The last interim response: code and phrase.
    pub info: Option<(u16, Span)>,
    /// The request asks for a range.
    pub range_request: bool,
    /// Name in Basic credentials.
    pub username: Option<Span>,
    /// Secret in Basic credentials.
    pub password: Option<Span>,
    /// The part that is open, of either message.
    pub(crate) entity: Option<OpenPart>,
    /// It was told.
    pub(crate) told: bool,
    /// It is told as it stands at the next occasion.
    pub(crate) forced: bool,
    /// The response belongs to no request that was seen.
    pub(crate) unasked: bool,
}

impl HttpTransaction {
    /// The method's bytes; empty where none was seen.
    pub fn method_bytes(&self) -> &[u8] {
        self.method.map_or(b"", |s| self.request.get(s))
    }
    /// Whether the response is an interim one by its code.
    pub fn is_interim(&self) -> bool {
        self.status.is_some_and(|s| (100..200).contains(&s))
    }
    /// Bytes of lines and headers that it holds.
    pub(crate) fn held_bytes(&self) -> usize {
        self.request.bytes.len().saturating_add(self.response.bytes.len())
    }
    /// Whether the request has come to its end.
    pub(crate) fn is_asked(&self) -> bool {
        let [request, _] = self.head.progress;
        request == step::COMPLETE
    }
    /// Whether the response has come to its end.
    pub(crate) fn is_answered(&self) -> bool {
        let [_, response] = self.head.progress;
        response == step::COMPLETE
    }
    /// How far a direction has come.
    pub(crate) fn advance(&mut self, dir: base::Dir, to: Step) {
        let progress = dir.of_mut(&mut self.head.progress);
        *progress = (*progress).max(to);
    }
    /// Puts the response back to a step: an interim one is followed by another.
    pub(crate) const fn restart_response(&mut self, to: Step) {
        let [_, response] = &mut self.head.progress;
        *response = to;
    }
    /// The message of a direction.
    pub fn message(&self, dir: base::Dir) -> &Message {
        match dir {
            base::Dir::Orig => &self.request,
            base::Dir::Resp => &self.response,
        }
    }
    /// The message of a direction, to change it.
    pub(crate) fn message_mut(&mut self, dir: base::Dir) -> &mut Message {
        match dir {
            base::Dir::Orig => &mut self.request,
            base::Dir::Resp => &mut self.response,
        }
    }
}

impl Transaction for HttpTransaction {
    fn head(&self) -> &TxHead {
        &self.head
    }
    fn head_mut(&mut self) -> &mut TxHead {
        &mut self.head
    }
    fn reset(&mut self) {
        let mut request = std::mem::take(&mut self.request);
        let mut response = std::mem::take(&mut self.response);
        request.reset();
        response.reset();
        *self = Self { request, response, ..Self::default() };
    }
}
