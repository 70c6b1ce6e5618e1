//! The next generation capture file (draft-ietf-opsawg-pcapng).
//!
//! A file is a row of sections, each with its own byte order and interfaces; a section is a row of
//! blocks that say their length twice. Packets come in enhanced, simple and obsolete packet
//! blocks; interface, name, statistics and secrets blocks become notes; other blocks are counted.
//!
//! **Damage.** A block whose two lengths agree is believed. When they disagree, the first is
//! believed if a plausible block follows where it points. Otherwise a search looks, byte by byte,
//! for the next block of a known type whose two lengths agree.
//!
//! **Invariant:** no block longer than [`LONGEST_BLOCK`] is believed, so what is wanted ahead is
//! bounded.

use std::path::Path;
use std::sync::Arc;

use base::Ts;
use wire::LinkType;

use crate::error::{Damage, Remedy};
use crate::notes::Notes;
use crate::packet::{Place, place};
use crate::reader::{Parsed, Window};

mod blocks;

use blocks::{Clock, Words};

/// The type of a section header block, the same in both byte orders.
pub(crate) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const SHB: u32 = 0x0a0d_0d0a;
const IDB: u32 = 1;
const PB: u32 = 2;
const SPB: u32 = 3;
const NRB: u32 = 4;
const ISB: u32 = 5;
const EPB: u32 = 6;
const DSB: u32 = 10;
/// Types that a search believes in: those read here, and those that others write.
const KNOWN: &[u32] = &[SHB, IDB, PB, SPB, NRB, ISB, EPB, 7, 8, 9, DSB, 11, 0x0bad, 0x4000_0bad];

/// The longest block that is believed.
const LONGEST_BLOCK: u32 = 24 * 1024 * 1024;
/// Type, length, length.
const FRAME: usize = 12;

/// Whether a file begins as pcapng does.
pub(crate) fn is_pcapng(head: &[u8]) -> bool {
    head.starts_with(&SECTION_HEADER) && head.get(8..12).and_then(order).is_some()
}

/// The byte order that a section's magic tells: whether it is big endian.
fn order(magic: &[u8]) -> Option<bool> {
    match magic {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(true),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(false),
        _ => None,
    }
}

/// An interface of the section that is being read.
#[derive(Clone, Copy, Debug)]
struct Local {
    /// Its number over the whole input.
    iface: u32,
    link: LinkType,
    snaplen: u32,
    clock: Clock,
}

/// Reads blocks of one file.
#[derive(Debug)]
pub(crate) struct Pcapng {
    file: Arc<Path>,
    big_endian: bool,
    interfaces: Vec<Local>,
    /// Packets so far, in this file.
    packets: u64,
    last_ts: Ts,
    /// Where sense was lost, while searching for it.
    lost: Option<(u64, Damage)>,
    /// Interfaces that packets named and nobody described were told of.
    told_unknown: bool,
}

/// Whether a block's frame holds.
enum Frame {
    /// A block of so many bytes.
    Whole {
        kind: u32,
        len: usize,
    },
    /// So many bytes are wanted to say.
    Need(usize),
    Bad(Damage),
}

impl Pcapng {
    pub(crate) fn new(file: &Arc<Path>) -> Self {
        Self {
            file: Arc::clone(file),
            big_endian: false,
            interfaces: Vec::new(),
            packets: 0,
            last_ts: Ts(0),
            lost: None,
            told_unknown: false,
        }
    }

