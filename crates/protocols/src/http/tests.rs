//! Conversations, fed whole and in pieces, in both readings.

use base::Dir;
use model::{Input, Profile, Wants};

use super::State;
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
            let end = if rest.starts_with('"') {
                rest[1..].find('"').map_or(rest.len(), |e| e + 2)
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
    assert_eq!(
        values(&said, "eve_http", "http.length").len() + values(&said, "eve_http", "length").len(),
        6
    );
}
