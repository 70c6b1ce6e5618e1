//! Defragmentation of IPv4 (RFC 791) and IPv6 (RFC 8200, section 4.5).
//!
//! Fragments of a datagram are laid into one buffer; where they overlap, the policy of the system
//! that would receive them says whose bytes stay (Novak, "Target-Based Fragmentation Reassembly",
//! 2005). A whole datagram is handed back as an IP packet, its header rewritten as if it had never
//! been cut, for the decoder to read again.
//!
//! **Invariants.** A datagram never exceeds 64 KB. Open datagrams are bounded in number and bytes,
//! in all and by sending host; the oldest gives way to a new one (policy *drop-oldest*), a host
//! that holds a quarter of everything has its further fragments ignored (policy *ignore*), and both
//! are counted. Time-outs run on packet time.

use std::collections::VecDeque;
use std::net::IpAddr;

use base::{Map, Ts};
use model::{AnomalyKind, FragmentPolicy, Profile};
use wire::{Fragment, Packet};

use crate::key::{Place, pair_hash};
use crate::weird;

/// Longest datagram.
const DATAGRAM_MOST: u32 = 65_535;
const DATAGRAMS_MOST: usize = 65_535;
const BYTES_MOST: u64 = 32 << 20;
const HOST_CELLS: usize = 1024;
const OVERHEAD: u64 = 256;
const SPARE_MOST: usize = 16;
/// Fragments shorter than this, where more follow, are made to hide something.
const SMALL: u32 = 64;
/// Datagrams beyond this are made to overflow something.
const LARGE: u32 = 64_000;
/// Length of IPv6's fragment header.
const FRAGMENT_HEADER: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    id: u32,
    /// Protocol, VLANs and tunnel, where the profile tells datagrams apart by them.
    proto: u8,
    place: Place,
}

/// A run of bytes that one fragment brought.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
    /// The whole fragment's bounds, which policies compare.
    of: (u32, u32),
}

