//! Writing capture files, with an index of where packets stand.
//!
//! pcap (nanoseconds, one link type) and pcapng (nanoseconds, any interfaces, names, secrets,
//! comments). Both write little endian and never seek, so they write to pipes and compressors too.
//! What was written is known by an [`Index`] of groups of packets, by time and by offset, so that
//! a span of time can be read again without the rest.
//!
//! **Invariants:** what is written here is read back by this crate packet for packet, times to the
//! nanosecond; a packet that can't be written as it is is refused, never bent.

use std::io::{self, Write};
use std::net::IpAddr;
use std::ops::Range;

use base::Ts;
use wire::LinkType;

use crate::notes::SecretKind;
use crate::packet::PacketRef;

/// Bytes of records that one group of an index spans, about.
const GROUP: u64 = 64 * 1024;
/// The snap length that is told: libpcap's own limit, which every reader takes.
const SNAPLEN: u32 = 262_144;

/// Why a packet or block was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The system refused.
    #[error("cannot write the capture: {0}")]
    Io(#[from] io::Error),
    /// A pcap file holds one link type.
    #[error("a packet of link type {} doesn't fit a file of link type {}", packet.0, file.0)]
    OtherLink {
        /// The file's.
        file: LinkType,
        /// The packet's.
        packet: LinkType,
    },
    /// A packet names an interface that was not added.
    #[error("the packet's interface {0} was not added to the file")]
    UnknownInterface(u32),
    /// Readers refuse packets and blocks this long.
    #[error("{0} bytes are too long for a packet or block")]
    TooLong(usize),
    /// The format can't hold the time (pcap: 1970 to 2106; pcapng: from 1970).
    #[error("the format can't hold the packet's time")]
    TimeOutOfRange,
}

/// Packets that stand together in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where the first record begins.
    pub offset: u64,
    /// How many bytes they take.
    pub bytes: u64,
    /// How many they are.
    pub packets: u32,
    /// The earliest time.
    pub first: Ts,
    /// The latest time.
    pub last: Ts,
}

/// Where packets stand in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    groups: Vec<Group>,
}

impl Index {
    /// The groups in the order of the file.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
    /// Ranges of bytes that hold every packet from one moment to another, both included.
    pub fn ranges(&self, from: Ts, to: Ts) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for group in self.groups.iter().filter(|g| g.last >= from && g.first <= to) {
            let end = group.offset.saturating_add(group.bytes);
            match ranges.last_mut() {
                Some(range) if range.end == group.offset => range.end = end,
                _ => ranges.push(group.offset..end),
            }
        }
        ranges
    }
    fn add(&mut self, offset: u64, bytes: u64, ts: Ts) {
        match self.groups.last_mut() {
            Some(group)
                if group.bytes < GROUP && group.offset.saturating_add(group.bytes) == offset =>
            {
                group.bytes = group.bytes.saturating_add(bytes);
                group.packets = group.packets.saturating_add(1);
                group.first = group.first.min(ts);
                group.last = group.last.max(ts);
            }
            _ => self.groups.push(Group { offset, bytes, packets: 1, first: ts, last: ts }),
        }
    }
}

/// Writes a pcap file of one link type.
#[derive(Debug)]
pub struct PcapWriter<W> {
    out: W,
    link: LinkType,
    offset: u64,
    index: Index,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the file header. Give it something buffered: every packet is two writes.
    pub fn new(mut out: W, link: LinkType) -> Result<Self, WriteError> {
        let mut head = Vec::with_capacity(24);
        head.extend_from_slice(&0xa1b2_3c4du32.to_le_bytes());
        head.extend_from_slice(&[2, 0, 4, 0]);
        head.extend_from_slice(&[0; 8]);
        head.extend_from_slice(&SNAPLEN.to_le_bytes());
        head.extend_from_slice(&u32::from(link.0).to_le_bytes());
        out.write_all(&head)?;
        Ok(Self { out, link, offset: head.len() as u64, index: Index::default() })
    }

