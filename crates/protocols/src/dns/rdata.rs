//! What stands in a resource record, by type.
//!
//! [`Rdata::parse`] gives borrowed fields; names within are offsets into the message, to be
//! spelled with [`super::parser::spell`], since they may be compressed. [`check`] is the part of
//! it that decides whether a message can be read further, and leaves notes of what is odd.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base::Reader;

use super::parser::{Fault, Layout, Note, Rr, Rules, Section, walk};

/// Record types that are read.
pub mod rtype {
    #![allow(missing_docs)] // the mnemonics of IANA's registry
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const NULL: u16 = 10;
    pub const WKS: u16 = 11;
    pub const PTR: u16 = 12;
    pub const HINFO: u16 = 13;
    pub const MX: u16 = 15;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const LOC: u16 = 29;
    pub const NB: u16 = 32;
    pub const SRV: u16 = 33;
    pub const NAPTR: u16 = 35;
    pub const A6: u16 = 38;
    pub const DNAME: u16 = 39;
    pub const OPT: u16 = 41;
    pub const DS: u16 = 43;
    pub const SSHFP: u16 = 44;
    pub const RRSIG: u16 = 46;
    pub const NSEC: u16 = 47;
    pub const DNSKEY: u16 = 48;
    pub const NSEC3: u16 = 50;
    pub const NSEC3PARAM: u16 = 51;
    pub const SVCB: u16 = 64;
    pub const HTTPS: u16 = 65;
    pub const SPF: u16 = 99;
    pub const TKEY: u16 = 249;
    pub const TSIG: u16 = 250;
    pub const ANY: u16 = 255;
    pub const CAA: u16 = 257;
    /// BIND's private type that tells how far signing has come.
    pub const BIND_SIGNING: u16 = 65534;
}

/// An offset of a name in the message.
pub type At = usize;

