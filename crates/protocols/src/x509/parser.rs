//! X.509 certificates (RFC 5280): bytes to slices.
//!
//! What is broken inside a certificate (a time, a key, an extension) is absent; the certificate
//! stays. Only where its frame doesn't hold is there none, as for the programs that verify.

use base::{Reader, Ts};

use super::der::{Malformed, Oid, Tlv, integer, integer_bits, tag};
use super::oids;

/// A certificate.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// The whole of it, as fingerprints are taken.
    pub whole: &'a [u8],
    /// 1 to 3, or what it says.
    pub version: u32,
    /// Content of the serial number.
    pub serial: &'a [u8],
    /// Who signed it.
    pub issuer: Name<'a>,
    /// Valid from, where it can be read.
    pub not_before: Option<Ts>,
    /// Valid until, where it can be read.
    pub not_after: Option<Ts>,
    /// Whom it names.
    pub subject: Name<'a>,
    /// The key.
    pub key: PublicKey<'a>,
    /// The algorithm inside the signed part.
    pub inner_signature: Oid<'a>,
    /// The algorithm of the signature itself.
    pub signature: Oid<'a>,
    extensions: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads a certificate; bytes after its end are not its own.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let outer = Tlv::read(&mut Reader::new(bytes))?;
        if outer.tag != tag::SEQUENCE {
            return Err(Malformed);
        }
        let mut r = Reader::new(outer.body);
        let mut tbs = Reader::new(Tlv::expect(&mut r, tag::SEQUENCE)?);
        let signature = algorithm(Tlv::expect(&mut r, tag::SEQUENCE)?)?.0;
        Tlv::expect(&mut r, tag::BIT_STRING)?;
        if !r.is_empty() {
            return Err(Malformed);
        }
        let version = match Tlv::optional(&mut tbs, 0xa0)? {
            Some(body) => {
                let v = Tlv::expect(&mut Reader::new(body), tag::INTEGER)?;
                v.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)).saturating_add(1)
            }
            None => 1,
        };
        let serial = Tlv::expect(&mut tbs, tag::INTEGER)?;
        if serial.is_empty() {
            return Err(Malformed);
        }
        let inner_signature = algorithm(Tlv::expect(&mut tbs, tag::SEQUENCE)?)?.0;
        let issuer = Name::check(Tlv::expect(&mut tbs, tag::SEQUENCE)?)?;
        let mut validity = Reader::new(Tlv::expect(&mut tbs, tag::SEQUENCE)?);
        let (begins, ends) = (Tlv::read(&mut validity)?, Tlv::read(&mut validity)?);
        for t in [begins, ends] {
            if !matches!(t.tag, tag::UTC_TIME | tag::GENERALIZED_TIME) {
                return Err(Malformed);
            }
        }
        let subject = Name::check(Tlv::expect(&mut tbs, tag::SEQUENCE)?)?;
        let key = PublicKey::parse(Tlv::expect(&mut tbs, tag::SEQUENCE)?)?;
        let mut extensions: &[u8] = &[];
        while !tbs.is_empty() {
            let t = Tlv::read(&mut tbs)?;
            match t.tag {
                // issuerUniqueID, subjectUniqueID
                0x81 | 0x82 | 0xa1 | 0xa2 => {}
                0xa3 => extensions = Tlv::expect(&mut Reader::new(t.body), tag::SEQUENCE)?,
                _ => return Err(Malformed),
            }
        }
        Ok(Self {
            whole: outer.whole,
            version,
            serial,
            issuer,
            not_before: time(begins),
            not_after: time(ends),
            subject,
            key,
            inner_signature,
            signature,
            extensions,
        })
    }
    /// The extensions, up to the first that is broken.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'a>> + Clone + use<'a> {
        Tlv::all(self.extensions).map_while(|t| Extension::parse(t.body).ok())
    }
    /// The first extension of a kind.
    pub fn extension(&self, oid: &[u8]) -> Option<Extension<'a>> {
        self.extensions().find(|e| e.oid.0 == oid)
    }
    /// The subject alternative name extension's names, if it has one that can be read.
    pub fn alternative_names(
        &self,
    ) -> Option<impl Iterator<Item = GeneralName<'a>> + Clone + use<'a>> {
        let ext = self.extension(oids::SUBJECT_ALT_NAME)?;
        let list = Tlv::expect(&mut Reader::new(ext.value), tag::SEQUENCE).ok()?;
        Some(Tlv::all(list).map(GeneralName::from))
    }
    /// The basic constraints, if it has some that can be read.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        let ext = self.extension(oids::BASIC_CONSTRAINTS)?;
        let mut r = Reader::new(Tlv::expect(&mut Reader::new(ext.value), tag::SEQUENCE).ok()?);
        let ca = Tlv::optional(&mut r, tag::BOOLEAN).ok()?;
        let path = Tlv::optional(&mut r, tag::INTEGER).ok()?;
        Some(BasicConstraints {
            ca: ca.and_then(|b| b.first()).is_some_and(|b| *b != 0),
            path_len: path.map(|p| {
                let (v, _) = integer(p);
                v.iter().fold(0u64, |n, b| n << 8 | u64::from(*b))
            }),
        })
    }
}

