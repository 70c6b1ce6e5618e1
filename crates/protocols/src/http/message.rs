//! What both directions share: headers, chunks, the end of a message.

use base::Dir;
use model::{Cx, Transaction};
use smallvec::SmallVec;

use super::analyzer::{At, Next, State, find};
use super::anomalies as a;
use super::body::{Body, PATH, Resources, naming_word, note_name, raise_header};
use super::events::{HttpContentType, HttpEndEntity, HttpMessageDone};
use super::media::{MediaType, first_token};
use super::parser::{
    ChunkSize, chunk_size_lenient, chunk_size_strict, find_ignore_case, header_lenient,
    header_strict, is_blank, is_token, length_lenient, skip, span,
};
use super::reading::{
    CODINGS_MOST, Coding, Framing, Media, Situation, codings_lenient, framing_strict, media_strict,
    request_framing_lenient, response_framing_lenient,
};
use super::transaction::{HttpTransaction, Message, step};

impl State {
    /// A line among headers: a new one, more of the last one, or the end of them.
    pub(crate) fn header_line(&mut self, cx: &mut Cx<'_>, dir: Dir, text: &[u8], raw: u64) -> Next {
        let strict = self.reading.is_strict();
        self.half(dir).head_len = self.half(dir).head_len.saturating_add(raw);
        if text.is_empty() || (strict && text.first() == Some(&0)) {
            self.header_over(cx, dir);
            return self.headers_over(cx, dir);
        }
        let bent = text.first().copied().is_some_and(is_blank);
        let open = self.both(dir).is_some_and(|(_, tx)| tx.message(dir).open_header.is_some());
        if bent && open && !(!strict && dir == Dir::Resp && is_header(text)) {
            if let Some((_, tx)) = self.both(dir) {
                let m = tx.message_mut(dir);
                m.keep(text);
                if let Some((_, lines)) = &mut m.open_header {
                    *lines = lines.saturating_add(1);
                }
            }
            return Next::GO_ON;
        }
        self.header_over(cx, dir);
        if let Some((_, tx)) = self.both(dir) {
            let m = tx.message_mut(dir);
            if m.has_room(text.len()) {
                let mark = m.mark();
                m.keep(skip(text, is_blank));
                m.open_header = Some((mark, 1));
            } else if !std::mem::replace(&mut m.overfull, true) {
                cx.anomaly(&a::TOO_MANY_HEADERS);
            }
        }
        Next::GO_ON
    }

