//! EVE: Suricata's JSON, nested objects by dotted paths.
//!
//! A plan orders the fields so that those of one object stand together, and knows for each which
//! objects to close and open before it. What every event of a flow has (`flow_id`, addresses,
//! `proto` …) is written from the [`FlowFacts`] before the record's own fields. Paths that begin
//! with `@` direct the writer: `@timestamp` is the event's time, `@reversed` (a bool) swaps the
//! endpoints (an event of the direction to the client).

use base::Ts;

use crate::{Field, FlowFacts, RecordSchema, Row, Type};

use super::text;

/// A field's place in the output.
#[derive(Clone, Debug)]
struct Place {
    /// Index in the row.
    field: usize,
    /// The objects it stands in, outermost first.
    objects: Vec<&'static str>,
    /// Its key.
    key: &'static str,
    /// The plan of the records it holds.
    nested: Option<Box<EvePlan>>,
}

/// A stream's plan.
#[derive(Clone, Debug)]
pub struct EvePlan {
    event_type: &'static str,
    places: Vec<Place>,
    timestamp: Option<usize>,
    reversed: Option<usize>,
}

impl EvePlan {
    /// Plans a stream. Fields without an EVE path are left out.
    pub fn new(schema: &RecordSchema) -> Self {
        let flat = schema.flat();
        let find = |path| flat.iter().position(|f| f.eve == path);
        let mut places: Vec<Place> = flat
            .iter()
            .enumerate()
            .filter(|(_, f)| !f.eve.is_empty() && !f.eve.starts_with('@'))
            .map(|(field, f)| {
                let mut objects: Vec<&'static str> = f.eve.split('.').collect();
                let key = objects.pop().unwrap_or_default();
                Place { field, objects, key, nested: nested(f.ty) }
            })
            .collect();
        group(&mut places, 0);
        Self {
            event_type: schema.eve,
            places,
            timestamp: find("@timestamp"),
            reversed: find("@reversed"),
        }
    }

    /// Appends one event of a flow as a JSON object without a line end.
    pub fn write(&self, flow: &FlowFacts, community_id: &str, row: &Row<'_>, out: &mut Vec<u8>) {
        let ts = self.timestamp.map_or(Field::Unset, |i| row.get(i));
        let ts = if let Field::Time(t) = ts { t } else { flow.now };
        let reversed = self.reversed.is_some_and(|i| matches!(row.get(i), Field::Bool(true)));
        self.open(ts, out);
        out.extend_from_slice(b",\"flow_id\":");
        text::count(out, flow.uid.flow_number());
        if flow.vlans.first().is_some_and(|v| *v != 0) {
            out.extend_from_slice(b",\"vlan\":[");
            for (i, v) in flow.vlans.iter().take_while(|v| **v != 0).enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                text::count(out, u64::from(*v));
            }
            out.push(b']');
        }
        let (src, dst) = if reversed { (flow.resp, flow.orig) } else { (flow.orig, flow.resp) };
        let ports = matches!(flow.proto, 6 | 17 | 132);
        out.extend_from_slice(b",\"src_ip\":\"");
        text::addr_full(out, src.addr);
        out.push(b'"');
        if ports {
            out.extend_from_slice(b",\"src_port\":");
            text::count(out, u64::from(src.port));
        }
        out.extend_from_slice(b",\"dest_ip\":\"");
        text::addr_full(out, dst.addr);
        out.push(b'"');
        if ports {
            out.extend_from_slice(b",\"dest_port\":");
            text::count(out, u64::from(dst.port));
        }
        out.extend_from_slice(b",\"proto\":\"");
        if let Some((_, name)) = text::proto_name(flow.proto) {
            out.extend_from_slice(name.as_bytes());
        } else {
            // Suricata writes numbers without a name with three digits.
            if flow.proto < 100 {
                out.push(b'0');
            }
            if flow.proto < 10 {
                out.push(b'0');
            }
            text::count(out, u64::from(flow.proto));
        }
        out.push(b'"');
        if !community_id.is_empty() {
            out.extend_from_slice(b",\"community_id\":\"");
            out.extend_from_slice(community_id.as_bytes());
            out.push(b'"');
        }
        self.rest(row, out);
    }

    /// Appends one event that belongs to no flow.
    pub fn write_alone(&self, now: Ts, row: &Row<'_>, out: &mut Vec<u8>) {
        let ts = self.timestamp.map_or(Field::Unset, |i| row.get(i));
        self.open(if let Field::Time(t) = ts { t } else { now }, out);
        self.rest(row, out);
    }

    fn open(&self, ts: Ts, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"timestamp\":\"");
        ts.write_eve(out);
        out.extend_from_slice(b"\",\"event_type\":\"");
        out.extend_from_slice(self.event_type.as_bytes());
        out.push(b'"');
    }

    fn rest(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        self.fields(row, out, true);
        out.push(b'}');
    }

    /// Appends the fields; `lead`: something stands before them in the object.
    fn fields(&self, row: &Row<'_>, out: &mut Vec<u8>, lead: bool) {
        let mut open: &[&'static str] = &[];
        let mut lead = lead;
        for place in &self.places {
            let field = row.get(place.field);
            if matches!(field, Field::Unset) {
                continue;
            }
            let shared = open.iter().zip(&place.objects).take_while(|(a, b)| a == b).count();
            for _ in shared..open.len() {
                out.push(b'}');
                lead = true;
            }
            for name in place.objects.iter().skip(shared) {
                comma(out, lead);
                key(out, name);
                out.push(b'{');
                lead = false;
            }
            open = &place.objects;
            comma(out, lead);
            key(out, place.key);
            value(out, &field, place.nested.as_deref());
            lead = true;
        }
        for _ in open {
            out.push(b'}');
        }
    }
}

