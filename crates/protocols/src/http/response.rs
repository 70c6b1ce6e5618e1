//! The side of the server: status lines, interim responses, the way into other protocols.

use base::Dir;
use model::{Bytes, Cx};

use super::analyzer::{At, Next, State};
use super::anomalies as a;
use super::body::{Body, PATH, Resources};
use super::events::{HttpBeginEntity, HttpConnectionUpgrade, HttpReply};
use super::message::announced;
use super::parser::{
    StatusLine, Version, is_blank, is_space, is_status_line, skip, span, starts_with_ignore_case,
    status_line_lenient, status_line_strict,
};
use super::reading::{BodyFacts, Media};
use super::request::KNOWN_METHODS;
use super::transaction::{Message, OpenPart, step};

impl State {
    /// A line where a response is due.
    pub(crate) fn status_line(&mut self, cx: &mut Cx<'_>, line: &[u8], raw: u64) -> Next {
        if self.reading.is_strict() {
            return match status_line_strict(line) {
                Some(status) => self.response(cx, line, status),
                None if line.is_empty() => Next::GO_ON,
                None => self.violated(cx, Dir::Resp),
            };
        }
        if line.is_empty() || matches!(line, [c] if is_blank(*c)) {
            return Next::GO_ON;
        }
        if is_status_line(line) {
            return self.response(cx, line, status_line_lenient(line));
        }
        if self.peeks {
            return self.junk_line(cx, line, raw);
        }
        if self.replied > 0 && self.requests <= self.responses {
            // Nobody asked, and it is no response.
            cx.anomaly(&a::UNEXPECTED_RESPONSE_BODY);
            return Next::GO_ON;
        }
        // A browser takes the line, and what follows, as a body.
        self.bare_response(cx);
        if let Some((half, tx)) = self.both(Dir::Resp)
            && let Some(body) = &mut half.body
        {
            body.data(cx, tx, line);
            let end: &[u8] =
                if raw > (line.len() as u64).saturating_add(1) { b"\r\n" } else { b"\n" };
            if raw > line.len() as u64 {
                body.data(cx, tx, end);
            }
            tx.response.wire_len = tx.response.wire_len.saturating_add(raw);
        }
        Next::GO_ON
    }

    /// A line that is no status line, as libhtp takes it: let pass before one, else a body, which
    /// ends with the segment.
    fn junk_line(&mut self, cx: &mut Cx<'_>, line: &[u8], raw: u64) -> Next {
        let (ahead, more) = self.ahead;
        if more > 1 && (ahead == Some(b'H') || line.len() <= 2) {
            return Next::GO_ON;
        }
        if !self.answering {
            self.answered(cx);
            self.answering = true;
        }
        let reading = self.reading;
        let Some((half, tx)) = self.both(Dir::Resp) else { return Next::GO_ON };
        let body = half.body.get_or_insert_with(|| {
            let mut body = Body::new(Dir::Resp, reading, half.facts, 1, Resources::new());
            body.named(Some(PATH).filter(|_| tx.path.is_some() || tx.unasked));
            body
        });
        body.data(cx, tx, line);
        let end = raw.saturating_sub(line.len() as u64);
        body.data(cx, tx, if end > 1 { b"\r\n" } else { b"\n" });
        tx.response.wire_len = tx.response.wire_len.saturating_add(raw);
        tx.advance(Dir::Resp, step::BODY);
        if more == 0 {
            self.answering = false;
            self.message_over(cx, Dir::Resp, false);
        }
        Next::GO_ON
    }

    /// Bytes after a message and in the same segment, as libhtp takes them: more of the body,
    /// unless a message begins.
    pub(crate) fn after_message(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let end = match memchr::memchr(b'\n', input) {
            Some(0) if dir == Dir::Resp => input.len(),
            Some(i) => i.saturating_add(1),
            None => input.len(),
        };
        let line = input.get(..end).unwrap_or(input);
        let begins = match dir {
            Dir::Orig => {
                let (method, rest) = span(skip(line, is_space), |c| !is_space(c));
                let open = rest.is_empty() && !method.is_empty();
                is_libhtp_method(method) || (open && begins_libhtp_method(method))
            }
            Dir::Resp => {
                let text = skip(line, is_space);
                is_status_line(line) || (!text.is_empty() && starts_with_ignore_case(b"HTTP", text))
            }
        };
        if begins {
            self.message_over(cx, dir, false);
            return Next::GO_ON;
        }
        cx.anomaly(match dir {
            Dir::Orig => &a::UNEXPECTED_REQUEST_BODY,
            Dir::Resp => &a::UNEXPECTED_RESPONSE_BODY,
        });
        if let Some((half, tx)) = self.both(dir) {
            if let Some(body) = &mut half.body {
                body.data(cx, tx, line);
            }
            let m = tx.message_mut(dir);
            m.wire_len = m.wire_len.saturating_add(line.len() as u64);
        }
        Next::used(end)
    }

