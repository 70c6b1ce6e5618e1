//! Bytes of a file that came before those in front of them: ranges of one resource in any order.
//!
//! Blocks are sorted and never overlap: where bytes come twice, the first to come stay. A block
//! grows while its bytes come in order, so a range that arrives packet by packet is one block.
//! Memory of delivered blocks is kept for the next ones.

/// Blocks that wait.
#[derive(Default, Debug)]
pub(crate) struct Ahead {
    blocks: Vec<Block>,
    spare: Vec<Vec<u8>>,
    held: usize,
}

#[derive(Debug)]
struct Block {
    at: u64,
    bytes: Vec<u8>,
}

impl Block {
    fn end(&self) -> u64 {
        self.at.saturating_add(self.bytes.len() as u64)
    }
}

/// Spare buffers kept per file.
const SPARE: usize = 4;
/// A spare buffer larger than this is given back to the system.
const SPARE_BYTES: usize = 64 << 10;

impl Ahead {
    /// Bytes held.
    pub(crate) const fn held(&self) -> usize {
        self.held
    }
    /// Whether nothing waits.
    pub(crate) const fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
    /// Where the first block begins.
    pub(crate) fn first(&self) -> Option<u64> {
        self.blocks.first().map(|b| b.at)
    }
    /// Where the last block ends.
    pub(crate) fn last(&self) -> Option<u64> {
        self.blocks.last().map(Block::end)
    }
    /// Keeps the parts of `bytes` that aren't there yet. Returns how many were already.
    pub(crate) fn insert(&mut self, at: u64, bytes: &[u8]) -> usize {
        let mut at = at;
        // Nothing lies behind the largest offset.
        let (mut rest, _) = split(bytes, u64::MAX.saturating_sub(at));
        let mut known = 0usize;
        while !rest.is_empty() {
            // The first block that ends behind `at`.
            let i = self.blocks.partition_point(|b| b.end() <= at);
            let next = self.blocks.get(i).map_or(u64::MAX, |b| b.at);
            if next <= at {
                let skip = self.blocks.get(i).map_or(0, |b| b.end().saturating_sub(at));
                let (seen, tail) = split(rest, skip);
                known = known.saturating_add(seen.len());
                at = at.saturating_add(seen.len() as u64);
                rest = tail;
                continue;
            }
            let (new, tail) = split(rest, next.saturating_sub(at));
            self.place(i, at, new);
            at = at.saturating_add(new.len() as u64);
            rest = tail;
        }
        known
    }
    fn place(&mut self, i: usize, at: u64, bytes: &[u8]) {
        self.held = self.held.saturating_add(bytes.len());
        if let Some(before) = i.checked_sub(1).and_then(|p| self.blocks.get_mut(p))
            && before.end() == at
        {
            before.bytes.extend_from_slice(bytes);
            return;
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.extend_from_slice(bytes);
        self.blocks.insert(i, Block { at, bytes: buffer });
    }
    /// Takes the first block out, with where it begins. Hand its buffer back with
    /// [`Self::give_back`].
    pub(crate) fn take_first(&mut self) -> Option<(u64, Vec<u8>)> {
        if self.blocks.is_empty() {
            return None;
        }
        let block = self.blocks.remove(0);
        self.held = self.held.saturating_sub(block.bytes.len());
        Some((block.at, block.bytes))
    }
    /// Keeps a buffer for later.
    pub(crate) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE && buffer.capacity() <= SPARE_BYTES {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        while let Some((_, buffer)) = self.take_first() {
            self.give_back(buffer);
        }
    }
}

/// The first `n` bytes, or all.
fn split(bytes: &[u8], n: u64) -> (&[u8], &[u8]) {
    let n = usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(n).unwrap_or((bytes, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_to_come_stay() {
        let mut a = Ahead::default();
        assert_eq!(a.insert(10, b"CCC"), 0);
        assert_eq!(a.insert(20, b"ee"), 0);
        assert_eq!(a.insert(8, b"abXXXdefghijKKl"), 5);
        assert_eq!((a.first(), a.last(), a.held()), (Some(8), Some(23), 15));
        let mut out = Vec::new();
        while let Some((at, bytes)) = a.take_first() {
            assert_eq!(at, 8 + out.len() as u64);
            out.extend_from_slice(&bytes);
            a.give_back(bytes);
        }
        assert_eq!(out, b"abCCCdefghijeel");
        assert_eq!(a.held(), 0);
    }

    #[test]
    fn the_end_of_numbers_is_no_trap() {
        let mut a = Ahead::default();
        a.insert(u64::MAX - 3, b"abcdefgh");
        a.insert(u64::MAX, b"x");
        assert!(a.held() <= 9);
        a.clear();
        assert!(a.is_empty() && a.held() == 0);
    }
}
