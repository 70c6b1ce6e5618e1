//! Openings of connections, cut in every way.

#![allow(clippy::arithmetic_side_effects)] // of messages built here

use base::Dir;
use model::{Input, Profile, Wants};

use super::State;
use super::parser::{Banner, KexInit, Version, negotiate};
use super::record::{EveSsh, SshRecord};
use crate::testing::{Said, flow, run};

fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let padding = 4;
    let mut b = ((payload.len() + 2 + padding) as u32).to_be_bytes().to_vec();
    b.push(padding as u8);
    b.push(number);
    b.extend(payload);
    b.extend([0; 4]);
    b
}

fn string(s: &[u8]) -> Vec<u8> {
    [&(s.len() as u32).to_be_bytes()[..], s].concat()
}

fn kexinit(lists: [&str; 10]) -> Vec<u8> {
    let mut b = vec![7; 16];
    for l in lists {
        b.extend(string(l.as_bytes()));
    }
    b.extend([0; 5]);
    packet(20, &b)
}

const CLIENT: [&str; 10] = [
    "curve25519-sha256,diffie-hellman-group14-sha1",
    "ssh-ed25519,ssh-rsa",
    "aes128-ctr,aes256-ctr",
    "aes128-ctr,aes256-ctr",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none",
    "none",
    "",
    "",
];
const SERVER: [&str; 10] = [
    "diffie-hellman-group14-sha1,curve25519-sha256",
    "ssh-rsa",
    "aes256-ctr",
    "aes128-ctr",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none,zlib@openssh.com",
    "none",
    "",
    "",
];

fn opening() -> (Vec<u8>, Vec<u8>) {
    let mut up = b"SSH-2.0-OpenSSH_9.6 comment\r\n".to_vec();
    up.extend(kexinit(CLIENT));
    up.extend(packet(30, &string(&[1; 32])));
    up.extend(packet(2, b"ignore"));
    up.extend(packet(21, b""));
    let mut down = b"welcome\r\nSSH-2.0-dropbear_2022.83\r\n".to_vec();
    down.extend(kexinit(SERVER));
    let reply = [string(b"host key"), string(&[2; 32]), string(b"signature")].concat();
    down.extend(packet(31, &reply));
    down.extend(packet(21, b""));
    (up, down)
}

fn wants() -> Wants {
    let mut w = Wants::default();
    w.want_record(&SshRecord::SCHEMA);
    w.want_record(&EveSsh::SCHEMA);
    for event in super::events::EVENTS {
        w.want_event(event.id);
    }
    w
}

fn read(profile: &Profile, up: &[u8], down: &[u8], piece: impl FnMut() -> usize) -> Said {
    let inputs = [(Dir::Orig, Input::Bytes(up)), (Dir::Resp, Input::Bytes(down))];
    run::<State>(flow(6, 22), &wants(), profile, &inputs, piece)
}

#[test]
fn an_opening_reads_the_same_however_it_is_cut() {
    let (up, down) = opening();
    for profile in [Profile::WATCHPOST, Profile::ZEEK, Profile::SURICATA] {
        let whole = read(&profile, &up, &down, || usize::MAX);
        assert_eq!(whole.records.len(), 2, "{whole:?}");
        let mut seed = 1u64;
        for _ in 0..200 {
            let parts = read(&profile, &up, &down, || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 59) as usize
            });
            assert_eq!(whole, parts);
        }
    }
}

#[test]
fn what_is_agreed_is_the_clients_first_that_the_server_has() {
    assert_eq!(negotiate(b"a,b,c", b"c,b"), Some(&b"b"[..]));
    assert_eq!(negotiate(b"a", b"b"), None);
    let (up, down) = opening();
    let said = read(&Profile::WATCHPOST, &up, &down, || usize::MAX);
    let json = said.records.iter().find(|r| r.starts_with("ssh ")).unwrap();
    for part in ["curve25519-sha256", "ssh-rsa", "To server: aes256-ctr, to client: aes128-ctr"] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

#[test]
fn hassh_hashes_the_lists_of_ones_own_direction() {
    let packet = kexinit(SERVER);
    let init = KexInit::parse(&packet[6..packet.len() - 4]).unwrap();
    let mut text = Vec::new();
    init.hassh_text(true, &mut text);
    let expect = "diffie-hellman-group14-sha1,curve25519-sha256;aes128-ctr;hmac-sha2-256;none";
    assert_eq!(String::from_utf8(text).unwrap(), expect);
}

#[test]
fn banners_say_version_and_software() {
    let b = Banner::parse(b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3").unwrap();
    assert_eq!((b.proto, b.software), (&b"2.0"[..], &b"OpenSSH_9.6p1"[..]));
    assert_eq!(Banner::parse(b"SSH-2.0"), None);
    assert_eq!(Banner::parse(b"ssh-2.0-x"), None);
    let v = |s: &str| Version::of(s.as_bytes());
    assert_eq!(v("SSH-1.99-x").unwrap().agreed(v("SSH-1.5-x").unwrap()), Some(1));
    assert_eq!(v("SSH-1.99-x").unwrap().agreed(v("SSH-2.0-x").unwrap()), Some(2));
    assert_eq!(v("SSH-1.5-x").unwrap().agreed(v("SSH-2.0-x").unwrap()), None);
    assert_eq!(v("SSH-"), None);
}

#[test]
fn who_talks_before_his_banner_is_no_client() {
    let said = read(&Profile::WATCHPOST, b"hello\r\nSSH-2.0-x\r\n", b"", || usize::MAX);
    assert_eq!(said.records, [] as [String; 0]);
    assert_eq!(said.anomalies.len(), 1);
}

#[test]
fn any_bytes_are_read_or_refused() {
    let (up, down) = opening();
    let mut seed = 11u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    for i in 0..3_000 {
        let (mut up, mut down) = (up.clone(), down.clone());
        if i % 3 == 0 {
            up[4] = b'1';
            up[6] = b'5';
            down[13] = b'1';
        }
        for _ in 0..next() % 6 {
            let at = next() % up.len();
            up[at] = next() as u8;
            let at = next() % down.len();
            down[at] = next() as u8;
        }
        let profile = [Profile::WATCHPOST, Profile::ZEEK, Profile::SURICATA][i % 3].clone();
        read(&profile, &up, &down, || next() % 100);
        crate::fuzz::fuzz_ssh_messages(&up[next() % up.len()..]);
    }
}
