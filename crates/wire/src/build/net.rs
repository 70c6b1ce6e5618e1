//! IPv4 and IPv6 headers.

use super::{Addr, Build, ends};
use std::net::IpAddr;

/// An IPv4 header.
#[derive(Clone, Debug)]
pub struct Ipv4 {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) ttl: u8,
    pub(super) tos: u8,
    pub(super) id: u16,
    pub(super) offset: u16,
    pub(super) more: bool,
    pub(super) dont_fragment: bool,
    pub(super) proto: Option<u8>,
    pub(super) version: u8,
    pub(super) total_len: Option<u16>,
    pub(super) header_words: Option<u8>,
    pub(super) options: Vec<u8>,
    pub(super) bad_checksum: bool,
}

impl Ipv4 {
    pub(super) fn new(src: impl Addr, dst: impl Addr) -> Self {
        Self {
            src: src.addr(),
            dst: dst.addr(),
            ttl: 64,
            tos: 0,
            id: 1,
            offset: 0,
            more: false,
            dont_fragment: false,
            proto: None,
            version: 4,
            total_len: None,
            header_words: None,
            options: Vec::new(),
            bad_checksum: false,
        }
    }
}

impl Build<Ipv4> {
    /// Time to live.
    pub fn ttl(mut self, ttl: u8) -> Self {
        self.layer.ttl = ttl;
        self
    }
    /// Type of service.
    pub fn tos(mut self, tos: u8) -> Self {
        self.layer.tos = tos;
        self
    }
    /// Identification.
    pub fn id(mut self, id: u16) -> Self {
        self.layer.id = id;
        self
    }
    /// Forbids fragments.
    pub fn dont_fragment(mut self) -> Self {
        self.layer.dont_fragment = true;
        self
    }
    /// Makes this a fragment: its offset in bytes, and whether more follow. What is above is put
    /// into it as it is, so a later fragment carries a payload, not a transport header.
    pub fn fragment(mut self, offset: u16, more: bool) -> Self {
        self.layer.offset = offset;
        self.layer.more = more;
        self
    }
    /// The protocol number, where it is not that of the layer above.
    pub fn proto(mut self, proto: u8) -> Self {
        self.layer.proto = Some(proto);
        self
    }
    /// The version field, where it is not 4.
    pub fn version(mut self, version: u8) -> Self {
        self.layer.version = version;
        self
    }
    /// The total length field, where it is not the right one.
    pub fn total_len(mut self, len: u16) -> Self {
        self.layer.total_len = Some(len);
        self
    }
    /// The header length field in words of 4 bytes, where it is not the right one.
    pub fn header_words(mut self, words: u8) -> Self {
        self.layer.header_words = Some(words);
        self
    }
    /// Options, padded with end marks to a multiple of 4 bytes.
    pub fn options(mut self, options: impl AsRef<[u8]>) -> Self {
        self.layer.options = options.as_ref().to_vec();
        self
    }
    /// A header checksum that is wrong.
    pub fn bad_checksum(mut self) -> Self {
        self.layer.bad_checksum = true;
        self
    }
}

/// An IPv6 header.
#[derive(Clone, Debug)]
pub struct Ipv6 {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) hops: u8,
    pub(super) class: u8,
    pub(super) flow: u32,
    pub(super) next: Option<u8>,
    pub(super) payload_len: Option<u16>,
    /// The identification of the fragments that [`Build::fragments`] makes.
    pub(super) id: u32,
}

impl Ipv6 {
    pub(super) fn new(src: impl Addr, dst: impl Addr) -> Self {
        Self {
            src: src.addr(),
            dst: dst.addr(),
            hops: 64,
            class: 0,
            flow: 0,
            next: None,
            payload_len: None,
            id: 1,
        }
    }
}

impl Build<Ipv6> {
    /// Hop limit.
    pub fn hops(mut self, hops: u8) -> Self {
        self.layer.hops = hops;
        self
    }
    /// Traffic class.
    pub fn class(mut self, class: u8) -> Self {
        self.layer.class = class;
        self
    }
    /// Flow label.
    pub fn flow(mut self, flow: u32) -> Self {
        self.layer.flow = flow;
        self
    }
    /// The next header number, where it is not that of the layer above.
    pub fn next(mut self, next: u8) -> Self {
        self.layer.next = Some(next);
        self
    }
    /// The payload length field, where it is not the right one.
    pub fn payload_len(mut self, len: u16) -> Self {
        self.layer.payload_len = Some(len);
        self
    }
    /// The identification of the fragments that [`Build::fragments`] makes.
    pub fn id(mut self, id: u32) -> Self {
        self.layer.id = id;
        self
    }
}

/// An extension header of IPv6.
#[derive(Clone, Debug)]
pub struct Extension {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

/// The addresses of an IP layer.
pub(super) fn addresses(layer: &super::Layer) -> Option<(IpAddr, IpAddr)> {
    match layer {
        super::Layer::Ipv4(ip) => Some((ends::v4(ip.src).into(), ends::v4(ip.dst).into())),
        super::Layer::Ipv6(ip) => Some((ends::v6(ip.src).into(), ends::v6(ip.dst).into())),
        _ => None,
    }
}
