//! Plain writers over (schema, row): each plans once per stream and then only copies bytes.

mod eve;
mod json;
mod text;
mod zeek;

pub use eve::EvePlan;
pub use json::{JsonNames, JsonPlan};
pub use text::{addr, addr_full, json_string, proto_name};
pub use zeek::ZeekPlan;

use crate::{Record, Row};

/// A record as a line of JSON with our own field names, for tests and for people.
pub fn json_text(record: &dyn Record) -> String {
    let mut out = Vec::new();
    JsonPlan::new(record.schema(), JsonNames::Own).write(&Row::of(record), &mut out);
    String::from_utf8(out).unwrap_or_default()
}
