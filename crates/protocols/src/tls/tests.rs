//! Whole handshakes, built message by message, read in pieces of any size.

use base::Dir;
use model::{Input, Profile, Wants};

use super::State;
use super::events;
use super::record::{SslRecord, TlsEveRecord};
use crate::testing::{Said, flow, run};
use crate::x509::X509Record;

fn len16(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u16).to_be_bytes()[..], body].concat()
}

fn len24(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[1..], body].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &len24(body)].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &len16(body)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &len16(body)].concat()
}

fn client_hello(extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([9; 32]);
    body.push(0);
    body.extend(len16(&[0xc0, 0x2f, 0x13, 0x01]));
    body.extend([1, 0]);
    body.extend(len16(&extensions.concat()));
    message(1, &body)
}

fn server_hello(suite: u16, extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([8; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    body.extend(len16(&extensions.concat()));
    message(2, &body)
}

fn sni(name: &[u8]) -> Vec<u8> {
    extension(0, &len16(&[&[0][..], &len16(name)].concat()))
}

fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let n = body.len();
    let mut out = vec![tag];
    if n < 128 {
        out.push(n as u8);
    } else {
        out.extend([0x82, (n >> 8) as u8, n as u8]);
    }
    out.extend(body);
    out
}

/// A certificate for `cn`, self-signed in name, with an RSA key of 64 bits.
fn certificate(cn: &[u8]) -> Vec<u8> {
    let oid = |o: &[u8]| der(6, o);
    let rdn = |o: &[u8], v: &[u8]| der(0x31, &der(0x30, &[oid(o), der(12, v)].concat()));
    let name = der(0x30, &[rdn(&[0x55, 4, 6], b"DE"), rdn(&[0x55, 4, 3], cn)].concat());
    let rsa = |last| oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last]);
    let signature = der(0x30, &[rsa(11), der(5, &[])].concat());
    let validity = [der(23, b"200101000000Z"), der(23, b"300101000000Z")].concat();
    let modulus =
        der(0x30, &[der(2, &[0, 0x80, 1, 2, 3, 4, 5, 6, 7]), der(2, &[1, 0, 1])].concat());
    let key = der(0x30, &[rsa(1), der(5, &[])].concat());
    let bits = der(3, &[&[0][..], &modulus].concat());
    let san = der(0x30, &der(0x82, b"*.example.com"));
    let ext = der(0x30, &[oid(&[0x55, 0x1d, 17]), der(4, &san)].concat());
    let tbs = [
        der(0xa0, &der(2, &[2])),
        der(2, &[0x12, 0x34]),
        signature.clone(),
        name.clone(),
        der(0x30, &validity),
        name,
        der(0x30, &[key, bits].concat()),
        der(0xa3, &der(0x30, &ext)),
    ]
    .concat();
    der(0x30, &[der(0x30, &tbs), signature, der(3, &[0, 1])].concat())
}

fn wants() -> Wants {
    let mut w = Wants::default();
    w.want_record(&SslRecord::SCHEMA);
    w.want_record(&TlsEveRecord::SCHEMA);
    w.want_record(&X509Record::SCHEMA);
    for e in events::EVENTS {
        w.want_event(e.id);
    }
    w
}

/// Client and server of a full TLS 1.2 handshake.
fn tls12() -> Vec<(Dir, Vec<u8>)> {
    let cert = certificate(b"example.com");
    let alpn = extension(16, &len16(&[2, b'h', b'2']));
    let hello =
        client_hello(&[sni(b"www.example.com"), extension(10, &[0, 2, 0, 29]), alpn.clone()]);
    let server = [
        server_hello(0xc02f, &[alpn]),
        message(11, &len24(&len24(&cert))),
        message(22, &[&[1][..], &len24(b"response")].concat()),
        message(12, &[&[3, 0, 29, 2, 1, 1][..], &[4, 1, 0, 1, 7]].concat()),
        message(14, &[]),
    ]
    .concat();
    // Messages don't heed the borders of records.
    let (a, b) = server.split_at(server.len() / 2);
    let client_end =
        [record(22, &message(16, &[1, 5])), record(20, &[1]), record(22, &[0xaa; 40])].concat();
    let server_end = [
        record(22, &message(4, &[0, 0, 0, 9, 0, 1, 7])),
        record(20, &[1]),
        record(22, &[0xbb; 40]),
    ]
    .concat();
    vec![
        (Dir::Orig, record(22, &hello)),
        (Dir::Resp, [record(22, a), record(22, b)].concat()),
        (Dir::Orig, client_end),
        (Dir::Resp, server_end),
        (Dir::Orig, record(23, &[0xcc; 500])),
        (Dir::Resp, record(23, &[0xdd; 500])),
    ]
}

fn read(talk: &[(Dir, Vec<u8>)], profile: &Profile, piece: impl FnMut() -> usize) -> Said {
    let inputs: Vec<_> = talk.iter().map(|(d, b)| (*d, Input::Bytes(b))).collect();
    run::<State>(flow(6, 443), &wants(), profile, &inputs, piece)
}

fn all() -> usize {
    usize::MAX
}

fn row<'a>(said: &'a Said, name: &str) -> &'a str {
    said.records.iter().find(|r| r.starts_with(name)).map(String::as_str).unwrap_or_default()
}

