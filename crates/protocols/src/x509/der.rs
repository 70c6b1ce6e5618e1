//! The distinguished encoding of ASN.1 (X.690), as much of it as certificates and OCSP use.
//!
//! Reading is lenient where programs are: lengths may be longer than they need to be. It never
//! guesses: a length past the end is an error, and whoever reads decides what stays usable.

use std::fmt;

use base::Reader;

/// Universal tags, with the constructed bit where the type has one.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// IA5String.
    pub const IA5_STRING: u8 = 0x16;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// UniversalString.
    pub const UNIVERSAL_STRING: u8 = 0x1c;
    /// BMPString.
    pub const BMP_STRING: u8 = 0x1e;
    /// SEQUENCE.
    pub const SEQUENCE: u8 = 0x30;
    /// SET.
    pub const SET: u8 = 0x31;
}

/// What is wrong with an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl From<base::Short> for Malformed {
    fn from(_: base::Short) -> Self {
        Self
    }
}

/// One element: tag, length, value.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    /// Tag byte; tags of more than one byte don't occur in certificates.
    pub tag: u8,
    /// The value.
    pub body: &'a [u8],
    /// The whole element.
    pub whole: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Reads the next element.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let start = r.rest();
        let mut probe = *r;
        let tag = probe.u8()?;
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let first = probe.u8()?;
        let len = if first < 0x80 {
            usize::from(first)
        } else {
            let n = usize::from(first & 0x7f);
            if n == 0 || n > 8 {
                // The indefinite form has no place in a distinguished encoding.
                return Err(Malformed);
            }
            let mut v = 0u64;
            for b in probe.take(n)? {
                if v >> 56 != 0 {
                    return Err(Malformed);
                }
                v = v << 8 | u64::from(*b);
            }
            usize::try_from(v).map_err(|_| Malformed)?
        };
        let body = probe.take(len)?;
        let used = start.len().saturating_sub(probe.left());
        *r = probe;
        Ok(Self { tag, body, whole: start.get(..used).unwrap_or_default() })
    }
    /// Reads the next element, which must have the given tag.
    pub fn expect(r: &mut Reader<'a>, tag: u8) -> Result<&'a [u8], Malformed> {
        let mut probe = *r;
        let t = Self::read(&mut probe)?;
        if t.tag != tag {
            return Err(Malformed);
        }
        *r = probe;
        Ok(t.body)
    }
    /// Reads the next element if it has the given tag.
    pub fn optional(r: &mut Reader<'a>, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if r.rest().first() == Some(&tag) { Self::expect(r, tag).map(Some) } else { Ok(None) }
    }
    /// The elements inside a value, up to the first that is broken.
    pub fn all(body: &'a [u8]) -> impl Iterator<Item = Tlv<'a>> + Clone {
        let mut r = Reader::new(body);
        std::iter::from_fn(move || Tlv::read(&mut r).ok())
    }
}

/// An object identifier by its encoding; prints dotted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Oid<'a>(pub &'a [u8]);

impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut v = 0u128;
        for b in self.0 {
            if v >> 120 != 0 {
                return f.write_str("…");
            }
            v = v << 7 | u128::from(b & 0x7f);
            if b & 0x80 != 0 {
                continue;
            }
            if first {
                let root = (v / 40).min(2);
                write!(f, "{root}.{}", v.saturating_sub(root.saturating_mul(40)))?;
                first = false;
            } else {
                write!(f, ".{v}")?;
            }
            v = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OID({self})")
    }
}

/// The value of an INTEGER without needless leading zeros, and whether it is negative.
pub fn integer(body: &[u8]) -> (&[u8], bool) {
    let negative = body.first().is_some_and(|b| b & 0x80 != 0);
    let mut v = body;
    while !negative && v.len() > 1 && v.first() == Some(&0) {
        v = v.get(1..).unwrap_or_default();
    }
    (v, negative)
}

/// Bits of a positive INTEGER.
pub fn integer_bits(body: &[u8]) -> u32 {
    let (v, _) = integer(body);
    let Some(first) = v.first() else { return 0 };
    let rest = v.len().saturating_sub(1).min(1 << 20) as u32;
    rest.saturating_mul(8).saturating_add(8u32.saturating_sub(first.leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_print_dotted() {
        assert_eq!(Oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]).to_string(), "1.2.840.113549");
        assert_eq!(Oid(&[0x88, 0x37, 3]).to_string(), "2.999.3");
        assert_eq!(format!("{:?}", Oid(&[0x55, 4, 3])), "OID(2.5.4.3)");
    }

    #[test]
    fn lengths_past_the_end_and_indefinite_ones_are_errors() {
        for bad in [
            &[0x30, 0x05, 1][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x1f, 0x81, 0],
        ] {
            assert!(Tlv::read(&mut Reader::new(bad)).is_err());
        }
        let long = Tlv::read(&mut Reader::new(&[0x04, 0x82, 0, 1, 9])).unwrap();
        assert_eq!(long.body, [9]);
    }

    #[test]
    fn integers_lose_their_padding() {
        assert_eq!(integer(&[0, 0x80]), (&[0x80][..], false));
        assert_eq!(integer(&[0]), (&[0][..], false));
        assert_eq!(integer_bits(&[0, 0x80, 0]), 16);
        assert_eq!(integer_bits(&[1, 0]), 9);
    }
}
