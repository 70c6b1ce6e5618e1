//! Conversations, fed whole and in pieces, in both readings.

use base::Dir;
use model::{Input, Profile, Wants};

use super::State;
use super::events::{HttpHeader, HttpMessageDone, HttpReply, HttpRequest};
use super::record::{EveHttp, HttpRecord};
use crate::testing::{Said, flow, run};

fn wants() -> Wants {
    let mut w = Wants::default();
    w.want_record(&HttpRecord::SCHEMA);
    w.want_record(&EveHttp::SCHEMA);
    w
}

fn say(profile: &Profile, inputs: &[(Dir, Input<'_>)], piece: usize) -> Said {
    run::<State>(flow(6, 80), &wants(), profile, inputs, || piece)
}

fn orig(text: &str) -> (Dir, Input<'_>) {
    (Dir::Orig, Input::Bytes(text.as_bytes()))
}

fn resp(text: &str) -> (Dir, Input<'_>) {
    (Dir::Resp, Input::Bytes(text.as_bytes()))
}

/// Values of a member in the records of a table, as JSON text.
fn values<'a>(said: &'a Said, table: &str, key: &str) -> Vec<&'a str> {
    let needle = format!("\"{key}\":");
    said.records
        .iter()
        .filter(|r| r.starts_with(&format!("{table} ")))
        .map(|r| {
            let Some(i) = r.find(&needle) else { return "-" };
            let rest = &r[i + needle.len()..];
            let end = if let Some(text) = rest.strip_prefix('"') {
                text.find('"').map_or(rest.len(), |e| e + 2)
            } else if rest.starts_with('[') {
                rest.find(']').map_or(rest.len(), |e| e + 1)
            } else {
                rest.find([',', '}']).unwrap_or(rest.len())
            };
            &rest[..end]
        })
        .collect()
}

#[test]
fn a_pipeline_is_paired_in_order() {
    let inputs = [
        orig(
            "GET /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.1\r\nHost: h\r\n\r\nPOST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz",
        ),
        resp(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        ),
        resp(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: r\r\n\r\n",
        ),
    ];
    for profile in [Profile::ZEEK, Profile::SURICATA] {
        let said = say(&profile, &inputs, usize::MAX);
        assert_eq!(values(&said, "http", "uri"), ["\"/a\"", "\"/b\"", "\"/c\""], "{said:?}");
        assert_eq!(values(&said, "http", "status_code"), ["200", "200", "201"]);
        assert_eq!(values(&said, "http", "response_body_len"), ["2", "0", "5"]);
        assert_eq!(values(&said, "http", "request_body_len"), ["0", "0", "3"]);
        assert_eq!(values(&said, "http", "trans_depth"), ["1", "2", "3"]);
        let bodies: Vec<&[u8]> = said.files.values().map(Vec::as_slice).collect();
        assert_eq!(bodies.len(), 3, "{:?}", said.files);
        for body in [&b"hi"[..], b"xyz", b"hello"] {
            assert!(bodies.contains(&body));
        }
    }
    let said = say(&Profile::ZEEK, &inputs, usize::MAX);
    assert_eq!(values(&said, "http", "info_code"), ["-", "-", "100"]);
    let said = say(&Profile::SURICATA, &inputs, usize::MAX);
    assert_eq!(values(&said, "eve_http", "url"), ["\"/a\"", "\"/b\"", "\"/c\""]);
    // As sent: chunk lines are counted, headers and trailers are not.
    assert_eq!(values(&said, "eve_http", "length"), ["2", "0", "17"]);
}

/// What odd things are said of, by their names.
fn names(said: &Said) -> Vec<&str> {
    said.anomalies.iter().map(|a| a.split(' ').next().unwrap_or("")).collect()
}

#[test]
fn lines_that_are_no_request_are_named_and_stop_the_strict_reading() {
    let inputs = [
        orig("(hello) there\r\nGET / HTTP/1.1\r\n\r\n"),
        resp("HTTP/1.0 400 Bad\r\nContent-Length: 1\r\n\r\nx"),
    ];
    let said = say(&Profile::ZEEK, &inputs, usize::MAX);
    assert_eq!(names(&said), ["http_bad_request"]);
    assert_eq!(values(&said, "http", "status_code"), ["400"]);
    assert_eq!(values(&said, "http", "method"), ["-"]);
    let said = say(&Profile::SURICATA, &inputs, usize::MAX);
    assert_eq!(values(&said, "eve_http", "http_method"), ["\"(hello)\""]);
}

