//! Small captures, one for each thing that a protocol may do: for tests, for fuzzing, for a look.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::dns::{self, Data, types};
use crate::office::{Office, SECOND};
use crate::tape::Dress;
use crate::tls::Site;
use crate::{Host, Sample, Side, Tape, http, tls};

const NOW: i64 = 1_772_442_000 * SECOND;

/// One that writes a small capture.
type Make = fn(&mut Office, &mut Tape);

const VARIANTS: &[(&str, &str, Make)] = &[
    ("dns", "questions of many types, answers, no such name", names),
    ("dns-tcp", "names over TCP, two questions in one stream", names_over_tcp),
    ("mdns-llmnr-dhcp-ntp", "a machine is switched on", boots),
    ("http-pipelined", "three requests before the first answer", pipelined),
    ("http-bodies", "bodies chunked, compressed, to the end of the connection, none", bodies),
    ("http-upload", "a form with a file", upload),
    ("http-ranges", "a file in two ranges", ranges),
    ("http-connect", "a proxy's tunnel with TLS in it", connect),
    ("http-upgrade", "a web socket", upgrade),
    ("http-lossy", "segments twice, late, lost", lossy),
    ("http-gap", "bytes that the observer misses", gap),
    ("http-v6", "a page over IPv6", over_v6),
    ("tls12", "TLS 1.2 with certificates", tls12),
    ("tls13", "TLS 1.3", tls13),
    ("tls-refused", "a handshake that fails", tls_refused),
    ("ssh", "a session after two wrong passwords", shell),
    ("mail", "a mail", post),
    ("ftp", "a file by FTP", ftp),
    ("icmp", "echoes, and ports that nobody opens", icmp),
    ("scan", "knocks without answer, refusals", scan),
    ("fragments", "a long answer in fragments, in order and not, one twice", fragments),
    ("tags", "802.1Q, QinQ, MPLS, PPPoE", tags),
    ("tunnels", "GRE, IP in IP, VXLAN, Geneve, GTP-U, Teredo", tunnels),
    ("malformed", "lengths that lie, headers that end, names that point at themselves", malformed),
];

/// All of them.
pub fn variants(seed: u64) -> Vec<Sample> {
    let make = |(i, (name, about, make)): (usize, &(&'static str, &'static str, Make))| {
        let mut office = Office::new(seed.wrapping_add(i as u64));
        office.disorder = 0;
        let mut tape = Tape::default();
        make(&mut office, &mut tape);
        tape.sort();
        Sample { name, about, tape, labels: Vec::new() }
    };
    VARIANTS.iter().enumerate().map(make).collect()
}

fn client() -> Host {
    Host::v4(10, 20, 1, 10)
}
fn server() -> Host {
    Host::far(Ipv4Addr::new(192, 0, 2, 80))
}

/// A question of a name and a type, and its answers.
type Round<'a> = (&'a str, u16, Vec<(Option<&'a str>, Data)>);

fn names(o: &mut Office, tape: &mut Tape) {
    let (client, resolver) = (client(), o.resolver);
    let v6 = Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1);
    let rounds: Vec<Round<'_>> = vec![
        ("www.example.com", types::A, vec![(None, Data::A(Ipv4Addr::new(192, 0, 2, 80)))]),
        ("www.example.com", types::AAAA, vec![(None, Data::Aaaa(v6))]),
        ("example.com", types::MX, vec![(None, Data::Mx(10, "mail.example.com".into()))]),
        (
            "example.com",
            types::TXT,
            vec![(None, Data::Txt(b"v=spf1 -all".to_vec())), (None, Data::Txt(vec![b'x'; 300]))],
        ),
        (
            "_ldap._tcp.office.example",
            types::SRV,
            vec![(None, Data::Srv(389, "dc.office.example".into()))],
        ),
        ("80.2.0.192.in-addr.arpa", types::PTR, vec![(None, Data::Ptr("www.example.com".into()))]),
        (
            "alias.example",
            types::A,
            vec![
                (None, Data::Cname("www.example.com".into())),
                (Some("www.example.com"), Data::A(Ipv4Addr::new(192, 0, 2, 80))),
            ],
        ),
    ];
    let mut now = NOW;
    for (name, kind, answers) in rounds {
        let (id, port) = (o.random.draw() as u16, o.port());
        tape.udp(now, (&client, port), (&resolver, 53), &dns::query(id, name, kind));
        tape.udp(
            now + 20_000_000,
            (&resolver, 53),
            (&client, port),
            &dns::answer(id, dns::GOOD, name, kind, &answers),
        );
        now += SECOND;
    }
    let now = o.mistyped(tape, now, client);
    // Nobody answers; then the same question again.
    for i in 0..2 {
        tape.udp(
            now + i * 5 * SECOND,
            (&client, 40_000),
            (&resolver, 53),
            &dns::query(77, "slow.example", types::A),
        );
    }
}

