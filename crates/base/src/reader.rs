//! Bounded reading of untrusted bytes.
//!
//! A [`Reader`] is a slice and nothing else: it is `Copy`, allocates nothing, cannot panic, and a
//! read that would pass the end returns [`Short`] with how many bytes were missing and consumes
//! nothing. The idea (typed reads, `sub` for length prefixes) is that of rustls' codec.

/// A read passed the end of what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Bytes that were missing.
    pub missing: usize,
}

/// A cursor over bytes that somebody else wrote.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { whole: bytes, rest: bytes }
    }
    /// What was not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
    /// All the bytes this reader was made from, read or not.
    pub const fn whole(&self) -> &'a [u8] {
        self.whole
    }
    /// How many bytes were not read yet.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }
    /// How many bytes were read.
    pub const fn used(&self) -> usize {
        self.whole.len().saturating_sub(self.rest.len())
    }
    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
    /// The next `n` bytes.
    #[inline]
    pub const fn take(&mut self, n: usize) -> Result<&'a [u8], Short> {
        match self.rest.split_at_checked(n) {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(head)
            }
            None => Err(Short { missing: n.saturating_sub(self.rest.len()) }),
        }
    }
    /// The next `N` bytes as an array.
    #[inline]
    pub const fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(*head)
            }
            None => Err(Short { missing: N.saturating_sub(self.rest.len()) }),
        }
    }
    /// Steps over `n` bytes.
    pub const fn skip(&mut self, n: usize) -> Result<(), Short> {
        match self.take(n) {
            Ok(_) => Ok(()),
            Err(e) => Err(e),
        }
    }
    /// A reader of its own over the next `n` bytes.
    pub const fn sub(&mut self, n: usize) -> Result<Reader<'a>, Short> {
        match self.take(n) {
            Ok(b) => Ok(Reader::new(b)),
            Err(e) => Err(e),
        }
    }
    /// One byte.
    #[inline]
    pub const fn u8(&mut self) -> Result<u8, Short> {
        match self.array::<1>() {
            Ok([b]) => Ok(b),
            Err(e) => Err(e),
        }
    }
    /// Two bytes, big endian.
    #[inline]
    pub const fn be16(&mut self) -> Result<u16, Short> {
        match self.array() {
            Ok(b) => Ok(u16::from_be_bytes(b)),
            Err(e) => Err(e),
        }
    }
    /// Three bytes, big endian.
    #[inline]
    pub const fn be24(&mut self) -> Result<u32, Short> {
        match self.array::<3>() {
            Ok([a, b, c]) => Ok(u32::from_be_bytes([0, a, b, c])),
            Err(e) => Err(e),
        }
    }
    /// Four bytes, big endian.
    #[inline]
    pub const fn be32(&mut self) -> Result<u32, Short> {
        match self.array() {
            Ok(b) => Ok(u32::from_be_bytes(b)),
            Err(e) => Err(e),
        }
    }
    /// Eight bytes, big endian.
    #[inline]
    pub const fn be64(&mut self) -> Result<u64, Short> {
        match self.array() {
            Ok(b) => Ok(u64::from_be_bytes(b)),
            Err(e) => Err(e),
        }
    }
    /// Two bytes, little endian.
    #[inline]
    pub const fn le16(&mut self) -> Result<u16, Short> {
        match self.array() {
            Ok(b) => Ok(u16::from_le_bytes(b)),
            Err(e) => Err(e),
        }
    }
    /// Four bytes, little endian.
    #[inline]
    pub const fn le32(&mut self) -> Result<u32, Short> {
        match self.array() {
            Ok(b) => Ok(u32::from_le_bytes(b)),
            Err(e) => Err(e),
        }
    }
    /// A block behind a one-byte length.
    pub const fn vec8(&mut self) -> Result<Reader<'a>, Short> {
        let mut probe = *self;
        let n = match probe.u8() {
            Ok(n) => n as usize,
            Err(e) => return Err(e),
        };
        let r = probe.sub(n);
        if r.is_ok() {
            *self = probe;
        }
        r
    }
    /// A block behind a two-byte big-endian length.
    pub const fn vec16(&mut self) -> Result<Reader<'a>, Short> {
        let mut probe = *self;
        let n = match probe.be16() {
            Ok(n) => n as usize,
            Err(e) => return Err(e),
        };
        let r = probe.sub(n);
        if r.is_ok() {
            *self = probe;
        }
        r
    }
    /// A block behind a three-byte big-endian length.
    pub const fn vec24(&mut self) -> Result<Reader<'a>, Short> {
        let mut probe = *self;
        let n = match probe.be24() {
            Ok(n) => n as usize,
            Err(e) => return Err(e),
        };
        let r = probe.sub(n);
        if r.is_ok() {
            *self = probe;
        }
        r
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_read_consumes_nothing_and_says_what_is_missing() {
        let mut r = Reader::new(&[3, 1, 2]);
        assert_eq!(r.vec8().unwrap_err(), Short { missing: 1 });
        assert_eq!(r.left(), 3);
        assert_eq!(r.be32().unwrap_err(), Short { missing: 1 });
        assert_eq!(r.be24().unwrap(), 0x0003_0102);
        assert!(r.is_empty());
    }
}
