//! What looks into files: the hook by which formats (certificates, programs, archives, rules over
//! content) see the bytes of the files they are for.
//!
//! A [`FileAnalyzer`] is asked once per file, when its type is settled; the bytes that came before are given
//! first, so what it starts sees the file from its first byte, in order, until a gap.

use base::{FileId, Ts};
use model::{Anomaly, AnomalyKind, Event, FileFacts, FlowFacts, Id, Record, Wants};

/// Where the words of the files room go. The engine implements it.
pub trait FileSinks {
    /// A record. `flow` carries the bytes that led to it; there is none when time did.
    fn record(&mut self, flow: Option<&FlowFacts>, record: &dyn Record);
    /// A script event.
    fn event(&mut self, flow: Option<&FlowFacts>, id: Id, args: &dyn Record);
    /// A deviation.
    fn anomaly(&mut self, flow: Option<&FlowFacts>, anomaly: Anomaly<'_>);
    /// Something that the operator must know of this run (a full disk), told once per cause.
    fn trouble(&mut self, text: &str);
}

/// A kind of analysis.
pub trait FileAnalyzer: Send {
    /// Its name as sets of analyzers write it (`PE`, `X509`).
    fn name(&self) -> &'static str;
    /// Whether it is for this file.
    fn takes(&self, file: &FileFacts, source: &'static str) -> bool;
    /// Begins on a file.
    fn start(&self, file: &FileFacts) -> Box<dyn FileAnalysis>;
}

/// An analysis of one file.
pub trait FileAnalysis: Send {
    /// The next bytes. `false`: it needs no more.
    fn data(&mut self, cx: &mut FileCx<'_>, bytes: &[u8]) -> bool;
    /// So many bytes were lost. `false`: it can't go on.
    fn gap(&mut self, _cx: &mut FileCx<'_>, _len: u64) -> bool {
        false
    }
    /// The file ends.
    fn end(&mut self, _cx: &mut FileCx<'_>) {}
}

/// What an analysis has at hand.
pub struct FileCx<'a> {
    /// The file.
    pub id: FileId,
    /// Packet time.
    pub now: Ts,
    /// The flow that carries these bytes, if one does now.
    pub flow: Option<&'a FlowFacts>,
    /// Who wants what.
    pub wants: &'a Wants,
    /// Where words go.
    pub out: &'a mut dyn FileSinks,
}

impl FileCx<'_> {
    /// Tells a record if anybody takes it. `id` is that of its schema.
    pub fn tell<R: Record>(&mut self, id: Id, make: impl FnOnce() -> R) {
        if self.wants.record(id) {
            self.out.record(self.flow, &make());
        }
    }
    /// Raises an event if anybody handles it.
    pub fn raise<E: Event>(&mut self, make: impl FnOnce() -> E) {
        if self.wants.event(E::ID) {
            self.out.event(self.flow, E::ID, &make());
        }
    }
    /// Reports a deviation.
    pub fn anomaly(&mut self, kind: &'static AnomalyKind) {
        self.out.anomaly(self.flow, Anomaly { kind, detail: b"" });
    }
}