    /// The transaction that the next response belongs to.
    fn answered(&mut self, cx: &mut Cx<'_>) {
        if std::mem::take(&mut self.answering) {
            return;
        }
        let strict = self.reading.is_strict();
        let same = self.txs.iter().any(|t| {
            let interim = if strict { t.is_interim() } else { t.status == Some(100) };
            t.number == self.responses && !t.told && interim && (strict || !t.is_answered())
        });
        if !same {
            self.responses = self.responses.saturating_add(1);
        }
        let number = self.responses;
        let unasked = number > self.requests;
        if self.half(Dir::Orig).at == At::Maybe0_9 && self.half(Dir::Orig).number == number {
            self.message_over(cx, Dir::Orig, false);
            self.half(Dir::Orig).at = At::Nothing;
        }
        if !self.is_pending(number) {
            let tx = self.begin(cx, number);
            tx.unasked = unasked;
            // Its request was not seen and will not be.
            tx.advance(Dir::Orig, step::COMPLETE);
        }
        if unasked && !self.reading.is_strict() {
            cx.anomaly(&a::RESPONSE_BEFORE_REQUEST);
        }
        let half = self.half(Dir::Resp);
        half.number = number;
        half.facts = BodyFacts::default();
        half.media = Media::Plain;
        half.head_len = 0;
        self.replied = self.replied.saturating_add(1);
    }

    fn response(&mut self, cx: &mut Cx<'_>, line: &[u8], status: StatusLine<'_>) -> Next {
        let strict = self.reading.is_strict();
        if status.lower_case {
            cx.anomaly(&a::LOWER_CASE_KEYWORD);
        }
        self.set_version(cx, Dir::Resp, status.version);
        if self.requests > self.responses || !strict {
            self.confirm(cx);
        }
        self.answered(cx);
        if !strict {
            if status.version == Version::default() {
                cx.anomaly_with(&a::BAD_RESPONSE_PROTOCOL, status.protocol);
            }
            if status.code == 0 {
                cx.anomaly_with(&a::BAD_RESPONSE_STATUS, status.code_text);
            }
        }
        if strict && status.code != 200 {
            self.connect = false;
        }
        let Some((half, tx)) = self.both(Dir::Resp) else { return Next::GO_ON };
        half.at = At::Headers;
        half.head_len = line.len() as u64;
        let m = &mut tx.response;
        m.drop_headers();
        let whole = m.keep(line);
        let part = |p: &[u8]| Message::within(whole, line, p);
        m.line = whole;
        m.version = Some(status.version);
        m.protocol = part(status.protocol);
        half.head_mark = m.mark();
        m.entities = m.entities.saturating_add(1);
        tx.status = Some(status.code);
        tx.status_text = Some(part(status.code_text));
        tx.reason = status.reason.map(part);
        if tx.is_interim() {
            let reason = match tx.reason {
                Some(r) => r,
                None => tx.response.keep(b"<empty>"),
            };
            tx.info = Some((status.code, reason));
        }
        tx.entity = Some(OpenPart::default());
        // An interim response may have brought this direction further than the next one starts.
        tx.restart_response(step::LINE);
        let version = status.version.text();
        cx.raise(|| HttpReply {
            version: Bytes(&version),
            code: status.code,
            reason: Bytes(status.reason.unwrap_or(b"<empty>")),
        });
        cx.raise(|| HttpBeginEntity { is_orig: false });
        Next::GO_ON
    }