/// Stable grouping: fields of one object move up to the first of them, level by level.
fn group(places: &mut [Place], level: usize) {
    let mut start = 0usize;
    while let Some(name) = places.get(start).map(|p| p.objects.get(level).copied()) {
        let mut end = start.saturating_add(1);
        if name.is_some() {
            let mut i = end;
            while let Some(p) = places.get(i) {
                if p.objects.get(level).copied() == name {
                    if let Some(run) = places.get_mut(end..=i) {
                        run.rotate_right(1);
                    }
                    end = end.saturating_add(1);
                }
                i = i.saturating_add(1);
            }
            if let Some(run) = places.get_mut(start..end) {
                group(run, level.saturating_add(1));
            }
        }
        start = end;
    }
}

fn comma(out: &mut Vec<u8>, lead: bool) {
    if lead {
        out.push(b',');
    }
}

fn key(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// The plan of the records in a field, if it holds records.
fn nested(ty: Type) -> Option<Box<EvePlan>> {
    match ty {
        Type::Record(schema) => Some(Box::new(EvePlan::new(schema))),
        Type::Vector(t) | Type::Set(t) => nested(*t),
        _ => None,
    }
}

fn value(out: &mut Vec<u8>, f: &Field<'_>, nested: Option<&EvePlan>) {
    match f {
        Field::Unset => out.extend_from_slice(b"null"),
        Field::Bool(v) => out.extend_from_slice(if *v { b"true" } else { b"false" }),
        Field::Int(v) => text::int(out, *v),
        Field::Count(v) => text::count(out, *v),
        Field::Real(v) => text::real(out, *v),
        Field::Time(t) => {
            out.push(b'"');
            t.write_eve(out);
            out.push(b'"');
        }
        Field::Span(s) => s.write_secs(out),
        Field::Addr(a) => {
            out.push(b'"');
            text::addr_full(out, *a);
            out.push(b'"');
        }
        Field::Port(p) => text::count(out, u64::from(*p)),
        Field::Proto(p) => {
            let name = text::proto_name(*p).map_or("", |n| n.1);
            text::json_string(out, name.as_bytes());
        }
        Field::Bytes(b) => text::json_bytes_eve(out, b),
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
        Field::Record(r) => {
            out.push(b'{');
            if let Some(plan) = nested {
                plan.fields(&Row::of(*r), out, false);
            }
            out.push(b'}');
        }
    }
}
