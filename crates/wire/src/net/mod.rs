//! The network layer: IPv4 and IPv6 headers, fragments, ARP.

pub(crate) mod arp;
mod ipv4;
mod ipv6;

use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, Packet, Transport};
use std::net::IpAddr;

/// An IP packet of either version, and the frame it came in.
#[inline]
pub(crate) fn ip<'a>(cx: &mut Cx<'_, '_>, data: &'a [u8], frame: &Frame<'_>) -> Option<Packet<'a>> {
    match data.first().map(|b| b >> 4) {
        Some(4) => ipv4::decode(cx, data, frame),
        Some(6) => ipv6::decode(cx, data, frame),
        _ => {
            broken(cx, data);
            None
        }
    }
}

#[cold]
fn broken(cx: &mut Cx<'_, '_>, data: &[u8]) {
    if data.len() < 20 {
        cx.note(NoteKind::Ipv4Truncated);
    } else {
        cx.note_with(NoteKind::UnknownIpVersion, data.first().map_or(0, |b| u32::from(b >> 4)));
    }
}

/// A packet whose parts are yet to be filled in.
#[inline]
fn blank<'a>(cx: &Cx<'_, '_>, src: IpAddr, dst: IpAddr, frame: &Frame<'_>) -> Packet<'a> {
    Packet {
        src,
        dst,
        proto: 0,
        ttl: 0,
        tos: 0,
        ip_len: 0,
        header_len: 0,
        fragment: None,
        header: &[],
        body: &[],
        body_len: 0,
        transport: Transport::None,
        bad_checksum: false,
        ports: (0, 0),
        tracked: true,
        sound: true,
        depth: cx.depth,
        layers: cx.layers,
        tunnel: frame.tunnel,
        cut_len: frame.cut_len,
    }
}
