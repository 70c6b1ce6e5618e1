//! Ethernet II, IEEE 802.3 with LLC and SNAP, Novell's raw 802.3, and the table of EtherTypes that
//! every other link layer ends in (IEEE 802.3, 802.2; RFC 1042).

use super::{mpls, ppp, raw_ip, tags};
use crate::decoder::Cx;
use crate::net::arp;
use crate::note::NoteKind;
use crate::{Frame, Net};

/// Who names an EtherType. Zeek forwards each of them to a list of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parent {
    Ethernet,
    Vlan,
    Vntag,
    /// SNAP, Linux cooked captures, 802.11: network protocols only.
    Plain,
    /// Geneve, GRE: what a tunnel names; Zeek never comes here for the rest.
    Tunnel,
}

pub(super) const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];

/// An Ethernet frame.
#[inline]
pub(crate) fn ethernet<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let Some((header, rest)) = data.split_first_chunk::<14>() else {
        cx.note(NoteKind::EthernetTruncated);
        return;
    };
    if rest.len() <= 2 && cx.stops(NoteKind::EthernetShort) {
        return;
    }
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
    f.dst_mac = Some([d0, d1, d2, d3, d4, d5]);
    f.src_mac = Some([s0, s1, s2, s3, s4, s5]);
    let kind = u16::from_be_bytes([t0, t1]);
    if kind == 0x0800 || kind == 0x86dd {
        return network(cx, f, kind, rest);
    }
    if kind == 0x8903 {
        return fabricpath(cx, f, data, rest);
    }
    if kind >= 1536 {
        return ethertype(cx, f, kind, rest, Parent::Ethernet);
    }
    if kind > 1500 {
        cx.note_with(NoteKind::EthertypeUndefined, u32::from(kind));
        return;
    }
    length(cx, f, kind, rest, NoteKind::EthernetTruncated);
}

/// Cisco FabricPath: 16 bytes before the Ethernet frame proper. Zeek takes the frame behind it in
/// the same step; Suricata's DCE header is an Ethernet header and two bytes, which is the same.
#[cold]
fn fabricpath<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8], rest: &'a [u8]) {
    let Some(inner) = rest.get(2..).filter(|i| i.len() >= 14) else {
        cx.note(NoteKind::FabricPathTruncated);
        return;
    };
    if cx.zeek() {
        // A second header behind the first is an unknown type there.
        cx.layers = cx.layers.saturating_sub(1);
        if data.len() <= 30 {
            cx.note(NoteKind::FabricPathTruncated);
            return;
        }
        if inner.get(12..14) == Some(&[0x89, 0x03]) {
            f.net = Net::Other(0x8903);
            return;
        }
    }
    ethernet(cx, f, inner);
}

/// A frame whose type field is a length: LLC, SNAP, or Novell's own.
#[cold]
pub(super) fn length<'a>(
    cx: &mut Cx<'_, '_>,
    f: &mut Frame<'a>,
    len: u16,
    rest: &'a [u8],
    truncated: NoteKind,
) {
    if cx.suricata() {
        // It knows no lengths here, only types.
        cx.note_with(NoteKind::EthertypeUnknown, u32::from(len));
        return;
    }
    let Some(&[a, b]) = rest.first_chunk::<2>() else {
        cx.note(truncated);
        return;
    };
    let data = rest.get(..usize::from(len)).unwrap_or(rest);
    if !cx.deeper() {
        return;
    }
    match (a, b) {
        (0xaa, 0xaa) => snap(cx, f, data),
        (0xff, 0xff) => {
            cx.note(NoteKind::NovellRaw);
            f.net = Net::Other(0x8137);
        }
        _ => llc(cx, f, data),
    }
}

fn llc<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    let Some((header, rest)) = llc_header(data) else {
        cx.note(NoteKind::LlcTruncated);
        return;
    };
    // The destination access point 6 is IP (RFC 1042 before SNAP).
    if header.first() == Some(&0x06) && !cx.zeek() {
        return raw_ip(cx, f, rest);
    }
    f.net = Net::Other(0);
}