fn names_over_tcp(o: &mut Office, tape: &mut Tape) {
    let mut tcp = o.tcp(client(), o.resolver, 53, NOW);
    tcp.open(tape);
    let mut ask = dns::over_tcp(&dns::query(1, "big.example", types::TXT));
    ask.extend(dns::over_tcp(&dns::query(2, "www.example.com", types::A)));
    tcp.say(tape, Side::Client, &ask, &mut o.random);
    let big = dns::answer(
        1,
        dns::GOOD,
        "big.example",
        types::TXT,
        &[(None, Data::Txt(vec![b'y'; 3000]))],
    );
    let mut reply = dns::over_tcp(&big);
    let small = [(None, Data::A(Ipv4Addr::new(192, 0, 2, 80)))];
    reply.extend(dns::over_tcp(&dns::answer(2, dns::GOOD, "www.example.com", types::A, &small)));
    tcp.say(tape, Side::Server, &reply, &mut o.random);
    tcp.close(tape, Side::Client);
}

fn boots(o: &mut Office, tape: &mut Tape) {
    o.boot(tape, NOW, client(), "ws-01");
}

fn exchange(o: &mut Office, tape: &mut Tape, says: &[(Side, Vec<u8>)]) {
    let mut tcp = o.tcp(client(), server(), 80, NOW);
    tcp.open(tape);
    for (side, bytes) in says {
        tcp.say(tape, *side, bytes, &mut o.random);
    }
    tcp.close(tape, Side::Server);
}

fn pipelined(o: &mut Office, tape: &mut Tape) {
    let asks = ["/a", "/b", "/c"].map(|p| http::get("www.example.com", p)).concat();
    let mut replies = http::response("200 OK", &[("Content-Type", "text/plain")], b"first");
    replies.extend(http::chunked(
        "200 OK",
        &[("Content-Type", "text/plain")],
        b"second, in pieces",
        5,
    ));
    replies.extend(http::response("404 Not Found", &[], b""));
    exchange(o, tape, &[(Side::Client, asks), (Side::Server, replies)]);
}

