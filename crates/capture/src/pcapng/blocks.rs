//! Bodies of pcapng blocks: words in the section's byte order, options, clocks, and the blocks
//! that become notes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use base::{Span, Ts};
use wire::LinkType;

use super::Fault;
use crate::notes::{Interface, Notes, SecretKind, text};

/// Reads a body, word by word.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) rest: &'a [u8],
    pub(super) big_endian: bool,
}

const CUT: Fault = Fault::Malformed("it ends too early");

impl<'a> Words<'a> {
    #[inline]
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(CUT)?;
        self.rest = rest;
        Ok(head)
    }
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(CUT)?;
        self.rest = rest;
        Ok(*head)
    }
    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        let b = self.array()?;
        Ok(if self.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }
    #[inline]
    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        let b = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }
    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        let b = self.array()?;
        Ok(if self.big_endian { u64::from_be_bytes(b) } else { u64::from_le_bytes(b) })
    }
    /// `n` bytes and what fills them up to a multiple of four. The filling may be missing at the
    /// end of a body: some writers forget it.
    #[inline]
    pub(super) fn take_padded(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let bytes = self.take(n)?;
        let fill = n.wrapping_neg() & 3;
        self.rest = self.rest.get(fill..).unwrap_or_default();
        Ok(bytes)
    }
    /// The options that follow, until their end, the body's end, or one that is cut.
    pub(super) fn options(self) -> Options<'a> {
        Options { words: self }
    }
}

/// Walks (code, value).
pub(super) struct Options<'a> {
    words: Words<'a>,
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);
    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let code = self.words.u16().ok()?;
        let len = self.words.u16().ok()?;
        if code == 0 {
            return None;
        }
        Some((code, self.words.take_padded(len.into()).ok()?))
    }
}

/// What an interface's time stamps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    /// Seconds to add (if_tsoffset).
    offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A nanosecond or a multiple of it.
    Nanos(u64),
    /// Parts of a nanosecond: 10 to a power, per nanosecond.
    PerNano(u64),
    /// 2 to this power, per second.
    PerSecondLog2(u8),
}

impl Default for Clock {
    fn default() -> Self {
        Self { unit: Unit::Nanos(1000), offset: 0 }
    }
}

impl Clock {
    /// From if_tsresol: the high bit says power of two, the rest the negative exponent.
    fn resolution(&mut self, code: u8) {
        let power = u32::from(code & 0x7f);
        self.unit = if code & 0x80 != 0 {
            Unit::PerSecondLog2(power as u8)
        } else if power <= 9 {
            Unit::Nanos(10u64.pow(9u32.saturating_sub(power)))
        } else {
            // Past 10^-28 every stamp is 0 anyway.
            let per = 10u64.checked_pow(power.saturating_sub(9)).unwrap_or(u64::MAX);
            Unit::PerNano(per)
        };
    }

    #[inline]
    pub(super) fn time(self, high: u32, low: u32) -> Ts {
        let stamp = u64::from(high) << 32 | u64::from(low);
        let nanos = match self.unit {
            Unit::Nanos(each) => stamp.saturating_mul(each),
            Unit::PerNano(per) => stamp.checked_div(per).unwrap_or_default(),
            Unit::PerSecondLog2(power) => {
                let wide = u128::from(stamp).saturating_mul(1_000_000_000);
                u64::try_from(wide.checked_shr(power.into()).unwrap_or_default())
                    .unwrap_or(u64::MAX)
            }
        };
        let ts = Ts(i64::try_from(nanos).unwrap_or(i64::MAX));
        if self.offset == 0 { ts } else { ts.plus(Span::from_secs(self.offset)) }
    }
}

/// An interface description from its options.
pub(super) fn describe(
    words: Words<'_>,
    file: &Arc<Path>,
    link: LinkType,
    snaplen: u32,
    mut comment: impl FnMut(&[u8]),
) -> (Interface, Clock) {
    let mut clock = Clock::default();
    let mut interface = Interface {
        file: Arc::clone(file),
        link,
        snaplen,
        name: String::new(),
        description: String::new(),
        filter: String::new(),
        os: String::new(),
        fcs_bits: None,
        received: None,
        dropped: 0,
    };
    for (code, value) in words.options() {
        match code {
            1 => comment(value),
            2 => interface.name = text(short(value)),
            3 => interface.description = text(short(value)),
            9 => {
                if let Some(code) = value.first() {
                    clock.resolution(*code);
                }
            }
            // The first byte says which language the filter is in; 0 is text.
            11 => {
                if let [0, filter @ ..] = value {
                    interface.filter = text(short(filter));
                }
            }
            12 => interface.os = text(short(value)),
            13 => interface.fcs_bits = value.first().map(|len| len.saturating_mul(8)),
            14 => {
                let mut offset = Words { rest: value, big_endian: words.big_endian };
                clock.offset = offset.u64().unwrap_or_default() as i64;
            }
            _ => {}
        }
    }
    (interface, clock)
}

/// Names of interfaces are short; what a hostile file puts there is cut.
fn short(value: &[u8]) -> &[u8] {
    value.get(..value.len().min(1024)).unwrap_or_default()
}

/// Name resolution records: an address and the names it has.
pub(super) fn names(
    mut words: Words<'_>,
    file: &Arc<Path>,
    at: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    loop {
        let Ok(kind) = words.u16() else { return Ok(()) };
        let len = words.u16()?;
        if kind == 0 {
            break;
        }
        let mut record = Words { rest: words.take_padded(len.into())?, ..words };
        let addr: IpAddr = match kind {
            1 => Ipv4Addr::from(record.array::<4>()?).into(),
            2 => Ipv6Addr::from(record.array::<16>()?).into(),
            // Hardware addresses and kinds to come.
            _ => continue,
        };
        for name in record.rest.split(|b| *b == 0).filter(|n| !n.is_empty()) {
            notes.name(file, at, addr, name);
        }
    }
    for (code, value) in words.options() {
        if code == 1 {
            notes.comment(file, at, None, value);
        }
    }
    Ok(())
}

/// Decryption secrets.
pub(super) fn secrets(
    mut words: Words<'_>,
    file: &Arc<Path>,
    at: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let (kind, len) = (words.u32()?, words.u32()?);
    let data = words.take_padded(len as usize)?;
    notes.secret(file, at, SecretKind::from_number(kind), data);
    for (code, value) in words.options() {
        if code == 1 {
            notes.comment(file, at, None, value);
        }
    }
    Ok(())
}
