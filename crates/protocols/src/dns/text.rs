//! Records as the logs write them: one line per answer for dns.log, one address or name for EVE.

use std::io::Write as _;
use std::net::IpAddr;

use super::names;
use super::parser::{Rr, Section, spell};
use super::rdata::{Rdata, Strings, rtype};

/// An address as Zeek prints it: one that maps IPv4 is that IPv4 address, since Zeek keeps both so.
fn addr(a: IpAddr, out: &mut Vec<u8>) {
    model::write::addr(out, a.to_canonical());
}

fn strings(word: &str, bytes: &[u8], out: &mut Vec<u8>) {
    for (i, s) in Strings(bytes).enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        let _ = write!(out, "{word} {} ", s.len());
        out.extend_from_slice(s);
    }
}

/// Appends what dns.log says of an answer in `answers`. `None`: Zeek says nothing of this type, and
/// takes nothing else from it. `Some(false)`: it has seen the answer but has no text for it.
pub(super) fn zeek_answer(msg: &[u8], rr: &Rr, netbios: bool, out: &mut Vec<u8>) -> Option<bool> {
    if rr.data_len == 0 {
        return None;
    }
    let start = out.len();
    match Rdata::parse(msg, rr).unwrap_or(Rdata::Other(b"")) {
        Rdata::Name(_) if rr.rtype == rtype::DNAME => unknown(rr.rtype, out),
        Rdata::Addr(a) => addr(a, out),
        Rdata::Name(at) | Rdata::Soa { mname: at, .. } | Rdata::Mx { name: at, .. } => {
            spell(msg, at, true, out);
        }
        Rdata::Srv { target, .. } if !netbios => {
            spell(msg, target, true, out);
        }
        Rdata::Text(bytes) => {
            strings(if rr.rtype == rtype::SPF { "SPF" } else { "TXT" }, bytes, out);
        }
        Rdata::Naptr {
            order: [order, preference],
            texts: [flags, service, regexp],
            replacement,
        } => {
            let _ = write!(out, "NAPTR {order} {preference} ");
            out.extend_from_slice(flags);
            out.push(b' ');
            out.extend_from_slice(service);
            out.push(b' ');
            out.extend_from_slice(regexp);
            let before = out.len();
            spell(msg, replacement, false, out);
            if !regexp.is_empty() && out.len() > before {
                out.insert(before, b' ');
            }
        }
        Rdata::Sshfp(_, _, print) => {
            out.extend_from_slice(b"SSHFP: ");
            for b in print {
                let _ = write!(out, "{b:02x}");
            }
        }
        Rdata::Ds { algorithm, digest_type, .. } => {
            let _ = write!(out, "DS {algorithm} {digest_type}");
        }
        Rdata::Rrsig { covered, signer, .. } => {
            let _ = write!(out, "RRSIG {covered} ");
            let before = out.len();
            spell(msg, signer, true, out);
            if out.len() == before {
                out.extend_from_slice(b"<Root>");
            }
        }
        Rdata::Nsec(next, _) => {
            out.extend_from_slice(b"NSEC ");
            spell(msg, usize::from(rr.name), true, out);
            out.push(b' ');
            spell(msg, next, true, out);
        }
        Rdata::Dnskey { algorithm, .. } => {
            let _ = write!(out, "DNSKEY {algorithm}");
        }
        Rdata::Nsec3 { .. } if rr.rtype == rtype::NSEC3PARAM => {
            out.extend_from_slice(b"NSEC3PARAM");
        }
        Rdata::Nsec3 { .. } => out.extend_from_slice(b"NSEC3"),
        Rdata::Loc { head: [_, size, horizontal, vertical], .. } => {
            let _ = write!(out, "LOC:  {size} {horizontal} {vertical}");
        }
        Rdata::Signing(..) => out.extend_from_slice(b"BIND9 signing signal"),
        Rdata::Other(_) if rr.rtype == rtype::WKS => {}
        Rdata::Srv { .. }
        | Rdata::Hinfo(..)
        | Rdata::Service { .. }
        | Rdata::Caa(..)
        | Rdata::Opt(_) => {
            return None;
        }
        Rdata::Other(_) => match rr.rtype {
            rtype::NB | rtype::TKEY | rtype::TSIG => return None,
            t => unknown(t, out),
        },
    }
    Some(out.len() > start)
}

