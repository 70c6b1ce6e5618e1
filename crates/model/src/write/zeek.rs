//! Zeek's tab-separated logs: header, escapes, `-` for unset and `(empty)` for empty.

use crate::{Field, FieldDef, RecordSchema, Row};

use super::text;

/// A stream's plan.
#[derive(Clone, Debug)]
pub struct ZeekPlan {
    path: &'static str,
    fields: Vec<(usize, FieldDef)>,
}

impl ZeekPlan {
    /// Plans a stream. Fields without a Zeek name are left out.
    pub fn new(schema: &RecordSchema) -> Self {
        let fields = schema.flat().into_iter().enumerate().filter(|(_, f)| !f.zeek.is_empty());
        Self { path: schema.zeek, fields: fields.collect() }
    }
    /// Appends the header lines. `open` is the time that `#open` tells.
    pub fn header(&self, open: base::Ts, out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t",
        );
        out.extend_from_slice(self.path.as_bytes());
        out.extend_from_slice(b"\n#open\t");
        stamp(out, open);
        out.extend_from_slice(b"\n#fields");
        for (_, f) in &self.fields {
            out.push(b'\t');
            out.extend_from_slice(f.zeek.as_bytes());
        }
        out.extend_from_slice(b"\n#types");
        for (_, f) in &self.fields {
            out.push(b'\t');
            out.extend_from_slice(f.ty.zeek().as_bytes());
        }
        out.push(b'\n');
    }
    /// Appends the closing line.
    pub fn footer(&self, close: base::Ts, out: &mut Vec<u8>) {
        out.extend_from_slice(b"#close\t");
        stamp(out, close);
        out.push(b'\n');
    }
    /// Appends one row with its line end.
    pub fn write(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        for (i, (field, _)) in self.fields.iter().enumerate() {
            if i > 0 {
                out.push(b'\t');
            }
            value(out, &row.get(*field), false);
        }
        out.push(b'\n');
    }
}

/// `2026-11-23-07-29-56`, the form of `#open` and `#close`.
fn stamp(out: &mut Vec<u8>, t: base::Ts) {
    use std::io::Write as _;
    let (y, mo, d, h, mi, s) = t.civil();
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{y:04}-{mo:02}-{d:02}-{h:02}-{mi:02}-{s:02}");
}

fn value(out: &mut Vec<u8>, f: &Field<'_>, in_set: bool) {
    match f {
        Field::Unset => out.push(b'-'),
        Field::Bool(v) => out.push(if *v { b'T' } else { b'F' }),
        Field::Int(v) => text::int(out, *v),
        Field::Count(v) => text::count(out, *v),
        Field::Real(v) => text::real(out, *v),
        Field::Time(t) => t.write_epoch(out),
        Field::Span(s) => s.write_secs(out),
        Field::Addr(a) => text::addr(out, *a),
        Field::Port(p) => text::count(out, u64::from(*p)),
        Field::Proto(p) => {
            let name = text::proto_name(*p).map_or("unknown_transport", |n| n.0);
            out.extend_from_slice(name.as_bytes());
        }
        Field::Bytes(b) => string(out, b, in_set),
        Field::Text(t) => string(out, t.as_bytes(), in_set),
        Field::Uid(u) => out.extend_from_slice(u.text().as_str().as_bytes()),
        Field::File(id) => out.extend_from_slice(id.text().as_str().as_bytes()),
        Field::List(l) => {
            if l.is_empty() {
                out.extend_from_slice(b"(empty)");
            }
            for i in 0..l.len() {
                if i > 0 {
                    out.push(b',');
                }
                value(out, &l.get(i), true);
            }
        }
        Field::Record(r) => string(out, super::json_text(*r).as_bytes(), in_set),
    }
}

/// Text with what would break the format escaped as `\xHH`: separators, controls, bytes that are no
/// UTF-8, and a value that would read as unset or empty.
fn string(out: &mut Vec<u8>, bytes: &[u8], in_set: bool) {
    if bytes.is_empty() {
        out.extend_from_slice(b"(empty)");
        return;
    }
    if let b"-" | b"(empty)" = bytes
        && let Some((first, rest)) = bytes.split_first()
    {
        text::hex_escape(out, *first);
        out.extend_from_slice(rest);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for b in chunk.valid().bytes() {
            match b {
                b'\\' => out.extend_from_slice(b"\\\\"),
                0..0x20 | 0x7f => text::hex_escape(out, b),
                b',' if in_set => text::hex_escape(out, b),
                b => out.push(b),
            }
        }
        for b in chunk.invalid() {
            text::hex_escape(out, *b);
        }
    }
}
