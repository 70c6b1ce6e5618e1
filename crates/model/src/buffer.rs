//! Buffers: the bytes that rules inspect, pulled from a transaction when a rule asks.

use base::Dir;

use crate::{FileFacts, FlowFacts, Id, List, Step, Transaction};

/// What a buffer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One packet.
    Packet,
    /// A half of a stream.
    Stream,
    /// The whole flow.
    Flow,
    /// A transaction.
    Transaction,
    /// A protocol's frame.
    Frame,
    /// A file.
    File,
}

/// A buffer by its name in the rule language.
#[derive(Clone, Copy)]
pub struct BufferDef {
    /// Which.
    pub id: Id,
    /// Its keyword, `http.uri`.
    pub name: &'static str,
    /// What it belongs to.
    pub scope: Scope,
    /// The direction whose progress rules it.
    pub dir: Dir,
    /// The step from which on it is there.
    pub from: Step,
    /// The step from which on it will not change.
    pub last: Step,
    /// Gets it.
    pub get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
}

/// What a getter may look at.
#[derive(Clone, Copy)]
pub struct Inspect<'a> {
    /// Direction that is inspected.
    pub dir: Dir,
    /// The flow.
    pub flow: &'a FlowFacts,
    /// The transaction, where the scope has one.
    pub tx: Option<&'a dyn Transaction>,
    /// The file, where the scope has one.
    pub file: Option<&'a FileFacts>,
}

impl<'a> Inspect<'a> {
    /// The transaction as its own type.
    pub fn tx_as<T: Transaction>(&self) -> Option<&'a T> {
        let tx: &'a dyn std::any::Any = self.tx?;
        tx.downcast_ref()
    }
}

/// A buffer's value.
#[derive(Clone, Copy)]
pub enum Buffer<'a> {
    /// Not there.
    Absent,
    /// A number.
    Number(u64),
    /// Bytes that begin at offset `base` of the whole; `last` when no more will come.
    Bytes {
        /// Offset of the first byte.
        base: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// Nothing follows.
        last: bool,
    },
    /// Several values (multi-buffers).
    Many(&'a dyn List),
}

impl<'a> Buffer<'a> {
    /// A whole value, or absence.
    pub fn whole(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Self::Absent, |bytes| Self::Bytes { base: 0, bytes, last: true })
    }
}
