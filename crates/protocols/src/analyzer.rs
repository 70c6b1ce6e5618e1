//! What a protocol folder offers to the layer that runs it.

use base::Dir;
use model::{BufferDef, Cx, Fed, Input, Profile, RecordSchema};

/// How bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

/// The first bytes of a direction, for recognition by content.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The bytes so far, from the start of the direction (a datagram whole).
    pub bytes: &'a [u8],
    /// The first bytes of the other direction, as far as they came.
    pub other: &'a [u8],
    /// Which direction.
    pub dir: Dir,
    /// How they travel.
    pub transport: Transport,
    /// Ports of originator and responder.
    pub ports: [u16; 2],
    /// Policy of interpretation: where a program we follow looks at ports only, so do we.
    pub profile: &'a Profile,
    /// One of the flow's ports is among the protocol's likely ones.
    pub likely_port: bool,
    /// Nothing more will come in this direction, or no more is kept for recognition.
    pub last: bool,
}

/// What recognition by content says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Mine,
    /// It isn't.
    NotMine,
    /// Can't be told from so few bytes.
    More,
}

/// A protocol's state in one flow.
pub trait Analyzer: Default {
    /// State shared by all flows of a shard (joins across flows, caches); `()` for most.
    type Shared: Default;
    /// The records it tells.
    const RECORDS: &'static [&'static RecordSchema];
    /// The events it raises.
    const EVENTS: &'static [&'static RecordSchema] = &[];
    /// The buffers that rules may inspect.
    const BUFFERS: &'static [BufferDef] = &[];
    /// Recognises the protocol by the first bytes of either direction.
    fn probe(head: &Head<'_>) -> Verdict;
    /// The next input of one direction; see [`model::Fed`] for the answer.
    fn step(
        &mut self,
        shared: &mut Self::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed;
    /// The flow is over: tell what is left.
    fn close(&mut self, shared: &mut Self::Shared, cx: &mut Cx<'_>);
}
