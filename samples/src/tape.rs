//! Packets on their way into a capture: hosts, headers, time.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One who sends and receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Hardware address.
    pub mac: [u8; 6],
    /// Address.
    pub ip: IpAddr,
    /// Hops left when its packets pass the observer.
    pub ttl: u8,
}

impl Host {
    /// A host by address, with a hardware address of its own.
    pub fn new(ip: impl Into<IpAddr>) -> Self {
        let ip = ip.into();
        let tail = match ip {
            IpAddr::V4(a) => a.octets(),
            IpAddr::V6(a) => {
                let o = a.octets();
                [o[12], o[13], o[14], o[15]]
            }
        };
        Self { mac: [0x02, 0x00, tail[0], tail[1], tail[2], tail[3]], ip, ttl: 64 }
    }
    /// A host by four numbers.
    pub fn v4(a: u8, b: u8, c: u8, d: u8) -> Self {
        Self::new(Ipv4Addr::new(a, b, c, d))
    }
    /// A host behind the router: its hardware address is the router's, its hops are fewer.
    pub fn far(ip: impl Into<IpAddr>) -> Self {
        Self { mac: [0x02, 0, 0, 0, 0, 1], ip: ip.into(), ttl: 52 }
    }
    /// Everybody on the link, by IPv4.
    pub fn everybody() -> Self {
        Self { mac: [0xFF; 6], ip: Ipv4Addr::BROADCAST.into(), ttl: 64 }
    }
    /// A multicast group.
    pub fn group(ip: impl Into<IpAddr>) -> Self {
        let ip = ip.into();
        let mac = match ip {
            IpAddr::V4(a) => {
                let [_, b, c, d] = a.octets();
                [0x01, 0x00, 0x5E, b & 0x7F, c, d]
            }
            IpAddr::V6(a) => {
                let o = a.octets();
                [0x33, 0x33, o[12], o[13], o[14], o[15]]
            }
        };
        Self { mac, ip, ttl: 1 }
    }
}

/// TCP flags.
pub mod flags {
    /// No more from the sender.
    pub const FIN: u8 = 1;
    /// Begin.
    pub const SYN: u8 = 2;
    /// Reset.
    pub const RST: u8 = 4;
    /// Push.
    pub const PSH: u8 = 8;
    /// Acknowledges.
    pub const ACK: u8 = 16;
}

/// What a TCP segment says besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Segment<'a> {
    /// Sender's port.
    pub from: u16,
    /// Receiver's port.
    pub to: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flags.
    pub flags: u8,
    /// Window as sent.
    pub window: u16,
    /// Options, a multiple of 4 bytes.
    pub options: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    nanos: i64,
    at: usize,
    len: u32,
}

/// Frames with their times, in the order they were recorded; [`sort`](Self::sort) puts them in
/// the order of time.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    ip_id: u16,
}

const ETHERNET: usize = 14;

