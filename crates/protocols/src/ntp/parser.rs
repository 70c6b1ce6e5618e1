//! Datagrams to messages.
//!
//! Extension fields have had two forms: those of Autokey (RFC 5906), which Zeek reads and takes a
//! message for broken that has others, and those of today (RFC 7822), plain type, length, value.

use base::{Reader, Span, Ts};

/// Bytes of a message of modes 1 to 5 without extensions.
pub const STANDARD_LEN: usize = 48;
/// Most bytes behind the header that are a message authentication code and no extension.
const MAC_MOST: usize = 24;
/// Seconds from 1900, where NTP's first era begins, to 1970.
const EPOCH: i64 = 2_208_988_800;

/// Why a datagram is no NTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It ends within its fixed fields.
    Short,
    /// Its extension fields do not add up.
    Extensions,
}

/// How extension fields are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extensions {
    /// As Autokey's, or the message is broken.
    Autokey,
    /// As any.
    Any,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Version, 1 to 4.
    pub version: u8,
    /// Mode, 0 to 7.
    pub mode: u8,
    /// What the mode makes of the rest.
    pub body: Body<'a>,
}

/// What a message holds, by its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Modes 1 to 5: time.
    Standard(Standard<'a>),
    /// Mode 6.
    Control(Control<'a>),
    /// Mode 7.
    Private(Private<'a>),
    /// Mode 0.
    Reserved,
}

/// Time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standard<'a> {
    /// Distance from a reference clock.
    pub stratum: u8,
    /// Logarithm of the interval between messages.
    pub poll: i8,
    /// Logarithm of the clock's precision.
    pub precision: i8,
    /// Delay and dispersion to the reference clock, in 1/65,536 s.
    pub root: [u32; 2],
    /// The reference clock.
    pub reference_id: [u8; 4],
    /// Reference, origin, receive and transmit time, as on the wire.
    pub times: [u64; 4],
    /// Key and digest, where there is a message authentication code.
    pub mac: Option<(u32, &'a [u8])>,
    /// Extension fields.
    pub extensions: u32,
}

/// A control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control<'a> {
    /// The byte of response, error and more bits with the operation.
    pub operation: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Status.
    pub status: u16,
    /// Association.
    pub association: u16,
    /// Data.
    pub data: &'a [u8],
    /// Key and checksum.
    pub mac: Option<(u32, &'a [u8])>,
}

/// A private message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Private<'a> {
    /// Authenticated.
    pub authenticated: bool,
    /// Sequence number.
    pub sequence: u8,
    /// Which implementation's codes.
    pub implementation: u8,
    /// Request code.
    pub request: u8,
    /// Error code.
    pub error: u8,
    /// Data.
    pub data: &'a [u8],
}

/// A time of the wire as packet time; zero stays zero, as NTP means by it "not known".
pub const fn time(wire: u64) -> Ts {
    if wire == 0 {
        return Ts(0);
    }
    let secs = (wire >> 32) as i64;
    let nanos = ((wire & 0xffff_ffff).wrapping_mul(1_000_000_000) >> 32) as u32;
    Ts::new(secs.saturating_sub(EPOCH), nanos)
}

/// 16.16 seconds as a span.
pub const fn short(wire: u32) -> Span {
    Span(((wire as i64).wrapping_mul(1_000_000_000)) >> 16)
}

/// Two to the power of `log`, in seconds, as far as a span reaches.
pub const fn power(log: i8) -> Span {
    const SECOND: i64 = 1_000_000_000;
    match log {
        34.. => Span(i64::MAX),
        0..34 => Span(SECOND.saturating_mul(1i64.wrapping_shl(log as u32))),
        -62..0 => Span(SECOND.wrapping_shr(log.unsigned_abs() as u32)),
        _ => Span(0),
    }
}

/// Reads a datagram.
pub fn parse(bytes: &[u8], extensions: Extensions) -> Result<Message<'_>, Fault> {
    let mut r = Reader::new(bytes);
    let first = r.u8().map_err(|_| Fault::Short)?;
    let (version, mode) = ((first >> 3) & 7, first & 7);
    let body = match mode {
        0 => Body::Reserved,
        6 => Body::Control(control(&mut r).ok_or(Fault::Short)?),
        7 => Body::Private(private(&mut r).ok_or(Fault::Short)?),
        _ => Body::Standard(standard(&mut r, extensions)?),
    };
    Ok(Message { version, mode, body })
}