struct Datagram {
    serial: u64,
    deadline: Ts,
    /// The header without the fragment header, from the first fragment that came.
    header: Vec<u8>,
    proto: u8,
    /// Where the last fragment ends, once seen.
    size: Option<u32>,
    runs: Vec<Run>,
    data: Vec<u8>,
    charged: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefragCounters {
    /// Fragments taken in.
    pub fragments: u64,
    /// Datagrams put together.
    pub whole: u64,
    /// Datagrams whose time ran out.
    pub timed_out: u64,
    /// Datagrams dropped for others.
    pub dropped: u64,
    /// Fragments ignored.
    pub ignored: u64,
}

/// Open datagrams of a shard.
pub struct Defragmenter {
    open: Map<Key, Datagram>,
    /// In the order of their beginning.
    ages: VecDeque<(u64, Key)>,
    serial: u64,
    bytes: u64,
    hosts: Box<[u64]>,
    spare: Vec<Vec<u8>>,
    /// What is counted.
    pub counters: DefragCounters,
}

impl Default for Defragmenter {
    fn default() -> Self {
        Self {
            open: Map::default(),
            ages: VecDeque::new(),
            serial: 0,
            bytes: 0,
            hosts: vec![0; HOST_CELLS].into_boxed_slice(),
            spare: Vec::new(),
            counters: DefragCounters::default(),
        }
    }
}

impl Defragmenter {
    /// Datagrams that are not whole.
    pub fn open(&self) -> usize {
        self.open.len()
    }
    /// Bytes they hold.
    pub const fn held_bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a fragment in. The datagram as an IP packet, once it is whole: the buffer goes back with
    /// [`Self::give_back`]. What is odd goes to `odd`. A packet that is no fragment is none of this
    /// function's business.
    pub fn insert(
        &mut self,
        now: Ts,
        packet: &Packet<'_>,
        place: Place,
        profile: &Profile,
        odd: &mut dyn FnMut(&'static AnomalyKind),
    ) -> Option<Vec<u8>> {
        let fragment = packet.fragment?;
        self.expire(now);
        self.counters.fragments = self.counters.fragments.saturating_add(1);
        if packet.body_len as usize > packet.body.len() {
            odd(&weird::FRAGMENT_CUT);
            return None;
        }
        let end = fragment.offset.saturating_add(packet.body_len);
        if end.saturating_add(u32::from(packet.header_len)) > DATAGRAM_MOST.saturating_add(40) {
            odd(&weird::FRAGMENT_LARGE);
            self.counters.ignored = self.counters.ignored.saturating_add(1);
            return None;
        }
        let key = Key {
            src: packet.src,
            dst: packet.dst,
            id: fragment.id,
            proto: if profile.is_zeek() { 0 } else { fragment.next },
            place: if profile.is_zeek() { Place::default() } else { place },
        };
        if !self.make_room(&key, u64::from(packet.body_len)) {
            odd(&weird::FRAGMENT_IGNORED);
            return None;
        }
        if self.open.get(&key).is_some_and(|d| d.deadline <= now)
            && let Some(d) = self.remove(&key)
        {
            self.counters.timed_out = self.counters.timed_out.saturating_add(1);
            self.recycle(d);
        }
        let serial = self.serial;
        let deadline = now.plus(profile.timeouts.fragments);
        let (mut fresh, spare) = (false, &mut self.spare);
        let d = self.open.entry(key).or_insert_with(|| {
            fresh = true;
            Datagram {
                serial,
                deadline,
                header: plain_header(packet, fragment),
                proto: fragment.next,
                size: None,
                runs: Vec::new(),
                data: spare.pop().unwrap_or_default(),
                charged: 0,
            }
        });
        if fresh {
            self.serial = self.serial.wrapping_add(1);
            self.ages.push_back((serial, key));
        } else if profile.is_suricata() {
            // Suricata's clock starts anew with every fragment.
            d.deadline = deadline;
        }
        let before = d.charged;
        d.take(packet, fragment, end, profile, odd);
        let more = d.charged.saturating_sub(before);
        let done = d.is_whole(odd);
        self.charge(key.src, more);
        let size = done?;
        let d = self.remove(&key)?;
        self.counters.whole = self.counters.whole.saturating_add(1);
        let mut whole = self.spare.pop().unwrap_or_default();
        whole.extend_from_slice(&d.header);
        let n = (size as usize).min(d.data.len());
        whole.extend_from_slice(d.data.get(..n).unwrap_or_default());
        set_length(&mut whole);
        self.recycle(d);
        Some(whole)
    }
    /// Takes a buffer back for its next use.
    pub fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE_MOST {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Datagrams whose time is over are forgotten.
    fn expire(&mut self, now: Ts) {
        while let Some((serial, key)) = self.ages.front().copied() {
            let over = match self.open.get(&key) {
                Some(d) if d.serial == serial => {
                    if d.deadline > now {
                        // The queue is in the order of beginning; a renewed one waits in front.
                        return;
                    }
                    true
                }
                _ => false,
            };
            self.ages.pop_front();
            if over && let Some(d) = self.remove(&key) {
                self.counters.timed_out = self.counters.timed_out.saturating_add(1);
                self.recycle(d);
            }
        }
    }

    /// Makes room for `bytes` more; false if the host holds too much.
    fn make_room(&mut self, key: &Key, bytes: u64) -> bool {
        let held = self.host(key.src).map_or(0, |h| *h);
        if held.saturating_add(bytes) > BYTES_MOST >> 2 {
            self.counters.ignored = self.counters.ignored.saturating_add(1);
            return false;
        }
        while self.bytes.saturating_add(bytes) > BYTES_MOST || self.open.len() >= DATAGRAMS_MOST {
            let Some((serial, oldest)) = self.ages.pop_front() else { break };
            if self.open.get(&oldest).is_some_and(|d| d.serial == serial)
                && let Some(d) = self.remove(&oldest)
            {
                self.counters.dropped = self.counters.dropped.saturating_add(1);
                self.recycle(d);
            }
        }
        true
    }
    fn host(&mut self, src: IpAddr) -> Option<&mut u64> {
        let cell = pair_hash(src, src) as usize & HOST_CELLS.wrapping_sub(1);
        self.hosts.get_mut(cell)
    }
    fn charge(&mut self, src: IpAddr, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(h) = self.host(src) {
            *h = h.saturating_add(bytes);
        }
    }
    fn remove(&mut self, key: &Key) -> Option<Datagram> {
        let d = self.open.remove(key)?;
        self.bytes = self.bytes.saturating_sub(d.charged);
        if let Some(h) = self.host(key.src) {
            *h = h.saturating_sub(d.charged);
        }
        Some(d)
    }
    fn recycle(&mut self, d: Datagram) {
        self.give_back(d.data);
    }
}

impl Datagram {
    fn take(
        &mut self,
        packet: &Packet<'_>,
        fragment: Fragment,
        end: u32,
        profile: &Profile,
        odd: &mut dyn FnMut(&'static AnomalyKind),
    ) {
        let v4 = packet.src.is_ipv4();
        let header = packet.header.len().saturating_sub(if v4 { 0 } else { FRAGMENT_HEADER });
        if fragment.next != self.proto || header != self.header.len() {
            odd(&weird::FRAGMENT_PROTOCOL_INCONSISTENCY);
        }
        if v4 && packet.header.get(6).is_some_and(|b| b & 0x40 != 0) {
            odd(&weird::FRAGMENT_DF);
        }
        if fragment.offset == 0 && !v4 {
            // The first fragment names what the payload is.
            self.proto = fragment.next;
            self.header = plain_header(packet, fragment);
        }
        if profile.is_suricata() && self.covers(fragment.offset, end, profile.fragment_overlap) {
            // Not even that it is the last one is learnt from it.
            odd(&weird::FRAGMENT_OVERLAP);
            return;
        }
        if !fragment.more {
            match self.size {
                None => self.size = Some(end),
                Some(size) if size != end => {
                    odd(&weird::FRAGMENT_SIZE_INCONSISTENCY);
                    self.size = Some(size.max(end));
                }
                Some(_) => {}
            }
        } else if packet.ip_len < SMALL {
            odd(&weird::FRAGMENT_SMALL);
        }
        if end > LARGE {
            odd(&weird::FRAGMENT_LARGE);
        }
        if self.size.is_some_and(|s| end > s) {
            odd(&weird::FRAGMENT_SIZE_INCONSISTENCY);
            self.size = Some(end);
        }
        self.lay(fragment.offset, end, packet.body, profile.fragment_overlap, odd);
    }

    /// Whether one fragment has all of `[at, end)` already, under a policy that keeps it.
    fn covers(&self, at: u32, end: u32, policy: FragmentPolicy) -> bool {
        self.runs.iter().any(|r| match policy {
            FragmentPolicy::Bsd => r.of.0 <= at && r.of.1 > end,
            FragmentPolicy::First | FragmentPolicy::Windows => r.of.0 <= at && r.of.1 >= end,
            _ => false,
        })
    }
    /// Lays `[at, end)` into the buffer.
    fn lay(
        &mut self,
        at: u32,
        end: u32,
        bytes: &[u8],
        policy: FragmentPolicy,
        odd: &mut dyn FnMut(&'static AnomalyKind),
    ) {
        if at >= end {
            return;
        }
        if self.data.len() < end as usize {
            let more = (end as usize).saturating_sub(self.data.len()) as u64;
            self.data.resize(end as usize, 0);
            self.charged = self.charged.saturating_add(more);
        }
        if self.charged < OVERHEAD {
            self.charged = self.charged.saturating_add(OVERHEAD);
        }
        let mut runs = std::mem::take(&mut self.runs);
        let mut kept: Vec<Run> = Vec::with_capacity(runs.len().saturating_add(2));
        let mut from = at;
        for run in runs.drain(..) {
            if run.end <= from || run.start >= end {
                if run.start >= end && from < end {
                    self.copy(at, from, end, bytes);
                    kept.push(Run { start: from, end, of: (at, end) });
                    from = end;
                }
                kept.push(run);
                continue;
            }
            if run.start > from {
                self.copy(at, from, run.start, bytes);
                kept.push(Run { start: from, end: run.start, of: (at, end) });
                from = run.start;
            }
            let to = run.end.min(end);
            let differs = self.differs(at, from, to, bytes);
            odd(if differs { &weird::FRAGMENT_INCONSISTENCY } else { &weird::FRAGMENT_OVERLAP });
            if new_wins(policy, (at, end), run.of) {
                if run.start < from {
                    kept.push(Run { end: from, ..run });
                }
                self.copy(at, from, to, bytes);
                kept.push(Run { start: from, end: to, of: (at, end) });
                if run.end > to {
                    kept.push(Run { start: to, ..run });
                }
            } else {
                kept.push(run);
            }
            from = to;
        }
        if from < end {
            self.copy(at, from, end, bytes);
            kept.push(Run { start: from, end, of: (at, end) });
        }
        kept.sort_unstable_by_key(|r| r.start);
        self.runs = kept;
    }
    fn copy(&mut self, at: u32, from: u32, to: u32, bytes: &[u8]) {
        let src = bytes
            .get(from.saturating_sub(at) as usize..to.saturating_sub(at) as usize)
            .unwrap_or_default();
        if let Some(dst) = self.data.get_mut(from as usize..to as usize)
            && dst.len() == src.len()
        {
            dst.copy_from_slice(src);
        }
    }
    fn differs(&self, at: u32, from: u32, to: u32, bytes: &[u8]) -> bool {
        bytes.get(from.saturating_sub(at) as usize..to.saturating_sub(at) as usize)
            != self.data.get(from as usize..to as usize)
    }

    /// The datagram's size, if all of it is there.
    fn is_whole(&mut self, odd: &mut dyn FnMut(&'static AnomalyKind)) -> Option<u32> {
        let size = self.size?;
        let mut reached = 0;
        for run in &self.runs {
            if run.start > reached {
                break;
            }
            reached = reached.max(run.end);
        }
        let last = self.runs.iter().map(|r| r.end).max().unwrap_or(0);
        if reached < size {
            return None;
        }
        if last > size || reached > size {
            // Pieces of two datagrams, most likely: what is contiguous is told.
            odd(&weird::FRAGMENT_SIZE_INCONSISTENCY);
        }
        Some(reached)
    }
}

/// Whether the bytes of fragment `new` win over those of `old` where they overlap.
const fn new_wins(policy: FragmentPolicy, new: (u32, u32), old: (u32, u32)) -> bool {
    let ((at, end), (b, b_end)) = (new, old);
    match policy {
        FragmentPolicy::First => false,
        FragmentPolicy::Last => true,
        FragmentPolicy::Bsd => at < b,
        FragmentPolicy::BsdRight => at >= b,
        FragmentPolicy::Linux => at < b || (at == b && end >= b_end),
        FragmentPolicy::Windows => at < b && end > b_end,
        FragmentPolicy::Solaris => at < b && end >= b_end,
    }
}

/// The header of the datagram as it was before it was cut: no fragment header, no fragment offset.
fn plain_header(packet: &Packet<'_>, fragment: Fragment) -> Vec<u8> {
    let mut h = packet.header.to_vec();
    if packet.src.is_ipv4() {
        if let Some(field) = h.get_mut(6..8) {
            field.fill(0);
        }
        return h;
    }
    // Walk to the field that names the fragment header, and let it name what follows instead.
    let mut field = 6usize;
    let mut at = 40usize;
    while let Some(kind) = h.get(field).copied() {
        if kind == 44 {
            if let Some(f) = h.get_mut(field) {
                *f = fragment.next;
            }
            break;
        }
        let Some(len) = h.get(at.saturating_add(1)).copied() else { break };
        field = at;
        at = at.saturating_add(match kind {
            51 => usize::from(len).saturating_add(2).saturating_mul(4),
            _ => usize::from(len).saturating_add(1).saturating_mul(8),
        });
    }
    let end = at.saturating_add(FRAGMENT_HEADER).min(h.len());
    if at < end {
        h.drain(at..end);
    }
    h
}

/// Writes the packet's length into its header, and for IPv4 a checksum that fits.
fn set_length(packet: &mut [u8]) {
    let total = packet.len();
    let v6 = packet.first().is_some_and(|b| b >> 4 == 6);
    let (field, value) = if v6 { (4..6, total.saturating_sub(40)) } else { (2..4, total) };
    let value = u16::try_from(value).unwrap_or(u16::MAX);
    if let Some(f) = packet.get_mut(field) {
        f.copy_from_slice(&value.to_be_bytes());
    }
    if v6 {
        return;
    }
    let words = packet.first().map_or(5, |b| usize::from(b & 15)).saturating_mul(4);
    if let Some(f) = packet.get_mut(10..12) {
        f.fill(0);
    }
    let mut sum = 0u32;
    for pair in packet.get(..words).unwrap_or_default().chunks_exact(2) {
        if let [a, b] = pair {
            sum = sum.wrapping_add(u32::from(u16::from_be_bytes([*a, *b])));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff).wrapping_add(sum >> 16);
    }
    if let Some(f) = packet.get_mut(10..12) {
        f.copy_from_slice(&(!(sum as u16)).to_be_bytes());
    }
}
