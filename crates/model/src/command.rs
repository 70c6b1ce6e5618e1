//! The only way upstream: a closed set of commands.

use base::{Dir, FileId, FlowId};

/// What a consumer may ask of the shard. Applied at once where a script's built-in returns its
/// result, else after the packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Count the flow's further packets and analyse nothing of them.
    Bypass(FlowId),
    /// Forget the flow's further packets.
    Drop(FlowId),
    /// Stop the analyzers of a flow.
    StopAnalysis(FlowId),
    /// Set how many bytes of a direction are analysed.
    Depth(FlowId, Dir, u64),
    /// Hash the file (MD5, SHA-1, SHA-256 as asked).
    HashFile(FileId, crate::Hashes),
    /// Extract the file.
    ExtractFile(FileId),
    /// Stop analysing the file.
    StopFile(FileId),
    /// Keep the packets of the flow.
    KeepPackets(FlowId),
}

/// What the shard answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// The flow or file is not there (any more).
    Gone,
}
