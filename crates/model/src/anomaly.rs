//! Malformed input as data: named deviations.

use crate::Id;

/// A kind of deviation, a row of its room's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyKind {
    /// Which.
    pub id: Id,
    /// Our name, `http_bad_request`.
    pub name: &'static str,
    /// Zeek's weird name, empty where Zeek has none.
    pub zeek: &'static str,
    /// Suricata's event (`http.request_field_too_long`, `stream.…`), empty where it has none.
    pub suricata: &'static str,
}

/// A deviation that was met.
#[derive(Clone, Copy)]
pub struct Anomaly<'a> {
    /// What it is.
    pub kind: &'static AnomalyKind,
    /// More about it (Zeek's `addl`), empty where there is nothing.
    pub detail: &'a [u8],
}
