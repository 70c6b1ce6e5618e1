//! A query with its answer.
//!
//! The exchange owns both messages' bytes and where everything stands in them. Exchanges are
//! pooled by the shard ([`super::Shared`]), since most DNS flows have one only and end.

use base::Ts;
use model::{Transaction, TxHead};

use super::parser::Layout;
use crate::Lines;

/// Bytes of a message that a pooled exchange keeps room for.
const KEPT_ROOM: usize = 4096;

/// One message as it came.
#[derive(Debug, Default)]
pub struct Message {
    /// When.
    pub at: Ts,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Where everything stands in it.
    pub layout: Layout,
    /// There is one.
    pub present: bool,
}

impl Message {
    pub(crate) fn set(&mut self, at: Ts, bytes: &[u8], layout: &Layout) {
        self.at = at;
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.layout.copy_from(layout);
        self.present = true;
    }
    fn reset(&mut self) {
        self.present = false;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_ROOM);
        self.layout.clear();
    }
}

/// What an exchange consists of.
#[derive(Debug, Default)]
pub struct Exchange {
    /// The query.
    pub asked: Message,
    /// The answer.
    pub answered: Message,
    /// Neither will come in this flow: a multicast message stands alone.
    pub alone: bool,
    /// Port 137 on either side.
    pub netbios: bool,
    /// Spelled names for rules, only where a rule asks: queries, answers, authorities, additional.
    pub names: [Lines; 4],
}

impl Exchange {
    /// The identifier both messages share.
    pub fn id(&self) -> u16 {
        if self.asked.present {
            self.asked.layout.header.id
        } else {
            self.answered.layout.header.id
        }
    }
    /// Bytes of both messages.
    pub const fn held(&self) -> usize {
        self.asked.bytes.len().saturating_add(self.answered.bytes.len())
    }
    /// When the first of the two came.
    pub fn first(&self) -> Ts {
        match (self.asked.present, self.answered.present) {
            (true, true) => self.asked.at.min(self.answered.at),
            (true, false) => self.asked.at,
            _ => self.answered.at,
        }
    }
    /// The message of the direction that rules look at: the answer if there is one.
    pub fn latest(&self) -> &Message {
        if self.answered.present { &self.answered } else { &self.asked }
    }
    pub(crate) fn reset(&mut self) {
        self.asked.reset();
        self.answered.reset();
        self.alone = false;
        self.netbios = false;
        self.names.iter_mut().for_each(Lines::clear);
    }
}

/// A query with its answer, in its flow.
#[derive(Debug, Default)]
pub struct DnsTransaction {
    head: TxHead,
    pub(crate) exchange: Option<Box<Exchange>>,
}

impl DnsTransaction {
    /// The messages, until the transaction is let go.
    pub fn exchange(&self) -> Option<&Exchange> {
        self.exchange.as_deref()
    }
}

impl Transaction for DnsTransaction {
    fn head(&self) -> &TxHead {
        &self.head
    }
    fn head_mut(&mut self) -> &mut TxHead {
        &mut self.head
    }
    fn reset(&mut self) {
        self.head = TxHead::default();
        self.exchange = None;
    }
}
