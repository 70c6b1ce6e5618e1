//! Each message stands alone: NTP's answers carry what the question said.

use model::{Transaction, TxHead};

/// A message, as rules see it.
#[derive(Debug, Default)]
pub struct NtpTransaction {
    head: TxHead,
    /// Version.
    pub version: u8,
    /// Mode.
    pub mode: u8,
    /// Distance from a reference clock.
    pub stratum: u8,
    /// The reference clock.
    pub reference_id: [u8; 4],
}

impl Transaction for NtpTransaction {
    fn head(&self) -> &TxHead {
        &self.head
    }
    fn head_mut(&mut self) -> &mut TxHead {
        &mut self.head
    }
    fn reset(&mut self) {
        *self = Self::default();
    }
}