fn standard<'a>(r: &mut Reader<'a>, form: Extensions) -> Result<Standard<'a>, Fault> {
    let short = |_| Fault::Short;
    let [stratum, poll, precision] = r.array().map_err(short)?;
    let root = [r.be32().map_err(short)?, r.be32().map_err(short)?];
    let reference_id = r.array().map_err(short)?;
    let mut times = [0; 4];
    for t in &mut times {
        *t = r.be64().map_err(short)?;
    }
    let mut extensions = 0u32;
    while r.left() > MAC_MOST {
        match form {
            Extensions::Autokey => autokey_field(r).ok_or(Fault::Extensions)?,
            Extensions::Any => {
                if field(r).is_none() {
                    // What follows is nobody's form: the time stands nevertheless.
                    break;
                }
            }
        }
        extensions = extensions.saturating_add(1);
    }
    let mac =
        matches!(r.left(), 20 | 24).then(|| r.be32().ok().map(|key| (key, r.rest()))).flatten();
    Ok(Standard {
        stratum,
        poll: poll as i8,
        precision: precision as i8,
        root,
        reference_id,
        times,
        mac,
        extensions,
    })
}

/// An extension field of RFC 7822.
fn field(r: &mut Reader<'_>) -> Option<()> {
    let mut probe = *r;
    let (_kind, len) = (probe.be16().ok()?, probe.be16().ok()?);
    probe.skip(usize::from(len).checked_sub(4)?).ok()?;
    *r = probe;
    Some(())
}

/// An extension field of Autokey: association, two times, value and signature behind lengths.
fn autokey_field(r: &mut Reader<'_>) -> Option<()> {
    let start = r.used();
    let (_kind, len) = (r.be16().ok()?, r.be16().ok()?);
    let len = usize::from(len);
    r.skip(10).ok()?;
    let value = r.be32().ok()? as usize;
    if value > len.checked_sub(18)? {
        return None;
    }
    r.skip(value).ok()?;
    let signature = r.be32().ok()? as usize;
    if value > len.checked_sub(22)? {
        return None;
    }
    r.skip(signature).ok()?;
    let read = r.used().saturating_sub(start);
    r.skip(len.saturating_sub(read)).ok()
}

fn control<'a>(r: &mut Reader<'a>) -> Option<Control<'a>> {
    let operation = r.u8().ok()?;
    let (sequence, status, association) = (r.be16().ok()?, r.be16().ok()?, r.be16().ok()?);
    let (_offset, count) = (r.be16().ok()?, r.be16().ok()?);
    let data = r.take(usize::from(count)).ok()?;
    let mac = (r.left() == 12).then(|| r.be32().ok().map(|key| (key, r.rest()))).flatten();
    Some(Control { operation, sequence, status, association, data, mac })
}

fn private<'a>(r: &mut Reader<'a>) -> Option<Private<'a>> {
    let [second, implementation, request] = r.array().ok()?;
    let word = r.be16().ok()?;
    // Number of items by the reference implementation, bytes by Zeek's reading; the items' size
    // word follows and is part of the data here as it is there.
    let data = r.take(usize::from(word & 0x0fff)).ok()?;
    if second & 0x80 != 0 {
        r.skip(20).ok()?;
    }
    Some(Private {
        authenticated: second & 0x80 != 0,
        sequence: second & 0x7f,
        implementation,
        request,
        error: (word >> 12) as u8,
        data,
    })
}
