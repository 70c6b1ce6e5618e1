//! Fields of a record by name, looked up once per stream.

use model::{Field, RecordSchema, Row};

/// Places of the named fields in the rows of one stream.
#[derive(Clone, Debug)]
pub struct Columns<const N: usize>([Option<usize>; N]);

impl<const N: usize> Columns<N> {
    /// Looks the names up; a name that the schema doesn't have reads as unset.
    pub fn of(schema: &RecordSchema, names: [&str; N]) -> Self {
        let flat = schema.flat();
        Self(names.map(|n| flat.iter().position(|f| f.name == n)))
    }
    /// The fields of a row in the order of the names.
    pub fn read<'a>(&self, row: &Row<'a>) -> [Field<'a>; N] {
        self.0.map(|at| at.map_or(Field::Unset, |i| row.get(i)))
    }
}

/// A field's text, if it is text.
pub(crate) fn text(f: Field<'_>) -> Option<&[u8]> {
    match f {
        Field::Bytes(b) => Some(b),
        Field::Text(t) => Some(t.as_bytes()),
        _ => None,
    }
}
