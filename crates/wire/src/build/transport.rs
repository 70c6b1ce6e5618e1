//! Transport headers and payloads.

use super::Build;

/// A TCP header.
#[derive(Clone, Debug)]
pub struct Tcp {
    pub(super) src_port: u16,
    pub(super) dst_port: u16,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: u8,
    pub(super) window: u16,
    pub(super) urgent: u16,
    pub(super) options: Vec<u8>,
    pub(super) header_words: Option<u8>,
    pub(super) bad_checksum: bool,
}

impl Tcp {
    pub(super) const fn new(src_port: u16, dst_port: u16) -> Self {
        Self {
            src_port,
            dst_port,
            seq: 0,
            ack: 0,
            flags: 0x10,
            window: 65535,
            urgent: 0,
            options: Vec::new(),
            header_words: None,
            bad_checksum: false,
        }
    }
}

impl Build<Tcp> {
    /// Sequence number.
    pub fn seq(mut self, seq: u32) -> Self {
        self.layer.seq = seq;
        self
    }
    /// Acknowledgement number; sets the flag too.
    pub fn ack(mut self, ack: u32) -> Self {
        self.layer.ack = ack;
        self.layer.flags |= 0x10;
        self
    }
    /// All flag bits as on the wire.
    pub fn flags(mut self, flags: u8) -> Self {
        self.layer.flags = flags;
        self
    }
    /// SYN alone.
    pub fn syn(self) -> Self {
        self.flags(0x02)
    }
    /// SYN and ACK.
    pub fn syn_ack(self) -> Self {
        self.flags(0x12)
    }
    /// FIN and ACK.
    pub fn fin(self) -> Self {
        self.flags(0x11)
    }
    /// RST alone.
    pub fn rst(self) -> Self {
        self.flags(0x04)
    }
    /// PSH and ACK.
    pub fn push(self) -> Self {
        self.flags(0x18)
    }
    /// Window as on the wire.
    pub fn window(mut self, window: u16) -> Self {
        self.layer.window = window;
        self
    }
    /// Urgent pointer; sets the flag too.
    pub fn urgent(mut self, urgent: u16) -> Self {
        self.layer.urgent = urgent;
        self.layer.flags |= 0x20;
        self
    }
    /// An option by number and data.
    pub fn option(mut self, kind: u8, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        self.layer.options.extend([kind, (data.len() as u8).saturating_add(2)]);
        self.layer.options.extend(data);
        self
    }
    /// Option bytes as they are.
    pub fn raw_options(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.layer.options.extend(bytes.as_ref());
        self
    }
    /// Maximum segment size.
    pub fn mss(self, mss: u16) -> Self {
        self.option(2, mss.to_be_bytes())
    }
    /// Window scale.
    pub fn window_scale(self, shift: u8) -> Self {
        self.option(3, [shift])
    }
    /// SACK permitted.
    pub fn sack_permitted(self) -> Self {
        self.option(4, [])
    }
    /// Timestamps: value and echo.
    pub fn timestamps(self, value: u32, echo: u32) -> Self {
        let mut data = value.to_be_bytes().to_vec();
        data.extend(echo.to_be_bytes());
        self.option(8, data)
    }
    /// The header length field in words of 4 bytes, where it is not the right one.
    pub fn header_words(mut self, words: u8) -> Self {
        self.layer.header_words = Some(words);
        self
    }
    /// A checksum that is wrong.
    pub fn bad_checksum(mut self) -> Self {
        self.layer.bad_checksum = true;
        self
    }
}

/// A UDP header.
#[derive(Clone, Debug)]
pub struct Udp {
    pub(super) src_port: u16,
    pub(super) dst_port: u16,
    pub(super) len: Option<u16>,
    pub(super) bad_checksum: bool,
    pub(super) no_checksum: bool,
}

impl Udp {
    pub(super) const fn new(src_port: u16, dst_port: u16) -> Self {
        Self { src_port, dst_port, len: None, bad_checksum: false, no_checksum: false }
    }
}

impl Build<Udp> {
    /// The length field, where it is not the right one.
    pub fn len(mut self, len: u16) -> Self {
        self.layer.len = Some(len);
        self
    }
    /// A checksum that is wrong.
    pub fn bad_checksum(mut self) -> Self {
        self.layer.bad_checksum = true;
        self
    }
    /// A checksum of 0: none.
    pub fn no_checksum(mut self) -> Self {
        self.layer.no_checksum = true;
        self
    }
}

/// An ICMP or ICMPv6 header.
#[derive(Clone, Debug)]
pub struct Icmp {
    pub(super) kind: u8,
    pub(super) code: u8,
    pub(super) rest: [u8; 4],
    pub(super) bad_checksum: bool,
}

impl Icmp {
    pub(super) const fn new(kind: u8, code: u8) -> Self {
        Self { kind, code, rest: [0; 4], bad_checksum: false }
    }
}

impl Build<Icmp> {
    /// Identifier of an echo.
    pub fn id(mut self, id: u16) -> Self {
        let [a, b] = id.to_be_bytes();
        let [_, _, c, d] = self.layer.rest;
        self.layer.rest = [a, b, c, d];
        self
    }
    /// Sequence number of an echo.
    pub fn seq(mut self, seq: u16) -> Self {
        let [c, d] = seq.to_be_bytes();
        let [a, b, _, _] = self.layer.rest;
        self.layer.rest = [a, b, c, d];
        self
    }
    /// Bytes 4 to 7 as they are.
    pub fn rest(mut self, rest: [u8; 4]) -> Self {
        self.layer.rest = rest;
        self
    }
    /// A checksum that is wrong.
    pub fn bad_checksum(mut self) -> Self {
        self.layer.bad_checksum = true;
        self
    }
}

/// An SCTP header.
#[derive(Clone, Debug)]
pub struct Sctp {
    pub(super) src_port: u16,
    pub(super) dst_port: u16,
    pub(super) tag: u32,
}

/// What the layers carry.
#[derive(Clone, Debug)]
pub struct Payload(pub(super) Vec<u8>);