fn unknown(rtype: u16, out: &mut Vec<u8>) {
    let _ = write!(out, "<unknown type={rtype}>");
}

/// Appends what dns.log says of a dynamic update's prerequisite or update (RFC 2136), as it would
/// stand in `answers`. Returns whether there is anything to say.
pub(super) fn zeek_update(msg: &[u8], rr: &Rr, zone_class: u16, out: &mut Vec<u8>) -> bool {
    const NONE: u16 = 254;
    const ANY: u16 = 255;
    let name = |out: &mut Vec<u8>| {
        spell(msg, usize::from(rr.name), true, out);
    };
    let kind = names::zeek_type(rr.rtype);
    match rr.section {
        Section::Answer => {
            if rr.ttl != 0
                || !(((rr.class == ANY || rr.class == NONE) && rr.data_len == 0)
                    || rr.class == zone_class)
            {
                return false;
            }
            out.extend_from_slice(b"pre: ");
            let _ = match (rr.class, rr.rtype) {
                (NONE, rtype::ANY) => write!(out, "NameNotInUse "),
                (ANY, rtype::ANY) => write!(out, "NameInUse "),
                (NONE, _) => write!(out, "NoRRSet {kind} "),
                _ => write!(out, "RRSetExists {kind} "),
            };
            name(out);
            true
        }
        Section::Authority if rr.class == ANY && rr.ttl == 0 && rr.data_len == 0 => {
            out.extend_from_slice(b"del: ");
            if rr.rtype == rtype::ANY {
                out.extend_from_slice(b"RRSet * ");
                name(out);
            } else {
                let _ = write!(out, "RRSet {kind}");
            }
            true
        }
        Section::Authority if (rr.class == NONE && rr.ttl == 0) || rr.class == zone_class => {
            if rr.data_len == 0 {
                return false;
            }
            out.extend_from_slice(b"add: ");
            let before = out.len();
            if let Ok(Rdata::Addr(a)) = Rdata::parse(msg, rr) {
                let _ = write!(out, "{kind} ");
                name(out);
                out.push(b' ');
                addr(a, out);
                return true;
            }
            zeek_answer(msg, rr, false, out).unwrap_or(false) && out.len() > before
        }
        _ => false,
    }
}

/// The number of characters that a decoded NetBIOS name has at most.
const NETBIOS_CHARS: usize = 15;

/// Decodes the first-level encoding of a NetBIOS name (RFC 1001, 14.1): 32 letters A to P for 16
/// bytes, the last of which is the kind of name. `None` where the name is not encoded so.
pub(super) fn netbios_name(encoded: &[u8]) -> Option<([u8; NETBIOS_CHARS], usize)> {
    if encoded.len() != 32 {
        return None;
    }
    let mut name = [0u8; NETBIOS_CHARS];
    let mut len = 0usize;
    for (i, pair) in encoded.chunks_exact(2).enumerate() {
        let [high, low] = *pair.as_array::<2>()?;
        let nibble = |c: u8| {
            let c = c.to_ascii_uppercase();
            c.is_ascii_uppercase().then(|| c.wrapping_sub(b'A')).filter(|n| *n < 16)
        };
        let c = (nibble(high)? << 4) | nibble(low)?;
        if !(c.is_ascii_graphic() || c == b' ' || c < 3) {
            break;
        }
        if let Some(slot) = name.get_mut(i) {
            *slot = c;
            len = i.saturating_add(1);
        }
    }
    while let Some(last) = len.checked_sub(1)
        && matches!(name.get(last), Some(b' ' | 0))
    {
        len = last;
    }
    (len > 0).then_some((name, len))
}
