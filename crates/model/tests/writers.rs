//! The writers on a record that has every kind of field.
#![allow(missing_docs)]

use std::net::IpAddr;

use base::{Span, Ts, Uid};
use watchpost_model::write::{EvePlan, JsonNames, JsonPlan, ZeekPlan};
use watchpost_model::{Bytes, Id, Record, Row, SetOf};

/// An answer.
#[derive(Record)]
#[record(id = Id::new(200, 1), name = "answer")]
struct Answer {
    /// Name.
    #[record(eve = "rrname")]
    name: &'static str,
}

/// A row of everything.
#[derive(Record)]
#[record(id = Id::new(200, 0), name = "all", zeek = "all", eve = "all")]
struct All<'a> {
    /// Time.
    #[record(eve = "@timestamp")]
    ts: Ts,
    /// Id.
    uid: Uid,
    /// One.
    #[record(eve = "a.one")]
    one: u32,
    /// Two.
    #[record(eve = "b.two")]
    two: Option<Bytes<'a>>,
    /// Three, of the same object as one.
    #[record(eve = "a.deep.three")]
    three: bool,
    /// Four.
    #[record(eve = "a.four")]
    four: Option<Span>,
    /// Addresses.
    list: SetOf<Vec<IpAddr>>,
    /// Answers.
    #[record(nested, schema = Answer, eve = "a.answers")]
    answers: Vec<Answer>,
}

fn all(two: Option<&[u8]>) -> All<'_> {
    All {
        ts: Ts::new(1, 500_000_000),
        uid: Uid(62),
        one: 7,
        two: two.map(Bytes),
        three: true,
        four: None,
        list: SetOf(vec!["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()]),
        answers: vec![Answer { name: "x" }, Answer { name: "y" }],
    }
}

#[test]
fn eve_groups_objects_and_leaves_unset_fields_out() {
    let rec = all(None);
    let mut out = Vec::new();
    EvePlan::new(rec.schema()).write_alone(Ts(0), &Row::of(&rec), &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"timestamp":"1970-01-01T00:00:01.500000+0000","event_type":"all","a":{"one":7,"deep":{"three":true},"answers":[{"rrname":"x"},{"rrname":"y"}]}}"#
    );
}

#[test]
fn zeek_json_and_tsv() {
    let rec = all(Some(b"-"));
    let row = Row::of(&rec);
    let mut out = Vec::new();
    JsonPlan::new(rec.schema(), JsonNames::Zeek).write(&row, &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"ts":1.500000,"uid":"C01","one":7,"two":"-","three":true,"list":["10.0.0.1","::1"],"answers":[{"name":"x"},{"name":"y"}]}"#
    );
    let mut out = Vec::new();
    let plan = ZeekPlan::new(rec.schema());
    plan.header(Ts(0), &mut out);
    plan.write(&row, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.contains(
            "#types\ttime\tstring\tcount\tstring\tbool\tinterval\tset[addr]\tvector[string]\n"
        ),
        "{text}"
    );
    assert!(text.contains("\n1.500000\tC01\t7\t\\x2d\tT\t-\t10.0.0.1,::1\t"), "{text}");
}
