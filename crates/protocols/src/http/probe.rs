//! Recognition of HTTP by the first bytes of either direction.
//!
//! A client begins with a method that some registry knows, a server with `HTTP/` and a digit. Where
//! HTTP is likely by port, any line with a protocol in it is taken, and in Zeek's profile any text,
//! since Zeek reads what comes to those ports as HTTP and names what is wrong with it.

use base::Dir;
use model::Cx;

use super::anomalies as a;
use super::parser::{
    NotRequest, find_ignore_case, is_blank, is_space, is_token, request_line_strict, skip, span,
    starts_with_ignore_case,
};
use crate::{Head, Transport, Verdict};

/// Whether a stream is HTTP.
pub(crate) fn probe(head: &Head<'_>) -> Verdict {
    if head.transport != Transport::Tcp {
        return Verdict::NotMine;
    }
    match head.dir {
        Dir::Orig => probe_request(head),
        Dir::Resp => probe_response(head),
    }
}

/// Methods that are taken for HTTP at the start of a stream.
const METHODS: [&[u8]; 48] = [
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"OPTIONS",
    b"DELETE",
    b"CONNECT",
    b"TRACE",
    b"PATCH",
    b"QUERY",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
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
    b"ACL",
    b"BIND",
    b"LINK",
    b"MKCALENDAR",
    b"MKREDIRECTREF",
    b"ORDERPATCH",
    b"REBIND",
    b"SEARCH",
    b"UNBIND",
    b"UNLINK",
    b"BCOPY",
    b"BDELETE",
    b"BMOVE",
    b"NOTIFY",
    b"POLL",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"RPC_IN_DATA",
    b"RPC_OUT_DATA",
];

fn probe_request(head: &Head<'_>) -> Verdict {
    let text = skip(head.bytes, is_space);
    let (word, rest) = span(text, |c| !is_space(c));
    if METHODS.iter().any(|m| word.eq_ignore_ascii_case(m))
        && rest.first().copied().is_some_and(is_blank)
    {
        return Verdict::Mine;
    }
    if rest.is_empty() && !head.last {
        let begins = |m: &&[u8]| m.get(..word.len()).is_some_and(|p| p.eq_ignore_ascii_case(word));
        if METHODS.iter().any(begins) {
            return Verdict::More;
        }
    }
    if !head.likely_port || head.profile.is_suricata() {
        return Verdict::NotMine;
    }
    // Where HTTP is likely, a line with a protocol is taken, and where Zeek would look, any text.
    match memchr::memchr(b'\n', text) {
        Some(i) => {
            let line = text.get(..i).unwrap_or_default();
            let printable = line.iter().all(|c| matches!(c, 9 | 13 | 32..=126));
            let named = find_ignore_case(line, b" HTTP/").is_some()
                && !word.is_empty()
                && word.iter().all(|c| is_token(*c));
            if named || (printable && head.profile.is_zeek()) {
                Verdict::Mine
            } else {
                Verdict::NotMine
            }
        }
        None if head.last || !text.iter().all(|c| matches!(c, 9 | 13 | 32..=126)) => {
            Verdict::NotMine
        }
        None => Verdict::More,
    }
}

fn probe_response(head: &Head<'_>) -> Verdict {
    match head.bytes {
        b if b.len() < 6 => {
            let begins = starts_with_ignore_case(b"HTTP/", b.get(..b.len().min(5)).unwrap_or(b));
            if begins && !head.last { Verdict::More } else { Verdict::NotMine }
        }
        b if starts_with_ignore_case(b, b"HTTP/") && b.get(5).is_some_and(u8::is_ascii_digit) => {
            Verdict::Mine
        }
        _ => Verdict::NotMine,
    }
}

/// Names what Zeek finds wrong with a stream of another protocol on a port where it expects HTTP:
/// its first line is no request.
pub(crate) fn misread(cx: &mut Cx<'_>, first: &[u8]) {
    let Some(i) = memchr::memchr2(b'\r', b'\n', first) else { return };
    match request_line_strict(first.get(..i).unwrap_or_default()) {
        Err(NotRequest::MalformedWithVersion) => cx.anomaly(&a::BAD_REQUEST_WITH_VERSION),
        Err(_) => cx.anomaly(&a::BAD_REQUEST),
        Ok(_) => {}
    }
    let mut lines = first.windows(2);
    if lines.any(|w| matches!(w, [b'\r', next] if !matches!(next, b'\r' | b'\n'))) {
        cx.anomaly(&a::LONE_CR);
    }
}
