//! What is told of HTTP: a request with its response, as [`HttpRecord`] (Zeek's http.log) and as
//! [`EveHttp`] (EVE's `http`). Two views of one transaction.

use base::FileId;
use model::{Bytes, Cx, FlowHead, Id, Record, SetOf};
use smallvec::SmallVec;

use super::parser::{decimal, starts_with_ignore_case};
use super::transaction::{HttpTransaction, Message};
use crate::{LineSet, Lines, room};

/// One HTTP request with its response, as far as both were seen.
#[derive(Record)]
#[record(id = Id::new(room::Http, 0), name = "http", zeek = "http")]
pub struct HttpRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Which request of the connection it is, from 1.
    pub(crate) trans_depth: u64,
    /// Method.
    #[record(ecs = "http.request.method", ocsf = "http_request.http_method")]
    pub(crate) method: Option<Bytes<'a>>,
    /// Value of the Host header.
    #[record(ecs = "url.domain", ocsf = "http_request.url.hostname")]
    pub(crate) host: Option<Bytes<'a>>,
    /// Target of the request, escapes undone.
    #[record(ecs = "url.original", ocsf = "http_request.url.path")]
    pub(crate) uri: Option<Bytes<'a>>,
    /// Value of the Referer header.
    #[record(ecs = "http.request.referrer", ocsf = "http_request.referrer")]
    pub(crate) referrer: Option<Bytes<'a>>,
    /// Version that the response names.
    #[record(ecs = "http.version", ocsf = "http_request.version")]
    pub(crate) version: Option<Bytes<'a>>,
    /// Value of the User-Agent header.
    #[record(ecs = "user_agent.original", ocsf = "http_request.user_agent")]
    pub(crate) user_agent: Option<Bytes<'a>>,
    /// Value of the Origin header.
    pub(crate) origin: Option<Bytes<'a>>,
    /// Bytes of the request's body, encodings undone.
    #[record(unit = Bytes, ecs = "http.request.body.bytes", ocsf = "http_request.length")]
    pub(crate) request_body_len: u64,
    /// Bytes of the response's body, encodings undone.
    #[record(unit = Bytes, ecs = "http.response.body.bytes", ocsf = "http_response.length")]
    pub(crate) response_body_len: u64,
    /// Status code.
    #[record(ecs = "http.response.status_code", ocsf = "http_response.code")]
    pub(crate) status_code: Option<u16>,
    /// Reason phrase.
    #[record(ocsf = "http_response.message")]
    pub(crate) status_msg: Option<Bytes<'a>>,
    /// Code of the last interim response.
    pub(crate) info_code: Option<u16>,
    /// Its reason phrase.
    pub(crate) info_msg: Option<Bytes<'a>>,
    /// What detectors found in it.
    pub(crate) tags: SetOf<&'a [&'static str]>,
    /// Name in Basic credentials.
    #[record(ecs = "user.name", ocsf = "actor.user.name")]
    pub(crate) username: Option<Bytes<'a>>,
    /// Secret in Basic credentials; masked unless configuration says otherwise.
    pub(crate) password: Option<Bytes<'a>>,
    /// Headers that proxies add, with their values.
    pub(crate) proxied: Option<LineSet<'a>>,
    /// Ids of the files in the request.
    pub(crate) orig_fuids: Option<&'a [FileId]>,
    /// Their names.
    pub(crate) orig_filenames: Option<&'a [Bytes<'a>]>,
    /// Their types by content.
    pub(crate) orig_mime_types: Option<&'a [&'static str]>,
    /// Ids of the files in the response.
    pub(crate) resp_fuids: Option<&'a [FileId]>,
    /// Their names.
    pub(crate) resp_filenames: Option<&'a [Bytes<'a>]>,
    /// Their types by content.
    #[record(ecs = "http.response.mime_type")]
    pub(crate) resp_mime_types: Option<&'a [&'static str]>,
}

