//! Packets on their way into a capture: hosts, what is around their packets, time.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use base::Ts;
use capture::{PacketRef, PcapWriter, WriteError};
use wire::LinkType;
use wire::build::{self, Build, Payload, ethernet};

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
    /// What is put around packets from now on.
    pub dress: Dress,
}

/// What is around a packet on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dress {
    /// Ethernet.
    #[default]
    Plain,
    /// One tag of 802.1Q.
    Vlan,
    /// Two tags.
    QinQ,
    /// An MPLS label.
    Mpls,
    /// A PPPoE session.
    Pppoe,
    /// GRE over IPv4.
    Gre,
    /// IPv4 or IPv6 directly in IPv4.
    Ip,
    /// VXLAN.
    Vxlan,
    /// Geneve.
    Geneve,
    /// GTP-U.
    Gtp,
    /// Teredo: IPv6 in UDP.
    Teredo,
}

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
        let at = self.bytes.len();
        self.bytes.extend_from_slice(frame);
        self.entries.push(Entry { nanos, at, len: frame.len() as u32 });
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
        let packet = match (from.ip, to.ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let id = self.next_id();
                build::ipv4(a, b).ttl(from.ttl).id(id).dont_fragment().tcp(s.from, s.to)
            }
            (a, b) => build::ipv6(a, b).hops(from.ttl).tcp(s.from, s.to),
        };
        let packet = packet.seq(s.seq).ack(s.ack).flags(s.flags).window(s.window);
        self.put(nanos, from, to, &packet.raw_options(s.options).payload(payload));
    }

    /// A UDP datagram.
    pub fn udp(&mut self, nanos: i64, from: (&Host, u16), to: (&Host, u16), payload: &[u8]) {
        let packet = self.datagram(from, to, payload);
        self.put(nanos, from.0, to.0, &packet);
    }

    /// A UDP datagram in fragments of at most so many bytes of payload, as frames to be recorded.
    pub fn udp_fragments(
        &mut self,
        from: (&Host, u16),
        to: (&Host, u16),
        payload: &[u8],
        size: usize,
    ) -> Vec<Vec<u8>> {
        let packet = self.datagram(from, to, payload);
        link(from.0, to.0).carry(&packet).fragments(size)
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
        let id = self.next_id();
        let packet = build::ipv4(from.ip, to.ip).ttl(from.ttl).id(id).icmp(head[0], head[1]);
        self.put(nanos, from, to, &packet.rest(rest.to_be_bytes()).payload(data));
    }

    /// An ARP message: 1 asks, 2 answers.
    pub fn arp(&mut self, nanos: i64, op: u16, from: &Host, to: &Host) {
        let (link, target) = match op {
            1 => (Host { mac: [0xFF; 6], ..*to }, [0; 6]),
            _ => (*to, to.mac),
        };
        let frame = ethernet().from(from.mac).to(link.mac).padded().arp(op);
        let frame = frame.sender(from.mac, from.ip).target(target, to.ip).bytes();
        self.raw(nanos, &frame);
    }

    /// Writes a pcap file with nanoseconds, frames in the order they stand.
    pub fn write_pcap(&self, out: impl Write) -> Result<(), WriteError> {
        let mut writer = PcapWriter::new(out, ETHERNET)?;
        for (nanos, frame) in self.iter() {
            writer.write(&packet_ref(nanos, frame))?;
        }
        writer.finish()?;
        Ok(())
    }

    fn next_id(&mut self) -> u16 {
        self.ip_id = self.ip_id.wrapping_add(1);
        self.ip_id
    }

    fn datagram(&mut self, from: (&Host, u16), to: (&Host, u16), payload: &[u8]) -> Build<Payload> {
        let packet = match (from.0.ip, to.0.ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let id = self.next_id();
                build::ipv4(a, b).ttl(from.0.ttl).id(id).udp(from.1, to.1)
            }
            (a, b) => build::ipv6(a, b).hops(from.0.ttl).udp(from.1, to.1),
        };
        packet.payload(payload)
    }

    /// Records a packet in the tape's dress.
    fn put(&mut self, nanos: i64, from: &Host, to: &Host, packet: &Build<Payload>) {
        let bare = link(from, to);
        let tunnel = || ethernet().ipv4([172, 16, 0, 1], [172, 16, 0, 2]);
        let frame = match self.dress {
            Dress::Plain => bare.carry(packet),
            Dress::Vlan => bare.vlan(100).carry(packet),
            Dress::QinQ => bare.service_vlan(7).vlan(200).carry(packet),
            Dress::Mpls => bare.mpls(1040).carry(packet),
            Dress::Pppoe => bare.pppoe(0x44).carry(packet),
            Dress::Gre => tunnel().gre().carry(packet),
            Dress::Ip => tunnel().carry(packet),
            Dress::Vxlan => tunnel().udp(50_000, 4789).vxlan(42).ethernet().carry(packet),
            Dress::Geneve => tunnel().udp(50_001, 6081).geneve(43).ethernet().carry(packet),
            Dress::Gtp => tunnel().udp(2152, 2152).gtp(9).carry(packet),
            Dress::Teredo => tunnel().udp(51_000, 3544).carry(packet),
        };
        self.raw(nanos, &frame.bytes());
    }
}

fn link(from: &Host, to: &Host) -> Build<build::Ethernet> {
    ethernet().from(from.mac).to(to.mac)
}

/// Frames of captures are Ethernet.
pub(crate) const ETHERNET: LinkType = LinkType(1);

/// A frame as the writer of captures takes it.
pub(crate) fn packet_ref(nanos: i64, frame: &[u8]) -> PacketRef<'_> {
    let wire_len = frame.len() as u32;
    PacketRef { ts: Ts(nanos), link: ETHERNET, wire_len, data: frame, iface: 0, number: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_lie_in_the_order_of_time_once_sorted() {
        let mut tape = Tape::default();
        let (a, b) = (Host::v4(10, 0, 0, 1), Host::v4(10, 0, 0, 2));
        tape.udp(9, (&a, 5), (&b, 6), b"late");
        tape.udp(3, (&b, 6), (&a, 5), b"early");
        tape.sort();
        let payloads: Vec<_> = tape.iter().map(|(t, f)| (t, &f[42..])).collect();
        assert_eq!(payloads, [(3, b"early".as_slice()), (9, b"late")]);
    }

    #[test]
    fn a_dress_is_around_every_packet() {
        let mut tape = Tape { dress: Dress::Vlan, ..Tape::default() };
        let (a, b) = (Host::v4(10, 0, 0, 1), Host::v4(10, 0, 0, 2));
        tape.udp(0, (&a, 5), (&b, 6), b"x");
        let (_, frame) = tape.get(0).expect("one frame");
        assert_eq!(&frame[12..18], [0x81, 0, 0, 100, 8, 0]);
    }
}
