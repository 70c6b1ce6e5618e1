//! The side of the client: request lines, who is asked, who asks.

use base::Dir;
use model::{Bytes, Cx};

use super::analyzer::{At, Next, State};
use super::anomalies as a;
use super::events::{HttpBeginEntity, HttpRequest};
use super::media::base64;
use super::parser::{
    NotRequest, RequestLine, Version, find_ignore_case, is_blank, request_line_lenient,
    request_line_strict, skip, starts_with_ignore_case,
};
use super::reading::{BodyFacts, Media};
use super::transaction::{HttpTransaction, Message, OpenPart, Span, step};
use super::uri::{Target, is_host, normal_path, port_number, unescape};

/// Methods that Zeek knows.
pub(crate) const KNOWN_METHODS: [&[u8]; 21] = [
    b"GET",
    b"POST",
    b"HEAD",
    b"OPTIONS",
    b"PUT",
    b"DELETE",
    b"TRACE",
    b"CONNECT",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"POLL",
    b"REPORT",
    b"SUBSCRIBE",
    b"BMOVE",
    b"SEARCH",
    b"QUERY",
];

impl State {
    /// A line where a request is due.
    pub(crate) fn request_line(&mut self, cx: &mut Cx<'_>, line: &[u8]) -> Next {
        if self.reading.is_strict() {
            return match request_line_strict(line) {
                Ok(request) => self.request(cx, line, request),
                Err(why) => self.no_request(cx, line, why),
            };
        }
        if line.is_empty() || matches!(line, [c] if is_blank(*c)) {
            return Next::GO_ON;
        }
        let request = request_line_lenient(line);
        if self.begun > 0 && !self.peeks && request.is_0_9 && !is_known(request.method) {
            // Bytes that belong to nothing: the body of a request that announced none.
            cx.anomaly(&a::UNEXPECTED_REQUEST_BODY);
            return Next::GO_ON;
        }
        self.request(cx, line, request)
    }

    /// The line is no request (strict reading).
    fn no_request(&mut self, cx: &mut Cx<'_>, line: &[u8], why: NotRequest) -> Next {
        if why == NotRequest::MalformedWithoutVersion {
            self.set_version(cx, Dir::Orig, Version::V0_9);
        }
        cx.anomaly(match why {
            NotRequest::MalformedWithVersion => &a::BAD_REQUEST_WITH_VERSION,
            _ => &a::BAD_REQUEST,
        });
        if self.begun > 0 && !self.keep_alive {
            return Next::GO_ON;
        }
        if line.is_empty() {
            // Clients send a line end after a body that its length does not count.
            cx.anomaly(&a::EMPTY_REQUEST);
            return Next::GO_ON;
        }
        self.violated(cx, Dir::Orig)
    }

    /// Takes note of the version a start line names.
    pub(crate) fn set_version(&mut self, cx: &mut Cx<'_>, dir: Dir, version: Version) {
        let strict = self.reading.is_strict();
        let last = &mut self.half(dir).version;
        let changed = *last != Version::default() && *last != version;
        *last = version;
        if changed && strict {
            cx.anomaly(&a::VERSION_MISMATCH);
        }
        self.keep_alive |= version > Version { major: 1, minor: 0 };
    }

