//! From layers to bytes: each is written around what is above it, from the top down.

use super::net::addresses;
use super::{Layer, ends};
use crate::checksum::{Sum, crc32c};
use std::net::IpAddr;

/// The whole frame.
pub(super) fn all(layers: &[Layer]) -> Vec<u8> {
    down(layers, Vec::new())
}

/// Writes the layers around `inner`.
fn down(layers: &[Layer], mut inner: Vec<u8>) -> Vec<u8> {
    let mut above = None;
    for at in (0..layers.len()).rev() {
        let Some(layer) = layers.get(at) else { break };
        let below = layers.get(..at).unwrap_or_default();
        inner = one(layer, above, below, &inner);
        above = Some(layer);
    }
    inner
}

/// The first IP packet in pieces.
pub(super) fn fragments(layers: &[Layer], size: usize) -> Vec<Vec<u8>> {
    let is_ip = |l: &Layer| matches!(l, Layer::Ipv4(_) | Layer::Ipv6(_));
    let Some(ip) = layers.iter().position(is_ip) else { return vec![all(layers)] };
    // Extension headers belong to the part that is fragmented.
    let rest = layers.get(ip.saturating_add(1)..).unwrap_or_default();
    let below = layers.get(..=ip).unwrap_or_default();
    let mut body = Vec::new();
    let mut above = None;
    for (at, layer) in rest.iter().enumerate().rev() {
        let mut under = below.to_vec();
        under.extend(rest.get(..at).unwrap_or_default().iter().cloned());
        body = one(layer, above, &under, &body);
        above = Some(layer);
    }
    let size = (size & !7).max(8);
    let count = body.len().div_ceil(size);
    let mut frames = Vec::new();
    for (n, piece) in body.chunks(size).enumerate() {
        let offset = n.saturating_mul(size) as u16;
        let more = n.saturating_add(1) < count;
        let mut stack = below.to_vec();
        let mut bytes = piece.to_vec();
        match stack.last_mut() {
            Some(Layer::Ipv4(v4)) => {
                v4.offset = offset;
                v4.more = more;
                v4.proto = Some(v4.proto.unwrap_or_else(|| protocol(above, true)));
            }
            Some(Layer::Ipv6(v6)) => {
                let next = v6.next.replace(44).unwrap_or_else(|| protocol(above, false));
                let mut header = vec![next, 0];
                header.extend((offset | u16::from(more)).to_be_bytes());
                header.extend(v6.id.to_be_bytes());
                header.append(&mut bytes);
                bytes = header;
            }
            _ => {}
        }
        frames.push(down(&stack, bytes));
    }
    frames
}

fn ethertype(above: Option<&Layer>) -> u16 {
    match above {
        Some(Layer::Vlan(v)) => v.ethertype,
        Some(Layer::Mpls(_)) => 0x8847,
        Some(Layer::Pppoe(_)) => 0x8864,
        Some(Layer::Arp(_)) => 0x0806,
        Some(Layer::Ipv6(_)) => 0x86dd,
        Some(Layer::Ethernet(_)) => 0x6558,
        Some(Layer::Erspan(_)) => 0x88be,
        _ => 0x0800,
    }
}

fn protocol(above: Option<&Layer>, v4: bool) -> u8 {
    match above {
        Some(Layer::Tcp(_)) => 6,
        Some(Layer::Udp(_)) => 17,
        Some(Layer::Icmp(_)) => {
            if v4 {
                1
            } else {
                58
            }
        }
        Some(Layer::Sctp(_)) => 132,
        Some(Layer::Gre(_) | Layer::Erspan(_)) => 47,
        Some(Layer::Ipv4(_)) => 4,
        Some(Layer::Ipv6(_)) => 41,
        Some(Layer::Extension(e)) => e.kind,
        // Nothing, or bytes that nobody named: an experiment (RFC 3692).
        _ => {
            if v4 {
                253
            } else {
                59
            }
        }
    }
}

/// A number in the last two bytes of a length.
fn be(n: usize) -> [u8; 2] {
    (n.min(0xffff) as u16).to_be_bytes()
}