impl Tape {
    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// Bytes of all frames.
    pub fn total_bytes(&self) -> usize {
        self.bytes.len()
    }
    /// Forgets all frames; memory stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
    /// A frame by place.
    pub fn get(&self, i: usize) -> Option<(i64, &[u8])> {
        let e = self.entries.get(i)?;
        Some((e.nanos, &self.bytes[e.at..e.at + e.len as usize]))
    }
    /// All frames with their times.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &[u8])> {
        (0..self.len()).filter_map(|i| self.get(i))
    }
    /// Puts frames in the order of time; those of one time stay in theirs.
    pub fn sort(&mut self) {
        self.entries.sort_by_key(|e| e.nanos);
    }
    /// Takes what another tape holds.
    pub fn append(&mut self, other: &Tape) {
        for (nanos, frame) in other.iter() {
            self.raw(nanos, frame);
        }
    }
    /// Records a whole frame as it is.
    pub fn raw(&mut self, nanos: i64, frame: &[u8]) {
        let at = self.begin();
        self.bytes.extend_from_slice(frame);
        self.end(nanos, at);
    }
    /// Puts the last frame at another time.
    pub fn shift_last(&mut self, nanos: i64) {
        if let Some(e) = self.entries.last_mut() {
            e.nanos += nanos;
        }
    }
    /// Takes the last frame away, as if the observer had missed it.
    pub fn lose_last(&mut self) {
        if let Some(e) = self.entries.pop() {
            self.bytes.truncate(e.at);
        }
    }

    /// A TCP segment.
    pub fn tcp(&mut self, nanos: i64, from: &Host, to: &Host, s: &Segment<'_>, payload: &[u8]) {
        let header = 20 + s.options.len();
        let at = self.begin();
        self.ip(from, to, 6, header + payload.len());
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&s.from.to_be_bytes());
        self.bytes.extend_from_slice(&s.to.to_be_bytes());
        self.bytes.extend_from_slice(&s.seq.to_be_bytes());
        self.bytes.extend_from_slice(&s.ack.to_be_bytes());
        self.bytes.extend_from_slice(&[((header / 4) as u8) << 4, s.flags]);
        self.bytes.extend_from_slice(&s.window.to_be_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(s.options);
        self.bytes.extend_from_slice(payload);
        self.transport_checksum(from, to, 6, start, 16);
        self.end(nanos, at);
    }

    /// A UDP datagram.
    pub fn udp(&mut self, nanos: i64, from: (&Host, u16), to: (&Host, u16), payload: &[u8]) {
        let at = self.begin();
        self.ip(from.0, to.0, 17, 8 + payload.len());
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&from.1.to_be_bytes());
        self.bytes.extend_from_slice(&to.1.to_be_bytes());
        self.bytes.extend_from_slice(&((8 + payload.len()) as u16).to_be_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        self.bytes.extend_from_slice(payload);
        self.transport_checksum(from.0, to.0, 17, start, 6);
        self.end(nanos, at);
    }

    /// An ICMP message (IPv4) of type, code, the word after the checksum, and its bytes.
    pub fn icmp(
        &mut self,
        nanos: i64,
        from: &Host,
        to: &Host,
        head: [u8; 2],
        rest: u32,
        data: &[u8],
    ) {
        let at = self.begin();
        self.ip(from, to, 1, 8 + data.len());
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[head[0], head[1], 0, 0]);
        self.bytes.extend_from_slice(&rest.to_be_bytes());
        self.bytes.extend_from_slice(data);
        let sum = fold(sum(&self.bytes[start..]));
        self.bytes[start + 2..start + 4].copy_from_slice(&sum.to_be_bytes());
        self.end(nanos, at);
    }

    /// An ARP message: 1 asks, 2 answers.
    pub fn arp(&mut self, nanos: i64, op: u16, from: &Host, to: &Host) {
        let (IpAddr::V4(a), IpAddr::V4(b)) = (from.ip, to.ip) else { return };
        let at = self.begin();
        self.bytes.extend_from_slice(if op == 1 { &[0xFF; 6] } else { &to.mac });
        self.bytes.extend_from_slice(&from.mac);
        self.bytes.extend_from_slice(&[0x08, 0x06, 0, 1, 8, 0, 6, 4]);
        self.bytes.extend_from_slice(&op.to_be_bytes());
        self.bytes.extend_from_slice(&from.mac);
        self.bytes.extend_from_slice(&a.octets());
        self.bytes.extend_from_slice(if op == 1 { &[0; 6] } else { &to.mac });
        self.bytes.extend_from_slice(&b.octets());
        self.bytes.extend_from_slice(&[0; 18]);
        self.end(nanos, at);
    }

    /// Writes a pcap file with nanoseconds, frames in the order they stand.
    pub fn write_pcap(&self, out: &mut impl Write) -> io::Result<()> {
        pcap_header(out)?;
        for (nanos, frame) in self.iter() {
            pcap_packet(out, nanos, frame)?;
        }
        out.flush()
    }

    fn begin(&mut self) -> usize {
        self.bytes.len()
    }
    fn end(&mut self, nanos: i64, at: usize) {
        let len = (self.bytes.len() - at) as u32;
        self.entries.push(Entry { nanos, at, len });
    }

    /// Ethernet and IP headers for a payload to come.
    fn ip(&mut self, from: &Host, to: &Host, protocol: u8, payload: usize) {
        self.bytes.reserve(ETHERNET + 40 + payload);
        self.bytes.extend_from_slice(&to.mac);
        self.bytes.extend_from_slice(&from.mac);
        match (from.ip, to.ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                self.ip_id = self.ip_id.wrapping_add(1);
                self.bytes.extend_from_slice(&[0x08, 0x00]);
                let start = self.bytes.len();
                self.bytes.extend_from_slice(&[0x45, 0]);
                self.bytes.extend_from_slice(&((20 + payload) as u16).to_be_bytes());
                self.bytes.extend_from_slice(&self.ip_id.to_be_bytes());
                self.bytes.extend_from_slice(&[0x40, 0, from.ttl, protocol, 0, 0]);
                self.bytes.extend_from_slice(&a.octets());
                self.bytes.extend_from_slice(&b.octets());
                let sum = fold(sum(&self.bytes[start..]));
                self.bytes[start + 10..start + 12].copy_from_slice(&sum.to_be_bytes());
            }
            (a, b) => {
                self.bytes.extend_from_slice(&[0x86, 0xDD, 0x60, 0, 0, 0]);
                self.bytes.extend_from_slice(&(payload as u16).to_be_bytes());
                self.bytes.extend_from_slice(&[protocol, from.ttl]);
                self.bytes.extend_from_slice(&as_v6(a).octets());
                self.bytes.extend_from_slice(&as_v6(b).octets());
            }
        }
    }

    fn transport_checksum(
        &mut self,
        from: &Host,
        to: &Host,
        protocol: u8,
        start: usize,
        at: usize,
    ) {
        let len = self.bytes.len() - start;
        let mut total = sum(&self.bytes[start..]) + u64::from(protocol) + len as u64;
        for ip in [from.ip, to.ip] {
            total += match ip {
                IpAddr::V4(a) => sum(&a.octets()),
                IpAddr::V6(a) => sum(&a.octets()),
            };
        }
        let folded = match fold(total) {
            // UDP says with 0 that there is no checksum.
            0 if protocol == 17 => 0xFFFF,
            s => s,
        };
        self.bytes[start + at..start + at + 2].copy_from_slice(&folded.to_be_bytes());
    }
}

