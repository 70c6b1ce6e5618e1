//! Connections: what is told of a flow when it is over.

mod record;

pub use record::{ConnRecord, FlowEveRecord, Hex, tell};
