//! Transport headers: TCP, UDP, ICMP, ICMPv6, SCTP, and a look at IGMP and ESP.

mod icmp;
mod icmpv6;
mod igmp;
mod quoted;
mod sctp;
mod tcp;
mod udp;

use crate::checksum::Sum;
use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Packet, Transport};

pub(crate) const ICMP: u8 = 1;
pub(crate) const IGMP: u8 = 2;
pub(crate) const IP_IN_IP: u8 = 4;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const IPV6: u8 = 41;
pub(crate) const GRE: u8 = 47;
pub(crate) const ESP: u8 = 50;
pub(crate) const AUTHENTICATION: u8 = 51;
pub(crate) const ICMPV6: u8 = 58;
pub(crate) const L2TP: u8 = 115;
pub(crate) const SCTP: u8 = 132;

/// Decodes the transport header at the start of the packet's body.
#[inline]
pub(crate) fn decode(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    match p.proto {
        TCP => tcp::decode(cx, p),
        UDP => udp::decode(cx, p),
        _ => rare(cx, p),
    }
    p.layers = cx.layers;
}

#[inline(never)]
fn rare(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    p.transport = Transport::Other;
    let v4 = p.src.is_ipv4();
    match p.proto {
        ICMP if v4 || !cx.suricata() => icmp::decode(cx, p),
        ICMPV6 if !v4 || !cx.suricata() => icmpv6::decode(cx, p),
        SCTP if !cx.zeek() => sctp::decode(cx, p),
        IGMP => igmp::decode(cx, p),
        ESP if p.body.len() < 8 && cx.stops(NoteKind::EspTruncated) => p.tracked = false,
        AUTHENTICATION if v4 && !cx.suricata() && !cx.zeek() => authenticated(cx, p),
        _ => {}
    }
    match p.proto {
        ICMP if !v4 => {
            cx.note(NoteKind::Ipv6CarriesIcmpv4);
            p.tracked &= !cx.suricata();
        }
        ICMPV6 if v4 && cx.stops(NoteKind::Ipv4CarriesIcmpv6) => p.tracked = false,
        // The wrap of a tunnel has a flow with us; with Suricata GRE has none, with Zeek no wrap.
        GRE => p.tracked &= !cx.zeek() && !cx.suricata(),
        IP_IN_IP | IPV6 => {
            p.tracked &= !cx.zeek();
            if !v4 {
                wrapped_in_ipv6(cx, p);
            }
        }
        // Decoded, but Suricata keeps no flow of it.
        IGMP => p.tracked &= !cx.suricata(),
        ICMP | ICMPV6 | TCP | UDP | SCTP | ESP => {}
        other => {
            let kind =
                if v4 { NoteKind::Ipv4ProtocolUnknown } else { NoteKind::Ipv6NextHeaderUnknown };
            cx.note_with(kind, u32::from(other));
            p.tracked &= !cx.suricata();
        }
    }
}

/// An authentication header in IPv4 (RFC 4302): the packet it protects is behind it.
fn authenticated(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let Some(&[next, words]) = p.body.first_chunk::<2>() else { return };
    let len = usize::from(words).saturating_add(2).saturating_mul(4);
    let Some(rest) = p.body.get(len..) else { return };
    if next == AUTHENTICATION {
        return;
    }
    p.body = rest;
    p.body_len = p.body_len.saturating_sub(len as u32);
    p.proto = next;
    decode(cx, p);
}

/// What IPv6 carries as IP is looked at before it is unwrapped.
fn wrapped_in_ipv6(cx: &mut Cx<'_, '_>, p: &mut Packet<'_>) {
    let version = p.body.first().map_or(0, |b| b >> 4);
    let wrong = match (p.proto, p.body.len(), version) {
        (IP_IN_IP, ..20, _) => NoteKind::Ipv4InIpv6Truncated,
        (IP_IN_IP, _, 4) | (IPV6, 40.., 6) => return,
        (IP_IN_IP, ..) => NoteKind::Ipv4InIpv6Version,
        (_, ..40, _) => NoteKind::Ipv6InIpv6Truncated,
        _ => NoteKind::Ipv6InIpv6Version,
    };
    if cx.stops(wrong) {
        p.tracked = false;
    }
}

/// A body that is too short for a transport header of `least` bytes: whether the packet says so
/// itself (`truncated`, or `missing` where it says that there is nothing), or the capture cut it.
#[cold]
fn too_short(
    cx: &mut Cx<'_, '_>,
    p: &mut Packet<'_>,
    least: u32,
    truncated: NoteKind,
    missing: NoteKind,
) {
    p.tracked = false;
    p.transport = Transport::None;
    cx.note(match p.body_len {
        0 => missing,
        n if n < least => truncated,
        _ => NoteKind::TransportCutByCapture,
    });
}

/// Whether the checksum over the body and its pseudo header is to be looked at and wrong. What was
/// not captured whole is not looked at.
#[inline]
fn wrong_checksum(cx: &Cx<'_, '_>, p: &Packet<'_>) -> bool {
    cx.verify()
        && p.body.len() as u64 >= u64::from(p.body_len)
        && !Sum::pseudo(p.src, p.dst, p.proto, p.body.len() as u32).add(p.body).is_right()
}
