//! Link layers.

use super::{Addr, Build, Mac, ends};

/// An Ethernet header.
#[derive(Clone, Debug)]
pub struct Ethernet {
    pub(super) src: Mac,
    pub(super) dst: Mac,
    pub(super) ethertype: Option<u16>,
    pub(super) pad: bool,
}

impl Default for Ethernet {
    fn default() -> Self {
        Self { src: [2, 0, 0, 0, 0, 1], dst: [2, 0, 0, 0, 0, 2], ethertype: None, pad: false }
    }
}

impl Build<Ethernet> {
    /// The source address.
    pub fn from(mut self, mac: Mac) -> Self {
        self.layer.src = mac;
        self
    }
    /// The destination address.
    pub fn to(mut self, mac: Mac) -> Self {
        self.layer.dst = mac;
        self
    }
    /// The EtherType, where it is not that of the layer above.
    pub fn ethertype(mut self, ethertype: u16) -> Self {
        self.layer.ethertype = Some(ethertype);
        self
    }
    /// Pads the frame with zeroes to the 60 bytes that Ethernet wants.
    pub fn padded(mut self) -> Self {
        self.layer.pad = true;
        self
    }
}

/// A VLAN tag.
#[derive(Clone, Debug)]
pub struct Vlan {
    pub(super) id: u16,
    /// The type by which the layer below names the tag.
    pub(super) ethertype: u16,
}

/// An MPLS label.
#[derive(Clone, Debug)]
pub struct Mpls {
    pub(super) label: u32,
}

/// A PPPoE session header.
#[derive(Clone, Debug)]
pub struct Pppoe {
    pub(super) session: u16,
    pub(super) len: Option<u16>,
}

impl Build<Pppoe> {
    /// The payload length, where it is not the right one.
    pub fn len(mut self, len: u16) -> Self {
        self.layer.len = Some(len);
        self
    }
}

/// LLC and SNAP headers.
#[derive(Clone, Debug)]
pub struct Snap;

/// An ARP message.
#[derive(Clone, Debug)]
pub struct Arp {
    pub(super) op: u16,
    pub(super) sender: (Mac, [u8; 4]),
    pub(super) target: (Mac, [u8; 4]),
}

impl Arp {
    pub(super) const fn new(op: u16) -> Self {
        Self { op, sender: ([2, 0, 0, 0, 0, 1], [10, 0, 0, 1]), target: ([0; 6], [10, 0, 0, 2]) }
    }
}

impl Build<Arp> {
    /// Who sends.
    pub fn sender(mut self, mac: Mac, ip: impl Addr) -> Self {
        self.layer.sender = (mac, ends::v4(ip.addr()));
        self
    }
    /// Who is asked, or answered.
    pub fn target(mut self, mac: Mac, ip: impl Addr) -> Self {
        self.layer.target = (mac, ends::v4(ip.addr()));
        self
    }
}

/// Bytes as they are.
#[derive(Clone, Debug)]
pub struct Raw {
    pub(super) bytes: Vec<u8>,
}

impl Raw {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }
}
