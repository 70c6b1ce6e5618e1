//! The packet that an ICMP error quotes.

use crate::Quoted;
use crate::decoder::Cx;
use crate::note::NoteKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 packet, cut anywhere behind its header.
pub(super) fn v4(cx: &mut Cx<'_, '_>, data: &[u8]) -> Option<Quoted> {
    let Some(header) = data.first_chunk::<20>() else {
        cx.note(NoteKind::IcmpQuoteTruncated);
        return None;
    };
    let &[vhl, _, _, _, _, _, f0, f1, _, proto, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = header;
    if vhl >> 4 != 4 {
        cx.note(NoteKind::IcmpQuoteVersion);
        return None;
    }
    // Only the first fragment shows ports.
    let first = u16::from_be_bytes([f0, f1]) & 0x1fff == 0;
    let at = usize::from(vhl & 0xf) << 2;
    let (src_port, dst_port) = ports(proto, first, data.get(at.max(20)..));
    Some(Quoted {
        src: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        dst: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
        proto,
        src_port,
        dst_port,
    })
}

/// An IPv6 packet, cut anywhere behind its header.
pub(super) fn v6(cx: &mut Cx<'_, '_>, data: &[u8]) -> Option<Quoted> {
    let Some((head, mut rest)) = data.split_first_chunk::<40>() else {
        cx.note(NoteKind::Icmpv6QuoteTruncated);
        return None;
    };
    let [version, _, _, _, _, _, mut proto, _, addrs @ ..] = *head;
    if version >> 4 != 6 {
        cx.note(NoteKind::Icmpv6QuoteVersion);
        return None;
    }
    let mut first = true;
    // A few extension headers may be quoted too.
    for _ in 0..8 {
        let len = match (proto, rest) {
            (44, &[_, _, o0, o1, ..]) => {
                first = u16::from_be_bytes([o0, o1]) & 0xfff8 == 0;
                8
            }
            (0 | 43 | 60, &[_, n, ..]) => usize::from(n).saturating_add(1).saturating_mul(8),
            (51, &[_, n, ..]) => usize::from(n).saturating_add(2).saturating_mul(4),
            _ => break,
        };
        let Some((header, tail)) = rest.split_at_checked(len) else { break };
        proto = header.first().copied().unwrap_or(59);
        rest = tail;
    }
    let (src, dst) = addrs.split_at(16);
    let addr =
        |a: &[u8]| IpAddr::V6(Ipv6Addr::from_octets(a.first_chunk().copied().unwrap_or_default()));
    let (src_port, dst_port) = ports(proto, first, Some(rest));
    Some(Quoted { src: addr(src), dst: addr(dst), proto, src_port, dst_port })
}

/// Ports of TCP, UDP and SCTP; type and code of ICMP.
fn ports(proto: u8, first: bool, data: Option<&[u8]>) -> (u16, u16) {
    match (proto, data.and_then(|d| d.first_chunk::<4>())) {
        (6 | 17 | 132, Some(&[s0, s1, d0, d1])) if first => {
            (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]))
        }
        (1 | 58, Some(&[kind, code, _, _])) if first => (u16::from(kind), u16::from(code)),
        _ => (0, 0),
    }
}