fn snap<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if data.len() < 3 {
        cx.note(NoteKind::SnapLlcTruncated);
        return;
    }
    let parts = llc_header(data).and_then(|(_, rest)| rest.split_first_chunk::<5>());
    let Some((&[o0, o1, o2, t0, t1], rest)) = parts else {
        cx.note(NoteKind::SnapTruncated);
        return;
    };
    let kind = u16::from_be_bytes([t0, t1]);
    if [o0, o1, o2] == [0; 3] {
        ethertype(cx, f, kind, rest, Parent::Plain);
    } else {
        f.net = Net::Other(kind);
    }
}

/// Splits an LLC header off: three bytes, four where the frame is numbered.
pub(super) fn llc_header(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let control = *data.get(2)?;
    data.split_at_checked(if control & 3 == 3 { 3 } else { 4 })
}

/// What an EtherType names.
pub(crate) fn ethertype<'a>(
    cx: &mut Cx<'_, '_>,
    f: &mut Frame<'a>,
    kind: u16,
    data: &'a [u8],
    parent: Parent,
) {
    if cx.zeek() && !zeek_forwards(parent, kind) {
        f.net = Net::Other(kind);
        return;
    }
    match kind {
        0x0800 | 0x86dd => network(cx, f, kind, data),
        0x0806 | 0x8035 => {
            if cx.deeper() {
                arp::decode(cx, f, kind, data);
            }
        }
        0x8100 | 0x88a8 | 0x9100 => tags::vlan(cx, f, data),
        0x8847 | 0x8848 => mpls::mpls(cx, f, data),
        0x8864 => ppp::pppoe_session(cx, f, data),
        0x8863 => ppp::pppoe_discovery(cx, f, data),
        0x88e7 => tags::pbb(cx, f, data),
        0x8926 => tags::vntag(cx, f, data),
        0x893f => tags::etag(cx, f, data),
        0x894f => tags::nsh(cx, f, data),
        0x6558 => ethernet(cx, f, data),
        0x8903 if data.len() >= 2 => ethernet(cx, f, data.get(2..).unwrap_or_default()),
        _ => {
            cx.note_with(NoteKind::EthertypeUnknown, u32::from(kind));
            f.net = Net::Other(kind);
        }
    }
}

/// IPv4 or IPv6 by EtherType.
#[inline]
pub(crate) fn network<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, kind: u16, data: &'a [u8]) {
    if !cx.deeper() {
        return;
    }
    let version = data.first().map_or(0, |b| b >> 4);
    let said = if kind == 0x0800 { 4 } else { 6 };
    if version != said && wrong_version(cx, said, data) {
        return;
    }
    f.net = Net::Ip(data);
}

/// The packet is not of the version that its carrier says. Zeek goes by the packet alone.
#[cold]
pub(super) fn wrong_version(cx: &mut Cx<'_, '_>, said: u8, data: &[u8]) -> bool {
    // A packet that is too short for any header is told as that.
    if data.len() < if said == 4 { 20 } else { 40 } {
        return false;
    }
    cx.stops(if said == 4 { NoteKind::Ipv4WrongVersion } else { NoteKind::Ipv6WrongVersion })
}

/// The types that Zeek's analyzers pass on.
fn zeek_forwards(parent: Parent, kind: u16) -> bool {
    let plain = matches!(kind, 0x0800 | 0x86dd | 0x0806 | 0x8035);
    match parent {
        Parent::Ethernet => {
            plain || VLAN.contains(&kind) || matches!(kind, 0x8847 | 0x8864 | 0x88e7 | 0x8926)
        }
        Parent::Vlan => plain || matches!(kind, 0x8100 | 0x8847 | 0x8864 | 0x88e7 | 0x8926),
        Parent::Vntag => VLAN.contains(&kind),
        Parent::Plain => plain,
        Parent::Tunnel => matches!(kind, 0x0800 | 0x86dd | 0x0806 | 0x6558),
    }
}