    /// A response without a status line begins.
    pub(crate) fn bare_response(&mut self, cx: &mut Cx<'_>) {
        let strict = self.reading.is_strict();
        if strict {
            self.set_version(cx, Dir::Resp, Version::V0_9);
            self.confirm(cx);
            self.close = true;
        }
        self.answered(cx);
        let reading = self.reading;
        let Some((half, tx)) = self.both(Dir::Resp) else { return };
        half.at = At::UntilClose;
        if strict {
            tx.status = Some(0);
            tx.response.version = Some(Version::V0_9);
            cx.raise(|| HttpReply { version: Bytes(b"0.9"), code: 0, reason: Bytes(b"<empty>") });
        }
        tx.entity = Some(OpenPart::default());
        tx.response.entities = 1;
        cx.raise(|| HttpBeginEntity { is_orig: false });
        tx.advance(Dir::Resp, step::BODY);
        let mut body = Body::new(Dir::Resp, reading, half.facts, 1, Resources::new());
        body.named(Some(PATH).filter(|_| tx.path.is_some() || tx.unasked));
        half.body = Some(body);
    }

    /// The headers of a response are read: is there more to it than a body? (lenient reading)
    pub(crate) fn response_judged(&mut self, cx: &mut Cx<'_>) -> Option<Next> {
        let (half, tx) = self.both(Dir::Resp)?;
        let m = &mut tx.response;
        m.head = m.since(half.head_mark);
        let status = tx.status.unwrap_or(0);
        let framed = tx.response.header(b"transfer-encoding").is_some()
            || tx.response.header(b"content-length").is_some();
        if tx.method_bytes() == b"CONNECT" {
            if (200..300).contains(&status) {
                self.message_over(cx, Dir::Resp, false);
                return Some(Next::HAND_ON);
            }
            self.go_on_asking();
        } else if status == 101 && !framed {
            let upgrade = tx.response.header(b"upgrade").unwrap_or_default();
            cx.raise(|| HttpConnectionUpgrade { protocol: Bytes(upgrade) });
            super::upgrade::judge(cx, tx);
            self.message_over(cx, Dir::Resp, false);
            return Some(Next::HAND_ON);
        } else if status == 100
            && tx.response.header(b"transfer-encoding").is_none()
            && announced(&tx.response).unwrap_or(0) == 0
        {
            tx.response.drop_headers();
            half.at = At::Start;
            return Some(Next::GO_ON);
        }
        None
    }

    /// A tunnel was refused: the client goes on in HTTP.
    fn go_on_asking(&mut self) {
        let half = self.half(Dir::Orig);
        if half.at == At::Await {
            half.at = At::Start;
        }
    }

    /// The headers of a response are read (strict reading): does another protocol follow?
    pub(crate) fn after_response_head(&mut self, cx: &mut Cx<'_>, next: Next) -> Next {
        if self.connect {
            return Next::HAND_ON;
        }
        let upgrade = std::mem::take(&mut self.upgrade);
        let waiting = self.requests == self.responses;
        let Some((_, tx)) = self.both(Dir::Resp) else { return next };
        if tx.status != Some(101) || !upgrade || !waiting {
            return next;
        }
        let Some(protocol) = tx.response.last_header(b"upgrade").filter(|p| !p.is_empty()) else {
            return next;
        };
        cx.raise(|| HttpConnectionUpgrade { protocol: Bytes(protocol) });
        super::upgrade::judge(cx, tx);
        Next::HAND_ON
    }
}

/// Methods that libhtp knows beside those of Zeek, in capitals only.
const MORE_METHODS: [&[u8]; 13] = [
    b"PATCH",
    b"VERSION-CONTROL",
    b"CHECKOUT",
    b"UNCHECKOUT",
    b"CHECKIN",
    b"UPDATE",
    b"LABEL",
    b"REPORT",
    b"MKWORKSPACE",
    b"MKACTIVITY",
    b"BASELINE-CONTROL",
    b"MERGE",
    b"INVALID",
];

fn is_libhtp_method(method: &[u8]) -> bool {
    KNOWN_METHODS.contains(&method) || MORE_METHODS.contains(&method)
}

/// Whether a word that is not over yet may become such a method.
fn begins_libhtp_method(word: &[u8]) -> bool {
    KNOWN_METHODS.iter().chain(&MORE_METHODS).any(|m| m.starts_with(word))
}
