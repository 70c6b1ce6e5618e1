//! What the rooms say to each other.
//!
//! One pass over the traffic yields three views of the same transactions: records (told to
//! people), events (handled by scripts) and buffers (inspected by rules). Their types stand here,
//! with those of anomalies, files, commands and alerts, and the plain writers over
//! (schema, row): Zeek TSV, Zeek JSON and EVE JSON.
//!
//! - [`Record`] and [`RecordSchema`]: a record is declared once, as a struct with
//!   `#[derive(Record)]`; every sink is plain code over the schema and a [`Row`] of borrowed fields.
//! - [`Cx`] and [`Sinks`]: what an analyzer pushes while it parses (events, anomalies, file bytes),
//!   each behind a bit of [`Wants`].
//! - [`Transactions`]: what an analyzer keeps until every consumer has passed it.
//! - [`FlowFacts`]: what is known of a flow, for whoever looks at it.
//! - [`Profile`]: policy of interpretation as data.
//!
//! **Invariant:** nothing here knows a protocol, does I/O or reads a clock.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

// The derive writes `::watchpost_model::…`, here too.
extern crate self as watchpost_model;

mod alert;
mod anomaly;
mod buffer;
mod command;
mod field;
mod file;
mod flow;
mod id;
mod profile;
mod record;
mod schema;
mod sinks;
mod transaction;
pub mod write;

pub use alert::{Alert, Evidence, Severity};
pub use anomaly::{Anomaly, AnomalyKind};
pub use buffer::{Buffer, BufferDef, Inspect, Scope};
pub use command::{Command, Reply};
pub use field::{Bytes, Field, IntoField, List, Port, Proto, SetOf};
pub use file::{FileFacts, FileMeta, FileStep, Hashes};
pub use flow::{Endpoint, FlowFacts, FlowHead, Parent, Services};
pub use id::{Id, room};
pub use model_derive::Record;
pub use profile::{
    Checksums, Delivery, FragmentPolicy, HostPolicy, Profile, ProfileName, Timeouts,
};
pub use record::{Event, Record, Row};
pub use schema::{FieldDef, RecordSchema, Type, Unit};
pub use sinks::{Cx, Fed, Input, Sinks, Then, Wants};
pub use transaction::{CONSUMERS, Consumer, Spare, Step, Transaction, Transactions, TxHead};