    /// Takes the blocks out of a window.
    pub(crate) fn parse(
        &mut self,
        window: Window<'_>,
        out: &mut Vec<Place>,
        notes: &mut Notes,
    ) -> Parsed {
        let mut pos = 0usize;
        loop {
            if self.lost.is_some() {
                match self.search(window, pos) {
                    Ok(Some(at)) => {
                        self.found(window, at, notes);
                        pos = at;
                    }
                    Ok(None) => {
                        self.give_up(window, notes);
                        return Parsed { used: window.bytes.len(), want: 0 };
                    }
                    Err((from, want)) => return Parsed { used: from, want },
                }
            }
            let rest = window.bytes.get(pos..).unwrap_or_default();
            if rest.is_empty() {
                return Parsed { used: pos, want: FRAME };
            }
            match self.frame(rest) {
                Frame::Whole { kind, len } => {
                    let block = rest.get(..len).unwrap_or_default();
                    match self.lengths_agree(window, pos, block, kind, notes) {
                        Some(true) => {}
                        Some(false) => {
                            pos = pos.saturating_add(1);
                            continue;
                        }
                        None => {
                            return Parsed { used: pos, want: len.saturating_add(FRAME) };
                        }
                    }
                    self.block(window, pos, kind, block, out, notes);
                    pos = pos.saturating_add(len);
                }
                Frame::Need(want) if !window.last => return Parsed { used: pos, want },
                Frame::Need(want) => {
                    // A tail that is cut, unless a block begins within it: then a length is wrong.
                    let kind = rest.first_chunk::<4>().map_or(0, |b| self.u32(*b));
                    let bad = Damage::BadBlockLength { kind, length: want as u32 };
                    self.lost = Some((window.offset(pos), bad));
                    if let Ok(Some(at)) = self.search(window, pos.saturating_add(1)) {
                        self.found(window, at, notes);
                        pos = at;
                        continue;
                    }
                    self.lost = None;
                    let what = Damage::Truncated {
                        what: "block",
                        have: rest.len() as u64,
                        need: want as u64,
                    };
                    notes.trouble(&self.file, window.offset(pos), what, Remedy::LeftOut);
                    return Parsed { used: window.bytes.len(), want: 0 };
                }
                Frame::Bad(damage) => {
                    self.lost = Some((window.offset(pos), damage));
                    pos = pos.saturating_add(1);
                }
            }
        }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// Looks at the head of a block. A section header brings its own byte order.
    #[inline]
    fn frame(&self, bytes: &[u8]) -> Frame {
        let (words, _) = bytes.as_chunks::<4>();
        let [kind, length, ..] = words else { return Frame::Need(FRAME) };
        let kind = self.u32(*kind);
        let length = if kind == SHB {
            let Some(magic) = bytes.get(8..12) else { return Frame::Need(FRAME) };
            match order(magic) {
                Some(true) => u32::from_be_bytes(*length),
                Some(false) => u32::from_le_bytes(*length),
                None => {
                    let why = "its byte-order magic is unknown";
                    return Frame::Bad(Damage::BadBlock { kind, why });
                }
            }
        } else {
            self.u32(*length)
        };
        let least = if kind == SHB { 28 } else { FRAME as u32 };
        if length < least || length % 4 != 0 || length > LONGEST_BLOCK {
            return Frame::Bad(Damage::BadBlockLength { kind, length });
        }
        let len = length as usize;
        if bytes.len() < len { Frame::Need(len) } else { Frame::Whole { kind, len } }
    }

    fn found(&mut self, window: Window<'_>, at: usize, notes: &mut Notes) {
        if let Some((since, damage)) = self.lost.take() {
            let bytes = window.offset(at).saturating_sub(since);
            notes.trouble(&self.file, since, damage, Remedy::Resumed { bytes });
        }
    }

    fn give_up(&mut self, window: Window<'_>, notes: &mut Notes) {
        if let Some((since, damage)) = self.lost.take() {
            let bytes = window.offset(window.bytes.len()).saturating_sub(since);
            notes.trouble(&self.file, since, damage, Remedy::Ended { bytes });
        }
    }

    /// The two lengths of a whole block, in its own byte order.
    fn lengths(&self, block: &[u8], kind: u32) -> Option<(u32, u32)> {
        let big = if kind == SHB { order(block.get(8..12)?)? } else { self.big_endian };
        let word = |b: &[u8; 4]| if big { u32::from_be_bytes(*b) } else { u32::from_le_bytes(*b) };
        let head = block.get(4..)?.first_chunk::<4>()?;
        Some((word(head), word(block.last_chunk::<4>()?)))
    }

    /// Compares the lengths of a block; when they differ, looks at what follows. `false` sends the
    /// reader searching, `None` means that more bytes are wanted to say.
    #[inline]
    fn lengths_agree(
        &mut self,
        window: Window<'_>,
        pos: usize,
        block: &[u8],
        kind: u32,
        notes: &mut Notes,
    ) -> Option<bool> {
        let Some((head, tail)) = self.lengths(block, kind) else { return Some(false) };
        if head == tail {
            return Some(true);
        }
        let damage = Damage::LengthsDisagree { kind, head, tail };
        let next = window.bytes.get(pos.saturating_add(block.len())..).unwrap_or_default();
        if next.len() < FRAME && !window.last {
            return None;
        }
        let follows = match next.first_chunk::<4>() {
            Some(kind) => {
                KNOWN.contains(&self.u32(*kind)) && !matches!(self.frame(next), Frame::Bad(_))
            }
            None => next.is_empty(),
        };
        if follows && KNOWN.contains(&kind) {
            notes.trouble(&self.file, window.offset(pos), damage, Remedy::Believed);
            return Some(true);
        }
        self.lost = Some((window.offset(pos), damage));
        Some(false)
    }

    /// Looks for the next block of a known type whose lengths agree: its place, nothing, or from
    /// where how many bytes are wanted.
    #[cold]
    fn search(&self, window: Window<'_>, from: usize) -> Result<Option<usize>, (usize, usize)> {
        let mut at = from;
        loop {
            let rest = window.bytes.get(at..).unwrap_or_default();
            if rest.len() < FRAME {
                return if window.last { Ok(None) } else { Err((at, FRAME)) };
            }
            let known = rest.first_chunk::<4>().is_some_and(|k| KNOWN.contains(&self.u32(*k)));
            if known {
                match self.frame(rest) {
                    Frame::Whole { kind, len } => {
                        let block = rest.get(..len).unwrap_or_default();
                        if self.lengths(block, kind).is_some_and(|(head, tail)| head == tail) {
                            return Ok(Some(at));
                        }
                    }
                    Frame::Need(want) if !window.last => return Err((at, want)),
                    Frame::Need(_) | Frame::Bad(_) => {}
                }
            }
            at = at.saturating_add(1);
        }
    }

    /// Reads one whole block.
    #[inline]
    fn block(
        &mut self,
        window: Window<'_>,
        pos: usize,
        kind: u32,
        block: &[u8],
        out: &mut Vec<Place>,
        notes: &mut Notes,
    ) {
        let body = block.get(8..block.len().saturating_sub(4)).unwrap_or_default();
        let at = window.offset(pos);
        let body_at = pos.saturating_add(8);
        let words = Words { rest: body, big_endian: self.big_endian };
        let read = match kind {
            EPB => self.enhanced(words, body_at, at, out, notes),
            SHB => self.section(body, at, notes),
            IDB => self.describe(words, at, notes),
            SPB => self.simple(words, body_at, out),
            PB => self.obsolete(words, body_at, at, out, notes),
            NRB => blocks::names(words, &self.file, at, notes),
            ISB => self.statistics(words, notes),
            DSB => blocks::secrets(words, &self.file, at, notes),
            _ => {
                notes.other_blocks = notes.other_blocks.saturating_add(1);
                Ok(())
            }
        };
        if let Err(why) = read {
            let what = match why {
                Fault::Malformed(why) => Damage::BadBlock { kind, why },
                Fault::UnknownInterface(_) if std::mem::replace(&mut self.told_unknown, true) => {
                    notes.more_troubles = notes.more_troubles.saturating_add(1);
                    return;
                }
                Fault::UnknownInterface(iface) => Damage::UnknownInterface { iface },
            };
            notes.trouble(&self.file, at, what, Remedy::LeftOut);
        }
    }

    fn section(&mut self, body: &[u8], at: u64, notes: &mut Notes) -> Result<(), Fault> {
        let big = body.get(..4).and_then(order).ok_or(Fault::Malformed("no byte order"))?;
        self.big_endian = big;
        self.interfaces.clear();
        let mut words = Words { rest: body, big_endian: big };
        let (_magic, _version) = (words.u32()?, words.u32()?);
        let _section_length = words.take(8)?;
        for option in words.options() {
            if let (1, said) = option {
                notes.comment(&self.file, at, None, said);
            }
        }
        Ok(())
    }

    fn describe(&mut self, mut words: Words<'_>, at: u64, notes: &mut Notes) -> Result<(), Fault> {
        let link = words.u16()?;
        let (_reserved, snaplen) = (words.u16()?, words.u32()?);
        let told = blocks::describe(words, &self.file, LinkType(link), snaplen, |said| {
            notes.comment(&self.file, at, None, said);
        });
        let (interface, clock) = told;
        let iface =
            notes.interface(interface, at).ok_or(Fault::Malformed("too many interfaces"))?;
        self.interfaces.push(Local { iface, link: LinkType(link), snaplen, clock });
        Ok(())
    }

    #[inline]
    fn enhanced(
        &mut self,
        mut words: Words<'_>,
        body_at: usize,
        at: u64,
        out: &mut Vec<Place>,
        notes: &mut Notes,
    ) -> Result<(), Fault> {
        let (iface, high, low) = (words.u32()?, words.u32()?, words.u32()?);
        let (captured, wire) = (words.u32()?, words.u32()?);
        let local = self.local(iface)?;
        words.take_padded(captured as usize)?;
        let ts = local.clock.time(high, low);
        let start = body_at.saturating_add(20);
        self.packet(local, ts, place(start), captured, wire, out);
        if !words.rest.is_empty() {
            self.packet_options(words, at, local, notes);
        }
        Ok(())
    }

    fn obsolete(
        &mut self,
        mut words: Words<'_>,
        body_at: usize,
        at: u64,
        out: &mut Vec<Place>,
        notes: &mut Notes,
    ) -> Result<(), Fault> {
        let (iface, drops) = (words.u16()?, words.u16()?);
        let (high, low) = (words.u32()?, words.u32()?);
        let (captured, wire) = (words.u32()?, words.u32()?);
        let local = self.local(iface.into())?;
        words.take_padded(captured as usize)?;
        let ts = local.clock.time(high, low);
        let start = body_at.saturating_add(20);
        self.packet(local, ts, place(start), captured, wire, out);
        // 0xffff says that the count isn't known.
        if drops != 0xffff {
            lost(notes, local, drops.into());
        }
        self.packet_options(words, at, local, notes);
        Ok(())
    }

    /// A simple packet has no time: it takes that of the packet before it.
    fn simple(
        &mut self,
        mut words: Words<'_>,
        body_at: usize,
        out: &mut Vec<Place>,
    ) -> Result<(), Fault> {
        let wire = words.u32()?;
        let local = self.local(0)?;
        let snaplen = if local.snaplen == 0 { u32::MAX } else { local.snaplen };
        let there = u32::try_from(words.rest.len()).unwrap_or(u32::MAX);
        let captured = wire.min(snaplen).min(there);
        let start = place(body_at.saturating_add(4));
        self.packet(local, self.last_ts, start, captured, wire, out);
        Ok(())
    }

    #[inline]
    fn packet(
        &mut self,
        local: Local,
        ts: Ts,
        start: u32,
        captured: u32,
        wire: u32,
        out: &mut Vec<Place>,
    ) {
        self.packets = self.packets.saturating_add(1);
        self.last_ts = ts;
        out.push(Place {
            ts,
            start,
            len: captured,
            wire_len: wire.max(captured),
            iface: local.iface,
            link: local.link,
        });
    }

    #[inline]
    fn local(&self, iface: u32) -> Result<Local, Fault> {
        self.interfaces.get(iface as usize).copied().ok_or(Fault::UnknownInterface(iface))
    }

    fn packet_options(&self, words: Words<'_>, at: u64, local: Local, notes: &mut Notes) {
        for (code, value) in words.options() {
            match code {
                1 => notes.comment(&self.file, at, Some(self.packets), value),
                // epb_dropcount: lost between this packet and the one before.
                4 => {
                    let mut count = Words { rest: value, big_endian: self.big_endian };
                    lost(notes, local, count.u64().unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    fn statistics(&self, mut words: Words<'_>, notes: &mut Notes) -> Result<(), Fault> {
        let local = self.local(words.u32()?)?;
        let _when = (words.u32()?, words.u32()?);
        for (code, value) in words.options() {
            let mut count = Words { rest: value, big_endian: self.big_endian };
            let Ok(count) = count.u64() else { continue };
            let Some(interface) = notes.interfaces.get_mut(local.iface as usize) else { continue };
            match code {
                4 => interface.received = Some(count),
                // isb_ifdrop counts the whole capture, so it replaces what packets told.
                5 => interface.dropped = interface.dropped.max(count),
                _ => {}
            }
        }
        Ok(())
    }
}

fn lost(notes: &mut Notes, local: Local, count: u64) {
    if let Some(interface) = notes.interfaces.get_mut(local.iface as usize) {
        interface.dropped = interface.dropped.saturating_add(count);
    }
}

/// Why a block's body can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed(&'static str),
    UnknownInterface(u32),
}
