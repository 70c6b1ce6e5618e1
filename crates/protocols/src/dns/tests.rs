//! Messages built by hand, read in every way.

#![allow(clippy::arithmetic_side_effects)] // of messages built here

use base::{Dir, Span, Ts};
use model::{Id, Input, Profile, Wants};

use super::parser::{Fault, Layout, MAX_LABELS, Rules, Section, parse, spell, walk};
use super::record::{DnsRecord, EveDns};
use super::{State, text};
use crate::room;
use crate::testing::{Said, flow, run};

/// Builds a message piece by piece.
#[derive(Clone)]
pub(super) struct Builder(Vec<u8>);

impl Builder {
    pub(super) fn new(id: u16, flags: u16) -> Self {
        let mut b = Vec::new();
        b.extend(id.to_be_bytes());
        b.extend(flags.to_be_bytes());
        b.extend([0; 8]);
        Self(b)
    }
    fn count(&mut self, section: usize) {
        self.0[5 + 2 * section] += 1;
    }
    pub(super) fn name(name: &str) -> Vec<u8> {
        let mut b = Vec::new();
        for label in name.split('.').filter(|l| !l.is_empty()) {
            b.push(label.len() as u8);
            b.extend(label.as_bytes());
        }
        b.push(0);
        b
    }
    pub(super) fn question(mut self, name: &str, rtype: u16) -> Self {
        self.0.extend(Self::name(name));
        self.0.extend(rtype.to_be_bytes());
        self.0.extend([0, 1]);
        self.count(0);
        self
    }
    /// A record whose owner is the first question.
    pub(super) fn rr(mut self, section: usize, rtype: u16, data: &[u8]) -> Self {
        self.0.extend([0xc0, 12]);
        self.0.extend(rtype.to_be_bytes());
        self.0.extend([0, 1, 0, 0, 1, 44]);
        self.0.extend((data.len() as u16).to_be_bytes());
        self.0.extend(data);
        self.count(section);
        self
    }
    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

fn query() -> Vec<u8> {
    Builder::new(7, 0x0100).question("WWW.Example.com", 1).done()
}

fn answer() -> Vec<u8> {
    Builder::new(7, 0x8180)
        .question("WWW.Example.com", 1)
        .rr(1, 5, &Builder::name("host.example.net"))
        .rr(1, 1, &[192, 0, 2, 80])
        .rr(1, 16, b"\x05v=one\x03two")
        .done()
}

fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut b = Vec::new();
    for m in messages {
        b.extend((m.len() as u16).to_be_bytes());
        b.extend(m);
    }
    b
}

fn wants() -> Wants {
    let mut w = Wants::default();
    w.want_record(&DnsRecord::SCHEMA);
    w.want_record(&EveDns::SCHEMA);
    for event in super::events::EVENTS {
        w.want_event(event.id);
    }
    for local in 0..8 {
        w.want_buffer(Id::new(room::Dns, local));
    }
    w
}

fn datagrams(profile: &Profile, messages: &[(Dir, &[u8])]) -> Said {
    let inputs: Vec<_> = messages.iter().map(|(d, m)| (*d, Input::Datagram(m))).collect();
    run::<State>(flow(17, 53), &wants(), profile, &inputs, || usize::MAX)
}

#[test]
fn a_query_and_its_answer_are_one_record_and_two_messages() {
    let said = datagrams(&Profile::WATCHPOST, &[(Dir::Orig, &query()), (Dir::Resp, &answer())]);
    assert_eq!(said.records.len(), 3, "{said:?}");
    assert_eq!(said.anomalies, [] as [String; 0]);
    assert!(said.events.len() > 5);
}

#[test]
fn answers_are_spelled_as_zeek_spells_them() {
    let msg = Builder::new(1, 0x8180)
        .question("a.example", 255)
        .rr(1, 1, &[192, 0, 2, 1])
        .rr(1, 16, b"\x05v=one\x03two")
        .rr(1, 43, &[0, 1, 8, 2, 9, 9])
        .rr(1, 44, &[1, 1, 0xab, 0xcd])
        .rr(1, 33, &[&[0, 1, 0, 2, 0, 53][..], &Builder::name("Srv.example")].concat())
        .rr(1, 10, b"x")
        .rr(1, 11, b"x")
        .rr(1, 257, b"\0\x05issueca.example")
        .done();
    let mut layout = Layout::default();
    parse(&msg, Rules::STRICT, &mut layout).unwrap();
    assert_eq!(layout.stop, None);
    let told: Vec<_> = layout
        .section(Section::Answer)
        .map(|rr| {
            let mut out = Vec::new();
            let said = text::zeek_answer(&msg, rr, false, &mut out);
            (said, String::from_utf8(out).unwrap())
        })
        .collect();
    let expect = [
        (Some(true), "192.0.2.1"),
        (Some(true), "TXT 5 v=one TXT 3 two"),
        (Some(true), "DS 8 2"),
        (Some(true), "SSHFP: abcd"),
        (Some(true), "srv.example"),
        (Some(true), "<unknown type=10>"),
        (Some(false), ""),
        (None, ""),
    ];
    assert_eq!(told, expect.map(|(s, t)| (s, t.to_owned())));
}