#[test]
fn a_full_handshake_is_told_once_by_each_view() {
    let said = read(&tls12(), &Profile::ZEEK, all);
    let ssl = row(&said, "ssl ");
    for want in [
        "\"version\":\"TLSv12\"",
        "\"cipher\":\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"",
        "\"curve\":\"x25519\"",
        "\"server_name\":\"www.example.com\"",
        "\"next_protocol\":\"h2\"",
        "\"established\":true",
        "\"ssl_history\":\"CsxuknGIti\"",
        "\"sni_matches_cert\":true",
    ] {
        assert!(ssl.contains(want), "{want} in {ssl}");
    }
    let x509 = row(&said, "x509 ");
    for want in [
        "\"certificate.subject\":\"CN=example.com,C=DE\"",
        "\"certificate.serial\":\"1234\"",
        "\"certificate.sig_alg\":\"sha256WithRSAEncryption\"",
        "\"certificate.key_length\":64",
        "\"certificate.exponent\":\"65537\"",
        "\"san.dns\":[\"*.example.com\"]",
        "\"host_cert\":true",
    ] {
        assert!(x509.contains(want), "{want} in {x509}");
    }
    let eve = row(&said, "eve_tls ");
    for want in ["\"subject\":\"C=DE, CN=example.com\"", "\"version\":\"TLS 1.2\"", "\"sni\":"] {
        assert!(eve.contains(want), "{want} in {eve}");
    }
    assert_eq!(said.records.len(), 3);
    assert_eq!(said.files.values().collect::<Vec<_>>(), [b"response"]);
    assert!(said.anomalies.is_empty());
}

#[test]
fn pieces_of_any_size_give_the_same() {
    let whole = read(&tls12(), &Profile::WATCHPOST, all);
    for size in [1, 2, 3, 5, 7, 64, 1000] {
        assert_eq!(read(&tls12(), &Profile::WATCHPOST, || size), whole);
    }
    let mut seed = 1u64;
    for _ in 0..50 {
        let piece = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % 40
        };
        assert_eq!(read(&tls12(), &Profile::WATCHPOST, piece), whole);
    }
}

#[test]
fn tls_1_3_is_established_when_both_sides_send_data() {
    let versions = extension(43, &[2, 3, 4]);
    let hello = client_hello(&[sni(b"a.example"), versions]);
    let chosen = [extension(43, &[3, 4]), extension(51, &[0, 29, 0, 1, 5])];
    let talk = [
        (Dir::Orig, record(22, &hello)),
        (Dir::Resp, record(22, &server_hello(0x1301, &chosen))),
        (Dir::Resp, record(20, &[1])),
        (Dir::Resp, record(23, &[1; 900])),
        (Dir::Orig, record(20, &[1])),
        (Dir::Orig, record(23, &[2; 60])),
    ];
    let said = read(&talk, &Profile::ZEEK, all);
    let ssl = row(&said, "ssl ");
    assert!(ssl.contains("\"version\":\"TLSv13\""), "{ssl}");
    assert!(ssl.contains("\"ssl_history\":\"CsiI\""), "{ssl}");
    assert!(ssl.contains("\"established\":true"), "{ssl}");
    assert!(row(&said, "eve_tls ").contains("\"version\":\"TLS 1.3\""));
    assert_eq!(read(&talk, &Profile::ZEEK, || 1), said);
}

#[test]
fn what_is_no_tls_ends_the_reading_and_is_told() {
    let hello = record(22, &client_hello(&[sni(b"a.example")]));
    let talk = [(Dir::Orig, hello), (Dir::Resp, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())];
    let said = read(&talk, &Profile::ZEEK, all);
    assert!(row(&said, "ssl ").contains("\"ssl_history\":\"C\""));
    assert!(row(&said, "eve_tls ").is_empty());
    assert_eq!(said.anomalies.len(), 1);
}

#[test]
fn a_hello_in_datagrams_may_come_in_pieces() {
    let body = client_hello(&[]);
    let (head, body) = body.split_at(4);
    // DTLS has a cookie where TLS has none.
    let mut dtls = vec![0xfe, 0xfd];
    dtls.extend(&body[2..35]);
    dtls.push(0);
    dtls.extend(&body[35..]);
    let piece = |seq: u8, from: usize, to: usize| {
        let mut f = vec![head[0]];
        f.extend((dtls.len() as u32).to_be_bytes().get(1..).unwrap());
        f.extend([0, 0]);
        f.extend((from as u32).to_be_bytes().get(1..).unwrap());
        f.extend(len24(&dtls[from..to]));
        let mut r = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, seq];
        r.extend(len16(&f));
        r
    };
    let talk = [piece(0, 0, 20), piece(1, 20, dtls.len())];
    let inputs: Vec<_> = talk.iter().map(|d| (Dir::Orig, Input::Datagram(d))).collect();
    let said = run::<State>(flow(17, 4433), &wants(), &Profile::ZEEK, &inputs, all);
    assert!(row(&said, "ssl ").contains("\"ssl_history\":\"C\""), "{said:?}");
}

#[test]
fn random_bytes_are_borne() {
    let mut seed = 7u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u8
    };
    let good: Vec<u8> = tls12().into_iter().flat_map(|(_, b)| b).collect();
    for i in 0..300 {
        let mut bytes = good.clone();
        for _ in 0..=i % 9 {
            let at = (usize::from(next()) << 8 | usize::from(next())) % bytes.len();
            bytes[at] = next();
        }
        crate::fuzz::fuzz_tls_message(&bytes[5..]);
        let talk = [(Dir::Orig, bytes.clone()), (Dir::Resp, bytes)];
        let whole = read(&talk, &Profile::WATCHPOST, all);
        assert_eq!(read(&talk, &Profile::WATCHPOST, || 13), whole);
    }
}

#[test]
fn a_connection_costs_little() {
    // A sensor keeps a hundred thousand of them; growth is to be meant.
    assert!(size_of::<State>() <= 560, "{}", size_of::<State>());
    assert!(size_of::<super::TlsTransaction>() <= 560, "{}", size_of::<super::TlsTransaction>());
}