/// What a certificate says of its use for signing others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// It may sign others.
    pub ca: bool,
    /// How many may stand below it.
    pub path_len: Option<u64>,
}

fn algorithm(body: &[u8]) -> Result<(Oid<'_>, &[u8]), Malformed> {
    let mut r = Reader::new(body);
    let oid = Tlv::expect(&mut r, tag::OID)?;
    Ok((Oid(oid), r.rest()))
}

/// An extension.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    /// Which.
    pub oid: Oid<'a>,
    /// Whoever doesn't know it must refuse the certificate.
    pub critical: bool,
    /// Its encoded value.
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(body);
        let oid = Oid(Tlv::expect(&mut r, tag::OID)?);
        let critical = Tlv::optional(&mut r, tag::BOOLEAN)?;
        let value = Tlv::expect(&mut r, tag::OCTET_STRING)?;
        Ok(Self { oid, critical: critical.and_then(|b| b.first()).is_some_and(|b| *b != 0), value })
    }
}

/// One alternative name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneralName<'a> {
    /// `rfc822Name`.
    Email(&'a [u8]),
    /// `dNSName`.
    Dns(&'a [u8]),
    /// `uniformResourceIdentifier`.
    Uri(&'a [u8]),
    /// `iPAddress`: 4 or 16 bytes, or what was sent.
    Ip(&'a [u8]),
    /// Any other kind.
    Other,
}

impl<'a> From<Tlv<'a>> for GeneralName<'a> {
    fn from(t: Tlv<'a>) -> Self {
        match t.tag {
            0x81 => Self::Email(t.body),
            0x82 => Self::Dns(t.body),
            0x86 => Self::Uri(t.body),
            0x87 => Self::Ip(t.body),
            _ => Self::Other,
        }
    }
}

/// A distinguished name.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(&'a [u8]);

/// One attribute of a name.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Which.
    pub oid: Oid<'a>,
    /// Its value.
    pub value: Tlv<'a>,
    /// It stands in one set with the attribute before it.
    pub joined: bool,
}

impl<'a> Name<'a> {
    fn check(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(body);
        while !r.is_empty() {
            let mut set = Reader::new(Tlv::expect(&mut r, tag::SET)?);
            while !set.is_empty() {
                let mut attr = Reader::new(Tlv::expect(&mut set, tag::SEQUENCE)?);
                Tlv::expect(&mut attr, tag::OID)?;
                Tlv::read(&mut attr)?;
            }
        }
        Ok(Self(body))
    }
    /// The attributes in the order of the encoding.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> + Clone {
        Tlv::all(self.0).flat_map(|set| {
            Tlv::all(set.body).enumerate().filter_map(|(i, attr)| {
                let mut r = Reader::new(attr.body);
                let oid = Oid(Tlv::expect(&mut r, tag::OID).ok()?);
                let value = Tlv::read(&mut r).ok()?;
                Some(Attribute { oid, value, joined: i > 0 })
            })
        })
    }
    /// The last common name, which is the most specific.
    pub fn common_name(self) -> Option<&'a [u8]> {
        self.attributes().filter(|a| a.oid.0 == oids::COMMON_NAME).last().map(|a| a.value.body)
    }
}

