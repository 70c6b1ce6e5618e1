//! Packets for tests and for generated captures, layer by layer, with the right lengths, numbers
//! and checksums unless one is broken on purpose.
//!
//! ```
//! use watchpost_wire::build::ethernet;
//!
//! let syn = ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 80).syn().seq(1000).mss(1460).bytes();
//! let query = ethernet().vlan(7).ipv6("2001:db8::1", "2001:db8::2").udp(5353, 53).payload("...").bytes();
//! let inner = ethernet().ipv4("10.9.0.1", "10.9.0.2").icmp(8, 0).id(1).payload("ping");
//! let tunnel = ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(50000, 4789).vxlan(42).carry(&inner).bytes();
//! let pieces = ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload([0; 3000]).fragments(1480);
//! let mangled = ethernet().ipv4("10.0.0.1", "10.0.0.2").total_len(9).tcp(1, 2).bad_checksum().bytes();
//! # assert_eq!(pieces.len(), 3);
//! # let _ = (syn, query, tunnel, mangled);
//! ```
//!
//! Methods that begin a layer can follow any layer; those that set a field follow the layer that has
//! it. What a layer says of the one above (EtherType, protocol number, lengths) is filled in.
//! For whole TCP conversations see [`Talk`].

mod emit;
mod ends;
mod link;
mod net;
mod talk;
mod transport;
mod tunnel;

pub use ends::{Addr, Mac};
pub use link::{Arp, Ethernet, Mpls, Pppoe, Raw, Snap, Vlan};
pub use net::{Extension, Ipv4, Ipv6};
pub use talk::{Talk, Timed};
pub use transport::{Icmp, Payload, Sctp, Tcp, Udp};
pub use tunnel::{Erspan, Geneve, Gre, Gtp, Vxlan};

use std::net::IpAddr;

/// One layer of a packet.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Layer {
    Ethernet(Ethernet),
    Vlan(Vlan),
    Mpls(Mpls),
    Pppoe(Pppoe),
    Snap(Snap),
    Arp(Arp),
    Raw(Raw),
    Ipv4(Ipv4),
    Ipv6(Ipv6),
    Extension(Extension),
    Tcp(Tcp),
    Udp(Udp),
    Icmp(Icmp),
    Sctp(Sctp),
    Payload(Payload),
    Gre(Gre),
    Erspan(Erspan),
    Vxlan(Vxlan),
    Geneve(Geneve),
    Gtp(Gtp),
}

/// A packet under construction: the layers so far, the last of which is an `L`.
#[must_use]
#[derive(Clone, Debug)]
pub struct Build<L> {
    below: Vec<Layer>,
    layer: L,
}

/// An Ethernet frame from `02:00:00:00:00:01` to `02:00:00:00:00:02`.
pub fn ethernet() -> Build<Ethernet> {
    Build { below: Vec::new(), layer: Ethernet::default() }
}

/// An IPv4 packet without a link layer.
pub fn ipv4(src: impl Addr, dst: impl Addr) -> Build<Ipv4> {
    Build { below: Vec::new(), layer: Ipv4::new(src, dst) }
}

/// An IPv6 packet without a link layer.
pub fn ipv6(src: impl Addr, dst: impl Addr) -> Build<Ipv6> {
    Build { below: Vec::new(), layer: Ipv6::new(src, dst) }
}

/// Bytes as they are, to begin a frame of another link type with.
pub fn raw(bytes: impl AsRef<[u8]>) -> Build<Raw> {
    Build { below: Vec::new(), layer: Raw::new(bytes.as_ref()) }
}

impl<L: Clone + Into<Layer>> Build<L> {
    /// Begins a layer on top.
    fn on<M>(mut self, layer: M) -> Build<M> {
        self.below.push(self.layer.into());
        Build { below: self.below, layer }
    }
    /// The bytes of the frame.
    pub fn bytes(&self) -> Vec<u8> {
        emit::all(&self.layers())
    }
    /// The frames that carry the first IP packet in fragments of `size` bytes, a multiple of 8.
    pub fn fragments(&self, size: usize) -> Vec<Vec<u8>> {
        emit::fragments(&self.layers(), size)
    }
    fn layers(&self) -> Vec<Layer> {
        let mut layers = self.below.clone();
        layers.push(self.layer.clone().into());
        layers
    }

