//! Packets as a source hands them on, and the batch that carries many of them.
//!
//! A [`Batch`] is one arena of bytes and an array of descriptors into it. A file reader reads
//! straight into the arena, so that a packet is never copied; the batch is refilled, not rebuilt,
//! so that steady state allocates nothing. It is plain owned data: send it to another thread, or
//! share it between shards behind an `Arc`, and give it back to be filled again.
//!
//! **Invariants:** every descriptor lies within the arena; packets keep the order of the source;
//! `number` counts from 1 over the whole input, in the order of delivery.

use base::Ts;
use wire::LinkType;

/// One captured packet, borrowed from its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketRef<'a> {
    /// When it was captured.
    pub ts: Ts,
    /// How `data` begins.
    pub link: LinkType,
    /// Length on the wire; what was captured may be less.
    pub wire_len: u32,
    /// The captured bytes.
    pub data: &'a [u8],
    /// Where it was captured: an index into [`crate::Sources::interfaces`].
    pub iface: u32,
    /// Its place in the input, from 1 (over all files, in the order of delivery).
    pub number: u64,
}

/// Where a packet lies in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) ts: Ts,
    pub(crate) start: u32,
    pub(crate) len: u32,
    pub(crate) wire_len: u32,
    pub(crate) iface: u32,
    pub(crate) link: LinkType,
}

/// A place in the arena as packets keep it. An arena never passes the longest block that is read,
/// far below 4 GiB.
#[inline]
pub(crate) const fn place(pos: usize) -> u32 {
    pos as u32
}

/// Many packets in one reusable buffer.
#[derive(Debug, Default)]
pub struct Batch {
    /// Always initialised to its length; only the first `used` bytes mean anything.
    pub(crate) arena: Vec<u8>,
    pub(crate) used: usize,
    pub(crate) places: Vec<Place>,
    /// Number of the first packet.
    pub(crate) first_number: u64,
}

impl Batch {
    /// An empty batch; the first filling gives it its buffers.
    pub fn new() -> Self {
        Self { first_number: 1, ..Self::default() }
    }
    /// How many packets it holds.
    pub fn len(&self) -> usize {
        self.places.len()
    }
    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
    /// Forgets the packets and keeps the buffers.
    pub fn clear(&mut self) {
        self.places.clear();
        self.used = 0;
    }
    /// Captured bytes of all its packets.
    pub fn bytes(&self) -> u64 {
        self.places.iter().fold(0u64, |sum, p| sum.saturating_add(p.len as u64))
    }
    /// Time of the first packet.
    pub fn first_ts(&self) -> Option<Ts> {
        self.places.first().map(|p| p.ts)
    }
    /// The latest time of any packet.
    pub fn latest(&self) -> Option<Ts> {
        self.places.iter().map(|p| p.ts).max()
    }
    /// The packet at `index`, from 0.
    pub fn get(&self, index: usize) -> Option<PacketRef<'_>> {
        let place = self.places.get(index)?;
        Some(resolve(&self.arena, place, self.first_number.wrapping_add(index as u64)))
    }
    /// The packets in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { arena: &self.arena, places: self.places.iter(), number: self.first_number }
    }
    /// Adds a copy of a packet (its `number` is ignored: a batch numbers its packets itself).
    /// Packets longer than 4 GiB in all are refused; the answer is whether it was taken.
    pub fn push(&mut self, packet: &PacketRef<'_>) -> bool {
        let end = self.used.saturating_add(packet.data.len());
        let (Ok(start), Ok(len)) = (u32::try_from(self.used), u32::try_from(packet.data.len()))
        else {
            return false;
        };
        if u32::try_from(end).is_err() {
            return false;
        }
        if self.arena.len() < end {
            self.arena.resize(end.max(self.arena.len().saturating_mul(2)), 0);
        }
        let Some(slot) = self.arena.get_mut(self.used..end) else { return false };
        slot.copy_from_slice(packet.data);
        self.used = end;
        self.places.push(Place {
            ts: packet.ts,
            start,
            len,
            wire_len: packet.wire_len,
            iface: packet.iface,
            link: packet.link,
        });
        true
    }
    /// Says which number the first packet has; the rest follow.
    pub fn number_from(&mut self, first: u64) {
        self.first_number = first;
    }
}

#[inline]
fn resolve<'a>(arena: &'a [u8], place: &Place, number: u64) -> PacketRef<'a> {
    let start = place.start as usize;
    let end = start.saturating_add(place.len as usize);
    PacketRef {
        ts: place.ts,
        link: place.link,
        wire_len: place.wire_len,
        data: arena.get(start..end).unwrap_or_default(),
        iface: place.iface,
        number,
    }
}

/// Walks the packets of a [`Batch`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    arena: &'a [u8],
    places: std::slice::Iter<'a, Place>,
    number: u64,
}

impl<'a> Iterator for Iter<'a> {
    type Item = PacketRef<'a>;
    #[inline]
    fn next(&mut self) -> Option<PacketRef<'a>> {
        let place = self.places.next()?;
        let number = self.number;
        self.number = number.wrapping_add(1);
        Some(resolve(self.arena, place, number))
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Batch {
    type Item = PacketRef<'a>;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_order_numbers_and_bytes_and_is_refilled_in_place() {
        let mut batch = Batch::new();
        let packet = |data: &'static [u8], at| PacketRef {
            ts: Ts(at),
            link: LinkType(1),
            wire_len: 100,
            data,
            iface: 2,
            number: 0,
        };
        batch.number_from(7);
        assert!(batch.push(&packet(b"first", 5)));
        assert!(batch.push(&packet(b"", 9)));
        assert!(batch.push(&packet(b"third", 6)));
        let seen: Vec<_> = batch.iter().map(|p| (p.number, p.data.to_vec())).collect();
        assert_eq!(seen, [(7, b"first".to_vec()), (8, Vec::new()), (9, b"third".to_vec())]);
        assert_eq!(batch.get(2).unwrap().data, b"third");
        assert_eq!((batch.first_ts(), batch.latest()), (Some(Ts(5)), Some(Ts(9))));
        assert_eq!(batch.bytes(), 10);
        let held = batch.arena.capacity();
        batch.clear();
        assert!(batch.is_empty() && batch.push(&packet(b"again", 1)));
        assert_eq!(batch.arena.capacity(), held);
    }
}
