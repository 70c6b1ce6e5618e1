//! Digests of a file's bytes as they pass: MD5, SHA-1, SHA-256, each only when asked for.

use md5::{Digest, Md5};
use model::Hashes;
use sha1::Sha1;
use sha2::Sha256;

/// Running digests.
#[derive(Clone, Default)]
pub(crate) struct Digester {
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl Digester {
    /// Starts over, with the digests that are asked for.
    pub(crate) fn start(&mut self, asked: Hashes) {
        self.md5 = asked.md5.then(Md5::new);
        self.sha1 = asked.sha1.then(Sha1::new);
        self.sha256 = asked.sha256.then(Sha256::new);
    }
    /// Takes over the digests that `other` runs and this doesn't.
    pub(crate) fn join(&mut self, other: Self) {
        self.md5 = self.md5.take().or(other.md5);
        self.sha1 = self.sha1.take().or(other.sha1);
        self.sha256 = self.sha256.take().or(other.sha256);
    }
    /// Which run.
    pub(crate) const fn running(&self) -> Hashes {
        Hashes { md5: self.md5.is_some(), sha1: self.sha1.is_some(), sha256: self.sha256.is_some() }
    }
    /// Takes in bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(h) = &mut self.md5 {
            h.update(bytes);
        }
        if let Some(h) = &mut self.sha1 {
            h.update(bytes);
        }
        if let Some(h) = &mut self.sha256 {
            h.update(bytes);
        }
    }
    /// Ends, and says what came out.
    pub(crate) fn finish(&mut self) -> Digests {
        Digests {
            md5: self.md5.take().map(|h| Hex::of(&h.finalize())),
            sha1: self.sha1.take().map(|h| Hex::of(&h.finalize())),
            sha256: self.sha256.take().map(|h| Hex::of(&h.finalize())),
        }
    }
}

/// Finished digests, as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    /// MD5.
    pub md5: Option<Hex<32>>,
    /// SHA-1.
    pub sha1: Option<Hex<40>>,
    /// SHA-256.
    pub sha256: Option<Hex<64>>,
}

/// A digest as lower-case hexadecimal digits, on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex<const N: usize>([u8; N]);

impl<const N: usize> Hex<N> {
    fn of(bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |n: u8| DIGITS.get(n as usize).copied().unwrap_or(b'0');
        let mut text = [b'0'; N];
        for (pair, b) in text.chunks_exact_mut(2).zip(bytes) {
            if let [high, low] = pair {
                *high = digit(b >> 4);
                *low = digit(b & 15);
            }
        }
        Self(text)
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> std::fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_their_specifications() {
        let mut d = Digester::default();
        d.start(Hashes { md5: true, sha1: true, sha256: true });
        d.update(b"a");
        d.update(b"bc");
        let out = d.finish();
        assert_eq!(out.md5.unwrap().as_str(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(out.sha1.unwrap().as_str(), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            out.sha256.unwrap().as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(d.finish(), Digests::default());
    }
}
