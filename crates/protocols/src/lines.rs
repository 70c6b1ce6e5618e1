//! Lists of texts that a record borrows, kept in one buffer that is used again and again.

use model::{Field, IntoField, List, Type};

/// Several texts in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Lines {
    /// Forgets all, keeps the room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
    /// Adds what `write` appends; nothing if it returns false.
    pub fn add(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let start = self.bytes.len();
        if write(&mut self.bytes) {
            self.ends.push(self.bytes.len() as u32);
        } else {
            self.bytes.truncate(start);
        }
    }
    /// Bytes of all texts.
    pub fn total(&self) -> usize {
        self.bytes.len()
    }
    /// The text at `i`.
    pub fn text(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.as_slice().get(i)? as usize;
        let start =
            i.checked_sub(1).and_then(|p| self.ends.as_slice().get(p)).map_or(0, |&s| s as usize);
        self.bytes.as_slice().get(start..end)
    }
    /// All texts.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).filter_map(|i| self.text(i))
    }
}

impl List for Lines {
    fn len(&self) -> usize {
        self.ends.len()
    }
    fn get(&self, i: usize) -> Field<'_> {
        self.text(i).map_or(Field::Unset, Field::Bytes)
    }
}

impl IntoField for &Lines {
    const TYPE: Type = Type::Vector(&Type::Text);
    fn field(&self) -> Field<'_> {
        Field::List(*self)
    }
}

/// The same texts as a set, whose order means nothing.
#[derive(Clone, Copy, Debug)]
pub struct LineSet<'a>(pub &'a Lines);

impl IntoField for LineSet<'_> {
    const TYPE: Type = Type::Set(&Type::Text);
    fn field(&self) -> Field<'_> {
        Field::List(self.0)
    }
}