    fn request(&mut self, cx: &mut Cx<'_>, line: &[u8], request: RequestLine<'_>) -> Next {
        let strict = self.reading.is_strict();
        if request.lower_case {
            cx.anomaly(&a::LOWER_CASE_KEYWORD);
        }
        if request.no_target {
            cx.anomaly(&a::MISSING_URI);
        }
        if let Some(version) = request.version {
            self.set_version(cx, Dir::Orig, version);
        }
        self.begun = self.begun.saturating_add(1);
        self.confirm(cx);
        // Zeek compares as far as the method goes: `CONN` asks for a tunnel.
        self.connect |= strict && starts_with_ignore_case(b"CONNECT", request.method);
        if self.requests < self.responses {
            if strict {
                cx.anomaly(&a::RESPONSE_BEFORE_REQUEST);
            }
            self.requests = self.responses;
        }
        self.relieve(cx);
        self.requests = self.requests.saturating_add(1);
        let number = self.requests;
        let version = self.half(Dir::Orig).version;
        let keep_alive = self.keep_alive;
        let begun = self.begun;
        let reply_seen = self.replied > 0;
        if !self.is_pending(number) {
            self.begin(cx, number);
        }
        let half = self.half(Dir::Orig);
        half.number = number;
        half.facts = BodyFacts::default();
        half.media = Media::Plain;
        half.at = At::Headers;
        half.head_len = line.len() as u64;
        let Some((half, tx)) = self.both(Dir::Orig) else { return Next::GO_ON };
        fill(cx, tx, line, request, strict);
        half.head_mark = tx.request.mark();
        tx.advance(Dir::Orig, step::LINE);
        if strict && !keep_alive && begun > 1 {
            cx.anomaly(&a::MULTIPLE_REQUESTS);
        }
        cx.raise(|| HttpRequest {
            method: Bytes(request.method),
            original_uri: Bytes(request.target.unwrap_or_default()),
            unescaped_uri: Bytes(tx.uri.map_or(b"", |s| tx.request.get(s))),
            version: Bytes(match version.text() {
                [b'0', _, b'9'] => b"0.9",
                [b'1', _, b'0'] => b"1.0",
                [b'1', _, b'1'] => b"1.1",
                [b'2', ..] => b"2.0",
                _ => b"0.0",
            }),
        });
        if !KNOWN_METHODS.contains(&request.method) {
            cx.anomaly_with(&a::UNKNOWN_METHOD, request.method);
        }
        tx.entity = Some(OpenPart::default());
        tx.request.entities = 1;
        cx.raise(|| HttpBeginEntity { is_orig: true });
        if strict {
            if version == Version::V0_9 {
                self.request_0_9(cx, request.method, reply_seen);
            }
        } else if request.is_0_9 {
            self.half(Dir::Orig).at = At::Maybe0_9;
        }
        Next::GO_ON
    }

    /// A request without a version: its response is a body and nothing else (strict reading).
    fn request_0_9(&mut self, cx: &mut Cx<'_>, method: &[u8], reply_seen: bool) {
        if method != b"GET" {
            cx.anomaly_with(&a::METHOD_NOT_0_9, method);
        }
        if reply_seen {
            cx.anomaly(&a::REPLY_BEFORE_0_9_REQUEST);
            if self.half(Dir::Resp).at.in_message() {
                self.message_over(cx, Dir::Resp, false);
            }
        }
        let half = self.half(Dir::Resp);
        half.line.clear();
        half.at = At::Bare;
    }

    /// The headers of a request are read: whom does it ask? (lenient reading)
    pub(crate) fn request_judged(&mut self, cx: &mut Cx<'_>) -> Option<Next> {
        let (half, tx) = self.both(Dir::Orig)?;
        let is_1_1 = half.version >= Version::V1_1;
        let host = tx.request.header(b"host").map(Target::parse_authority);
        let told = host.and_then(|t| t.host);
        match (told, tx.hostname) {
            (Some(name), None) => {
                if !is_host(name) {
                    cx.anomaly_with(&a::BAD_HOST, name);
                }
                let name = name.to_ascii_lowercase();
                let port = host.and_then(|t| t.port).and_then(port_number);
                tx.hostname = Some(tx.request.keep(&name));
                tx.port = port;
            }
            (Some(name), Some(span)) => {
                if !tx.request.get(span).eq_ignore_ascii_case(name) {
                    cx.anomaly_with(&a::AMBIGUOUS_HOST, name);
                }
            }
            (None, _) => {
                if is_1_1 && tx.request.header(b"host").is_none() {
                    cx.anomaly(&a::MISSING_HOST);
                }
            }
        }
        if tx.method_bytes() != b"CONNECT" {
            return None;
        }
        // There is no body; whether this is still HTTP, the response says.
        tx.advance(Dir::Orig, step::HEADERS);
        tx.advance(Dir::Orig, step::COMPLETE);
        half.at = At::Await;
        Some(Next::GO_ON)
    }
}