#[test]
fn names_end_however_they_point() {
    // Two pointers at each other, one at itself, one forward, one chain of pointers.
    let mut msg = vec![0xc0, 2, 0xc0, 0, 0xc0, 4, 0xc0, 9, 0, 1, b'a', 0];
    for i in 0..40u8 {
        let to = if i == 0 { 9 } else { 10 + 2 * i };
        msg.extend([0xc0, to]);
    }
    for at in 0..msg.len() {
        for rules in [Rules::STRICT, Rules::TOLERANT] {
            let mut labels = 0;
            let _ = walk(&msg, at, rules, |_| labels += 1);
            assert!(labels <= MAX_LABELS);
        }
    }
    assert_eq!(walk(&msg, 0, Rules::STRICT, |_| {}), Err(Fault::ForwardPointer));
    assert_eq!(walk(&msg, 4, Rules::TOLERANT, |_| {}), Err(Fault::NameLoops));
    let deep = walk(&msg, msg.len() - 2, Rules::STRICT, |_| {}).unwrap();
    assert!(deep.deep > 20);
    assert_eq!(walk(b"\x03ab", 0, Rules::TOLERANT, |_| {}), Err(Fault::LabelPastEnd));
    assert_eq!(walk(b"\x01a", 0, Rules::TOLERANT, |_| {}), Err(Fault::NameEnds));
}

#[test]
fn a_root_name_is_empty_and_case_is_folded_on_demand() {
    let mut out = Vec::new();
    spell(&[0], 0, true, &mut out).unwrap();
    assert_eq!(out, b"");
    spell(b"\x02Ab\x01C\0", 0, true, &mut out).unwrap();
    spell(b"\x02Ab\x01C\0", 0, false, &mut out).unwrap();
    assert_eq!(out, b"ab.cAb.C");
}

#[test]
fn an_answer_cut_short_keeps_what_came_before() {
    let whole = answer();
    let cut = &whole[..whole.len() - 5];
    let mut layout = Layout::default();
    parse(cut, Rules::STRICT, &mut layout).unwrap();
    assert_eq!(layout.stop, Some((Section::Answer, Fault::DataPastEnd)));
    assert_eq!(layout.records.len(), 2);
    assert_eq!(parse(&whole[..11], Rules::STRICT, &mut layout), Err(Fault::HeaderShort));
}

#[test]
fn netbios_names_are_decoded() {
    let (name, len) = text::netbios_name(b"fhfaebeecacacacacacacacacacacaaa").unwrap();
    assert_eq!(&name[..len], b"WPAD");
    assert_eq!(text::netbios_name(b"short"), None);
}

#[test]
fn the_one_who_answers_first_is_the_server() {
    let mut f = flow(17, 40_001);
    f.orig.port = 53;
    let wants = wants();
    let said =
        run::<State>(f, &wants, &Profile::ZEEK, &[(Dir::Orig, Input::Datagram(&answer()))], || 1);
    assert_eq!(said.records.len(), 2);
}

#[test]
fn a_stream_reads_the_same_however_it_is_cut() {
    let up = framed(&[query(), query()]);
    let mut down = framed(&[answer(), answer(), answer()]);
    down.extend([0, 0, 0, 200, 1, 2, 3]);
    let inputs = [
        (Dir::Orig, Input::Bytes(&up)),
        (Dir::Resp, Input::Bytes(&down)),
        (Dir::Orig, Input::End),
        (Dir::Resp, Input::End),
    ];
    for profile in [Profile::WATCHPOST, Profile::ZEEK, Profile::SURICATA] {
        let whole = run::<State>(flow(6, 53), &wants(), &profile, &inputs, || usize::MAX);
        assert!(whole.records.len() >= 6, "{whole:?}");
        let mut seed = 1u64;
        for _ in 0..200 {
            let parts = run::<State>(flow(6, 53), &wants(), &profile, &inputs, || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 60) as usize
            });
            assert_eq!(whole, parts);
        }
    }
}

#[test]
fn garbage_is_only_ever_garbage() {
    let mut seed = 7u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u32
    };
    for _ in 0..20_000 {
        let mut bytes = if next() % 2 == 0 { answer() } else { query() };
        for _ in 0..next() % 8 {
            let at = next() as usize % bytes.len();
            bytes[at] = next() as u8;
        }
        bytes.truncate(next() as usize % (bytes.len() + 1));
        crate::fuzz::fuzz_dns_message(&bytes);
        datagrams(&Profile::WATCHPOST, &[(Dir::Orig, &bytes)]);
    }
}

#[test]
fn a_flood_of_unanswered_queries_stays_bounded() {
    let mut f = flow(17, 53);
    f.now = Ts::new(1_700_000_000, 0).plus(Span::from_secs(1));
    let queries: Vec<_> =
        (0..500u16).map(|id| Builder::new(id, 0x0100).question("a.example", 1).done()).collect();
    let inputs: Vec<_> = queries.iter().map(|q| (Dir::Orig, Input::Datagram(q))).collect();
    let mut wants = Wants::default();
    wants.want_record(&DnsRecord::SCHEMA);
    let said = run::<State>(f, &wants, &Profile::ZEEK, &inputs, || usize::MAX);
    assert_eq!(said.records.len(), 500);
    assert!(!said.anomalies.is_empty());
}

#[test]
fn answers_without_questions_stay_bounded_in_bytes() {
    let big = Builder::new(9, 0x8180).question("a.example", 10).rr(1, 10, &vec![7; 40_000]).done();
    let messages = framed(&vec![big; 200]);
    let mut wants = Wants::default();
    wants.want_record(&DnsRecord::SCHEMA);
    let inputs = [(Dir::Resp, Input::Bytes(&messages))];
    let said = run::<State>(flow(6, 53), &wants, &Profile::WATCHPOST, &inputs, || usize::MAX);
    assert_eq!(said.records.len(), 200);
    assert!(!said.anomalies.is_empty());
}
