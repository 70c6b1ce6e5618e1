//! A flow's DHCP.

use base::Dir;
use model::{
    BufferDef, Consumer, Cx, Fed, Input, ProfileName, RecordSchema, Then, Transaction, Transactions,
};
use smallvec::SmallVec;

use super::events::{self, MessageEvent};
use super::parser::{FIXED_LEN, Message, number, option};
use super::{DhcpTransaction, Joins, anomalies, keywords, record};
use crate::{Analyzer, Head, Transport, Verdict};

/// Exchanges that a flow has open at most; beyond, its oldest is told as it stands.
const REMEMBERED_MOST: usize = 1024;
/// Bytes of a datagram below which Suricata looks no further.
const SURICATA_LEAST: usize = FIXED_LEN;

/// DHCP in one flow.
#[derive(Debug, Default)]
pub struct State {
    txs: Transactions<DhcpTransaction>,
    xids: SmallVec<[u32; 4]>,
}

impl Analyzer for State {
    type Shared = Joins;
    const RECORDS: &'static [&'static RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static RecordSchema] = events::EVENTS;
    const BUFFERS: &'static [BufferDef] = keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        if head.transport != Transport::Udp {
            return Verdict::NotMine;
        }
        let Ok(m) = Message::parse(head.bytes) else {
            // Zeek looks at ports alone.
            let port = head.profile.is_zeek() && head.likely_port;
            return if port { Verdict::Mine } else { Verdict::NotMine };
        };
        let mine = match head.profile.name {
            ProfileName::Zeek => head.likely_port || m.cookie,
            ProfileName::Suricata => {
                (head.ports.contains(&67) || head.ports.contains(&68))
                    && head.bytes.len() >= SURICATA_LEAST
            }
            ProfileName::Watchpost => {
                matches!(m.op, 1 | 2) && m.hlen <= 16 && (m.cookie || head.likely_port)
            }
        };
        if mine { Verdict::Mine } else { Verdict::NotMine }
    }

    fn step(&mut self, joins: &mut Joins, cx: &mut Cx<'_>, dir: Dir, input: Input<'_>) -> Fed {
        let Input::Datagram(bytes) = input else { return Fed::DONE };
        let refused = |then| Fed { used: bytes.len(), then };
        let Ok(m) = Message::parse(bytes) else {
            cx.anomaly(&anomalies::SHORT);
            let over = cx.profile.is_zeek() || cx.profile.is_suricata();
            return refused(if over { Then::NotMine } else { Then::More });
        };
        if !m.cookie {
            cx.anomaly(&anomalies::COOKIE);
            if cx.profile.is_zeek() {
                // A broken message takes Zeek's analyzer off the connection.
                cx.flow.services.withdraw("dhcp");
                return refused(Then::NotMine);
            }
        }
        let mut options = m.options();
        options.by_ref().for_each(drop);
        let cut = options.was_cut();
        if cut {
            cx.anomaly(&anomalies::OPTIONS_CUT);
        }
        if cut && cx.profile.is_zeek() {
            cx.flow.services.withdraw("dhcp");
            return refused(Then::NotMine);
        }
        if m.kind().is_none() {
            cx.anomaly(&anomalies::NO_TYPE);
        }
        cx.confirm("dhcp");
        cx.raise(|| MessageEvent::new(&m, dir == Dir::Orig));
        record::tell_message(cx, &m, dir);
        joins.add(cx, &m, dir);
        if self.xids.last() != Some(&m.xid) {
            self.remember(joins, cx, m.xid);
        }
        let id = cx.next_tx();
        self.txs.lend(&mut joins.spare);
        let tx = self.txs.begin(id);
        let count = |code| m.option(code).and_then(number);
        tx.lease = count(option::LEASE_TIME);
        tx.renewal = count(option::RENEWAL_TIME);
        tx.rebinding = count(option::REBINDING_TIME);
        tx.head_mut().complete();
        tx.head_mut().pass(Consumer::Records);
        self.txs.retire(|t| t.head().has_passed(Consumer::Records));
        self.txs.lend(&mut joins.spare);
        Fed::all(bytes)
    }

    fn close(&mut self, joins: &mut Joins, cx: &mut Cx<'_>) {
        for xid in self.xids.drain(..) {
            joins.end_of_flow(cx, xid);
        }
    }
}

impl State {
    fn remember(&mut self, joins: &mut Joins, cx: &mut Cx<'_>, xid: u32) {
        if self.xids.len() >= REMEMBERED_MOST {
            self.xids.retain(|x| joins.is_open(*x));
            if self.xids.len() >= REMEMBERED_MOST {
                let oldest = self.xids.remove(0);
                joins.end_of_flow(cx, oldest);
            }
        }
        self.xids.push(xid);
    }
}
