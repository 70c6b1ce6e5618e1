//! A query with its answer.

use base::Ts;
use model::{Transaction, TxHead};

/// A query with its answer.
#[derive(Debug, Default)]
pub struct DnsTransaction {
    head: TxHead,
    pub(crate) asked: Ts,
    pub(crate) trans_id: u16,
}

impl Transaction for DnsTransaction {
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
