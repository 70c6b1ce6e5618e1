//! Teredo (RFC 4380): IPv6 over UDP, behind an optional authentication and an optional origin.

use super::{enter, wrap};
use crate::decoder::Cx;
use crate::link::raw_ip;
use crate::note::NoteKind;
use crate::{Inner, Packet, Tunnel};

/// The prefix of Teredo addresses.
const PREFIX: [u8; 4] = [0x20, 0x01, 0, 0];

/// A Teredo datagram.
pub(super) fn decode<'a>(cx: &mut Cx<'_, '_>, p: &Packet<'a>, data: &'a [u8]) -> Option<Inner<'a>> {
    if !enter(cx, 2, NoteKind::TunnelTooDeep) {
        return None;
    }
    let Some(packet) = packet_in(data) else {
        cx.note(NoteKind::TeredoInvalid);
        return None;
    };
    let total = super::ip::total(packet);
    if total > packet.len() {
        cx.note(NoteKind::TeredoInvalid);
        return None;
    }
    if total < packet.len() {
        // A bubble may have something behind it, other packets not.
        if !bubble(packet) {
            cx.note(NoteKind::TeredoInvalid);
            return None;
        }
        cx.note(NoteKind::TeredoBubbleWithPayload);
    }
    wrap(cx, Tunnel::Teredo, packet, p.cut_len, raw_ip)
}

/// Whether an IPv6 packet is nothing but its header.
fn bubble(packet: &[u8]) -> bool {
    matches!(packet, [_, _, _, _, 0, 0, 59, ..])
}

/// Steps over authentication, then origin; yields what should be IPv6.
fn packet_in(mut data: &[u8]) -> Option<&[u8]> {
    if let &[0, 1, id, auth, ..] = data {
        let len = usize::from(id).saturating_add(usize::from(auth)).saturating_add(13);
        data = data.get(len..)?;
    }
    if let &[0, 0, ..] = data {
        data = data.get(8..)?;
    }
    (data.len() >= 40 && data.first().is_some_and(|b| b >> 4 == 6)).then_some(data)
}

/// Whether a datagram on any port looks like Teredo.
pub(super) fn detect(cx: &Cx<'_, '_>, data: &[u8]) -> bool {
    let Some(&[first, second, ..]) = data.first_chunk::<40>() else { return false };
    let six = first >> 4 == 6;
    if !(six || first == 0 && second <= 1) {
        return false;
    }
    let prefixed = data.get(8..12) == Some(&PREFIX) || data.get(24..28) == Some(&PREFIX);
    if six && prefixed {
        return cx.zeek() || super::ip::total(data) == data.len();
    }
    if !cx.zeek() {
        // Headers before the packet are too little to go by without its addresses.
        return !six
            && packet_in(data).is_some_and(|p| {
                super::ip::total(p) == p.len()
                    && (p.get(8..12) == Some(&PREFIX) || p.get(24..28) == Some(&PREFIX))
            });
    }
    // Zeek goes by the second byte, whatever the first is.
    let mut rest = data;
    let mut tag = u16::from(second);
    if second == 1 {
        let &[_, _, id, auth, ..] = data else { return false };
        let len = usize::from(id).saturating_add(usize::from(auth)).saturating_add(13);
        let Some(tail) = data.get(len..).filter(|t| t.len() >= 40) else { return false };
        tag = tail.first_chunk().map_or(1, |t| u16::from_be_bytes(*t));
        rest = tail;
    }
    tag == 0
        && rest.get(8..).is_some_and(|p| p.len() >= 40 && p.first().is_some_and(|b| b >> 4 == 6))
}

/// Whether Suricata takes a datagram for Teredo: it steps over an origin only, and wants a packet
/// that fills the datagram and could be alive.
pub(super) fn for_suricata(data: &[u8]) -> bool {
    let packet = match *data {
        [0, 0, ..] => data.get(8..).unwrap_or_default(),
        [0, ..] => return false,
        _ => data,
    };
    let Some(&[version, _, _, _, l0, l1, next, hops, ..]) = packet.first_chunk::<40>() else {
        return false;
    };
    let plen = usize::from(u16::from_be_bytes([l0, l1]));
    version >> 4 == 6
        && hops != 0
        && !(next == 0 && plen < 8)
        && packet.len() == plen.saturating_add(40)
}
