//! What a tunnel packet carries.
//!
//! A tunnel is told by its protocol number (IP in IP, GRE, L2TP), by a UDP port, or by its contents
//! (Teredo, AYIYA). Notes of kinds ending in `Invalid` mean that the datagram is none of that
//! tunnel after all: who keeps state may stop asking for that flow.

mod gre;
mod gtp;
mod ip;
mod l2tp;
mod small;
mod teredo;

use crate::decoder::{Cx, PortBits, finish};
use crate::note::NoteKind;
use crate::transport::{GRE, IP_IN_IP, IPV6, L2TP};
use crate::{Frame, Inner, Packet, Ports, Transport, Tunnel, Udp};

/// A quick no for nearly every packet.
#[inline]
pub(crate) fn possible(p: &Packet<'_>, tunnels: &PortBits) -> bool {
    match p.transport {
        Transport::Tcp(_) | Transport::Icmp(_) | Transport::Sctp(_) => false,
        Transport::Udp(ref u) => {
            tunnels.may_have(u.src_port)
                || tunnels.may_have(u.dst_port)
                // What Teredo and AYIYA begin with.
                || matches!(u.payload, [0x60..=0x6f, ..] | [0, 0 | 1, ..] | [_, 0x52, 0x11, ..])
        }
        // With a flow of its own or not: what an IP header wraps.
        Transport::Other => matches!(p.proto, IP_IN_IP | IPV6 | GRE | L2TP),
        Transport::None => false,
    }
}

/// What the packet carries.
pub(crate) fn inner<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    service: Option<u16>,
) -> Option<Inner<'a>> {
    match (p.proto, &p.transport) {
        (_, Transport::Udp(u)) => udp(cx, p, u, service),
        (IP_IN_IP | IPV6, _) => ip::decode(cx, p),
        (GRE, _) => gre::decode(cx, p, p.body),
        (L2TP, _) if !cx.zeek() && !cx.suricata() => l2tp::over_ip(cx, p),
        _ => None,
    }
}

/// Tunnels over UDP.
fn udp<'a>(
    cx: &mut Cx<'_, '_>,
    p: &Packet<'a>,
    u: &Udp<'a>,
    service: Option<u16>,
) -> Option<Inner<'a>> {
    let ports = &cx.options.ports;
    let (src, dst) = (u.src_port, u.dst_port);
    let on = |set: Ports| match service {
        Some(port) => set.has(port),
        None => set.has(dst) || set.has(src),
    };
    if cx.suricata() {
        return if on(ports.teredo) && teredo::for_suricata(u.payload) {
            teredo::decode(cx, p, u.payload)
        } else if on(ports.geneve) && small::geneve_for_suricata(u.payload) {
            small::geneve(cx, p, u.payload)
        } else if ports.vxlan.has(dst) && small::vxlan_for_suricata(u.payload) {
            small::vxlan(cx, p, u.payload)
        } else {
            None
        };
    }
    if on(ports.vxlan) {
        return small::vxlan(cx, p, u.payload);
    }
    if on(ports.geneve) {
        return small::geneve(cx, p, u.payload);
    }
    if on(ports.gtp) {
        return gtp::decode(cx, p, u.payload);
    }
    if on(ports.teredo) {
        return teredo::decode(cx, p, u.payload);
    }
    if on(ports.ayiya) {
        return small::ayiya(cx, p, u.payload);
    }
    if on(ports.gre) {
        return gre::decode(cx, p, u.payload);
    }
    if on(ports.l2tp) && !cx.zeek() {
        return l2tp::over_udp(cx, p, u.payload);
    }
    if small::looks_like_ayiya(u.payload) {
        return small::ayiya(cx, p, u.payload);
    }
    if teredo::detect(cx, u.payload) {
        return teredo::decode(cx, p, u.payload);
    }
    None
}

/// Counts a tunnel and its `layers` (its own header, and UDP or GRE before it); `false` where that
/// is one too many.
fn enter(cx: &mut Cx<'_, '_>, layers: u8, too_deep: NoteKind) -> bool {
    if cx.depth >= cx.options.max_tunnel_depth {
        cx.note(too_deep);
        return false;
    }
    cx.layers = cx.layers.saturating_add(layers);
    if cx.layers > cx.options.max_layers {
        cx.note(NoteKind::TooManyTunnelLayers);
        return false;
    }
    true
}

/// Builds what is inside: `decode` fills the frame from `bytes` with one tunnel more around it.
/// `cut` is how much of the bytes' end was on the wire but not captured.
#[allow(clippy::unnecessary_wraps)] // the last step of functions that yield nothing elsewhere
fn wrap<'a>(
    cx: &mut Cx<'_, '_>,
    tunnel: Tunnel,
    bytes: &'a [u8],
    cut: u32,
    decode: impl FnOnce(&mut Cx<'_, '_>, &mut Frame<'a>, &'a [u8]),
) -> Option<Inner<'a>> {
    cx.depth = cx.depth.saturating_add(1);
    let mut frame = Frame { tunnel: Some(tunnel), ..Frame::default() };
    decode(cx, &mut frame, bytes);
    finish(cx, &mut frame, bytes, (bytes.len() as u32).saturating_add(cut));
    Some(Inner { tunnel, frame })
}