/// One layer around what is above it.
fn one(layer: &Layer, above: Option<&Layer>, below: &[Layer], inner: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(inner.len().saturating_add(64));
    match layer {
        Layer::Ethernet(e) => {
            out.extend(e.dst);
            out.extend(e.src);
            let kind = match (e.ethertype, above) {
                (Some(kind), _) => kind,
                // The length of 802.3.
                (None, Some(Layer::Snap(_))) => inner.len() as u16,
                (None, above) => ethertype(above),
            };
            out.extend(kind.to_be_bytes());
            out.extend(inner);
            if e.pad {
                out.resize(out.len().max(60), 0);
            }
            return out;
        }
        Layer::Vlan(v) => {
            out.extend(v.id.to_be_bytes());
            out.extend(ethertype(above).to_be_bytes());
        }
        Layer::Mpls(m) => {
            let bottom = u32::from(!matches!(above, Some(Layer::Mpls(_))));
            out.extend((m.label << 12 | bottom << 8 | 64).to_be_bytes());
        }
        Layer::Pppoe(p) => {
            out.extend([0x11, 0]);
            out.extend(p.session.to_be_bytes());
            out.extend(p.len.map_or(be(inner.len().saturating_add(2)), u16::to_be_bytes));
            let v6 = matches!(above, Some(Layer::Ipv6(_)));
            out.extend(if v6 { [0, 0x57] } else { [0, 0x21] });
        }
        Layer::Snap(_) => {
            out.extend([0xaa, 0xaa, 3, 0, 0, 0]);
            out.extend(ethertype(above).to_be_bytes());
        }
        Layer::Arp(a) => {
            out.extend([0, 1, 8, 0, 6, 4]);
            out.extend(a.op.to_be_bytes());
            for (mac, ip) in [a.sender, a.target] {
                out.extend(mac);
                out.extend(ip);
            }
        }
        Layer::Raw(r) => out.extend(&r.bytes),
        Layer::Payload(p) => out.extend(&p.0),
        Layer::Ipv4(ip) => ipv4(ip, above, inner.len(), &mut out),
        Layer::Ipv6(ip) => {
            let first = 6u32 << 28 | u32::from(ip.class) << 20 | ip.flow & 0xf_ffff;
            out.extend(first.to_be_bytes());
            out.extend(ip.payload_len.map_or(be(inner.len()), u16::to_be_bytes));
            out.extend([ip.next.unwrap_or_else(|| protocol(above, false)), ip.hops]);
            out.extend(ends::v6(ip.src));
            out.extend(ends::v6(ip.dst));
        }
        Layer::Extension(e) => extension(e, above, &mut out),
        Layer::Tcp(_) | Layer::Udp(_) | Layer::Icmp(_) | Layer::Sctp(_) => {
            return transport(layer, below, inner);
        }
        Layer::Gre(g) => return gre(g, above, inner),
        Layer::Erspan(e) => {
            out.extend((1u16 << 12 | e.vlan & 0xfff).to_be_bytes());
            out.extend((e.session & 0x3ff).to_be_bytes());
            out.extend([0; 4]);
        }
        Layer::Vxlan(v) => {
            out.extend([8, 0, 0, 0]);
            out.extend((v.network << 8).to_be_bytes());
        }
        Layer::Geneve(g) => {
            out.extend([0, 0]);
            out.extend(ethertype(above).to_be_bytes());
            out.extend((g.network << 8).to_be_bytes());
        }
        Layer::Gtp(g) => {
            let extra = if g.sequence.is_some() { 4usize } else { 0 };
            out.extend([0x30 | if extra > 0 { 2 } else { 0 }, 255]);
            out.extend(be(inner.len().saturating_add(extra)));
            out.extend(g.tunnel.to_be_bytes());
            if let Some(n) = g.sequence {
                out.extend(n.to_be_bytes());
                out.extend([0, 0]);
            }
        }
    }
    out.extend(inner);
    out
}

fn ipv4(ip: &super::Ipv4, above: Option<&Layer>, inner: usize, out: &mut Vec<u8>) {
    let mut options = ip.options.clone();
    options.resize(options.len().next_multiple_of(4), 0);
    let header = options.len().saturating_add(20);
    let words = ip.header_words.unwrap_or((header / 4) as u8);
    out.extend([ip.version << 4 | words & 0xf, ip.tos]);
    out.extend(ip.total_len.map_or(be(header.saturating_add(inner)), u16::to_be_bytes));
    out.extend(ip.id.to_be_bytes());
    let flags = u16::from(ip.dont_fragment) << 14 | u16::from(ip.more) << 13;
    out.extend((flags | ip.offset >> 3).to_be_bytes());
    out.extend([ip.ttl, ip.proto.unwrap_or_else(|| protocol(above, true)), 0, 0]);
    out.extend(ends::v4(ip.src));
    out.extend(ends::v4(ip.dst));
    out.extend(options);
    let sum = Sum::default().add(out).checksum();
    patch(out, 10, sum, ip.bad_checksum);
}

