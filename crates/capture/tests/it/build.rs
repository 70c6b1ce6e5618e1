//! Builds capture files byte by byte in every variant, and reads them into plain values.

use std::io::Read;

use watchpost_capture::{Batch, CaptureError, Options, Sources};

/// A packet as a test says it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) nanos: i64,
    pub(crate) link: u16,
    pub(crate) iface: u32,
    pub(crate) wire: u32,
    pub(crate) data: Vec<u8>,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}/{} of {}:{}",
            self.nanos,
            self.data.len(),
            self.wire,
            self.iface,
            self.link
        )
    }
}

/// A packet of so many bytes that tell its number, `number` seconds after a Saturday in 2001.
pub(crate) fn packet(number: u32, len: u32) -> Seen {
    let data = (0..len).map(|i| (number.wrapping_mul(7).wrapping_add(i) % 251) as u8 | 1).collect();
    let nanos = (1_000_000_000 + i64::from(number)) * 1_000_000_000 + 123_456_000;
    Seen { nanos, link: 1, iface: 0, wire: len, data }
}

/// Numbered packets of different lengths.
pub(crate) fn packets(count: u32) -> Vec<Seen> {
    (0..count).map(|n| packet(n, 40 + n.wrapping_mul(37) % 400)).collect()
}

/// Which of two byte orders a file has, and how it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pcap {
    pub(crate) big: bool,
    pub(crate) magic: u32,
    pub(crate) version: (u16, u16),
    pub(crate) snaplen: u32,
    pub(crate) network: u32,
    pub(crate) swapped: bool,
}

pub(crate) const PCAP: Pcap = Pcap {
    big: false,
    magic: 0xa1b2_c3d4,
    version: (2, 4),
    snaplen: 65_535,
    network: 1,
    swapped: false,
};

impl Pcap {
    fn u16(self, out: &mut Vec<u8>, v: u16) {
        out.extend_from_slice(&if self.big { v.to_be_bytes() } else { v.to_le_bytes() });
    }
    fn u32(self, out: &mut Vec<u8>, v: u32) {
        out.extend_from_slice(&if self.big { v.to_be_bytes() } else { v.to_le_bytes() });
    }
    pub(crate) fn header(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.u32(&mut out, self.magic);
        self.u16(&mut out, self.version.0);
        self.u16(&mut out, self.version.1);
        out.extend_from_slice(&[0; 8]);
        self.u32(&mut out, self.snaplen);
        self.u32(&mut out, self.network);
        out
    }
    pub(crate) fn record(self, packet: &Seen) -> Vec<u8> {
        let mut out = Vec::new();
        let unit = if self.magic == 0xa1b2_3c4d { 1 } else { 1000 };
        self.u32(&mut out, (packet.nanos / 1_000_000_000) as u32);
        self.u32(&mut out, (packet.nanos % 1_000_000_000 / unit) as u32);
        let mut lengths = [packet.data.len() as u32, packet.wire];
        if self.swapped {
            lengths.reverse();
        }
        self.u32(&mut out, lengths[0]);
        self.u32(&mut out, lengths[1]);
        if self.magic == 0xa1b2_cd34 {
            // Interface, protocol, packet type, filling.
            self.u32(&mut out, 3);
            self.u16(&mut out, 0x0800);
            out.extend_from_slice(&[0, 0]);
        }
        out.extend_from_slice(&packet.data);
        out
    }
    pub(crate) fn file(self, packets: &[Seen]) -> Vec<u8> {
        let mut out = self.header();
        for packet in packets {
            out.extend(self.record(packet));
        }
        out
    }
}

/// A pcapng section in one byte order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ng {
    pub(crate) big: bool,
}

