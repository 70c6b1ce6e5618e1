//! A flow's DNS: queries wait for their answers.

use base::{Dir, Reader};
use model::{Consumer, Cx, Fed, Input, Transaction, Transactions};

use super::DnsTransaction;
use super::parser::parse_header;
use super::record::DnsRecord;
use crate::{Analyzer, Head, Transport, Verdict};

/// DNS in one flow.
#[derive(Debug, Default)]
pub struct State {
    txs: Transactions<DnsTransaction>,
}

impl Analyzer for State {
    type Shared = ();

    fn probe(head: &Head<'_>) -> Verdict {
        match parse_header(&mut Reader::new(head.bytes)) {
            Ok(h) if head.transport == Transport::Udp && head.likely_port && h.opcode() < 7 => {
                Verdict::Mine
            }
            _ => Verdict::NotMine,
        }
    }

    fn step(&mut self, (): &mut (), cx: &mut Cx<'_>, _dir: Dir, input: Input<'_>) -> Fed {
        let Input::Datagram(bytes) = input else { return Fed::DONE };
        if let Ok(h) = parse_header(&mut Reader::new(bytes)) {
            cx.confirm("dns");
            if h.is_response() {
                if let Some(tx) = self.txs.iter_mut().find(|t| t.trans_id == h.id) {
                    tx.head_mut().complete();
                }
            } else {
                let id = cx.next_tx();
                let tx = self.txs.begin(id);
                tx.trans_id = h.id;
                tx.asked = cx.flow.now;
            }
        }
        self.tell(cx);
        Fed::all(bytes)
    }

    fn close(&mut self, (): &mut (), cx: &mut Cx<'_>) {
        self.txs.iter_mut().for_each(|t| t.head_mut().complete());
        self.tell(cx);
    }
}

impl State {
    /// Tells the transactions that are complete and lets go of them.
    fn tell(&mut self, cx: &mut Cx<'_>) {
        for tx in self.txs.iter_mut().filter(|t| t.head().is_complete()) {
            cx.tell(DnsRecord::SCHEMA.id, |flow| DnsRecord {
                head: flow.head(tx.asked),
                trans_id: tx.trans_id,
            });
            tx.head_mut().pass(Consumer::Records);
        }
        self.txs.retire(|t| t.head().has_passed(Consumer::Records));
    }
}