    /// Writes a packet; the answer is where its record stands.
    pub fn write(&mut self, packet: &PacketRef<'_>) -> Result<u64, WriteError> {
        if packet.link != self.link {
            return Err(WriteError::OtherLink { file: self.link, packet: packet.link });
        }
        let secs = u32::try_from(packet.ts.secs()).map_err(|_| WriteError::TimeOutOfRange)?;
        let len = length(packet.data, SNAPLEN)?;
        let mut head = [0u8; 16];
        let words = [secs, packet.ts.subsec_nanos(), len, packet.wire_len.max(len)];
        for (slot, word) in head.chunks_exact_mut(4).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        self.out.write_all(&head)?;
        self.out.write_all(packet.data)?;
        let at = self.offset;
        let bytes = u64::from(len).saturating_add(head.len() as u64);
        self.offset = at.saturating_add(bytes);
        self.index.add(at, bytes, packet.ts);
        Ok(at)
    }

    /// Bytes written so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }
    /// Where packets stand so far.
    pub fn index(&self) -> &Index {
        &self.index
    }
    /// Hands on what is buffered, and gives the output and the index back.
    pub fn finish(mut self) -> Result<(W, Index), WriteError> {
        self.out.flush()?;
        Ok((self.out, self.index))
    }
}

/// Writes a pcapng file of one section.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    out: W,
    links: Vec<LinkType>,
    offset: u64,
    index: Index,
    block: Vec<u8>,
}

/// The longest block that is written; readers, this crate's too, refuse longer ones.
const LONGEST: usize = 16 * 1024 * 1024;

impl<W: Write> PcapngWriter<W> {
    /// Writes the section header, with the name of the program that writes. Give it something
    /// buffered: every block is one write.
    pub fn new(out: W, program: &str) -> Result<Self, WriteError> {
        let mut writer =
            Self { out, links: Vec::new(), offset: 0, index: Index::default(), block: Vec::new() };
        writer.begin(0x0a0d_0d0a);
        writer.u32(0x1a2b_3c4d);
        writer.block.extend_from_slice(&[1, 0, 0, 0]);
        // The section's length is not known, since nothing is ever sought.
        writer.block.extend_from_slice(&[0xff; 8]);
        writer.option(4, program.as_bytes());
        writer.end_options();
        writer.end()?;
        Ok(writer)
    }

    /// Adds an interface; packets name it by the number that is answered.
    pub fn interface(&mut self, link: LinkType, name: &str) -> Result<u32, WriteError> {
        let number = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
        self.begin(1);
        self.block.extend_from_slice(&link.0.to_le_bytes());
        self.block.extend_from_slice(&[0, 0]);
        self.u32(SNAPLEN);
        if !name.is_empty() {
            self.option(2, name.as_bytes());
        }
        // Nanoseconds.
        self.option(9, &[9]);
        self.end_options();
        self.end()?;
        self.links.push(link);
        Ok(number)
    }

    /// Writes a packet of the interface that it names; the answer is where its block stands.
    pub fn write(&mut self, packet: &PacketRef<'_>) -> Result<u64, WriteError> {
        self.write_with_comment(packet, "")
    }

    /// Writes a packet with a remark.
    pub fn write_with_comment(
        &mut self,
        packet: &PacketRef<'_>,
        comment: &str,
    ) -> Result<u64, WriteError> {
        let link = self.links.get(packet.iface as usize).copied();
        let link = link.ok_or(WriteError::UnknownInterface(packet.iface))?;
        if link != packet.link {
            return Err(WriteError::OtherLink { file: link, packet: packet.link });
        }
        let stamp = u64::try_from(packet.ts.0).map_err(|_| WriteError::TimeOutOfRange)?;
        let len = length(packet.data, SNAPLEN)?;
        self.begin(6);
        let words = [packet.iface, (stamp >> 32) as u32, stamp as u32, len];
        for word in words {
            self.u32(word);
        }
        self.u32(packet.wire_len.max(len));
        self.block.extend_from_slice(packet.data);
        self.pad();
        if !comment.is_empty() {
            self.option(1, comment.as_bytes());
            self.end_options();
        }
        let at = self.end()?;
        self.index.add(at, self.offset.saturating_sub(at), packet.ts);
        Ok(at)
    }