fn extension(e: &super::Extension, above: Option<&Layer>, out: &mut Vec<u8>) {
    out.push(protocol(above, false));
    match e.kind {
        // A fragment header has a fixed size; an authentication header counts words.
        44 => {
            out.push(0);
            out.extend(&e.body);
            out.resize(8, 0);
        }
        51 => {
            let len = e.body.len().saturating_add(2).next_multiple_of(4).max(12);
            out.push((len / 4).saturating_sub(2) as u8);
            out.extend(&e.body);
            out.resize(len, 0);
        }
        _ => {
            let len = e.body.len().saturating_add(2).next_multiple_of(8);
            out.push((len / 8).saturating_sub(1) as u8);
            out.extend(&e.body);
            out.resize(len, 0);
        }
    }
}

/// Stores a checksum, or one that is off by one bit.
fn patch(out: &mut [u8], at: usize, sum: u16, bad: bool) {
    let sum = if bad { sum ^ 0x0100 } else { sum };
    if let Some(field) = out.get_mut(at..at.saturating_add(2)) {
        field.copy_from_slice(&sum.to_be_bytes());
    }
}

fn transport(layer: &Layer, below: &[Layer], inner: &[u8]) -> Vec<u8> {
    let nobody = IpAddr::from([0, 0, 0, 0]);
    let (src, dst) = below.iter().rev().find_map(addresses).unwrap_or((nobody, nobody));
    let mut out = Vec::with_capacity(inner.len().saturating_add(64));
    match layer {
        Layer::Tcp(t) => {
            let mut options = t.options.clone();
            options.resize(options.len().next_multiple_of(4), 0);
            let words = (options.len().saturating_add(20) / 4) as u8;
            out.extend(t.src_port.to_be_bytes());
            out.extend(t.dst_port.to_be_bytes());
            out.extend(t.seq.to_be_bytes());
            out.extend(t.ack.to_be_bytes());
            out.extend([t.header_words.unwrap_or(words) << 4, t.flags]);
            out.extend(t.window.to_be_bytes());
            out.extend([0, 0]);
            out.extend(t.urgent.to_be_bytes());
            out.extend(options);
            out.extend(inner);
            let sum = Sum::pseudo(src, dst, 6, out.len() as u32).add(&out).checksum();
            patch(&mut out, 16, sum, t.bad_checksum);
        }
        Layer::Udp(u) => {
            out.extend(u.src_port.to_be_bytes());
            out.extend(u.dst_port.to_be_bytes());
            out.extend(u.len.map_or(be(inner.len().saturating_add(8)), u16::to_be_bytes));
            out.extend([0, 0]);
            out.extend(inner);
            if !u.no_checksum {
                let sum = Sum::pseudo(src, dst, 17, out.len() as u32).add(&out).checksum();
                // 0 says that there is none, so its twin is sent.
                patch(&mut out, 6, if sum == 0 { 0xffff } else { sum }, u.bad_checksum);
            }
        }
        Layer::Icmp(i) => {
            out.extend([i.kind, i.code, 0, 0]);
            out.extend(i.rest);
            out.extend(inner);
            let pseudo = match src {
                IpAddr::V4(_) => Sum::default(),
                IpAddr::V6(_) => Sum::pseudo(src, dst, 58, out.len() as u32),
            };
            let sum = pseudo.add(&out).checksum();
            patch(&mut out, 2, sum, i.bad_checksum);
        }
        Layer::Sctp(s) => {
            out.extend(s.src_port.to_be_bytes());
            out.extend(s.dst_port.to_be_bytes());
            out.extend(s.tag.to_be_bytes());
            out.extend([0; 4]);
            out.extend(inner);
            let sum = crc32c(&out, 8).to_le_bytes();
            if let Some(field) = out.get_mut(8..12) {
                field.copy_from_slice(&sum);
            }
        }
        _ => {}
    }
    out
}

fn gre(g: &super::Gre, above: Option<&Layer>, inner: &[u8]) -> Vec<u8> {
    let bit = |set: bool, bit: u16| if set { bit } else { 0 };
    let flags = bit(g.checksum, 0x8000) | bit(g.key.is_some(), 0x2000);
    let flags = flags | bit(g.sequence.is_some(), 0x1000);
    let mut out = flags.to_be_bytes().to_vec();
    out.extend(g.proto.unwrap_or_else(|| ethertype(above)).to_be_bytes());
    if g.checksum {
        out.extend([0; 4]);
    }
    for word in [g.key, g.sequence].into_iter().flatten() {
        out.extend(word.to_be_bytes());
    }
    out.extend(inner);
    if g.checksum {
        let sum = Sum::default().add(&out).checksum();
        patch(&mut out, 4, sum, false);
    }
    out
}
