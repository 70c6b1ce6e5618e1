//! Frames in other dress: tags, tunnels, fragments, damage. Each takes an Ethernet frame and gives
//! one or more.

use std::net::IpAddr;

use crate::{Host, Tape};

const ETHERNET: usize = 14;

/// Tags of 802.1Q, the outermost first.
pub fn vlan(frame: &[u8], tags: &[(u16, u16)]) -> Vec<u8> {
    let (addresses, rest) = frame.split_at(12);
    let mut out = addresses.to_vec();
    for (ether_type, id) in tags {
        out.extend_from_slice(&ether_type.to_be_bytes());
        out.extend_from_slice(&id.to_be_bytes());
    }
    out.extend_from_slice(rest);
    out
}

/// Between the Ethernet header and the packet: an EtherType and a header of its own.
pub fn shim(frame: &[u8], ether_type: u16, header: &[u8]) -> Vec<u8> {
    let mut out = frame[..12].to_vec();
    out.extend_from_slice(&ether_type.to_be_bytes());
    out.extend_from_slice(header);
    out.extend_from_slice(&frame[ETHERNET..]);
    out
}

/// A PPPoE session around the packet.
pub fn pppoe(frame: &[u8], session: u16) -> Vec<u8> {
    let len = (frame.len() - ETHERNET + 2) as u16;
    let mut header = vec![0x11, 0];
    header.extend_from_slice(&session.to_be_bytes());
    header.extend_from_slice(&len.to_be_bytes());
    header.extend_from_slice(&if is_v6(frame) { [0, 0x57] } else { [0, 0x21] });
    shim(frame, 0x8864, &header)
}

fn is_v6(frame: &[u8]) -> bool {
    frame.get(ETHERNET).is_some_and(|b| b >> 4 == 6)
}

/// The packet inside of an IPv4 packet of that protocol, after a header.
pub fn in_ip(frame: &[u8], ends: (&Host, &Host), protocol: u8, header: &[u8]) -> Vec<u8> {
    let inner = &frame[ETHERNET..];
    ip_around(ends, protocol, &[header, inner].concat())
}

/// The frame or packet inside of a UDP datagram, after a header.
pub fn in_udp(inner: &[u8], from: (&Host, u16), to: (&Host, u16), header: &[u8]) -> Vec<u8> {
    let mut tape = Tape::default();
    tape.udp(0, from, to, &[header, inner].concat());
    tape.get(0).map(|(_, f)| f.to_vec()).unwrap_or_default()
}

/// The packet of a frame, without its Ethernet header.
pub fn packet(frame: &[u8]) -> &[u8] {
    &frame[ETHERNET..]
}

fn ip_around(ends: (&Host, &Host), protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 54);
    out.extend_from_slice(&ends.1.mac);
    out.extend_from_slice(&ends.0.mac);
    out.extend_from_slice(&[8, 0, 0x45, 0]);
    out.extend_from_slice(&((20 + payload.len()) as u16).to_be_bytes());
    out.extend_from_slice(&[0, 1, 0, 0, ends.0.ttl, protocol, 0, 0]);
    for host in [ends.0, ends.1] {
        match host.ip {
            IpAddr::V4(a) => out.extend_from_slice(&a.octets()),
            IpAddr::V6(_) => out.extend_from_slice(&[192, 0, 2, 1]),
        }
    }
    checksum_v4(&mut out);
    out.extend_from_slice(payload);
    out
}

/// Puts the right checksum into a frame's IPv4 header.
fn checksum_v4(frame: &mut [u8]) {
    frame[ETHERNET + 10..ETHERNET + 12].fill(0);
    let mut sum: u32 = frame[ETHERNET..ETHERNET + 20]
        .chunks(2)
        .map(|p| u32::from(p[0]) << 8 | u32::from(p[1]))
        .sum();
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    frame[ETHERNET + 10..ETHERNET + 12].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

/// An IPv4 frame in fragments of at most `size` payload bytes, a multiple of 8.
pub fn fragments(frame: &[u8], size: usize) -> Vec<Vec<u8>> {
    let payload = &frame[ETHERNET + 20..];
    let mut out = Vec::new();
    for (i, piece) in payload.chunks(size).enumerate() {
        let more = (i + 1) * size < payload.len();
        let mut part = frame[..ETHERNET + 20].to_vec();
        part[ETHERNET + 2..ETHERNET + 4]
            .copy_from_slice(&((20 + piece.len()) as u16).to_be_bytes());
        let offset = (i * size / 8) as u16 | if more { 0x2000 } else { 0 };
        part[ETHERNET + 6..ETHERNET + 8].copy_from_slice(&offset.to_be_bytes());
        checksum_v4(&mut part);
        part.extend_from_slice(piece);
        out.push(part);
    }
    out
}