#[test]
fn a_form_becomes_one_file_a_part() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\none\r\n--B\r\n\
                Content-Disposition: form-data; name=\"g\"\r\n\r\ntwo\r\n--B--\r\n";
    let head = format!(
        "POST /up HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let all = head + body;
    let inputs = [orig(&all), resp("HTTP/1.1 204 No\r\n\r\n")];
    let said = say(&Profile::ZEEK, &inputs, usize::MAX);
    assert_eq!(said.files.len(), 2);
    assert_eq!(values(&said, "http", "orig_filenames"), ["[\"a.txt\"]"]);
    assert_eq!(values(&said, "http", "request_body_len"), [body.len().to_string().as_str()]);
    // Suricata knows only parts that have a name.
    let said = say(&Profile::SURICATA, &inputs, usize::MAX);
    assert_eq!(said.files.len(), 1);
}

#[test]
fn a_tunnel_is_handed_on() {
    let inputs = [
        orig("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"),
        resp("HTTP/1.1 200 Established\r\n\r\n"),
    ];
    for profile in [Profile::ZEEK, Profile::SURICATA] {
        let said = say(&profile, &inputs, usize::MAX);
        assert_eq!(values(&said, "http", "method"), ["\"CONNECT\""]);
        assert_eq!(values(&said, "http", "status_code"), ["200"]);
    }
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let inputs = [
        orig("GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n"),
        resp("HTTP/1.1 304 No\r\n\r\n"),
    ];
    let said = say(&Profile::WATCHPOST, &inputs, usize::MAX);
    assert_eq!(values(&said, "http", "username"), ["\"user\""]);
    assert_eq!(values(&said, "http", "password"), ["\"<masked>\""]);
    let open = Profile { show_secrets: true, ..Profile::WATCHPOST };
    assert_eq!(values(&say(&open, &inputs, usize::MAX), "http", "password"), ["\"pass\""]);
}

#[test]
fn a_hole_in_a_body_is_a_hole_in_the_file_and_in_headers_an_end() {
    let hole = |n| (Dir::Resp, Input::Gap(n));
    let inputs = [
        orig("GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"),
        resp("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"),
        hole(4),
        resp("890HTTP/1.1 200 OK\r\nConte"),
        hole(9),
        resp("th: 1\r\n\r\nx"),
    ];
    let said = say(&Profile::ZEEK, &inputs, usize::MAX);
    let bodies: Vec<&[u8]> = said.files.values().map(Vec::as_slice).collect();
    assert_eq!(bodies, [b"123[gap 4]890"]);
    assert_eq!(values(&said, "http", "response_body_len"), ["10", "0"]);
}

#[test]
fn bytes_without_a_start_are_no_http_to_zeek() {
    let mut f = flow(6, 80);
    f.midstream = true;
    let inputs = [orig("GET / HTTP/1.1\r\n\r\n")];
    let said = run::<State>(f, &wants(), &Profile::ZEEK, &inputs, || usize::MAX);
    assert!(said.records.is_empty());
}

