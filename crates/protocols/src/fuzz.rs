//! Entry points for fuzzing: plain functions over bytes that must return, whatever they are given.

use base::{Dir, FileId, FlowId, Ts, Uid};
use model::{
    Anomaly, Command, Cx, Endpoint, FileFacts, FileStep, FlowFacts, Id, Input, Profile, Record,
    Sinks, Then, Wants,
};

use crate::Analyzer;

/// Names and functions.
#[doc(hidden)]
#[allow(clippy::type_complexity)] // every crate has a list of this shape
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("dns_message", fuzz_dns_message),
    ("ntp_message", fuzz_ntp_message),
    ("dhcp_message", fuzz_dhcp_message),
    ("tls_message", fuzz_tls_message),
    ("tls_stream", fuzz_tls_stream),
    ("dtls_datagrams", fuzz_dtls_datagrams),
    ("x509_certificate", fuzz_x509_certificate),
    ("ocsp_response", fuzz_ocsp_response),
    ("ssh_messages", fuzz_ssh_messages),
    ("http_lines", fuzz_http_lines),
    ("http_stream", fuzz_http_stream),
];

/// A DNS message, with every record in it spelled.
#[doc(hidden)]
pub fn fuzz_dns_message(data: &[u8]) {
    let _ = crate::dns::fuzz_message(data);
}

/// An NTP datagram.
#[doc(hidden)]
pub fn fuzz_ntp_message(data: &[u8]) {
    let _ = crate::ntp::parser::parse(data, crate::ntp::parser::Extensions::Any);
    let _ = crate::ntp::parser::parse(data, crate::ntp::parser::Extensions::Autokey);
}

/// A DHCP datagram with all its options.
#[doc(hidden)]
pub fn fuzz_dhcp_message(data: &[u8]) {
    if let Ok(m) = crate::dhcp::parser::Message::parse(data) {
        m.options().for_each(drop);
        let _ = m.kind();
    }
}

/// A TLS handshake message, read as each kind.
#[doc(hidden)]
pub fn fuzz_tls_message(data: &[u8]) {
    crate::tls::fuzz_messages(data);
}

/// A certificate, with every part of it spelled.
#[doc(hidden)]
pub fn fuzz_x509_certificate(data: &[u8]) {
    crate::x509::fuzz_certificate(data);
}

/// Bytes as an SSH banner, a key exchange message and host keys.
#[doc(hidden)]
pub fn fuzz_ssh_messages(data: &[u8]) {
    use crate::ssh::parser;
    let _ = parser::Banner::parse(data);
    if let Ok(init) = parser::KexInit::parse(data) {
        let mut text = Vec::new();
        init.hassh_text(false, &mut text);
        init.hassh_text(true, &mut text);
        let _ = parser::negotiate(init.list(0), init.list(1));
    }
    let _ = parser::host_key(data);
    let _ = parser::ssh1_host_key(data);
}

/// An OCSP response, with every single response spelled.
#[doc(hidden)]
pub fn fuzz_ocsp_response(data: &[u8]) {
    crate::x509::fuzz_response(data);
}

/// TLS in a stream that comes in pieces.
#[doc(hidden)]
pub fn fuzz_tls_stream(data: &[u8]) {
    drive::<crate::tls::State>(6, data);
}

/// DTLS in datagrams.
#[doc(hidden)]
pub fn fuzz_dtls_datagrams(data: &[u8]) {
    drive::<crate::tls::State>(17, data);
}