/// One HTTP request with its response, as Suricata tells it.
#[derive(Record)]
#[record(id = Id::new(room::Http, 1), name = "eve_http", eve = "http")]
pub struct EveHttp<'a> {
    /// Host of target or Host header, lower case.
    #[record(eve = "http.hostname")]
    pub(crate) hostname: Option<Bytes<'a>>,
    /// Port beside it.
    #[record(eve = "http.http_port")]
    pub(crate) http_port: Option<u16>,
    /// Target as it stands.
    #[record(eve = "http.url")]
    pub(crate) url: Option<Bytes<'a>>,
    /// Value of the User-Agent header.
    #[record(eve = "http.http_user_agent")]
    pub(crate) http_user_agent: Option<Bytes<'a>>,
    /// Value of the X-Forwarded-For header.
    #[record(eve = "http.xff")]
    pub(crate) xff: Option<Bytes<'a>>,
    /// Media type of the response, without parameters.
    #[record(eve = "http.http_content_type")]
    pub(crate) http_content_type: Option<Bytes<'a>>,
    /// Value of the Content-Range header.
    #[record(eve = "http.content_range.raw")]
    pub(crate) range_raw: Option<Bytes<'a>>,
    /// First byte of the range.
    #[record(eve = "http.content_range.start")]
    pub(crate) range_start: Option<u64>,
    /// Last byte of the range.
    #[record(eve = "http.content_range.end")]
    pub(crate) range_end: Option<u64>,
    /// Size of the whole.
    #[record(eve = "http.content_range.size")]
    pub(crate) range_size: Option<u64>,
    /// Value of the Referer header.
    #[record(eve = "http.http_refer")]
    pub(crate) http_refer: Option<Bytes<'a>>,
    /// Method.
    #[record(eve = "http.http_method")]
    pub(crate) http_method: Option<Bytes<'a>>,
    /// Protocol that the request names.
    #[record(eve = "http.protocol")]
    pub(crate) protocol: Option<Bytes<'a>>,
    /// Status code.
    #[record(eve = "http.status")]
    pub(crate) status: Option<u16>,
    /// Its text, where it is no code.
    #[record(eve = "http.status_string")]
    pub(crate) status_string: Option<Bytes<'a>>,
    /// Value of the Location header.
    #[record(eve = "http.redirect")]
    pub(crate) redirect: Option<Bytes<'a>>,
    /// Bytes of the response's body as they were sent.
    #[record(eve = "http.length", unit = Bytes)]
    pub(crate) length: u64,
}

/// What a secret is told as.
const MASK: &[u8] = b"<masked>";

/// Headers that proxies add.
const PROXY_HEADERS: [&[u8]; 7] = [
    b"FORWARDED",
    b"X-FORWARDED-FOR",
    b"X-FORWARDED-FROM",
    b"CLIENT-IP",
    b"VIA",
    b"XROXY-CONNECTION",
    b"PROXY-CONNECTION",
];

/// What stands as the target of a request that was not seen.
pub(super) const NOT_SEEN: &[u8] = b"/libhtp::request_uri_not_seen";

/// Tells a transaction in both views, as far as they are wanted.
pub(super) fn tell(cx: &mut Cx<'_>, tx: &HttpTransaction, scratch: &mut Lines) {
    if cx.wants.record(HttpRecord::SCHEMA.id) {
        tell_native(cx, tx, scratch);
    }
    if cx.wants.record(EveHttp::SCHEMA.id) {
        tell_eve(cx, tx);
    }
}