/// Conversations of every kind, for the property below.
fn conversations() -> Vec<Vec<(Dir, Vec<u8>)>> {
    let gz = {
        use std::io::Write;
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        e.write_all(&b"compressed text, ".repeat(300)).unwrap();
        e.finish().unwrap()
    };
    let mut packed = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        gz.len()
    )
    .into_bytes();
    packed.extend_from_slice(&gz);
    packed.extend_from_slice(b"HTTP/1.0 200 fine\nX: y\n z\n\nlines\rof\n\r\nbody");
    let texts: &[&[(Dir, &str)]] = &[
        &[
            (
                Dir::Orig,
                "GET /%41%zz HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\nA: b\r\n c\r\n\r\nPOST /p HTTP/1.1\r\n\
                 Content-Type: multipart/mixed; boundary=x\r\nContent-Length: 60\r\n\r\n--x\r\n\
                 Content-Disposition: a; filename=q\r\n\r\nbytes\r\n--x--\r\n\r\n",
            ),
            (
                Dir::Resp,
                "HTTP/1.1 206 Part\r\nContent-Range: bytes 1-2/9\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\
                 Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;e\r\ndefg\r\n0\r\nT: t\r\n\r\n",
            ),
        ],
        &[
            (
                Dir::Orig,
                "POST / HTTP/1.1\rHost: lone\r\rGARBAGE\n\nGET http://U@Host.:81/../x?y HTTP/1.0\n\n",
            ),
            (
                Dir::Resp,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\n\r\n\
                 <html>\n</html>",
            ),
        ],
        &[(Dir::Orig, "GET /old\r\n"), (Dir::Resp, "plain\r\nold\rbody")],
        &[
            (Dir::Resp, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody"),
            (Dir::Orig, "GET / HTTP/1.1\r\n\r\n"),
        ],
        &[
            (Dir::Orig, "PUT /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            (Dir::Resp, "junk\r\nHTTP/1.1 200\r\n\r\n"),
        ],
        &[
            (Dir::Orig, "POST /slow HTTP/1.1\r\nContent-Length: 4\r\n\r\n"),
            (Dir::Resp, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            (Dir::Orig, "lateGET /next HTTP/1.1\r\n\r\n"),
        ],
    ];
    let mut all: Vec<Vec<(Dir, Vec<u8>)>> = texts
        .iter()
        .map(|t| t.iter().map(|(d, s)| (*d, s.as_bytes().to_vec())).collect())
        .collect();
    let ask = b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n".to_vec();
    all.push(vec![(Dir::Orig, ask), (Dir::Resp, packed)]);
    all
}

#[test]
fn how_the_stream_was_cut_does_not_show() {
    let mut wants = wants();
    for id in [
        HttpRequest::SCHEMA.id,
        HttpReply::SCHEMA.id,
        HttpHeader::SCHEMA.id,
        HttpMessageDone::SCHEMA.id,
    ] {
        wants.want_event(id);
    }
    let mut seed = 7u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for (n, talk) in conversations().iter().enumerate() {
        let mut inputs: Vec<(Dir, Input<'_>)> =
            talk.iter().map(|(d, b)| (*d, Input::Bytes(b))).collect();
        inputs.push((Dir::Orig, Input::End));
        inputs.push((Dir::Resp, Input::End));
        // In Suricata's profile, what follows a message in its segment is looked at, so the cut does
        // show where that is no message; the last conversation has none of it.
        let clean = n + 1 == conversations().len();
        let mut profiles = vec![Profile::ZEEK, Profile::WATCHPOST];
        profiles.extend(clean.then_some(Profile::SURICATA));
        for profile in profiles {
            let whole = run::<State>(flow(6, 80), &wants, &profile, &inputs, || usize::MAX);
            for most in [1, 2, 3, 5, 17, 64] {
                for _ in 0..20 {
                    let said = run::<State>(flow(6, 80), &wants, &profile, &inputs, || {
                        1 + (random() % most) as usize
                    });
                    let name = profile.name;
                    assert_eq!(said, whole, "conversation {n}, {name:?}, pieces to {most}");
                }
            }
        }
    }
}

#[test]
fn many_requests_without_responses_are_told_in_time() {
    let request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2000);
    let long = format!("GET /x HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n", "a".repeat(9000)).repeat(300);
    for text in [&request, &long] {
        for profile in [Profile::ZEEK, Profile::SURICATA, Profile::WATCHPOST] {
            let said = say(&profile, &[orig(text)], usize::MAX);
            let asked = text.matches("GET /x").count();
            assert_eq!(values(&said, "http", "uri").len(), asked, "{:?}", profile.name);
        }
    }
}

#[test]
fn how_a_damaged_stream_was_cut_does_not_show() {
    const SALT: &[&[u8]] = &[
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b" ",
        b":",
        b"--x",
        b"--x--",
        b"HTTP/1.1 200 OK\r\n",
        b"GET / HTTP/1.1\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Connection: close\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"9999999999999999999999",
        b"\x1f\x8b\x08",
    ];
    let mut seed = 11u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    let all = conversations();
    for round in 0..1500 {
        let mut talk = all[random() % all.len()].clone();
        for _ in 0..random() % 6 {
            let n = random() % talk.len();
            let bytes = &mut talk[n].1;
            let at = random() % (bytes.len() + 1);
            match random() % 3 {
                0 => drop(bytes.splice(at..at, SALT[random() % SALT.len()].iter().copied())),
                1 => drop(bytes.drain(at..(at + random() % 9).min(bytes.len()))),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|b| *b = random() as u8),
            }
        }
        let mut inputs: Vec<(Dir, Input<'_>)> = Vec::new();
        for (dir, bytes) in &talk {
            let (head, tail) = bytes.split_at(random() % (bytes.len() + 1));
            inputs.push((*dir, Input::Bytes(head)));
            if random() % 4 == 0 {
                inputs.push((*dir, Input::Gap(random() as u64 % 40)));
            }
            inputs.push((*dir, Input::Bytes(tail)));
        }
        if random() % 2 == 0 {
            inputs.push((Dir::Orig, Input::End));
            inputs.push((Dir::Resp, Input::End));
        }
        for profile in [Profile::ZEEK, Profile::WATCHPOST] {
            let whole = run::<State>(flow(6, 80), &wants(), &profile, &inputs, || usize::MAX);
            for most in [1, 7, 50] {
                let said =
                    run::<State>(flow(6, 80), &wants(), &profile, &inputs, || 1 + random() % most);
                assert_eq!(said, whole, "round {round}, {:?}, {talk:?}", profile.name);
            }
        }
        // Here the cut may show; that nothing breaks is all there is to hold.
        run::<State>(flow(6, 80), &wants(), &Profile::SURICATA, &inputs, || 1 + random() % 50);
    }
}