    /// The last header is whole.
    fn header_over(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        let strict = self.reading.is_strict();
        let waiting = self.both(dir).and_then(|(_, tx)| tx.message_mut(dir).open_header.take());
        let Some((mark, lines)) = waiting else { return };
        if strict && dir == Dir::Orig {
            self.move_on_if_told(cx);
        }
        let Self { halves, txs, keep_alive, close, upgrade, .. } = self;
        let half = dir.of_mut(halves);
        let Some(tx) = find(txs, dir, half.number) else { return };
        let whole = tx.message(dir).since(mark);
        let m = tx.message(dir);
        let text = m.get(whole);
        let (name, value) = if strict {
            let Some(split) = header_strict(text) else { return };
            split
        } else {
            let split = header_lenient(text);
            if split.0.is_empty() {
                cx.anomaly(match dir {
                    Dir::Orig => &a::MISSING_COLON,
                    Dir::Resp => &a::MISSING_COLON_RESPONSE,
                });
            }
            split
        };
        if lines > 1 {
            cx.anomaly_with(&a::LINE_FOLDING, name);
        }
        raise_header(cx, dir, name, value);
        if strict && tx.entity.is_none() {
            // Zeek keeps one open part for both directions; the end of either closes it.
            cx.anomaly(&a::MISSING_ENTITY);
        }
        if strict {
            let at = Situation {
                request: dir == Dir::Orig,
                status: tx.status.unwrap_or(0),
                version: Some(half.version),
                top: true,
            };
            half.facts.note(name, value, at, &mut |kind, detail| cx.anomaly_with(kind, detail));
        }
        let is = |n: &[u8]| name.eq_ignore_ascii_case(n);
        if is(b"connection") {
            let token = first_token(value).0;
            match dir {
                Dir::Orig => *keep_alive |= token.eq_ignore_ascii_case(b"keep-alive"),
                Dir::Resp => {
                    *close |= token.eq_ignore_ascii_case(b"close");
                    *upgrade |= token.eq_ignore_ascii_case(b"upgrade");
                }
            }
        }
        let range = dir == Dir::Orig && is(b"range");
        let credentials = dir == Dir::Orig && (is(b"authorization") || is(b"proxy-authorization"));
        let (name_span, value_span) =
            (Message::within(whole, text, name), Message::within(whole, text, value));
        let named = naming_word(name).filter(|w| find_ignore_case(value, w).is_some());
        let naming = named.map(|_| {
            let copies: (SmallVec<[u8; 32]>, SmallVec<[u8; 128]>) = (name.into(), value.into());
            copies
        });
        let repeated = if strict { None } else { m.find_header(name) };
        tx.range_request |= range;
        match repeated {
            None => tx.message_mut(dir).add_header(name_span, value_span),
            Some(i) => {
                let m = tx.message_mut(dir);
                if m.get(name_span).eq_ignore_ascii_case(b"content-length") {
                    m.mark_repeated(i);
                } else {
                    m.join_header(i, value_span);
                }
            }
        }
        if let Some((name, value)) = naming {
            note_name(tx, dir, &name, &value);
        }
        if credentials {
            super::request::note_credentials(cx, tx, value_span);
        }
    }

    /// All headers are read: what follows is the body, if there is one.
    pub(crate) fn headers_over(&mut self, cx: &mut Cx<'_>, dir: Dir) -> Next {
        self.header_over(cx, dir);
        let strict = self.reading.is_strict();
        if !strict {
            let then = match dir {
                Dir::Orig => self.request_judged(cx),
                Dir::Resp => self.response_judged(cx),
            };
            if let Some(next) = then {
                return next;
            }
        }
        let (close, reading) = (self.close, self.reading);
        let known = match dir {
            Dir::Orig => Resources::new(),
            Dir::Resp => std::mem::take(&mut self.resources),
        };
        let Some((half, tx)) = self.both(dir) else { return Next::GO_ON };
        let m = tx.message_mut(dir);
        m.head = m.since(half.head_mark);
        raise_content_type(cx, dir, m);
        tx.advance(dir, step::HEADERS);
        let request = dir == Dir::Orig;
        let framing = if strict {
            half.media = media_strict(tx.message(dir));
            if half.facts.chunked && half.media != Media::Plain {
                cx.anomaly(&a::CHUNKED_MULTIPART);
            }
            framing_strict(&half.facts, half.media, tx, request, close)
        } else {
            let mut odd = |kind, detail: &[u8]| cx.anomaly_with(kind, detail);
            let framing = if request {
                request_framing_lenient(tx.message(dir), &mut odd)
            } else {
                response_framing_lenient(tx, &mut odd)
            };
            half.media = media_lenient(tx, request);
            half.facts.length = match framing {
                Framing::Length(n) => Some(n),
                _ => None,
            };
            if let (Some(value), Some(206)) = (tx.response.header(b"content-range"), tx.status) {
                let mut text = Vec::new();
                half.facts.range = super::media::content_range(value, &mut text).ok();
            }
            framing
        };
        (half.at, half.left) = match framing {
            Framing::None => {
                if dir == Dir::Resp {
                    self.resources = known;
                }
                let next = self.finished(cx, dir);
                return if strict && dir == Dir::Resp {
                    self.after_response_head(cx, next)
                } else {
                    next
                };
            }
            Framing::Broken => {
                self.give_up(cx, dir);
                return Next::GO_ON;
            }
            Framing::Length(n) => (At::Length, n),
            Framing::Chunked => (At::ChunkSize, 0),
            Framing::UntilClose => (At::UntilClose, 0),
            Framing::Lines => (At::Lines, 0),
        };
        tx.advance(dir, step::BODY);
        let number = tx.message(dir).entities.max(1);
        let mut body = Body::new(dir, reading, half.facts, number, known);
        dress(&mut body, cx, tx, dir, half.media, strict, half.facts.deflated);
        half.body = Some(body);
        if strict && dir == Dir::Resp {
            return self.after_response_head(cx, Next::GO_ON);
        }
        Next::GO_ON
    }

