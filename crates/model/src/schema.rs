//! Schemas: the one description of a record that every sink plans from.

use crate::Id;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// Signed number.
    Int,
    /// Unsigned number.
    Count,
    /// Floating point.
    Real,
    /// Packet time.
    Time,
    /// Length of time.
    Span,
    /// Address.
    Addr,
    /// Port.
    Port,
    /// Transport protocol.
    Proto,
    /// Text.
    Text,
    /// An ordered list.
    Vector(&'static Type),
    /// A list whose order means nothing.
    Set(&'static Type),
    /// A record within the record.
    Record(&'static RecordSchema),
}

impl Type {
    /// The type's name in the header of a Zeek log.
    pub fn zeek(&self) -> String {
        match self {
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Count => "count".into(),
            Self::Real => "double".into(),
            Self::Time => "time".into(),
            Self::Span => "interval".into(),
            Self::Addr => "addr".into(),
            Self::Port => "port".into(),
            Self::Proto => "enum".into(),
            Self::Text | Self::Record(_) => "string".into(),
            Self::Vector(t) => format!("vector[{}]", t.zeek()),
            Self::Set(t) => format!("set[{}]", t.zeek()),
        }
    }
}

/// The unit of a number, where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// None, or the type says it.
    #[default]
    None,
    /// Bytes.
    Bytes,
    /// Packets.
    Packets,
    /// Seconds.
    Seconds,
    /// Bits.
    Bits,
}

impl Unit {
    /// The unit's name, empty where there is none.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Bytes => "bytes",
            Self::Packets => "packets",
            Self::Seconds => "seconds",
            Self::Bits => "bits",
        }
    }
}

/// A field of a record. All names but `name` are empty where that language has no such field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDef {
    /// Our name: that of Zeek's log where Zeek has the field.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// Unit.
    pub unit: Unit,
    /// What it means (the doc comment of the struct's field).
    pub doc: &'static str,
    /// Column of the Zeek log, dots as Zeek writes them.
    pub zeek: &'static str,
    /// Path in the EVE event, dots for nested objects.
    pub eve: &'static str,
    /// Name in the Elastic Common Schema.
    pub ecs: &'static str,
    /// Path in OCSF.
    pub ocsf: &'static str,
    /// The fields of the nested schema stand in its place.
    pub flatten: bool,
}

/// A record's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSchema {
    /// Which record.
    pub id: Id,
    /// Table name.
    pub name: &'static str,
    /// What a row is (the struct's doc comment).
    pub doc: &'static str,
    /// Path of the Zeek log (`conn` for conn.log); empty: not told to Zeek sinks.
    pub zeek: &'static str,
    /// EVE `event_type`; empty: not told to EVE sinks.
    pub eve: &'static str,
    /// Raised when a field changes its meaning or goes away.
    pub version: u16,
    /// Fields in order; nested schemas may stand among them (see [`FieldDef::flatten`]).
    pub fields: &'static [FieldDef],
}

impl RecordSchema {
    /// The fields as a row has them, nested schemas unfolded in place.
    pub fn flat(&self) -> Vec<FieldDef> {
        let mut out = Vec::with_capacity(self.fields.len());
        for f in self.fields {
            match f.ty {
                Type::Record(inner) if f.flatten => out.extend(inner.flat()),
                _ => out.push(*f),
            }
        }
        out
    }
}