    /// A VLAN tag (802.1Q).
    pub fn vlan(self, id: u16) -> Build<Vlan> {
        self.on(Vlan { id, ethertype: 0x8100 })
    }
    /// A service VLAN tag (802.1ad), as the outer one of two.
    pub fn service_vlan(self, id: u16) -> Build<Vlan> {
        self.on(Vlan { id, ethertype: 0x88a8 })
    }
    /// An MPLS label; the last of several is marked as the bottom of the stack.
    pub fn mpls(self, label: u32) -> Build<Mpls> {
        self.on(Mpls { label })
    }
    /// A PPPoE session header with the PPP protocol behind it.
    pub fn pppoe(self, session: u16) -> Build<Pppoe> {
        self.on(Pppoe { session, len: None })
    }
    /// LLC and SNAP in an 802.3 frame.
    pub fn snap(self) -> Build<Snap> {
        self.on(Snap)
    }
    /// An ARP request or reply; see the setters.
    pub fn arp(self, op: u16) -> Build<Arp> {
        self.on(Arp::new(op))
    }
    /// Bytes as they are, as a layer of their own: the layer below has to be told what they are.
    pub fn raw(self, bytes: impl AsRef<[u8]>) -> Build<Raw> {
        self.on(Raw::new(bytes.as_ref()))
    }
    /// An Ethernet frame in what is there, from a tunnel.
    pub fn ethernet(self) -> Build<Ethernet> {
        self.on(Ethernet::default())
    }
    /// An IPv4 header.
    pub fn ipv4(self, src: impl Addr, dst: impl Addr) -> Build<Ipv4> {
        self.on(Ipv4::new(src, dst))
    }
    /// An IPv6 header.
    pub fn ipv6(self, src: impl Addr, dst: impl Addr) -> Build<Ipv6> {
        self.on(Ipv6::new(src, dst))
    }
    /// An IP header of the version that the addresses have.
    pub fn ip(self, src: IpAddr, dst: IpAddr) -> Build<Ipv4OrIpv6> {
        self.on(Ipv4OrIpv6::new(src, dst))
    }
    /// An IPv6 extension header by its number and body: next header and length go before, padding
    /// behind.
    pub fn extension(self, kind: u8, body: impl AsRef<[u8]>) -> Build<Extension> {
        self.on(Extension { kind, body: body.as_ref().to_vec() })
    }
    /// A TCP header with only ACK set.
    pub fn tcp(self, src_port: u16, dst_port: u16) -> Build<Tcp> {
        self.on(Tcp::new(src_port, dst_port))
    }
    /// A UDP header.
    pub fn udp(self, src_port: u16, dst_port: u16) -> Build<Udp> {
        self.on(Udp::new(src_port, dst_port))
    }
    /// An ICMP header; ICMPv6 over IPv6.
    pub fn icmp(self, kind: u8, code: u8) -> Build<Icmp> {
        self.on(Icmp::new(kind, code))
    }
    /// An SCTP header; chunks are its payload.
    pub fn sctp(self, src_port: u16, dst_port: u16, tag: u32) -> Build<Sctp> {
        self.on(Sctp { src_port, dst_port, tag })
    }
    /// A GRE header of version 0.
    pub fn gre(self) -> Build<Gre> {
        self.on(Gre::default())
    }
    /// An ERSPAN header of type II with its GRE header.
    pub fn erspan(self, session: u16) -> Build<Erspan> {
        self.on(Gre { sequence: Some(0), ..Gre::default() }).on(Erspan { session, vlan: 0 })
    }
    /// A VXLAN header.
    pub fn vxlan(self, network: u32) -> Build<Vxlan> {
        self.on(Vxlan { network })
    }
    /// A Geneve header.
    pub fn geneve(self, network: u32) -> Build<Geneve> {
        self.on(Geneve { network })
    }
    /// A GTP-U header of a G-PDU.
    pub fn gtp(self, tunnel: u32) -> Build<Gtp> {
        self.on(Gtp { tunnel, sequence: None })
    }
    /// What the top layer carries.
    pub fn payload(self, bytes: impl AsRef<[u8]>) -> Build<Payload> {
        self.on(Payload(bytes.as_ref().to_vec()))
    }
    /// Puts another packet's layers on top.
    pub fn carry<M: Clone + Into<Layer>>(self, inner: &Build<M>) -> Build<M> {
        let mut outer = self.on(inner.layer.clone());
        outer.below.extend(inner.below.iter().cloned());
        outer
    }
}

/// An IP header of either version.
#[derive(Clone, Debug)]
pub enum Ipv4OrIpv6 {
    /// Version 4.
    V4(Ipv4),
    /// Version 6.
    V6(Ipv6),
}

impl Ipv4OrIpv6 {
    fn new(src: IpAddr, dst: IpAddr) -> Self {
        match src {
            IpAddr::V4(_) => Self::V4(Ipv4::new(src, dst)),
            IpAddr::V6(_) => Self::V6(Ipv6::new(src, dst)),
        }
    }
}

impl From<Ipv4OrIpv6> for Layer {
    fn from(ip: Ipv4OrIpv6) -> Self {
        match ip {
            Ipv4OrIpv6::V4(ip) => Self::Ipv4(ip),
            Ipv4OrIpv6::V6(ip) => Self::Ipv6(ip),
        }
    }
}

macro_rules! layers {
    ($($name:ident)+) => {
        $(impl From<$name> for Layer {
            fn from(layer: $name) -> Self { Self::$name(layer) }
        })+
    };
}

layers! {
    Ethernet Vlan Mpls Pppoe Snap Arp Raw Ipv4 Ipv6 Extension Tcp Udp Icmp Sctp Payload
    Gre Erspan Vxlan Geneve Gtp
}