fn bodies(o: &mut Office, tape: &mut Tape) {
    let page = http::page(9000, &mut o.random);
    let ask = |p| (Side::Client, http::get("www.example.com", p));
    let gzip = ("Content-Encoding", "gzip");
    let mut open_ended = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n".to_vec();
    open_ended.extend_from_slice(&page);
    let says = [
        ask("/chunked"),
        (Side::Server, http::chunked("200 OK", &[], &page, 700)),
        ask("/gzip"),
        (
            Side::Server,
            http::response("200 OK", &[gzip, ("Content-Type", "text/html")], &http::gzip(&page)),
        ),
        ask("/gzip-chunked"),
        (Side::Server, http::chunked("200 OK", &[gzip], &http::gzip(&page), 100)),
        ask("/deflate"),
        (
            Side::Server,
            http::response("200 OK", &[("Content-Encoding", "deflate")], &http::deflate(&page)),
        ),
        ask("/none"),
        (Side::Server, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        (Side::Client, http::request("HEAD", "www.example.com", "/head", &[], b"")),
        (Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".to_vec()),
        (
            Side::Client,
            http::request(
                "POST",
                "www.example.com",
                "/form",
                &[("Expect", "100-continue")],
                b"a=1&b=2",
            ),
        ),
        (Side::Server, b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        (Side::Server, http::response("200 OK", &[], b"{\"ok\":true}")),
        ask("/to-the-end"),
        (Side::Server, open_ended),
    ];
    exchange(o, tape, &says);
}

fn upload(o: &mut Office, tape: &mut Tape) {
    let picture = http::jpeg(5000, &mut o.random);
    let form = http::multipart("xYzZY", "holiday.jpg", "image/jpeg", &picture);
    let headers = [
        ("Content-Type", "multipart/form-data; boundary=xYzZY"),
        ("Authorization", "Basic YW5uOnNlY3JldA=="),
    ];
    let ask = http::request("POST", "www.example.com", "/upload", &headers, &form);
    exchange(
        o,
        tape,
        &[(Side::Client, ask), (Side::Server, http::response("201 Created", &[], b""))],
    );
}

fn ranges(o: &mut Office, tape: &mut Tape) {
    let file = http::zip(6000, &mut o.random);
    let ask = |range| {
        (
            Side::Client,
            http::request("GET", "cdn.example.net", "/pool/a.zip", &[("Range", range)], b""),
        )
    };
    let part = |range, body: &[u8]| {
        (
            Side::Server,
            http::response(
                "206 Partial Content",
                &[("Content-Range", range), ("Content-Type", "application/zip")],
                body,
            ),
        )
    };
    let says = [
        ask("bytes=0-2999"),
        part("bytes 0-2999/6000", &file[..3000]),
        ask("bytes=3000-5999"),
        part("bytes 3000-5999/6000", &file[3000..]),
    ];
    exchange(o, tape, &says);
}

fn connect(o: &mut Office, tape: &mut Tape) {
    let mut tcp = o.tcp(client(), Host::v4(10, 20, 0, 3), 3128, NOW);
    tcp.open(tape);
    let ask = b"CONNECT bank.example:443 HTTP/1.1\r\nHost: bank.example:443\r\n\r\n";
    tcp.say(tape, Side::Client, ask, &mut o.random);
    tcp.say(tape, Side::Server, b"HTTP/1.1 200 Connection established\r\n\r\n", &mut o.random);
    let site = Site {
        name: "bank.example",
        issuer: ("Example Trust", "Example Trust CA 3"),
        tls13: false,
        browser: true,
    };
    tls::handshake(&mut tcp, tape, &site, &mut o.random);
    tls::data(&mut tcp, tape, Side::Client, 300, &mut o.random);
    tls::data(&mut tcp, tape, Side::Server, 3000, &mut o.random);
    tcp.close(tape, Side::Client);
}

fn upgrade(o: &mut Office, tape: &mut Tape) {
    let headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ];
    let ask = http::request("GET", "chat.example", "/socket", &headers, b"");
    let reply = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let says = [
        (Side::Client, ask),
        (Side::Server, reply.to_vec()),
        (Side::Server, b"\x81\x05hello".to_vec()),
        (Side::Client, b"\x88\x80\x01\x02\x03\x04".to_vec()),
    ];
    exchange(o, tape, &says);
}

fn lossy(o: &mut Office, tape: &mut Tape) {
    o.disorder = 4;
    o.fetch(tape, NOW, client(), 120_000);
}

fn gap(o: &mut Office, tape: &mut Tape) {
    let mut tcp = o.tcp(client(), server(), 80, NOW);
    tcp.open(tape);
    tcp.say(tape, Side::Client, &http::get("www.example.com", "/big"), &mut o.random);
    let body = http::jpeg(20_000, &mut o.random);
    let reply = http::response("200 OK", &[("Content-Type", "image/jpeg")], &body);
    tcp.say(tape, Side::Server, &reply[..8000], &mut o.random);
    tcp.skip(Side::Server, 3000);
    tcp.say(tape, Side::Server, &reply[11_000..], &mut o.random);
    tcp.say(tape, Side::Client, &http::get("www.example.com", "/after"), &mut o.random);
    tcp.say(tape, Side::Server, &http::response("200 OK", &[], b"still here"), &mut o.random);
    tcp.close(tape, Side::Client);
}

fn over_v6(o: &mut Office, tape: &mut Tape) {
    let client = Host::new(Ipv6Addr::new(0x2001, 0xDB8, 1, 0, 0, 0, 0, 0x10));
    let server = Host::far(Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 0x80));
    let mut tcp = o.tcp(client, server, 8080, NOW);
    tcp.mss = 1440;
    tcp.open(tape);
    tcp.say(tape, Side::Client, &http::get("v6.example", "/"), &mut o.random);
    let page = http::page(4000, &mut o.random);
    tcp.say(
        tape,
        Side::Server,
        &http::response("200 OK", &[("Content-Type", "text/html")], &page),
        &mut o.random,
    );
    tcp.close(tape, Side::Client);
}

fn secure(o: &mut Office, tape: &mut Tape, tls13: bool) {
    let site = Site {
        name: "www.example.com",
        issuer: ("Example Trust", "Example Trust CA 3"),
        tls13,
        browser: true,
    };
    let mut tcp = o.tcp(client(), server(), 443, NOW);
    tcp.open(tape);
    tls::handshake(&mut tcp, tape, &site, &mut o.random);
    tls::data(&mut tcp, tape, Side::Client, 400, &mut o.random);
    tls::data(&mut tcp, tape, Side::Server, 20_000, &mut o.random);
    tls::goodbye(&mut tcp, tape, Side::Client, &site, &mut o.random);
    tcp.close(tape, Side::Client);
}

fn tls12(o: &mut Office, tape: &mut Tape) {
    secure(o, tape, false);
}

fn tls13(o: &mut Office, tape: &mut Tape) {
    secure(o, tape, true);
}

fn tls_refused(o: &mut Office, tape: &mut Tape) {
    let site =
        Site { name: "old.example", issuer: ("Old", "old.example"), tls13: false, browser: false };
    let mut tcp = o.tcp(client(), server(), 443, NOW);
    tcp.open(tape);
    tcp.say(tape, Side::Client, &tls::client_hello(&site, &mut o.random), &mut o.random);
    tls::refuse(&mut tcp, tape, &mut o.random);
    tcp.close(tape, Side::Server);
}

fn shell(o: &mut Office, tape: &mut Tape) {
    let mut tcp = o.tcp(client(), Host::v4(10, 20, 0, 7), 22, NOW);
    tcp.open(tape);
    crate::ssh::handshake(
        &mut tcp,
        tape,
        "SSH-2.0-PuTTY_Release_0.80",
        "SSH-2.0-OpenSSH_9.2p1",
        &mut o.random,
    );
    crate::ssh::session(&mut tcp, tape, 2, 10, &mut o.random);
    tcp.close(tape, Side::Client);
}

fn post(o: &mut Office, tape: &mut Tape) {
    o.mail(tape, NOW, client(), 8000);
}

fn ftp(o: &mut Office, tape: &mut Tape) {
    o.file_transfer(tape, NOW, client(), 30_000);
}

fn icmp(_: &mut Office, tape: &mut Tape) {
    let (client, server) = (client(), server());
    for i in 0..4 {
        let now = NOW + i * SECOND;
        let word = 0x1234_0000 | i as u32;
        tape.icmp(now, &client, &server, [8, 0], word, &[0x61; 56]);
        tape.icmp(now + 20_000_000, &server, &client, [0, 0], word, &[0x61; 56]);
    }
    let mut quoted = Tape::default();
    quoted.udp(0, (&client, 40_000), (&server, 33_434), b"anybody?");
    if let Some((_, frame)) = quoted.get(0) {
        tape.raw(NOW + 5 * SECOND, frame);
        tape.icmp(NOW + 5 * SECOND + 9_000_000, &server, &client, [3, 3], 0, &frame[14..42]);
    }
}

fn scan(o: &mut Office, tape: &mut Tape) {
    for i in 0..60_u16 {
        let mut tcp =
            o.tcp(server(), Host::v4(10, 20, 0, 80), 20 + i, NOW + i64::from(i) * SECOND / 10);
        if i % 5 == 0 { tcp.knock(tape) } else { tcp.refused(tape) }
    }
}

fn fragments(o: &mut Office, tape: &mut Tape) {
    let resolver = o.resolver;
    for round in 0..3_i64 {
        let now = NOW + round * SECOND;
        let id = 100 + round as u16;
        let ask = dns::query(id, "big.example", types::TXT);
        tape.udp(now, (&client(), 40_001), (&resolver, 53), &ask);
        let text = [(None, Data::Txt(vec![b'z'; 2900]))];
        let answer = dns::answer(id, dns::GOOD, "big.example", types::TXT, &text);
        let mut parts = tape.udp_fragments((&resolver, 53), (&client(), 40_001), &answer, 1480);
        match round {
            1 => parts.reverse(),
            2 => parts.extend_from_within(..1),
            _ => {}
        }
        for (i, part) in parts.iter().enumerate() {
            tape.raw(now + 10_000_000 + i as i64 * 1000, part);
        }
    }
}

/// A short page on one connection.
fn plain(o: &mut Office, tape: &mut Tape) {
    let mut tcp = o.tcp(client(), server(), 80, NOW);
    tcp.mss = 1200;
    tcp.open(tape);
    tcp.say(tape, Side::Client, &http::get("www.example.com", "/"), &mut o.random);
    let page = http::page(3000, &mut o.random);
    let reply = http::response("200 OK", &[("Content-Type", "text/html")], &page);
    tcp.say(tape, Side::Server, &reply, &mut o.random);
    tcp.close(tape, Side::Client);
}

fn tags(o: &mut Office, tape: &mut Tape) {
    for dress in [Dress::Vlan, Dress::QinQ, Dress::Mpls, Dress::Pppoe] {
        tape.dress = dress;
        plain(o, tape);
    }
}

fn tunnels(o: &mut Office, tape: &mut Tape) {
    for dress in [Dress::Gre, Dress::Ip, Dress::Vxlan, Dress::Geneve, Dress::Gtp] {
        tape.dress = dress;
        plain(o, tape);
    }
    for dress in [Dress::Teredo, Dress::Ip] {
        tape.dress = dress;
        over_v6(o, tape);
    }
}

fn malformed(o: &mut Office, tape: &mut Tape) {
    let mut good = Tape::default();
    plain(o, &mut good);
    // Every frame once more, cut short at a random place, then with one byte wrong in its headers.
    for (nanos, frame) in good.iter() {
        let cut = o.random.below(frame.len());
        tape.raw(nanos, &frame[..cut]);
        let mut wrong = frame.to_vec();
        let at = o.random.below(54.min(wrong.len()));
        wrong[at] ^= 1 << o.random.below(8);
        tape.raw(nanos + 50, &wrong);
    }
    let (client, resolver) = (client(), o.resolver);
    // A name that points at itself, and one that never ends.
    let mut looped = dns::plain_query(9, 0x0100, "x", types::A);
    looped.splice(12..14, [0xC0, 0x0C]);
    tape.udp(NOW + SECOND, (&client, 40_002), (&resolver, 53), &looped);
    tape.udp(
        NOW + 2 * SECOND,
        (&client, 40_003),
        (&resolver, 53),
        &dns::plain_query(10, 0x0100, "cut.example", types::A)[..20],
    );
    let says = [
        (Side::Client, b"GET /\x00\xff HTTP/9.9\r\nHost:\r\n: empty\r\nno colon here\r\nContent-Length: -5\r\n\r\n".to_vec()),
        (Side::Server, b"HTTP/1.1 abc\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a length\r\n".to_vec()),
    ];
    exchange(o, tape, &says);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_has_packets_in_order() {
        for sample in variants(3) {
            let times: Vec<i64> = sample.tape.iter().map(|(t, _)| t).collect();
            assert!(times.len() > 1, "{}", sample.name);
            assert!(times.is_sorted(), "{}", sample.name);
        }
    }
}
