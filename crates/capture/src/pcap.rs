//! The classic capture file (draft-ietf-opsawg-pcap): a header of 24 bytes, then records.
//!
//! Read are both byte orders, micro- and nanoseconds, the records of Kuznetsov's patched libpcap
//! (0xa1b2cd34, eight bytes longer), the swapped lengths of files older than version 2.4, and
//! frame check sequences told in the link field. A snap length is believed only as a lower bound:
//! files whose packets exceed it are common and whole.
//!
//! **Damage.** Records carry no magic, so a wrong length leads astray. A header that can't be
//! (longer than any packet) or that is odd (a fraction past the second, less on the wire than
//! captured, all zeros) and isn't followed by a sane one starts a search, byte by byte from the
//! last packet on, for a chain of headers that fit each other and the time of the last packet. Where
//! the chain begins within that packet, its own length was wrong: it is kept, since its beginning is
//! right and what follows the end that its network header tells is not looked at.
//!
//! **Invariants:** what is wanted ahead is bounded by three records of the longest kind; the last
//! packet's bytes stay in the window until the header after it was seen, so that the search doesn't
//! depend on where windows end.

use std::path::Path;
use std::sync::Arc;

use base::Ts;
use wire::LinkType;

use crate::error::{Damage, Remedy};
use crate::notes::{Interface, Notes};
use crate::packet::{Place, place};
use crate::reader::{Parsed, Window};

/// The longest packet that is believed whatever the snap length says (libpcap's own limit).
const LONGEST: u32 = 262_144;
/// The longest packet that is believed when the snap length says so.
const LONGEST_SAID: u32 = 16 * 1024 * 1024;
/// Headers that must fit each other before a search ends.
const CHAIN: u32 = 3;
/// How far a packet found by searching may be from the last one in time.
const NEAR_SECS: u32 = 86_400;

/// Reads records of one file.
#[derive(Debug)]
pub(crate) struct Pcap {
    file: Arc<Path>,
    big_endian: bool,
    nanos: bool,
    swapped: Swapped,
    header_len: usize,
    longest: u32,
    /// Packets are cut to this.
    kept: u32,
    iface: u32,
    link: LinkType,
    last_secs: Option<u32>,
    /// Set while searching for where sense begins again.
    lost: Option<Lost>,
    /// Bytes at the start of the next window that belong to a packet already handed over.
    behind: usize,
}

/// Where sense was lost.
#[derive(Debug)]
struct Lost {
    /// Offset of the header that made none.
    at: u64,
    damage: Damage,
    /// The packet before it: its offset, captured and wire length.
    before: Option<(u64, u32, u32)>,
}

/// Whether the two lengths of a record stand in the other order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swapped {
    No,
    Yes,
    /// Version 2.3: some writers did, some didn't.
    WhereLess,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    secs: u32,
    frac: u32,
    captured: u32,
    wire: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Sane,
    Odd,
    Zero,
    Bad,
}

/// What a magic number says: byte order, fraction, record header length.
pub(crate) fn magic(head: &[u8]) -> Option<(bool, bool, usize)> {
    match head.first_chunk::<4>()? {
        [0xa1, 0xb2, 0xc3, 0xd4] => Some((true, false, 16)),
        [0xd4, 0xc3, 0xb2, 0xa1] => Some((false, false, 16)),
        [0xa1, 0xb2, 0x3c, 0x4d] => Some((true, true, 16)),
        [0x4d, 0x3c, 0xb2, 0xa1] => Some((false, true, 16)),
        [0xa1, 0xb2, 0xcd, 0x34] => Some((true, false, 24)),
        [0x34, 0xcd, 0xb2, 0xa1] => Some((false, false, 24)),
        _ => None,
    }
}

/// Link types of the pcap registry for numbers that only some systems wrote.
fn registered(link: u16) -> LinkType {
    match link {
        // DLT_RAW of BSD/OS and OpenBSD.
        12 | 14 => LinkType(101),
        other => LinkType(other),
    }
}

impl Pcap {
    /// Bytes of the file header.
    pub(crate) const HEADER: usize = 24;