fn is_known(method: &[u8]) -> bool {
    KNOWN_METHODS.contains(&method) || matches!(method, b"PATCH" | b"MERGE" | b"CHECKOUT")
}

/// Keeps what a request line says.
fn fill(
    cx: &mut Cx<'_>,
    tx: &mut HttpTransaction,
    line: &[u8],
    request: RequestLine<'_>,
    strict: bool,
) {
    let m = &mut tx.request;
    let whole = m.keep(line);
    let part = |p: &[u8]| Message::within(whole, line, p);
    m.line = whole;
    m.version = request.version;
    m.protocol = part(request.protocol);
    tx.method = Some(part(request.method));
    let Some(target) = request.target else { return };
    tx.target = Some(part(target));
    let faults;
    if memchr::memchr(b'%', target).is_some() {
        let mut found = super::uri::EscapeFaults::default();
        tx.uri = Some(m.keep_written(|out| found = unescape(target, out)));
        faults = found;
    } else {
        tx.uri = tx.target;
        faults = super::uri::EscapeFaults::default();
    }
    let told = [
        (faults.double_percent, &a::DOUBLE_PERCENT),
        (faults.bare_percent, &a::BARE_PERCENT),
        (faults.percent_at_end, &a::PERCENT_AT_END),
        (faults.partial_at_end, &a::PARTIAL_ESCAPE),
    ];
    for (_, kind) in told.iter().filter(|(there, _)| *there) {
        cx.anomaly(kind);
    }
    if strict {
        return;
    }
    let parsed = if request.method == b"CONNECT" {
        Target::parse_authority(target)
    } else {
        Target::parse(target)
    };
    tx.path = parsed.path.map(|p| m.keep_written(|out| normal_path(p, out)));
    tx.hostname = parsed.host.map(|host| {
        m.keep_written(|out| {
            unescape(host, out);
            let at = out.len().saturating_sub(host.len());
            if let Some(name) = out.get_mut(at..) {
                name.make_ascii_lowercase();
            }
            while out.last() == Some(&b'.') {
                out.pop();
            }
        })
    });
    tx.port = parsed.port.and_then(port_number);
    if let Some(host) = parsed.host.filter(|h| !is_host(h)) {
        cx.anomaly_with(&a::BAD_URI_HOST, host);
    }
}

/// Takes name and secret from an Authorization header's value.
pub(crate) fn note_credentials(cx: &mut Cx<'_>, tx: &mut HttpTransaction, value: Span) {
    let text = tx.request.get(value);
    let Some(i) = find_ignore_case(text, b"basic") else { return };
    let after = text.get(i.saturating_add(5)..).unwrap_or_default();
    let encoded = skip(after, is_blank);
    if encoded.len() == after.len() || !starts_with_ignore_case(text, b"basic") {
        return;
    }
    let mut plain = Vec::new();
    base64(encoded, &mut plain);
    match memchr::memchr(b':', &plain) {
        Some(i) => {
            let (name, secret) = plain.split_at_checked(i).unwrap_or_default();
            tx.username = Some(tx.request.keep(name));
            tx.password = Some(tx.request.keep(secret.get(1..).unwrap_or_default()));
        }
        None => {
            cx.anomaly(&a::BAD_CREDENTIALS);
            let text = text.to_vec();
            tx.username = Some(tx.request.keep_written(|out| {
                out.extend_from_slice(b"<problem-decoding> (");
                out.extend_from_slice(&text);
                out.push(b')');
            }));
            tx.password = Some(tx.request.keep(&plain));
        }
    }
}