fn tell_native(cx: &mut Cx<'_>, tx: &HttpTransaction, scratch: &mut Lines) {
    let (req, resp) = (&tx.request, &tx.response);
    let header = |name: &[u8]| req.last_header(name).map(Bytes);
    scratch.clear();
    for (name, value) in req.headers() {
        if PROXY_HEADERS.iter().any(|p| name.eq_ignore_ascii_case(p)) {
            scratch.add(|out| {
                out.extend(name.iter().map(u8::to_ascii_uppercase));
                out.extend_from_slice(b" -> ");
                out.extend_from_slice(value);
                true
            });
        }
    }
    let types = |m: &Message| -> SmallVec<[&'static str; 2]> {
        let untyped = |i: usize| m.untyped.checked_shr(i as u32).is_some_and(|b| b & 1 == 1);
        let files = m.fuids.iter().enumerate().filter(|(i, _)| untyped(*i));
        files.filter_map(|(_, id)| cx.out.file_facts(*id)?.mime).collect()
    };
    let (orig_types, resp_types) = (types(req), types(resp));
    let orig_names: SmallVec<[Bytes<'_>; 2]> =
        req.filenames.iter().map(|s| Bytes(req.get(*s))).collect();
    let resp_names: SmallVec<[Bytes<'_>; 2]> =
        resp.filenames.iter().map(|s| Bytes(resp.get(*s))).collect();
    let password = if cx.profile.show_secrets {
        tx.password.map(|s| req.get(s))
    } else {
        // Zeek tells no password unless told to; we tell that there was one.
        tx.password.filter(|_| !cx.profile.is_zeek()).map(|_| MASK)
    };
    let cx_is_zeek = cx.profile.is_zeek();
    let asked = tx.is_asked();
    let version = resp.version.map(super::parser::Version::text);
    cx.tell(HttpRecord::SCHEMA.id, |flow| HttpRecord {
        head: flow.head(tx.ts),
        trans_depth: tx.depth,
        method: tx.method.map(|s| Bytes(req.get(s))),
        host: header(b"host"),
        uri: tx.uri.map(|s| Bytes(req.get(s))),
        referrer: header(b"referer"),
        version: version.as_ref().map(|v| Bytes(v)),
        user_agent: header(b"user-agent"),
        origin: header(b"origin"),
        // Zeek knows the length of a message when it is over.
        request_body_len: if asked || !cx_is_zeek { req.body_len } else { 0 },
        response_body_len: resp.body_len,
        status_code: tx.status,
        status_msg: tx.status.map(|_| Bytes(tx.reason.map_or(&b"<empty>"[..], |s| resp.get(s)))),
        info_code: tx.info.map(|(code, _)| code),
        info_msg: tx.info.map(|(_, s)| Bytes(resp.get(s))),
        tags: SetOf(&[]),
        username: tx.username.map(|s| Bytes(req.get(s))),
        password: password.map(Bytes),
        proxied: (scratch.total() > 0).then_some(LineSet(&*scratch)),
        orig_fuids: some(&req.fuids),
        orig_filenames: some(&orig_names),
        orig_mime_types: some(&orig_types),
        resp_fuids: some(&resp.fuids),
        resp_filenames: some(&resp_names),
        resp_mime_types: some(&resp_types),
    });
}

/// A list that has something in it.
fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

fn tell_eve(cx: &mut Cx<'_>, tx: &HttpTransaction) {
    let (req, resp) = (&tx.request, &tx.response);
    let range = resp.header(b"content-range");
    let (range_start, range_end, range_size) = range.map_or((None, None, None), range_numbers);
    cx.tell(EveHttp::SCHEMA.id, |_| EveHttp {
        hostname: tx.hostname.map(|s| Bytes(req.get(s))),
        http_port: tx.port,
        url: match tx.target {
            None if tx.unasked => Some(Bytes(NOT_SEEN)),
            target => target.map(|s| Bytes(req.get(s))),
        },
        http_user_agent: req.header(b"user-agent").map(Bytes),
        xff: req.header(b"x-forwarded-for").map(Bytes),
        http_content_type: resp.header(b"content-type").map(|v| {
            let end = memchr::memchr(b';', v).unwrap_or(v.len());
            Bytes(v.get(..end).unwrap_or(v))
        }),
        range_raw: range.map(Bytes),
        range_start,
        range_end,
        range_size,
        http_refer: req.header(b"referer").map(Bytes),
        http_method: tx.method.map(|s| Bytes(req.get(s))),
        protocol: Some(req.protocol).filter(|s| !s.is_empty()).map(|s| Bytes(req.get(s))),
        status: tx.status.filter(|s| *s > 0),
        status_string: tx
            .status_text
            .filter(|_| tx.status == Some(0))
            .map(|s| Bytes(resp.get(s)))
            .filter(|b| !b.0.is_empty()),
        redirect: resp.header(b"location").map(Bytes),
        length: resp.wire_len,
    });
}

/// Start, end and whole size in `bytes start-end/size`, as far as they are there.
fn range_numbers(value: &[u8]) -> (Option<u64>, Option<u64>, Option<u64>) {
    if !starts_with_ignore_case(value, b"bytes ") {
        return (None, None, None);
    }
    let mut halves = value.get(6..).unwrap_or_default().splitn(2, |c| *c == b'/');
    let range = halves.next().unwrap_or_default();
    let size = halves.next().and_then(decimal);
    let mut ends = range.splitn(2, |c| *c == b'-');
    (ends.next().and_then(decimal), ends.next().and_then(decimal), size)
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] = &[&HttpRecord::SCHEMA, &EveHttp::SCHEMA];