    /// The line before a chunk.
    pub(crate) fn chunk_size(&mut self, cx: &mut Cx<'_>, dir: Dir, text: &[u8], raw: u64) -> Next {
        let strict = self.reading.is_strict();
        let bad = match dir {
            Dir::Orig => &a::BAD_CHUNK_SIZE,
            Dir::Resp => &a::BAD_CHUNK_SIZE_RESPONSE,
        };
        self.on_wire(dir, raw);
        let size = if strict { chunk_size_strict(text) } else { chunk_size_lenient(text) };
        match size {
            ChunkSize::Size(0) => {
                self.half(dir).at = At::Trailers;
                if let Some((_, tx)) = self.both(dir) {
                    tx.advance(dir, step::TRAILER);
                }
            }
            ChunkSize::Size(n) => {
                let half = self.half(dir);
                (half.at, half.left) = (At::ChunkData, n);
            }
            ChunkSize::Empty => {}
            ChunkSize::Bad => {
                cx.anomaly_with(bad, text);
                if strict {
                    self.half(dir).at = At::Trailers;
                } else if dir == Dir::Orig {
                    self.give_up(cx, dir);
                } else {
                    // A browser takes the rest as it comes.
                    if let Some((half, tx)) = self.both(dir) {
                        half.at = At::UntilClose;
                        if let Some(body) = &mut half.body {
                            body.data(cx, tx, text);
                            body.data(cx, tx, b"\r\n");
                        }
                    }
                }
            }
        }
        Next::GO_ON
    }

    /// A line after the last chunk.
    pub(crate) fn trailer_line(&mut self, cx: &mut Cx<'_>, dir: Dir, text: &[u8]) -> Next {
        if text.is_empty() || (self.reading.is_strict() && text.first() == Some(&0)) {
            return self.finished(cx, dir);
        }
        if let Some((name, value)) = header_strict(text) {
            raise_header(cx, dir, name, value);
        }
        Next::GO_ON
    }

    /// A message came to its proper end. libhtp looks at what follows in the same segment first.
    pub(crate) fn finished(&mut self, cx: &mut Cx<'_>, dir: Dir) -> Next {
        if self.peeks && self.both(dir).is_some() {
            self.half(dir).at = At::Over;
            return Next::GO_ON;
        }
        self.message_over(cx, dir, false)
    }

    /// A message ends; `interrupted` where it is not at its proper end.
    pub(crate) fn message_over(&mut self, cx: &mut Cx<'_>, dir: Dir, interrupted: bool) -> Next {
        let strict = self.reading.is_strict();
        let is_orig = dir == Dir::Orig;
        let waiting = self.both(dir).is_some_and(|(_, tx)| tx.message(dir).open_header.is_some());
        if waiting {
            self.header_over(cx, dir);
        }
        self.news = true;
        self.body_finished(cx, dir, !interrupted);
        if strict && is_orig {
            self.move_on_if_told(cx);
        }
        let Some((half, tx)) = self.both(dir) else { return Next::GO_ON };
        half.at = At::Start;
        tx.advance(dir, step::COMPLETE);
        tx.entity = None;
        let (start, body_length, header_length) = (tx.ts, tx.message(dir).body_len, half.head_len);
        cx.raise(|| HttpEndEntity { is_orig });
        cx.raise(|| HttpMessageDone { is_orig, start, interrupted, body_length, header_length });
        if strict && interrupted {
            half.at = At::Nothing;
        }
        Next::GO_ON
    }