fn as_v6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(a) => a.to_ipv6_mapped(),
        IpAddr::V6(a) => a,
    }
}

/// The head of a pcap file: nanoseconds, Ethernet.
pub(crate) fn pcap_header(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&0xA1B2_3C4D_u32.to_le_bytes())?;
    out.write_all(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
    out.write_all(&262_144_u32.to_le_bytes())?;
    out.write_all(&1_u32.to_le_bytes())
}

/// A packet of a pcap file.
pub(crate) fn pcap_packet(out: &mut impl Write, nanos: i64, frame: &[u8]) -> io::Result<()> {
    let mut head = [0; 16];
    head[..4].copy_from_slice(&((nanos / 1_000_000_000) as u32).to_le_bytes());
    head[4..8].copy_from_slice(&((nanos % 1_000_000_000) as u32).to_le_bytes());
    head[8..12].copy_from_slice(&(frame.len() as u32).to_le_bytes());
    head[12..].copy_from_slice(&(frame.len() as u32).to_le_bytes());
    out.write_all(&head)?;
    out.write_all(frame)
}

/// The sum of 16-bit words (RFC 1071), not yet folded.
fn sum(bytes: &[u8]) -> u64 {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let words: u64 = pairs.iter().map(|p| u64::from(u16::from_be_bytes(*p))).sum();
    words + rest.first().map_or(0, |b| u64::from(*b) << 8)
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_a_receiver_accepts() {
        let mut tape = Tape::default();
        let (a, b) = (Host::v4(10, 0, 0, 1), Host::v4(10, 0, 0, 2));
        tape.udp(0, (&a, 5), (&b, 6), b"odd");
        let (_, frame) = tape.get(0).expect("one frame");
        assert_eq!(fold(sum(&frame[14..34])), 0);
        let pseudo = sum(&frame[26..34]) + 17 + (frame.len() - 34) as u64;
        assert_eq!(fold(sum(&frame[34..]) + pseudo), 0);
    }
}