    /// Writes names of an address.
    pub fn name(&mut self, addr: IpAddr, name: &str) -> Result<(), WriteError> {
        self.begin(4);
        let mut record = Vec::new();
        match addr {
            IpAddr::V4(v4) => record.extend_from_slice(&v4.octets()),
            IpAddr::V6(v6) => record.extend_from_slice(&v6.octets()),
        }
        record.extend_from_slice(name.as_bytes());
        record.push(0);
        self.option(if addr.is_ipv4() { 1 } else { 2 }, &record);
        self.u32(0);
        self.end().map(|_| ())
    }

    /// Writes key material.
    pub fn secret(&mut self, kind: SecretKind, data: &[u8]) -> Result<(), WriteError> {
        let len = length(data, LONGEST as u32)?;
        self.begin(10);
        self.u32(kind.number());
        self.u32(len);
        self.block.extend_from_slice(data);
        self.pad();
        self.end().map(|_| ())
    }

    /// Writes what an interface counted over the whole capture.
    pub fn statistics(
        &mut self,
        iface: u32,
        at: Ts,
        received: u64,
        dropped: u64,
    ) -> Result<(), WriteError> {
        if self.links.get(iface as usize).is_none() {
            return Err(WriteError::UnknownInterface(iface));
        }
        let stamp = u64::try_from(at.0).map_err(|_| WriteError::TimeOutOfRange)?;
        self.begin(5);
        self.u32(iface);
        self.u32((stamp >> 32) as u32);
        self.u32(stamp as u32);
        self.option(4, &received.to_le_bytes());
        self.option(5, &dropped.to_le_bytes());
        self.end_options();
        self.end().map(|_| ())
    }

    /// Bytes written so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }
    /// Where packets stand so far.
    pub fn index(&self) -> &Index {
        &self.index
    }
    /// Hands on what is buffered, and gives the output and the index back.
    pub fn finish(mut self) -> Result<(W, Index), WriteError> {
        self.out.flush()?;
        Ok((self.out, self.index))
    }

    /// Begins a block; its length is filled in at the end.
    fn begin(&mut self, kind: u32) {
        self.block.clear();
        self.u32(kind);
        self.u32(0);
    }
    fn u32(&mut self, word: u32) {
        self.block.extend_from_slice(&word.to_le_bytes());
    }
    fn pad(&mut self) {
        let padded = self.block.len().next_multiple_of(4);
        self.block.resize(padded, 0);
    }
    /// An option or name record; a value longer than its length field holds is cut.
    fn option(&mut self, code: u16, value: &[u8]) {
        let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.block.extend_from_slice(&code.to_le_bytes());
        self.block.extend_from_slice(&len.to_le_bytes());
        self.block.extend_from_slice(value.get(..len.into()).unwrap_or_default());
        self.pad();
    }
    fn end_options(&mut self) {
        self.u32(0);
    }
    /// Fills the lengths in and writes the block; the answer is where it stands.
    fn end(&mut self) -> Result<u64, WriteError> {
        let whole = self.block.len().saturating_add(4);
        let len = u32::try_from(whole).map_err(|_| WriteError::TooLong(whole))?;
        self.u32(len);
        if let Some(slot) = self.block.get_mut(4..8) {
            slot.copy_from_slice(&len.to_le_bytes());
        }
        self.out.write_all(&self.block)?;
        let at = self.offset;
        self.offset = at.saturating_add(u64::from(len));
        Ok(at)
    }
}

fn length(data: &[u8], most: u32) -> Result<u32, WriteError> {
    let len = u32::try_from(data.len()).ok().filter(|len| *len <= most);
    len.ok_or(WriteError::TooLong(data.len()))
}