    /// Reads the file header; `None` when it is not one or not whole.
    pub(crate) fn open(
        head: &[u8],
        file: &Arc<Path>,
        cut_at_snaplen: bool,
        notes: &mut Notes,
    ) -> Option<Self> {
        let (big_endian, nanos, header_len) = magic(head)?;
        let mut r = base::Reader::new(head);
        let mut word = || r.array::<4>().ok().map(|b| u32_of(b, big_endian));
        let _magic = word()?;
        let version = word()?;
        let (_zone, _accuracy, snaplen, network) = (word()?, word()?, word()?, word()?);
        let (major, minor) = if big_endian {
            (version >> 16, version & 0xffff)
        } else {
            (version & 0xffff, version >> 16)
        };
        let swapped = match (major, minor) {
            (2, 0..=2) | (543, _) => Swapped::Yes,
            (2, 3) => Swapped::WhereLess,
            _ => Swapped::No,
        };
        let link = registered((network & 0xffff) as u16);
        let fcs_bits = (network & 0x0400_0000 != 0).then_some(((network >> 28) as u8) << 4);
        let interface = Interface {
            file: Arc::clone(file),
            link,
            snaplen,
            name: String::new(),
            description: String::new(),
            filter: String::new(),
            os: String::new(),
            fcs_bits,
            received: None,
            dropped: 0,
        };
        let iface = notes.interface(interface, 0)?;
        Some(Self {
            file: Arc::clone(file),
            big_endian,
            nanos,
            swapped,
            header_len,
            longest: snaplen.clamp(LONGEST, LONGEST_SAID),
            kept: match snaplen {
                _ if !cut_at_snaplen => u32::MAX,
                // What libpcap takes for no limit.
                0 | 0x8000_0000.. => LONGEST,
                snaplen => snaplen,
            },
            iface,
            link,
            last_secs: None,
            lost: None,
            behind: 0,
        })
    }

    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let (words, _) = bytes.first_chunk::<16>()?.as_chunks::<4>();
        let &[secs, frac, captured, wire] = words else { return None };
        let word = |bytes| u32_of(bytes, self.big_endian);
        let (captured, wire) = (word(captured), word(wire));
        let (captured, wire) = match self.swapped {
            Swapped::No => (captured, wire),
            Swapped::Yes => (wire, captured),
            Swapped::WhereLess if captured > wire => (wire, captured),
            Swapped::WhereLess => (captured, wire),
        };
        Some(Head { secs: word(secs), frac: word(frac), captured, wire })
    }

    #[inline]
    fn fit(&self, head: &Head) -> Fit {
        let per_second = if self.nanos { 1_000_000_000 } else { 1_000_000 };
        if head.captured > self.longest {
            Fit::Bad
        } else if head.frac < per_second && head.wire >= head.captured && head.secs != 0 {
            Fit::Sane
        } else if head.secs | head.frac | head.captured | head.wire == 0 {
            Fit::Zero
        } else {
            Fit::Odd
        }
    }

    /// Takes the records out of a window.
    pub(crate) fn parse(
        &mut self,
        window: Window<'_>,
        out: &mut Vec<Place>,
        notes: &mut Notes,
    ) -> Parsed {
        let mut pos = std::mem::take(&mut self.behind);
        // The start of the packet before `pos`, unless a search came between.
        let mut before: Option<usize> = (pos > 0).then_some(0);
        loop {
            if self.lost.is_some() {
                before = None;
                match self.search(window, pos) {
                    Search::Found(at) => {
                        self.found(window, at, notes);
                        pos = at;
                    }
                    Search::Need { from, want } => return Parsed { used: from, want },
                    Search::Nothing => {
                        self.give_up(window, notes);
                        return Parsed { used: window.bytes.len(), want: 0 };
                    }
                }
            }
            let rest = window.bytes.get(pos..).unwrap_or_default();
            let left = rest.len();
            let Some(head) = self.head(rest).filter(|_| left >= self.header_len) else {
                if window.last && left > 0 {
                    let what = Damage::Truncated {
                        what: "packet header",
                        have: left as u64,
                        need: self.header_len as u64,
                    };
                    notes.trouble(&self.file, window.offset(pos), what, Remedy::LeftOut);
                }
                return self.pause(window, before, pos, self.header_len);
            };
            let fit = self.fit(&head);
            let whole = self.header_len.saturating_add(head.captured as usize);
            if fit != Fit::Sane {
                match self.odd_is_right(window, pos, &head, fit) {
                    Some(true) => {}
                    None => {
                        let want = whole.saturating_add(self.header_len);
                        return self.pause(window, before, pos, want);
                    }
                    Some(false) => {
                        pos = self.lose(window, pos, before, &head, fit);
                        continue;
                    }
                }
            }
            if left < whole {
                if !window.last {
                    return self.pause(window, before, pos, whole);
                }
                // A tail that is cut, unless sense begins again within what is there: then the
                // length was wrong.
                if let Search::Found(at) = self.search(window, pos.saturating_add(1)) {
                    self.lose(window, pos, None, &head, Fit::Bad);
                    self.found(window, at, notes);
                    (pos, before) = (at, None);
                    continue;
                }
                let what =
                    Damage::Truncated { what: "packet", have: left as u64, need: whole as u64 };
                notes.trouble(&self.file, window.offset(pos), what, Remedy::LeftOut);
                return self.pause(window, None, window.bytes.len(), 0);
            }
            let nanos = if self.nanos { head.frac } else { head.frac.saturating_mul(1000) };
            out.push(Place {
                ts: Ts::new(i64::from(head.secs), nanos),
                start: place(pos.saturating_add(self.header_len)),
                len: head.captured.min(self.kept),
                wire_len: head.wire.max(head.captured),
                iface: self.iface,
                link: self.link,
            });
            self.last_secs = Some(head.secs);
            before = Some(pos);
            pos = pos.saturating_add(whole);
        }
    }

    /// Waits for more bytes after `pos`, and keeps the packet before it.
    fn pause(
        &mut self,
        window: Window<'_>,
        before: Option<usize>,
        pos: usize,
        want: usize,
    ) -> Parsed {
        if window.last {
            return Parsed { used: window.bytes.len(), want: 0 };
        }
        let used = before.unwrap_or(pos);
        self.behind = pos.saturating_sub(used);
        Parsed { used, want: want.saturating_add(self.behind) }
    }

    /// Whether an odd header is nevertheless one, which its successor shows; `None` when more
    /// bytes are wanted to say.
    #[cold]
    fn odd_is_right(&self, window: Window<'_>, pos: usize, head: &Head, fit: Fit) -> Option<bool> {
        if fit == Fit::Bad {
            return Some(false);
        }
        let next = pos.saturating_add(self.header_len).saturating_add(head.captured as usize);
        let rest = window.bytes.get(next..).unwrap_or_default();
        match self.head(rest) {
            Some(after) => {
                let after = self.fit(&after);
                Some(after != Fit::Bad && !(fit == Fit::Zero && after == Fit::Zero))
            }
            // The file ends here or within it: a cut tail is told as that.
            None if window.last => Some(fit != Fit::Zero || rest.is_empty()),
            None => None,
        }
    }

    /// Begins a search; the answer is from where.
    #[cold]
    fn lose(
        &mut self,
        window: Window<'_>,
        pos: usize,
        before: Option<usize>,
        head: &Head,
        fit: Fit,
    ) -> usize {
        let damage = if fit == Fit::Zero {
            Damage::Hole
        } else {
            Damage::BadRecord { captured: head.captured, wire: head.wire }
        };
        let told = |start: usize| {
            let head = self.head(window.bytes.get(start..).unwrap_or_default())?;
            Some((window.offset(start), head.captured, head.wire))
        };
        let before_told = before.and_then(told);
        self.lost = Some(Lost { at: window.offset(pos), damage, before: before_told });
        match before {
            Some(start) => start.saturating_add(self.header_len),
            None => pos.saturating_add(1),
        }
    }

    fn found(&mut self, window: Window<'_>, at: usize, notes: &mut Notes) {
        let Some(lost) = self.lost.take() else { return };
        let here = window.offset(at);
        match lost.before {
            Some((start, captured, wire)) if here < lost.at => {
                let damage = Damage::BadRecord { captured, wire };
                notes.trouble(&self.file, start, damage, Remedy::Reread);
            }
            _ => {
                let bytes = here.saturating_sub(lost.at);
                notes.trouble(&self.file, lost.at, lost.damage, Remedy::Resumed { bytes });
            }
        }
    }

    fn give_up(&mut self, window: Window<'_>, notes: &mut Notes) {
        if let Some(lost) = self.lost.take() {
            let bytes = window.offset(window.bytes.len()).saturating_sub(lost.at);
            notes.trouble(&self.file, lost.at, lost.damage, Remedy::Ended { bytes });
        }
    }

    /// Looks for the first place from `from` on where a chain of headers begins.
    #[cold]
    fn search(&self, window: Window<'_>, from: usize) -> Search {
        let mut at = from;
        loop {
            // Zeros are no header, and holes are large: step over them quickly.
            let rest = window.bytes.get(at..).unwrap_or_default();
            if rest.len() < self.header_len {
                return if window.last {
                    Search::Nothing
                } else {
                    Search::Need { from: at, want: self.header_len }
                };
            }
            let zeros = rest.iter().take_while(|b| **b == 0).count();
            if zeros > self.header_len {
                at = at.saturating_add(zeros).saturating_sub(self.header_len);
            }
            match self.chain(window, at) {
                Chain::Fits => return Search::Found(at),
                Chain::Need(want) => return Search::Need { from: at, want },
                Chain::Breaks => at = at.saturating_add(1),
            }
        }
    }

    fn chain(&self, window: Window<'_>, at: usize) -> Chain {
        let mut pos = at;
        let mut near = self.last_secs;
        for link in 0..CHAIN {
            let rest = window.bytes.get(pos..).unwrap_or_default();
            if rest.is_empty() && window.last && link > 0 && pos == window.bytes.len() {
                return Chain::Fits;
            }
            let Some(head) = self.head(rest).filter(|_| rest.len() >= self.header_len) else {
                if !window.last {
                    let want = pos.saturating_add(self.header_len).saturating_sub(at);
                    return Chain::Need(want);
                }
                // A cut tail after two good headers is good enough.
                return if link > 1 { Chain::Fits } else { Chain::Breaks };
            };
            let fits = self.fit(&head) == Fit::Sane
                && head.captured > 0
                && head.wire <= LONGEST.max(self.longest)
                && near.is_none_or(|last| head.secs.abs_diff(last) <= NEAR_SECS);
            if !fits {
                return Chain::Breaks;
            }
            near = Some(head.secs);
            pos = pos.saturating_add(self.header_len).saturating_add(head.captured as usize);
        }
        Chain::Fits
    }
}

enum Search {
    Found(usize),
    Need { from: usize, want: usize },
    Nothing,
}

enum Chain {
    Fits,
    Breaks,
    /// So many bytes are wanted from the start of the chain.
    Need(usize),
}

#[inline(always)]
fn u32_of(bytes: [u8; 4], big_endian: bool) -> u32 {
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}