/// The fields of a record's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rdata<'a> {
    /// A, AAAA, A6.
    Addr(IpAddr),
    /// NS, CNAME, PTR, DNAME.
    Name(At),
    /// Start of authority.
    Soa {
        /// Primary server.
        mname: At,
        /// Mailbox of who is responsible.
        rname: At,
        /// Serial, refresh, retry, expire, minimum.
        numbers: [u32; 5],
    },
    /// Mail exchange.
    Mx {
        /// Lower is better.
        preference: u16,
        /// Who takes the mail.
        name: At,
    },
    /// TXT and SPF: strings behind length bytes, see [`Strings`].
    Text(&'a [u8]),
    /// Host information: processor, system.
    Hinfo(&'a [u8], &'a [u8]),
    /// Location of a service.
    Srv {
        /// Lower is better.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// Port.
        port: u16,
        /// Host.
        target: At,
    },
    /// Rewriting rule.
    Naptr {
        /// Order, preference.
        order: [u16; 2],
        /// Flags, services, expression.
        texts: [&'a [u8]; 3],
        /// Replacement.
        replacement: At,
    },
    /// Fingerprint of an SSH key: algorithm, type, fingerprint.
    Sshfp(u8, u8, &'a [u8]),
    /// Delegation signer.
    Ds {
        /// Key tag.
        tag: u16,
        /// Algorithm.
        algorithm: u8,
        /// Digest type.
        digest_type: u8,
        /// Digest.
        digest: &'a [u8],
    },
    /// Signature over a set of records.
    Rrsig {
        /// Type covered.
        covered: u16,
        /// Algorithm.
        algorithm: u8,
        /// Labels.
        labels: u8,
        /// Original TTL, expiration, inception.
        times: [u32; 3],
        /// Key tag.
        tag: u16,
        /// Signer.
        signer: At,
        /// Signature.
        signature: &'a [u8],
    },
    /// Next name in the zone, with type bitmaps.
    Nsec(At, &'a [u8]),
    /// Key of a zone.
    Dnskey {
        /// Flags.
        flags: u16,
        /// Always 3.
        protocol: u8,
        /// Algorithm.
        algorithm: u8,
        /// Key.
        key: &'a [u8],
    },
    /// NSEC3 (with hash and bitmaps) and NSEC3PARAM (without).
    Nsec3 {
        /// Hash algorithm, flags.
        head: [u8; 2],
        /// Iterations.
        iterations: u16,
        /// Salt.
        salt: &'a [u8],
        /// Hash of the next owner.
        hash: &'a [u8],
        /// Type bitmaps.
        bitmaps: &'a [u8],
    },
    /// Location on Earth.
    Loc {
        /// Version, size, horizontal and vertical precision.
        head: [u8; 4],
        /// Latitude, longitude, altitude.
        place: [u32; 3],
    },
    /// Service binding (SVCB, HTTPS).
    Service {
        /// 0: alias.
        priority: u16,
        /// Target.
        target: At,
        /// Parameters.
        params: &'a [u8],
    },
    /// Certification authority authorisation: flags, tag, value.
    Caa(u8, &'a [u8], &'a [u8]),
    /// EDNS options.
    Opt(&'a [u8]),
    /// BIND's signing state: algorithm, key, removal flag, complete flag.
    Signing(u8, u16, u8, u8),
    /// Read by nobody here, or too short for its type.
    Other(&'a [u8]),
}

/// The strings of TXT and SPF records.
#[derive(Clone, Debug)]
pub struct Strings<'a>(pub &'a [u8]);

impl<'a> Iterator for Strings<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        let mut r = Reader::new(self.0);
        let s = r.vec8().ok()?.whole();
        self.0 = r.rest();
        Some(s)
    }
}

impl<'a> Rdata<'a> {
    /// Reads the data of `rr`.
    pub fn parse(msg: &'a [u8], rr: &Rr) -> Result<Self, Fault> {
        let bytes = rr.bytes(msg);
        let mut r = Reader::new(bytes);
        let at = |r: &Reader<'_>| usize::from(rr.data).saturating_add(r.used());
        let short = |_| Fault::DataShort;
        if bytes.is_empty() {
            // What follows an empty record is the next one, not a name of this.
            return Ok(if rr.rtype == rtype::OPT { Self::Opt(bytes) } else { Self::Other(bytes) });
        }
        Ok(match rr.rtype {
            rtype::A => {
                let [a, b, c, d] = *bytes.as_array().ok_or(Fault::AddressLength)?;
                Self::Addr(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
            }
            rtype::AAAA | rtype::A6 => {
                let a: [u8; 16] = r.array().map_err(|_| Fault::AddressLength)?;
                Self::Addr(IpAddr::V6(Ipv6Addr::from(a)))
            }
            rtype::NS | rtype::CNAME | rtype::PTR | rtype::DNAME => Self::Name(at(&r)),
            rtype::SOA => {
                let mname = at(&r);
                skip_name(&mut r)?;
                let rname = at(&r);
                skip_name(&mut r)?;
                let mut numbers = [0; 5];
                for n in &mut numbers {
                    *n = r.be32().map_err(short)?;
                }
                Self::Soa { mname, rname, numbers }
            }
            rtype::MX => {
                let preference = r.be16().map_err(short)?;
                Self::Mx { preference, name: at(&r) }
            }
            rtype::TXT | rtype::SPF => Self::Text(bytes),
            rtype::HINFO => {
                let past = |_| Fault::StringPastEnd;
                let cpu = r.vec8().map_err(past)?.whole();
                Self::Hinfo(cpu, r.vec8().map_err(past)?.whole())
            }
            rtype::SRV => {
                let priority = r.be16().map_err(short)?;
                let weight = r.be16().map_err(short)?;
                let port = r.be16().map_err(short)?;
                Self::Srv { priority, weight, port, target: at(&r) }
            }
            rtype::NAPTR => {
                let order = [r.be16().map_err(short)?, r.be16().map_err(short)?];
                let mut texts: [&[u8]; 3] = [b""; 3];
                for t in &mut texts {
                    *t = r.vec8().map_err(|_| Fault::StringPastEnd)?.whole();
                }
                Self::Naptr { order, texts, replacement: at(&r) }
            }
            rtype::SSHFP => Self::Sshfp(r.u8().map_err(short)?, r.u8().map_err(short)?, r.rest()),
            rtype::DS => Self::Ds {
                tag: r.be16().map_err(short)?,
                algorithm: r.u8().map_err(short)?,
                digest_type: r.u8().map_err(short)?,
                digest: r.rest(),
            },
            rtype::RRSIG => {
                let covered = r.be16().map_err(short)?;
                let (algorithm, labels) = (r.u8().map_err(short)?, r.u8().map_err(short)?);
                let mut times = [0; 3];
                for t in &mut times {
                    *t = r.be32().map_err(short)?;
                }
                let tag = r.be16().map_err(short)?;
                let signer = at(&r);
                skip_name(&mut r)?;
                Self::Rrsig { covered, algorithm, labels, times, tag, signer, signature: r.rest() }
            }
            rtype::NSEC => {
                let next = at(&r);
                skip_name(&mut r)?;
                Self::Nsec(next, r.rest())
            }
            rtype::DNSKEY => Self::Dnskey {
                flags: r.be16().map_err(short)?,
                protocol: r.u8().map_err(short)?,
                algorithm: r.u8().map_err(short)?,
                key: r.rest(),
            },
            rtype::NSEC3 | rtype::NSEC3PARAM => {
                let head = r.array().map_err(short)?;
                let iterations = r.be16().map_err(short)?;
                let salt = r.vec8().map_err(short)?.whole();
                let hash =
                    if rr.rtype == rtype::NSEC3 { r.vec8().map_err(short)?.whole() } else { b"" };
                Self::Nsec3 { head, iterations, salt, hash, bitmaps: r.rest() }
            }
            rtype::LOC => {
                if bytes.len() != 16 {
                    return Err(Fault::LocationLength);
                }
                let head = r.array().map_err(short)?;
                let mut place = [0; 3];
                for p in &mut place {
                    *p = r.be32().map_err(short)?;
                }
                Self::Loc { head, place }
            }
            rtype::SVCB | rtype::HTTPS => {
                if bytes.len() < 3 {
                    return Err(Fault::ServiceLength);
                }
                let priority = r.be16().map_err(short)?;
                let target = at(&r);
                skip_name(&mut r)?;
                Self::Service { priority, target, params: r.rest() }
            }
            rtype::CAA => {
                let flags = r.u8().map_err(short)?;
                let tag = r.vec8().map_err(|_| Fault::TagPastEnd)?.whole();
                Self::Caa(flags, tag, r.rest())
            }
            rtype::OPT => Self::Opt(bytes),
            rtype::BIND_SIGNING => Self::Signing(
                r.u8().map_err(short)?,
                r.be16().map_err(short)?,
                r.u8().map_err(short)?,
                r.u8().map_err(short)?,
            ),
            _ => Self::Other(bytes),
        })
    }
}

/// Steps over a name without following its pointers.
fn skip_name(r: &mut Reader<'_>) -> Result<(), Fault> {
    loop {
        match r.u8().map_err(|_| Fault::NameEnds)? {
            0 => return Ok(()),
            0xc0.. => return r.skip(1).map_err(|_| Fault::NameEnds),
            n => r.skip(usize::from(n)).map_err(|_| Fault::LabelPastEnd)?,
        }
    }
}

/// Whether a record can be read, with notes of what is odd in it. Authorities and additional
/// records are looked at when somebody asks for them, not here.
pub(super) fn check(msg: &[u8], rr: &Rr, rules: Rules, layout: &mut Layout) -> Result<(), Fault> {
    if rr.section > Section::Answer {
        return Ok(());
    }
    let update = layout.header.opcode() == 5 && !rules.long_labels;
    if rr.data_len == 0 {
        // RFC 2136 deletes with empty data; TXT and NULL may be empty; OPT often is.
        let may = update || matches!(rr.rtype, rtype::NULL | rtype::OPT);
        return if may || rules.forward { Ok(()) } else { Err(Fault::DataEmpty) };
    }
    // NetBIOS gives the number of SRV to node status, which has another form.
    if update || (rules.long_labels && rr.rtype == rtype::SRV) {
        return Ok(());
    }
    let data = match Rdata::parse(msg, rr) {
        Ok(data) => data,
        // The tolerant reading keeps a record whose data is odd, but for the types whose shape
        // everybody relies on; its data is then told as none.
        Err(_) if rules.forward && !relied_on(rr.rtype) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    let end = usize::from(rr.data).saturating_add(usize::from(rr.data_len));
    let mut name = |at: At, last: bool| -> Result<(), Fault> {
        match walk(msg, at, rules, |_| {}) {
            Ok(w) => {
                if last && w.end != end {
                    layout.note(Note::LengthMismatch);
                }
                Ok(())
            }
            Err(_) if rules.forward && !relied_on(rr.rtype) => Ok(()),
            Err(fault) => Err(fault),
        }
    };
    match data {
        Rdata::Name(at) | Rdata::Mx { name: at, .. } | Rdata::Srv { target: at, .. } => {
            name(at, true)
        }
        Rdata::Soa { mname, rname, .. } => name(mname, false).and_then(|()| name(rname, false)),
        Rdata::Naptr { replacement: at, .. }
        | Rdata::Service { target: at, .. }
        | Rdata::Nsec(at, _)
        | Rdata::Rrsig { signer: at, .. } => name(at, false),
        _ => Ok(()),
    }?;
    match data {
        Rdata::Text(bytes) => {
            let mut strings = Strings(bytes);
            strings.by_ref().for_each(drop);
            if !strings.0.is_empty() {
                return Err(Fault::StringPastEnd);
            }
        }
        Rdata::Service { priority, params, .. } if !rules.forward => {
            if priority == 0 && !params.is_empty() {
                layout.note(Note::SvcAliasParams);
            }
            service_params(params, layout);
        }
        Rdata::Dnskey { flags, protocol, algorithm, .. } => {
            if flags & 0xfe7e != 0 {
                layout.note(Note::KeyFlags(flags));
            }
            if flags & 0x0181 == 0x0181 {
                layout.note(Note::KeyRevoked(flags));
            }
            if protocol != 3 {
                layout.note(Note::KeyProtocol(protocol));
            }
            if !usual_algorithm(algorithm) {
                layout.note(Note::Algorithm(true, algorithm));
            }
        }
        Rdata::Rrsig { algorithm, .. } if !usual_algorithm(algorithm) => {
            layout.note(Note::Algorithm(false, algorithm));
        }
        Rdata::Ds { digest_type, .. } if !(1..=4).contains(&digest_type) => {
            layout.note(Note::Digest(digest_type));
        }
        Rdata::Loc { head: [version, ..], .. } if version != 0 => {
            layout.note(Note::LocVersion(version));
        }
        Rdata::Nsec(_, bitmaps) => bitmap_windows(bitmaps, false, layout),
        Rdata::Nsec3 { bitmaps, .. } => bitmap_windows(bitmaps, true, layout),
        Rdata::Other(_) if !known(rr.rtype) => layout.note(Note::UnknownType(rr.rtype)),
        // DNAME is a name to us, and a type without a form to Zeek.
        Rdata::Name(_) if rr.rtype == rtype::DNAME => layout.note(Note::UnknownType(rr.rtype)),
        _ => {}
    }
    Ok(())
}

/// Types whose data must be readable even where much is forgiven.
const fn relied_on(t: u16) -> bool {
    use rtype::{CNAME, MX, NS, OPT, PTR, SOA, SRV, SSHFP, TXT};
    matches!(t, CNAME | MX | NS | OPT | PTR | SOA | SRV | SSHFP | TXT)
}

/// Types without fields here that are nevertheless no surprise.
const fn known(t: u16) -> bool {
    matches!(t, rtype::WKS | rtype::NB | rtype::TKEY | rtype::TSIG)
}

/// DNSSEC algorithms that are assigned to a cipher still in order.
const fn usual_algorithm(a: u8) -> bool {
    matches!(a, 2..=8 | 10 | 12..=16)
}

fn bitmap_windows(mut bytes: &[u8], nsec3: bool, layout: &mut Layout) {
    while let [window, len, rest @ ..] = bytes {
        if *len == 0 {
            layout.note(Note::Bitmap(nsec3, *window));
            return;
        }
        bytes = rest.get(usize::from(*len)..).unwrap_or_default();
    }
}

/// Parameters of a service binding (RFC 9460, 2.2).
fn service_params(bytes: &[u8], layout: &mut Layout) {
    let mut r = Reader::new(bytes);
    while let (Ok(key), Ok(len)) = (r.be16(), r.be16()) {
        let n = usize::from(len).min(r.left());
        if n < usize::from(len) {
            layout.note(Note::SvcValueTooBig(len, n as u16));
            return;
        }
        let Ok(value) = r.take(n) else { return };
        let note = match key {
            0 => (n == 0 || n % 2 != 0).then_some(Note::SvcMandatory),
            1 => {
                let mut ids = Strings(value);
                let empty = ids.by_ref().any(<[u8]>::is_empty);
                (empty || !ids.0.is_empty()).then_some(Note::SvcAlpn)
            }
            2 => (n > 0).then_some(Note::SvcNoDefaultAlpn),
            3 => (n != 2).then_some(Note::SvcPort),
            4 => (n % 4 != 0).then_some(Note::SvcHint),
            5 => None,
            6 => (n % 16 != 0).then_some(Note::SvcHint),
            _ => Some(Note::SvcKey),
        };
        if let Some(note) = note {
            layout.note(note);
        }
    }
}