/// The key that a certificate certifies.
#[derive(Clone, Copy, Debug)]
pub struct PublicKey<'a> {
    /// Algorithm.
    pub algorithm: Oid<'a>,
    parameters: &'a [u8],
    bits: &'a [u8],
}

/// What a key is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFacts<'a> {
    /// `rsa`, `dsa`, `ecdsa`, or the name of another algorithm; `None` where the key can't be read.
    pub kind: Option<&'static str>,
    /// Bits.
    pub bits: u32,
    /// RSA: the exponent, big endian.
    pub exponent: Option<&'a [u8]>,
    /// Elliptic curves: the curve's name.
    pub curve: Option<&'static str>,
}

impl<'a> PublicKey<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(body);
        let (algorithm, parameters) = algorithm(Tlv::expect(&mut r, tag::SEQUENCE)?)?;
        let bits = Tlv::expect(&mut r, tag::BIT_STRING)?;
        Ok(Self { algorithm, parameters, bits: bits.get(1..).unwrap_or_default() })
    }
    /// What it is.
    pub fn facts(&self) -> KeyFacts<'a> {
        self.read().unwrap_or_default()
    }
    fn read(&self) -> Option<KeyFacts<'a>> {
        let none = KeyFacts::default();
        match self.algorithm.0 {
            // Remote desktop servers call their RSA keys by a signature's name.
            oids::RSA_ENCRYPTION | oids::RSA_PSS | oids::RSA_X500 | oids::MD5_WITH_RSA => {
                let mut r =
                    Reader::new(Tlv::expect(&mut Reader::new(self.bits), tag::SEQUENCE).ok()?);
                let modulus = Tlv::expect(&mut r, tag::INTEGER).ok()?;
                let exponent = Tlv::expect(&mut r, tag::INTEGER).ok()?;
                let pss = self.algorithm.0 == oids::RSA_PSS;
                Some(KeyFacts {
                    kind: Some(if pss { "RSA-PSS" } else { "rsa" }),
                    bits: integer_bits(modulus),
                    exponent: (!pss).then(|| integer(exponent).0),
                    ..none
                })
            }
            oids::EC_PUBLIC_KEY => {
                let curve = Tlv::expect(&mut Reader::new(self.parameters), tag::OID).ok()?;
                let (name, bits) = oids::curve(curve)?;
                Some(KeyFacts { kind: Some("ecdsa"), bits, curve: Some(name), ..none })
            }
            oids::DSA => {
                let list = Tlv::expect(&mut Reader::new(self.parameters), tag::SEQUENCE).ok()?;
                let p = Tlv::expect(&mut Reader::new(list), tag::INTEGER).ok()?;
                Some(KeyFacts { kind: Some("dsa"), bits: integer_bits(p), ..none })
            }
            oids::ED25519 => Some(KeyFacts { kind: Some("ED25519"), bits: 256, ..none }),
            oids::ED448 => Some(KeyFacts { kind: Some("ED448"), bits: 456, ..none }),
            _ => None,
        }
    }
}

