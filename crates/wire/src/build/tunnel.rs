//! Headers of tunnels.

use super::Build;

/// A GRE header.
#[derive(Clone, Debug, Default)]
pub struct Gre {
    pub(super) key: Option<u32>,
    pub(super) sequence: Option<u32>,
    pub(super) checksum: bool,
    pub(super) proto: Option<u16>,
}

impl Build<Gre> {
    /// A key.
    pub fn key(mut self, key: u32) -> Self {
        self.layer.key = Some(key);
        self
    }
    /// A sequence number.
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.layer.sequence = Some(sequence);
        self
    }
    /// A checksum.
    pub fn checksum(mut self) -> Self {
        self.layer.checksum = true;
        self
    }
    /// The protocol, where it is not that of the layer above.
    pub fn proto(mut self, proto: u16) -> Self {
        self.layer.proto = Some(proto);
        self
    }
}

/// An ERSPAN header of type II.
#[derive(Clone, Debug)]
pub struct Erspan {
    pub(super) session: u16,
    pub(super) vlan: u16,
}

impl Build<Erspan> {
    /// The VLAN of the mirrored port.
    pub fn mirrored_vlan(mut self, id: u16) -> Self {
        self.layer.vlan = id;
        self
    }
}

/// A VXLAN header.
#[derive(Clone, Debug)]
pub struct Vxlan {
    pub(super) network: u32,
}

/// A Geneve header.
#[derive(Clone, Debug)]
pub struct Geneve {
    pub(super) network: u32,
}

/// A GTP-U header.
#[derive(Clone, Debug)]
pub struct Gtp {
    pub(super) tunnel: u32,
    pub(super) sequence: Option<u16>,
}

impl Build<Gtp> {
    /// A sequence number.
    pub fn sequence(mut self, sequence: u16) -> Self {
        self.layer.sequence = Some(sequence);
        self
    }
}
