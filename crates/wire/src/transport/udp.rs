//! UDP (RFC 768).

use super::{too_short, wrong_checksum};
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Packet, Transport, Udp};

/// A UDP datagram.
#[inline]
pub(super) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let Some((&[s0, s1, d0, d1, l0, l1, c0, c1], rest)) = p.body.split_first_chunk::<8>() else {
        return too_short(cx, p, 8, NoteKind::UdpTruncated, NoteKind::UdpMissing);
    };
    let (src_port, dst_port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    p.ports = (src_port, dst_port);
    let said = u32::from(u16::from_be_bytes([l0, l1]));
    // Where the packet says that nothing follows, Zeek takes what is there.
    let carried = if p.body_len == 0 { p.body.len() as u32 } else { p.body_len };
    let mut payload = rest;
    let mut payload_len = said.wrapping_sub(8);
    if said != carried {
        let Some(len) = lengths(cx, p, said, carried) else { return };
        payload_len = len;
        if !cx.zeek() {
            payload = rest.get(..len as usize).unwrap_or(rest);
        }
    }
    if (c0 != 0 || c1 != 0 || p.src.is_ipv6()) && wrong_checksum(cx, p) {
        checksum(cx, p, c0 == 0 && c1 == 0, said != carried);
    }
    p.transport = Transport::Udp(Udp { src_port, dst_port, payload, payload_len });
}

/// The datagram's length is not the packet's. Yields the payload length to go on with.
#[cold]
fn lengths(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, said: u32, carried: u32) -> Option<u32> {
    // A length of 0 belongs to a jumbogram (RFC 2675): the packet's own counts.
    if said == 0 && carried > 0xffff {
        return Some(carried.saturating_sub(8));
    }
    cx.note_pair(NoteKind::UdpLengthMismatch, said, carried);
    let wrong = if said > carried {
        NoteKind::UdpLengthBeyondPacket
    } else if said < 8 {
        NoteKind::UdpLengthBelowHeader
    } else {
        return Some(said.saturating_sub(8));
    };
    if cx.stops(wrong) {
        p.tracked = false;
        return None;
    }
    if cx.zeek() {
        return Some(said.saturating_sub(8));
    }
    Some(carried.saturating_sub(8))
}

/// A wrong checksum, unless the rules for tunnels (RFC 6935) or for odd lengths excuse it.
#[cold]
fn checksum(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>, zero: bool, odd: bool) {
    let ports = &cx.options.ports;
    let tunnels = [ports.vxlan, ports.geneve, ports.gtp, ports.gre];
    if zero && tunnels.iter().any(|t| t.has(p.ports.1)) {
        return;
    }
    // It is over the datagram, which here is not all of the body.
    if odd && !cx.zeek() {
        return;
    }
    p.bad_checksum = true;
    cx.note(NoteKind::UdpChecksum);
}
