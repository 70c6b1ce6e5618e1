//! Records and events as sinks see them: a schema and a row of borrowed fields.

use smallvec::SmallVec;

use crate::{Field, Id, RecordSchema};

/// Fields of one record in the order of its flat schema. Lives on the stack.
#[derive(Default)]
pub struct Row<'a> {
    fields: SmallVec<[Field<'a>; 48]>,
}

impl<'a> Row<'a> {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }
    /// A record's row.
    pub fn of(record: &'a dyn Record) -> Self {
        let mut row = Self::new();
        record.fields(&mut row);
        row
    }
    /// Adds the next field.
    #[inline]
    pub fn push(&mut self, f: Field<'a>) {
        self.fields.push(f);
    }
    /// The field at `i`, unset past the end.
    #[inline]
    pub fn get(&self, i: usize) -> Field<'a> {
        self.fields.get(i).copied().unwrap_or_default()
    }
    /// All fields.
    pub fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }
}

/// Something that is told: declared once with `#[derive(Record)]`.
pub trait Record {
    /// Its description.
    fn schema(&self) -> &'static RecordSchema;
    /// Pushes its fields in the order of the schema.
    fn fields<'a>(&'a self, row: &mut Row<'a>);
}

/// Something that scripts may handle, declared like a record. Its fields are the arguments.
pub trait Event: Record {
    /// Which event.
    const ID: Id;
}
