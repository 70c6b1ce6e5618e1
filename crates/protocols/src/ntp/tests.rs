//! Messages of every mode.

#![allow(clippy::arithmetic_side_effects)] // of messages built here

use base::{Dir, Span, Ts};
use model::{Input, Profile, Wants};

use super::State;
use super::parser::{Body, Extensions, Fault, parse, power, short, time};
use super::record::{EveNtp, NtpControlRecord, NtpPrivateRecord, NtpRecord};
use crate::testing::{flow, run};

fn standard(version: u8, mode: u8) -> Vec<u8> {
    let mut b = vec![0u8; 48];
    b[0] = (version << 3) | mode;
    b[1] = 2;
    b[2] = 6;
    b[3] = 0xec;
    b[12..16].copy_from_slice(&[192, 0, 2, 123]);
    b
}

fn wants() -> Wants {
    let mut w = Wants::default();
    for schema in [NtpRecord::SCHEMA, NtpControlRecord::SCHEMA, NtpPrivateRecord::SCHEMA] {
        w.want_record(&schema);
    }
    w.want_record(&EveNtp::SCHEMA);
    w.want_event(super::events::EVENTS[0].id);
    w
}

#[test]
fn every_mode_has_its_table() {
    let mut control = vec![0x16, 0x82, 0, 1, 0, 2, 0, 3, 0, 0, 0, 4];
    control.extend(b"data");
    let private = [0x17, 0, 3, 42, 0, 0, 0, 0];
    let time = standard(4, 3);
    let inputs: Vec<_> = [time.as_slice(), &control, &private]
        .iter()
        .map(|m| (Dir::Orig, Input::Datagram(m)))
        .collect();
    let said = run::<State>(flow(17, 123), &wants(), &Profile::WATCHPOST, &inputs, || 1);
    let tables: Vec<_> =
        said.records.iter().map(|r| r.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(tables, ["ntp", "eve_ntp", "ntp_control", "ntp_private"]);
    assert_eq!(said.events.len(), 3);
    assert_eq!(said.anomalies, [] as [String; 0]);
}

#[test]
fn numbers_of_the_wire_are_times() {
    assert_eq!(time(0), Ts(0));
    assert_eq!(time(2_208_988_801 << 32 | 0x8000_0000), Ts::new(1, 500_000_000));
    assert_eq!(short(0x0001_8000), Span::from_millis(1500));
    assert_eq!(power(6), Span::from_secs(64));
    assert_eq!(power(-1), Span::from_millis(500));
    assert_eq!(power(i8::MAX), Span(i64::MAX));
    assert_eq!(power(i8::MIN), Span(0));
}

#[test]
fn extensions_of_today_are_no_autokey() {
    let mut m = standard(4, 3);
    m.extend([1, 4, 0, 36]);
    m.extend([7; 32]);
    assert_eq!(parse(&m, Extensions::Autokey), Err(Fault::Extensions));
    let Ok(Body::Standard(s)) = parse(&m, Extensions::Any).map(|m| m.body) else { panic!() };
    assert_eq!(s.extensions, 1);
    m.extend([0; 20]);
    let Ok(Body::Standard(s)) = parse(&m, Extensions::Any).map(|m| m.body) else { panic!() };
    assert_eq!(s.mac, Some((0, &[0; 16][..])));
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut seed = 3u64;
    for _ in 0..20_000 {
        let mut m = standard(4, 0);
        m.extend([0; 40]);
        for b in &mut m {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if seed >> 62 == 0 {
                *b = (seed >> 40) as u8;
            }
        }
        m.truncate((seed >> 33) as usize % (m.len() + 1));
        crate::fuzz::fuzz_ntp_message(&m);
    }
}
