//! Identifiers of flows and files, as tables know them and as people read them.

use crate::hash128;

/// A flow's place in the flow table of its shard. Reused after the flow has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u32);

/// Which way bytes go in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dir {
    /// From the originator (client) to the responder (server).
    #[default]
    Orig,
    /// From the responder to the originator.
    Resp,
}

impl Dir {
    /// The other way.
    #[must_use]
    pub const fn flip(self) -> Self {
        match self {
            Self::Orig => Self::Resp,
            Self::Resp => Self::Orig,
        }
    }
    /// 0 for the originator, 1 for the responder.
    pub const fn index(self) -> usize {
        self as usize
    }
    /// Picks from a pair kept per direction.
    pub const fn of<T>(self, pair: &[T; 2]) -> &T {
        let [orig, resp] = pair;
        match self {
            Self::Orig => orig,
            Self::Resp => resp,
        }
    }
    /// Picks from a pair kept per direction, to change it.
    pub const fn of_mut<T>(self, pair: &mut [T; 2]) -> &mut T {
        let [orig, resp] = pair;
        match self {
            Self::Orig => orig,
            Self::Resp => resp,
        }
    }
}

/// The name of a connection that people see: 96 bits, equal in every mode of running, printed as
/// Zeek prints its uids (prefix `C`, base 62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u128);

/// The name of a file that people see, printed with prefix `F`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u128);

const BITS: u128 = (1 << 96) - 1;
/// Longest text of an id: the prefix and 17 digits of base 62.
const ID_CHARS: usize = 18;

impl Uid {
    /// A uid from a run's seed and what names the flow within the run: its key, the time of its
    /// first packet, and how many flows with that key began at that very time before.
    pub fn derive(seed: u64, key: &[u8], first_nanos: i64, earlier: u32) -> Self {
        let mut h = crate::Hash128::new(seed);
        h.write(key);
        h.write_u64(first_nanos as u64);
        h.write_u64(earlier as u64);
        Self(h.finish() & BITS)
    }
    /// The text form, `C` and base 62.
    pub fn text(self) -> IdText {
        IdText::new(b'C', self.0)
    }
    /// 63 bits of it, for formats that want a number (EVE's `flow_id`).
    pub const fn flow_number(self) -> u64 {
        (self.0 as u64) >> 11
    }
}

impl FileId {
    /// A file id from its flow, the transaction in the flow, the direction and the part.
    pub fn derive(uid: Uid, tx: u64, dir: Dir, part: u32) -> Self {
        let mut bytes = [0u8; 29];
        let parts: [&[u8]; 4] =
            [&uid.0.to_le_bytes(), &tx.to_le_bytes(), &[dir as u8], &part.to_le_bytes()];
        for (slot, b) in bytes.iter_mut().zip(parts.iter().flat_map(|p| p.iter())) {
            *slot = *b;
        }
        Self(hash128(0x6669_6c65, &bytes) & BITS)
    }
    /// The text form, `F` and base 62.
    pub fn text(self) -> IdText {
        IdText::new(b'F', self.0)
    }
}

/// An id as text, on the stack.
#[derive(Clone, Copy, Debug)]
pub struct IdText {
    buf: [u8; ID_CHARS],
    len: u8,
}

impl IdText {
    fn new(prefix: u8, mut v: u128) -> Self {
        const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut t = Self { buf: [prefix; ID_CHARS], len: 1 };
        for slot in t.buf.iter_mut().skip(1) {
            if v == 0 {
                break;
            }
            *slot = DIGITS.get((v % 62) as usize).copied().unwrap_or(b'0');
            v = v.wrapping_div(62);
            t.len = t.len.saturating_add(1);
        }
        t
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.buf.get(..self.len as usize).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_by_every_part_and_fit_their_text() {
        let a = Uid::derive(1, b"key", 5, 0);
        for b in [
            Uid::derive(2, b"key", 5, 0),
            Uid::derive(1, b"kez", 5, 0),
            Uid::derive(1, b"key", 6, 0),
            Uid::derive(1, b"key", 5, 1),
        ] {
            assert_ne!(a, b);
        }
        assert!(a.to_string().starts_with('C'));
        assert!(Uid(BITS).text().as_str().len() <= ID_CHARS);
        assert_ne!(FileId::derive(a, 0, Dir::Orig, 0), FileId::derive(a, 0, Dir::Resp, 0));
    }
}
