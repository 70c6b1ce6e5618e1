//! JSON with flat keys: Zeek's form (`"id.orig_h"`, epoch times) and our own.

use crate::{Field, RecordSchema, Row, Type};

use super::text;

/// Whose names the keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonNames {
    /// Our own: every field.
    Own,
    /// Zeek's: the fields its log has.
    Zeek,
}

/// A stream's plan: for each field, its key ready to copy.
#[derive(Clone, Debug)]
pub struct JsonPlan {
    /// Per field of the flat schema: `,"key":` (empty: left out), and the plan of the records it
    /// holds.
    keys: Vec<(Vec<u8>, Option<Box<JsonPlan>>)>,
}

impl JsonPlan {
    /// Plans a stream.
    pub fn new(schema: &RecordSchema, names: JsonNames) -> Self {
        let key = |name: &str| {
            let mut k = Vec::new();
            if !name.is_empty() {
                k.push(b',');
                text::json_string(&mut k, name.as_bytes());
                k.push(b':');
            }
            k
        };
        let flat = schema.flat();
        Self {
            keys: flat
                .iter()
                .map(|f| {
                    let name = if names == JsonNames::Zeek { f.zeek } else { f.name };
                    (key(name), nested(f.ty, names))
                })
                .collect(),
        }
    }
    /// Appends one row as a JSON object without a line end. Unset fields are left out.
    pub fn write(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        for ((key, nested), field) in self.keys.iter().zip(row.fields()) {
            if key.is_empty() || matches!(field, Field::Unset) {
                continue;
            }
            out.extend_from_slice(key);
            value(out, field, nested.as_deref());
        }
        match out.get_mut(start) {
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }
}

/// The plan of the records in a field, if it holds records.
fn nested(ty: Type, names: JsonNames) -> Option<Box<JsonPlan>> {
    match ty {
        Type::Record(schema) => Some(Box::new(JsonPlan::new(schema, names))),
        Type::Vector(t) | Type::Set(t) => nested(*t, names),
        _ => None,
    }
}

fn value(out: &mut Vec<u8>, f: &Field<'_>, nested: Option<&JsonPlan>) {
    match f {
        Field::Unset => out.extend_from_slice(b"null"),
        Field::Bool(v) => out.extend_from_slice(if *v { b"true" } else { b"false" }),
        Field::Int(v) => text::int(out, *v),
        Field::Count(v) => text::count(out, *v),
        Field::Real(v) => text::real(out, *v),
        Field::Time(t) => t.write_epoch(out),
        Field::Span(s) => s.write_secs(out),
        Field::Addr(a) => {
            out.push(b'"');
            text::addr(out, *a);
            out.push(b'"');
        }
        Field::Port(p) => text::count(out, u64::from(*p)),
        Field::Proto(p) => {
            let name = text::proto_name(*p).map_or("unknown_transport", |n| n.0);
            text::json_string(out, name.as_bytes());
        }
        Field::Bytes(b) => text::json_bytes(out, b),
        Field::Text(t) => text::json_string(out, t.as_bytes()),
        Field::Uid(u) => text::json_string(out, u.text().as_str().as_bytes()),
        Field::File(id) => text::json_string(out, id.text().as_str().as_bytes()),
        Field::List(l) => {
            out.push(b'[');
            for i in 0..l.len() {
                if i > 0 {
                    out.push(b',');
                }
                value(out, &l.get(i), nested);
            }
            out.push(b']');
        }
        Field::Record(r) => match nested {
            Some(plan) => plan.write(&Row::of(*r), out),
            None => out.extend_from_slice(b"{}"),
        },
    }
}
