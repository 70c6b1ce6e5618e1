//! One end of a TCP connection as Zeek's endpoint states describe it.
//!
//! Sequence numbers are followed in a 64-bit space that counts wraps, so that sizes of long
//! transfers stay right; what is told of an end (its state, its size) derives from here.

use super::history::Logarithmic;
use super::seq;
use crate::reassembly::Half;

/// Jumps in sequence numbers beyond which a number is not believed.
pub(crate) const TOO_FAR: i32 = 1 << 20;

/// What was seen from one end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndState {
    /// Nothing.
    #[default]
    Inactive,
    /// A SYN without an acknowledgement.
    SynSent,
    /// A SYN with an acknowledgement, where no SYN was seen before.
    SynAckSent,
    /// Data or acknowledgements, but no SYN.
    Partial,
    /// The handshake, as far as this end is concerned.
    Established,
    /// A FIN.
    Closed,
    /// A RST.
    Reset,
}

impl EndState {
    /// Before the handshake is done.
    pub(crate) const fn is_handshake(self) -> bool {
        matches!(self, Self::Inactive | Self::SynSent | Self::SynAckSent)
    }
}

/// One end of a connection.
#[derive(Debug, Default)]
pub struct End {
    /// State.
    pub state: EndState,
    /// The state before it.
    pub(crate) previous: EndState,
    /// Its close was reported.
    pub(crate) did_close: bool,
    /// Its end of stream was told.
    pub(crate) eof_told: bool,
    /// Something was seen from it.
    pub(crate) did_something: bool,
    /// Its data is not analysed any more.
    pub(crate) skipped: bool,
    /// First sequence number; below zero or beyond 32 bits when inferred next to a wrap.
    start: i64,
    last: u32,
    acked: u32,
    last_wraps: u32,
    acked_wraps: u32,
    /// Window, scaled.
    pub(crate) window: u32,
    pub(crate) scale: u8,
    pub(crate) window_seq: u32,
    pub(crate) window_ack: u32,
    pub(crate) fins: u32,
    pub(crate) rsts: u32,
    /// Relative position after the FIN.
    pub(crate) fin_at: u64,
    // Where the last control segments stood, in 32 bits: they are only compared.
    pub(crate) last_syn: u32,
    pub(crate) last_fin: u32,
    pub(crate) last_rst: u32,
    pub(crate) gaps: Logarithmic,
    pub(crate) checksums: Logarithmic,
    pub(crate) retransmissions: Logarithmic,
    pub(crate) zero_windows: Logarithmic,
    /// The bytes it sent.
    pub(crate) half: Half,
}

const fn full(number: u32, wraps: u32) -> u64 {
    ((wraps as u64) << 32) | number as u64
}

impl End {
    pub(crate) const fn start(&self) -> u32 {
        self.start as u32
    }
    pub(crate) const fn last(&self) -> u32 {
        self.last
    }
    pub(crate) const fn acked(&self) -> u32 {
        self.acked
    }
    pub(crate) const fn last_wraps(&self) -> u32 {
        self.last_wraps
    }
    pub(crate) const fn acked_wraps(&self) -> u32 {
        self.acked_wraps
    }
    pub(crate) const fn set_start(&mut self, n: u32) {
        self.start = n as i64;
    }
    pub(crate) const fn set_last(&mut self, n: u32) {
        self.last = n;
    }
    pub(crate) const fn set_acked(&mut self, n: u32) {
        self.acked = n;
    }
    /// A position relative to the start.
    pub(crate) const fn relative(&self, number: u32, wraps: u32) -> u64 {
        full(number, wraps).wrapping_sub(self.start as u64)
    }
    pub(crate) const fn advance_last(&mut self, n: u32) {
        if n < self.last {
            self.last_wraps = self.last_wraps.wrapping_add(1);
        }
        self.last = n;
    }
    pub(crate) const fn advance_acked(&mut self, n: u32) {
        if n < self.acked {
            self.acked_wraps = self.acked_wraps.wrapping_add(1);
        }
        self.acked = n;
    }
    /// Position of `number`, given that `last` (with `wraps`) was the newest; `None` if it lies
    /// before the start.
    pub(crate) fn locate(&self, number: u32, last: u32, mut wraps: u32) -> Option<u64> {
        let d = seq::delta(number, last);
        if d < 0 && wraps > 0 && number > last {
            wraps = wraps.saturating_sub(1);
        } else if d > 0 && number < last {
            wraps = wraps.saturating_add(1);
        }
        if wraps == 0 {
            return u64::try_from(seq::delta(number, self.start())).ok();
        }
        Some(self.relative(number, wraps))
    }
    /// Whether none of its data was acknowledged (a SYN may have been).
    pub(crate) const fn no_data_acked(&self) -> bool {
        let acked = full(self.acked, self.acked_wraps).wrapping_sub(self.start as u64);
        acked == 0 || acked == 1
    }
    /// What was acknowledged, as a relative position.
    pub(crate) const fn acked_at(&self) -> u64 {
        self.relative(self.acked, self.acked_wraps)
    }
    /// Payload bytes it sent, by its sequence numbers and its peer's acknowledgements.
    pub fn size(&self, peer: &Self) -> u64 {
        if self.previous == EndState::SynSent
            && self.state == EndState::Reset
            && peer.state == EndState::Inactive
            && !self.no_data_acked()
        {
            // A half-open connection that was found out and aborted: its numbers mislead.
            return 0;
        }
        let newest = full(self.last, self.last_wraps).max(full(self.acked, self.acked_wraps));
        let mut size = newest.wrapping_sub(self.start as u64);
        // Neither the SYN nor the FIN is data. Without a SYN the start was set as if there were one.
        size = size.saturating_sub(1);
        if self.fins > 0 {
            size = size.saturating_sub(1);
        }
        size
    }
    /// Whether data is missing, or was not acknowledged yet, before the end of the stream.
    pub(crate) fn data_pending(&self, peer: &Self) -> bool {
        if self.skipped {
            return false;
        }
        let delivered = (self.start as u64).wrapping_add(self.half.next());
        let last = full(self.last, self.last_wraps);
        if last < delivered {
            return false;
        }
        if delivered != last.wrapping_sub(1) && delivered != last {
            return true;
        }
        self.state != EndState::Reset && peer.half.has_unacknowledged()
    }
    /// Whether something was seen and no close reported.
    pub(crate) fn is_active(&self) -> bool {
        self.state != EndState::Inactive && !self.did_close
    }
    /// Established, or closed out of it.
    pub(crate) fn is_clean(&self) -> bool {
        self.state == EndState::Established
            || (self.state == EndState::Closed && self.previous == EndState::Established)
    }
    /// Retransmitted segments.
    pub const fn retransmitted(&self) -> u32 {
        self.retransmissions.count()
    }
}