/// Bytes as every kind of HTTP line and structured value.
#[doc(hidden)]
pub fn fuzz_http_lines(data: &[u8]) {
    use crate::http::{media, parser, uri};
    let mut out = Vec::new();
    let _ = parser::request_line_strict(data);
    if let Some(target) = parser::request_line_lenient(data).target {
        uri::unescape(target, &mut out);
        if let Some(path) = uri::Target::parse(target).path {
            uri::normal_path(path, &mut out);
        }
        let _ = uri::Target::parse_authority(target).host.map(uri::is_host);
    }
    let _ = parser::status_line_strict(data);
    let _ = parser::status_line_lenient(data);
    let _ = parser::header_strict(data);
    let _ = parser::chunk_size_strict(data);
    let _ = parser::chunk_size_lenient(data);
    let value = parser::header_lenient(data).1;
    let _ = parser::length_lenient(value);
    let _ = media::MediaType::parse(value).and_then(|t| t.boundary());
    let _ = media::content_range(value, &mut out);
    let _ = media::filename_plain(value);
    media::name_parameter(value, b"filename", &mut out);
    media::base64(value, &mut out);
}

/// HTTP in streams that come in pieces, in the reading that the first byte chooses.
#[doc(hidden)]
pub fn fuzz_http_stream(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let profile = match first % 3 {
        0 => &Profile::ZEEK,
        1 => &Profile::SURICATA,
        _ => &Profile::WATCHPOST,
    };
    drive_as::<crate::http::State>(6, profile, data);
}

/// Nobody listens.
struct Deaf;

impl Sinks for Deaf {
    fn event(&mut self, _: &FlowFacts, _: Id, _: &dyn Record) {}
    fn record(&mut self, _: &FlowFacts, record: &dyn Record) {
        let _ = model::write::json_text(record);
    }
    fn anomaly(&mut self, _: &FlowFacts, _: Anomaly<'_>) {}
    fn file(&mut self, _: &FlowFacts, _: FileStep<'_>) {}
    fn file_facts(&self, _: FileId) -> Option<&FileFacts> {
        None
    }
    fn command(&mut self, _: Command) {}
}

/// Runs an analyzer over a script: a byte that says direction and kind of input (0x80 responder;
/// 0x7f a gap, 0x7e the end), else how many bytes follow.
fn drive<A: Analyzer>(proto: u8, data: &[u8]) {
    drive_as::<A>(proto, &Profile::WATCHPOST, data);
}

fn drive_as<A: Analyzer>(proto: u8, profile: &Profile, data: &[u8]) {
    let end = |last, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    let mut flow = FlowFacts {
        id: FlowId(0),
        uid: Uid(1),
        orig: end(1, 40_000),
        resp: end(2, 443),
        proto,
        first: Ts(0),
        now: Ts(0),
        packet: 1,
        vlans: [0; 2],
        parent: None,
        services: model::Services::default(),
        app_proto: None,
        transactions: 0,
        slot: [0; model::CONSUMERS],
        established: true,
        midstream: false,
        resets: 0,
        flipped: false,
    };
    let mut wants = Wants::default();
    for r in A::RECORDS {
        wants.want_record(r);
    }
    for e in A::EVENTS {
        wants.want_event(e.id);
    }
    let mut shared = A::Shared::default();
    let mut analyzer = A::default();
    let mut rest = data;
    while let Some((op, tail)) = rest.split_first() {
        let dir = if op & 0x80 == 0 { Dir::Orig } else { Dir::Resp };
        let n = usize::from(op & 0x7f);
        let (piece, tail) = tail.split_at_checked(n).unwrap_or((tail, &[]));
        rest = tail;
        let mut cx = Cx { flow: &mut flow, wants: &wants, profile, out: &mut Deaf };
        let input = match n {
            0x7f => Input::Gap(9),
            0x7e => Input::End,
            _ if proto == 17 => Input::Datagram(piece),
            _ => Input::Bytes(piece),
        };
        let fed = analyzer.step(&mut shared, &mut cx, dir, input);
        if matches!(fed.then, Then::Done | Then::NotMine | Then::HandOn) {
            break;
        }
    }
    let mut cx = Cx { flow: &mut flow, wants: &wants, profile, out: &mut Deaf };
    analyzer.close(&mut shared, &mut cx);
}
