//! A message of its flow. What belongs together is found by [`super::Joins`], across flows.

use model::{Transaction, TxHead};

/// A message, as rules see it.
#[derive(Debug, Default)]
pub struct DhcpTransaction {
    head: TxHead,
    /// Lease time.
    pub lease: Option<u32>,
    /// Renewal time.
    pub renewal: Option<u32>,
    /// Rebinding time.
    pub rebinding: Option<u32>,
}

impl Transaction for DhcpTransaction {
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
