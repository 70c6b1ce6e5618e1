//! Exchanges over one flow and over two.

#![allow(clippy::arithmetic_side_effects)] // of messages built here

use std::net::Ipv4Addr;

use base::{Dir, Span, Ts};
use model::{Cx, Input, Profile, Wants};

use super::State;
use super::join::{Joins, Mac};
use super::parser::{FIXED_LEN, Message, option};
use super::record::{DhcpRecord, EveDhcp};
use crate::Analyzer;
use crate::testing::{Said, flow};

fn message(op: u8, xid: u32, yours: [u8; 4], options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut b = vec![0u8; FIXED_LEN];
    b[0] = op;
    b[1] = 1;
    b[2] = 6;
    b[4..8].copy_from_slice(&xid.to_be_bytes());
    b[16..20].copy_from_slice(&yours);
    b[28..34].copy_from_slice(&[2, 0, 0, 0, 0xab, 1]);
    b[236..240].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    for (code, data) in options {
        b.push(*code);
        b.push(data.len() as u8);
        b.extend(*data);
    }
    b.push(option::END);
    b
}

/// A flow's worth of datagrams at one time; flows of one shard share `joins`.
struct Shard {
    joins: Joins,
    said: Said,
    wants: Wants,
}

impl Shard {
    fn new() -> Self {
        let mut wants = Wants::default();
        wants.want_record(&DhcpRecord::SCHEMA);
        wants.want_record(&EveDhcp::SCHEMA);
        Self { joins: Joins::default(), said: Said::default(), wants }
    }
    fn feed(&mut self, state: &mut State, from: Ipv4Addr, secs: i64, dir: Dir, bytes: &[u8]) {
        let mut f = flow(17, 67);
        f.orig.addr = from.into();
        f.orig.port = 68;
        f.now = Ts::new(1_700_000_000, 0).plus(Span::from_secs(secs));
        let mut cx =
            Cx { flow: &mut f, wants: &self.wants, profile: &Profile::ZEEK, out: &mut self.said };
        state.step(&mut self.joins, &mut cx, dir, Input::Datagram(bytes));
    }
    fn close(&mut self, state: &mut State) {
        let mut f = flow(17, 67);
        let mut cx =
            Cx { flow: &mut f, wants: &self.wants, profile: &Profile::ZEEK, out: &mut self.said };
        state.close(&mut self.joins, &mut cx);
    }
    fn rows(&self, table: &str) -> usize {
        self.said.records.iter().filter(|r| r.starts_with(&format!("{table} "))).count()
    }
}

const NOBODY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

#[test]
fn an_exchange_over_two_flows_is_one_row() {
    let mut shard = Shard::new();
    let (mut client, mut server) = (State::default(), State::default());
    let discover = message(1, 9, [0; 4], &[(53, &[1]), (12, b"host")]);
    let offer = message(2, 9, [192, 0, 2, 9], &[(53, &[2]), (51, &[0, 0, 14, 16])]);
    shard.feed(&mut client, NOBODY, 0, Dir::Orig, &discover);
    shard.feed(&mut server, [192, 0, 2, 1].into(), 1, Dir::Resp, &offer);
    assert_eq!((shard.rows("dhcp"), shard.rows("eve_dhcp")), (0, 2));
    shard.close(&mut client);
    shard.close(&mut server);
    assert_eq!(shard.rows("dhcp"), 1);
    assert_eq!(shard.said.anomalies, [] as [String; 0]);
}

#[test]
fn silence_ends_an_exchange_and_the_number_begins_again() {
    let mut shard = Shard::new();
    let mut client = State::default();
    let discover = message(1, 9, [0; 4], &[(53, &[1])]);
    for secs in [0, 4, 20, 22] {
        shard.feed(&mut client, NOBODY, secs, Dir::Orig, &discover);
    }
    assert_eq!(shard.rows("dhcp"), 1);
    shard.close(&mut client);
    assert_eq!(shard.rows("dhcp"), 2);
}

#[test]
fn many_numbers_in_one_flow_are_all_told_at_its_end() {
    let mut shard = Shard::new();
    let mut client = State::default();
    for xid in 0..3000 {
        shard.feed(&mut client, NOBODY, 0, Dir::Orig, &message(1, xid, [0; 4], &[(53, &[1])]));
    }
    shard.close(&mut client);
    assert_eq!(shard.rows("dhcp"), 3000);
}

#[test]
fn options_may_stand_where_the_file_and_the_name_do() {
    let mut b = message(1, 1, [0; 4], &[(53, &[3]), (52, &[3])]);
    b[108..112].copy_from_slice(&[12, 1, b'f', 255]);
    b[44..48].copy_from_slice(&[15, 1, b's', 255]);
    let m = Message::parse(&b).unwrap();
    let codes: Vec<_> = m.options().map(|(c, _)| c).collect();
    assert_eq!(codes, [53, 52, 12, 15]);
    let mut walk = m.options();
    walk.by_ref().for_each(drop);
    assert!(!walk.was_cut());
    let cut = &b[..b.len() - 2];
    let mut walk = Message::parse(cut).unwrap().options();
    walk.by_ref().for_each(drop);
    assert!(walk.was_cut());
}

#[test]
fn an_overload_that_says_itself_again_ends() {
    let mut b = message(1, 1, [0; 4], &[(52, &[3])]);
    b[108..112].copy_from_slice(&[52, 1, 3, 255]);
    b[44..48].copy_from_slice(&[52, 1, 3, 255]);
    let m = Message::parse(&b).unwrap();
    assert_eq!(m.options().count(), 3);
}

#[test]
fn hardware_addresses_have_six_bytes_or_eight() {
    let text = |b: &[u8]| Mac::new(b).map(|m| String::from_utf8(m.text().to_vec()).unwrap());
    assert_eq!(text(&[0, 1, 2, 0xab, 0xcd, 0xef]).unwrap(), "00:01:02:ab:cd:ef");
    assert_eq!(text(&[1, 2, 3, 4, 5, 6, 0, 0, 0]).unwrap(), "01:02:03:04:05:06");
    assert_eq!(text(&[1, 2, 3, 4, 5, 6, 7, 8, 0]).unwrap(), "01:02:03:04:05:06:07:08");
    assert_eq!(text(&[1, 2, 3]), None);
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut seed = 3u64;
    for _ in 0..5_000 {
        let mut m = message(1, 1, [0; 4], &[(52, &[3]), (53, &[1]), (61, &[1, 2, 3, 4, 5, 6, 7])]);
        for b in &mut m {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if seed >> 61 == 0 {
                *b = (seed >> 40) as u8;
            }
        }
        m.truncate((seed >> 33) as usize % (m.len() + 1));
        crate::fuzz::fuzz_dhcp_message(&m);
        let mut shard = Shard::new();
        shard.feed(&mut State::default(), NOBODY, 0, Dir::Orig, &m);
    }
}