    fn body_finished(&mut self, cx: &mut Cx<'_>, dir: Dir, proper: bool) {
        if let Some((half, tx)) = self.both(dir)
            && let Some(body) = half.body.take()
        {
            let resources = body.end(cx, tx, proper);
            if dir == Dir::Resp {
                self.resources = resources;
            }
        }
    }

    /// Zeek keeps one record per request number, and forgets it when the response is over: what the
    /// request still says begins another.
    fn move_on_if_told(&mut self, cx: &mut Cx<'_>) {
        let number = self.half(Dir::Orig).number;
        let Some((_, tx)) = self.both(Dir::Orig) else { return };
        // A response that is over in this very step will be told at its end.
        let [request, _] = tx.head().progress;
        let over = tx.told || (tx.is_answered() && !tx.is_interim());
        if !over || request == step::COMPLETE {
            return;
        }
        let body_len = tx.request.body_len;
        tx.advance(Dir::Orig, step::COMPLETE);
        tx.request.body_len = 0;
        let next = self.begin(cx, number);
        next.request.body_len = body_len;
        next.request.entities = 1;
    }
}

/// Whether a bent line looks like a header of its own.
fn is_header(text: &[u8]) -> bool {
    let (name, rest) = span(skip(text, is_blank), is_token);
    !name.is_empty() && skip(rest, is_blank).first() == Some(&b':')
}

fn raise_content_type(cx: &mut Cx<'_>, dir: Dir, m: &Message) {
    cx.raise(|| {
        let t = m.last_header(b"content-type").and_then(MediaType::parse);
        let upper = |b: &[u8]| String::from_utf8_lossy(b).to_ascii_uppercase();
        HttpContentType {
            is_orig: dir == Dir::Orig,
            ty: t.map_or_else(|| "TEXT".into(), |t| upper(t.kind)),
            subty: t.map_or_else(|| "PLAIN".into(), |t| upper(t.subtype)),
        }
    });
}

/// What the lenient reading makes of the body's type: only posted forms are taken apart.
fn media_lenient(tx: &HttpTransaction, request: bool) -> Media {
    let parts = request
        && tx.method_bytes() == b"POST"
        && tx.request.header(b"content-type").and_then(super::media::boundary).is_some();
    if parts { Media::Multipart } else { Media::Plain }
}

/// Gives a body its decoders, its parts and its name.
fn dress(
    body: &mut Body,
    cx: &mut Cx<'_>,
    tx: &mut HttpTransaction,
    dir: Dir,
    media: Media,
    strict: bool,
    deflated: bool,
) {
    if strict {
        if deflated {
            body.inflate();
        }
    } else if let Some(value) = tx.message(dir).header(b"content-encoding") {
        let codings: SmallVec<[Coding; 4]> = codings_lenient(value).collect();
        if codings.len() > CODINGS_MOST {
            cx.anomaly_with(&a::TOO_MANY_ENCODINGS, value);
        }
        if !codings.contains(&Coding::Other) {
            codings.iter().take(CODINGS_MOST).for_each(|_| body.inflate());
        }
    }
    match media {
        Media::Plain => {}
        Media::Multipart => {
            let value = tx.message(dir).last_header(b"content-type").unwrap_or_default();
            let boundary: SmallVec<[u8; 80]> =
                super::media::boundary(value).unwrap_or_default().into();
            body.multipart(&boundary);
            return;
        }
        Media::Message => {
            body.message(cx, tx);
            return;
        }
    }
    let named = match dir {
        Dir::Orig => matches!(tx.method_bytes(), b"POST" | b"PUT").then_some(PATH),
        Dir::Resp => {
            let given =
                tx.response.header(b"content-disposition").and_then(super::media::filename_plain);
            match given.map(SmallVec::<[u8; 64]>::from_slice) {
                Some(name) => Some(tx.response.keep(&name)),
                None => Some(PATH),
            }
        }
    };
    body.named(named.filter(|s| *s != PATH || tx.path.is_some() || tx.unasked));
}

/// A Content-Length that the lenient reading takes.
pub(crate) fn announced(m: &Message) -> Option<u64> {
    m.header(b"content-length").and_then(length_lenient)
}
