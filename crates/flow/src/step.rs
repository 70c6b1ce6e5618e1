//! What a packet sets off: the steps that its flow's consumer is led through, one by one.
//!
//! Trackers write steps, the table takes them off the queue and calls the consumer, so that the
//! consumer may stop in the middle ([`model::Then::Ask`]) with nothing borrowed.

use std::collections::VecDeque;

use crate::reassembly::{Buffers, Piece, Reading};
use crate::weird::Weird;

/// One call of the consumer.
#[derive(Debug)]
pub(crate) enum Step {
    /// The next of a side's stream.
    Stream { side: usize, piece: Piece },
    /// The packet's payload is a datagram.
    Datagram { side: usize },
    /// A side has ended.
    End { side: usize },
}

/// What a tracker works with while it follows a segment.
pub(crate) struct Tracking<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) reading: Reading,
    /// Streams nobody acknowledges are given up, as Zeek does.
    pub(crate) gives_up: bool,
    /// Somebody wants to know how the connection went, in Zeek's words.
    pub(crate) books: bool,
    /// The same, in Suricata's.
    pub(crate) sessions: bool,
    pub(crate) buffers: &'a mut Buffers,
    /// Pieces of one side, before they are steps.
    pub(crate) pieces: Vec<Piece>,
    pub(crate) steps: &'a mut VecDeque<Step>,
    pub(crate) weirds: &'a mut Vec<Weird>,
    pub(crate) overflow: bool,
    pub(crate) inconsistent: bool,
}

impl Tracking<'_> {
    /// Makes the pieces written since the last call steps of `side`.
    pub(crate) fn collect(&mut self, side: usize) {
        for piece in self.pieces.drain(..) {
            self.steps.push_back(Step::Stream { side, piece });
        }
    }
}
