//! Buffers that rules may inspect, by their keywords.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step};

use super::transaction::{HttpTransaction, Span, step};
use crate::room;

type Getter = for<'a> fn(&Inspect<'a>) -> Buffer<'a>;

const fn def(
    local: u8,
    name: &'static str,
    dir: Dir,
    from: Step,
    last: Step,
    get: Getter,
) -> BufferDef {
    BufferDef {
        id: Id::new(room::Http, local),
        name,
        scope: Scope::Transaction,
        dir,
        from,
        last,
        get,
    }
}

const fn line(local: u8, name: &'static str, dir: Dir, get: Getter) -> BufferDef {
    def(local, name, dir, step::LINE, step::LINE, get)
}

const fn head(local: u8, name: &'static str, dir: Dir, get: Getter) -> BufferDef {
    def(local, name, dir, step::HEADERS, step::HEADERS, get)
}

/// All of the folder's buffers.
pub static BUFFERS: &[BufferDef] = &[
    line(0, "http.uri", Dir::Orig, |i| request(i, |t| t.uri)),
    line(1, "http.uri.raw", Dir::Orig, |i| request(i, |t| t.target)),
    line(2, "http.method", Dir::Orig, |i| request(i, |t| t.method)),
    line(3, "http.request_line", Dir::Orig, |i| request(i, |t| Some(t.request.line))),
    line(4, "http.protocol", Dir::Orig, |i| request(i, |t| Some(t.request.protocol))),
    head(5, "http.host", Dir::Orig, |i| request(i, |t| t.hostname)),
    head(6, "http.host.raw", Dir::Orig, |i| header(i, Dir::Orig, b"host")),
    head(7, "http.user_agent", Dir::Orig, |i| header(i, Dir::Orig, b"user-agent")),
    head(8, "http.referer", Dir::Orig, |i| header(i, Dir::Orig, b"referer")),
    head(9, "http.cookie", Dir::Orig, |i| header(i, Dir::Orig, b"cookie")),
    head(10, "http.accept", Dir::Orig, |i| header(i, Dir::Orig, b"accept")),
    head(11, "http.accept_enc", Dir::Orig, |i| header(i, Dir::Orig, b"accept-encoding")),
    head(12, "http.accept_lang", Dir::Orig, |i| header(i, Dir::Orig, b"accept-language")),
    head(13, "http.connection", Dir::Orig, |i| header(i, Dir::Orig, b"connection")),
    head(14, "http.header", Dir::Orig, |i| request(i, |t| Some(t.request.head))),
    line(15, "http.stat_code", Dir::Resp, |i| response(i, |t| t.status_text)),
    line(16, "http.stat_msg", Dir::Resp, |i| response(i, |t| t.reason)),
    line(17, "http.response_line", Dir::Resp, |i| response(i, |t| Some(t.response.line))),
    head(18, "http.server", Dir::Resp, |i| header(i, Dir::Resp, b"server")),
    head(19, "http.location", Dir::Resp, |i| header(i, Dir::Resp, b"location")),
    head(20, "http.content_type", Dir::Resp, |i| header(i, Dir::Resp, b"content-type")),
    head(21, "http.content_len", Dir::Resp, |i| header(i, Dir::Resp, b"content-length")),
    head(22, "http.set_cookie", Dir::Resp, |i| header(i, Dir::Resp, b"set-cookie")),
    head(23, "http.response_header", Dir::Resp, |i| response(i, |t| Some(t.response.head))),
];

fn request<'a>(i: &Inspect<'a>, get: impl Fn(&HttpTransaction) -> Option<Span>) -> Buffer<'a> {
    let tx = i.tx_as::<HttpTransaction>();
    Buffer::whole(tx.and_then(|t| Some(t.request.get(get(t)?))))
}

fn response<'a>(i: &Inspect<'a>, get: impl Fn(&HttpTransaction) -> Option<Span>) -> Buffer<'a> {
    let tx = i.tx_as::<HttpTransaction>();
    Buffer::whole(tx.and_then(|t| Some(t.response.get(get(t)?))))
}

fn header<'a>(i: &Inspect<'a>, dir: Dir, name: &[u8]) -> Buffer<'a> {
    let tx = i.tx_as::<HttpTransaction>();
    Buffer::whole(tx.and_then(|t| t.message(dir).header(name)))
}