/// A time of validity. Seconds may be missing, fractions are dropped, an offset is added.
pub(super) fn time(t: Tlv<'_>) -> Option<Ts> {
    let mut digits = t.body;
    let mut two = || -> Option<u32> {
        let (pair, rest) = digits.split_first_chunk::<2>()?;
        let [a, b] = pair.map(|c| c.wrapping_sub(b'0'));
        if a > 9 || b > 9 {
            return None;
        }
        digits = rest;
        Some(u32::from(a).saturating_mul(10).saturating_add(u32::from(b)))
    };
    let first = two()?;
    let year = if t.tag == tag::UTC_TIME {
        // RFC 5280 4.1.2.5.1
        first.saturating_add(if first < 50 { 2000 } else { 1900 })
    } else {
        first.saturating_mul(100).saturating_add(two()?)
    };
    let (month, day, hour, minute) = (two()?, two()?, two()?, two()?);
    let second = two().unwrap_or(0);
    let mut rest = digits;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
        rest = fraction.get(n..).unwrap_or_default();
    }
    let at = Ts::from_civil(i64::from(year), month, day, hour, minute, second);
    match rest {
        [] | [b'Z', ..] => Some(at),
        [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            let n = |a: &u8, b: &u8| {
                i64::from(a.wrapping_sub(b'0'))
                    .saturating_mul(10)
                    .saturating_add(i64::from(b.wrapping_sub(b'0')))
            };
            let secs = n(h1, h2).saturating_mul(3600).saturating_add(n(m1, m2).saturating_mul(60));
            let secs = if *sign == b'+' { secs.saturating_neg() } else { secs };
            Some(at.plus(base::Span::from_secs(secs)))
        }
        _ => None,
    }
}

/// Whether a host name is one that a name of a certificate covers (RFC 6125: a wildcard stands for
/// the end of the leftmost label, and only in names of three labels or more).
pub fn covers(certified: &[u8], host: &[u8]) -> bool {
    if certified == host {
        return true;
    }
    let Some(star) = certified.iter().position(|c| *c == b'*') else { return false };
    let dot = |s: &[u8]| s.iter().position(|c| *c == b'.');
    let (Some(cert_dot), Some(host_dot)) = (dot(certified), dot(host)) else { return false };
    let (cert_rest, host_rest) =
        (certified.get(cert_dot..).unwrap_or_default(), host.get(host_dot..).unwrap_or_default());
    cert_rest.split(|c| *c == b'.').nth(2).is_some()
        && star.saturating_add(1) == cert_dot
        && cert_rest == host_rest
        && certified.get(..star) == host.get(..star)
}

/// Whether a certificate covers a host: by its alternative names where it has any, else by its
/// last common name.
pub fn certificate_covers(cert: &Certificate<'_>, host: &[u8]) -> bool {
    match cert.alternative_names() {
        Some(mut names) => names.any(|n| matches!(n, GeneralName::Dns(d) if covers(d, host))),
        None => cert.subject.common_name().is_some_and(|cn| covers(cn, host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_the_end_of_the_leftmost_label_only() {
        assert!(covers(b"*.example.com", b"www.example.com"));
        assert!(covers(b"w*.example.com", b"www.example.com"));
        assert!(!covers(b"*.example.com", b"example.com"));
        assert!(!covers(b"*.example.com", b"a.b.example.com"));
        assert!(!covers(b"*.com", b"example.com"));
        assert!(!covers(b"www.*.com", b"www.example.com"));
        assert!(!covers(b"x*.example.com", b"www.example.com"));
    }

    #[test]
    fn times_of_both_kinds_with_and_without_seconds() {
        let t = |tag, body: &'static [u8]| time(Tlv { tag, body, whole: body }).map(Ts::secs);
        assert_eq!(t(tag::UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(t(tag::UTC_TIME, b"7001010001Z"), Some(60));
        assert_eq!(t(tag::UTC_TIME, b"490101000000Z"), Some(2_493_072_000));
        assert_eq!(t(tag::GENERALIZED_TIME, b"19700101000000.5Z"), Some(0));
        assert_eq!(t(tag::GENERALIZED_TIME, b"19700101010000+0100"), Some(0));
        assert_eq!(t(tag::UTC_TIME, b"70010100xx00Z"), None);
    }
}