impl Ng {
    fn u16(self, v: u16) -> [u8; 2] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }
    fn u32(self, v: u32) -> [u8; 4] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }
    pub(crate) fn u64(self, v: u64) -> [u8; 8] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }
    pub(crate) fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [self.u16(code), self.u16(value.len() as u16)].concat();
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }
    pub(crate) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(body.len() as u32 + 12);
        [self.u32(kind).to_vec(), len.to_vec(), body, len.to_vec()].concat()
    }
    pub(crate) fn section(self, options: &[u8]) -> Vec<u8> {
        let mut body = self.u32(0x1a2b_3c4d).to_vec();
        body.extend([self.u16(1), self.u16(0)].concat());
        body.extend([0xff; 8]);
        body.extend_from_slice(options);
        self.block(0x0a0d_0d0a, &body)
    }
    pub(crate) fn interface(self, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
        let mut body = [self.u16(link), self.u16(0)].concat();
        body.extend(self.u32(snaplen));
        body.extend_from_slice(options);
        self.block(1, &body)
    }
    /// An enhanced packet whose interface counts `per_second`.
    pub(crate) fn enhanced(self, packet: &Seen, per_second: u64, options: &[u8]) -> Vec<u8> {
        let stamp = packet.nanos as u128 * u128::from(per_second) / 1_000_000_000;
        let (high, low) = ((stamp >> 32) as u32, stamp as u32);
        let words = [packet.iface, high, low, packet.data.len() as u32, packet.wire];
        let mut body: Vec<u8> = words.iter().flat_map(|w| self.u32(*w)).collect();
        body.extend_from_slice(&packet.data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend_from_slice(options);
        self.block(6, &body)
    }
    pub(crate) fn simple(self, packet: &Seen) -> Vec<u8> {
        let mut body = self.u32(packet.wire).to_vec();
        body.extend_from_slice(&packet.data);
        self.block(3, &body)
    }
    pub(crate) fn obsolete(self, packet: &Seen, drops: u16) -> Vec<u8> {
        let stamp = (packet.nanos / 1000) as u64;
        let mut body = [self.u16(packet.iface as u16), self.u16(drops)].concat();
        let words = [(stamp >> 32) as u32, stamp as u32, packet.data.len() as u32, packet.wire];
        body.extend(words.iter().flat_map(|w| self.u32(*w)));
        body.extend_from_slice(&packet.data);
        self.block(2, &body)
    }
    pub(crate) fn name(self, addr: &[u8], names: &[u8]) -> Vec<u8> {
        let kind = if addr.len() == 4 { 1 } else { 2 };
        let mut body = self.option(kind, &[addr, names].concat());
        body.extend([0; 4]);
        self.block(4, &body)
    }
    pub(crate) fn statistics(self, iface: u32, received: u64, dropped: u64) -> Vec<u8> {
        let mut body = self.u32(iface).to_vec();
        body.extend([0; 8]);
        body.extend(self.option(4, &self.u64(received)));
        body.extend(self.option(5, &self.u64(dropped)));
        self.block(5, &body)
    }
    pub(crate) fn secret(self, kind: u32, data: &[u8]) -> Vec<u8> {
        let mut body = [self.u32(kind), self.u32(data.len() as u32)].concat();
        body.extend_from_slice(data);
        self.block(10, &body)
    }
    /// A whole file of one section and one interface.
    pub(crate) fn file(self, packets: &[Seen]) -> Vec<u8> {
        let mut out = self.section(&[]);
        out.extend(self.interface(1, 0, &[]));
        for packet in packets {
            out.extend(self.enhanced(packet, 1_000_000, &[]));
        }
        out
    }
}

/// What reading gave.
pub(crate) struct Got {
    pub(crate) packets: Vec<Seen>,
    pub(crate) troubles: Vec<String>,
    pub(crate) sources: Sources,
}

pub(crate) fn drain(mut sources: Sources) -> Got {
    let mut batch = Batch::new();
    let mut packets = Vec::new();
    while sources.next_batch(&mut batch) {
        assert!(!batch.is_empty(), "a batch that says more has packets");
        for packet in &batch {
            assert_eq!(packet.number, packets.len() as u64 + 1);
            packets.push(Seen {
                nanos: packet.ts.0,
                link: packet.link.0,
                iface: packet.iface,
                wire: packet.wire_len,
                data: packet.data.to_vec(),
            });
        }
    }
    assert!(!sources.next_batch(&mut batch) && batch.is_empty(), "the end is the end");
    let troubles = sources
        .troubles()
        .iter()
        .map(|t| format!("{}: {}; {}", t.offset, t.what, t.done))
        .collect();
    Got { packets, troubles, sources }
}

pub(crate) fn read_stream(
    stream: impl Read + Send + 'static,
    options: Options,
) -> Result<Got, CaptureError> {
    Sources::from_reader("test", stream, options).map(drain)
}

pub(crate) fn read(bytes: &[u8]) -> Got {
    read_stream(std::io::Cursor::new(bytes.to_vec()), Options::default()).unwrap()
}

pub(crate) fn read_error(bytes: &[u8]) -> String {
    match read_stream(std::io::Cursor::new(bytes.to_vec()), Options::default()) {
        Ok(_) => "no error".to_owned(),
        Err(e) => e.to_string(),
    }
}

/// A small generator of numbers (xorshift), so that tests repeat.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}
