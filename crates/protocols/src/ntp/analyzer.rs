//! A flow's NTP.

use base::Dir;
use model::{
    BufferDef, Consumer, Cx, Fed, Input, ProfileName, RecordSchema, Spare, Then, Transaction,
    Transactions,
};

use super::NtpTransaction;
use super::anomalies;
use super::events::{self, MessageEvent};
use super::parser::{Body, Extensions, Fault, STANDARD_LEN, parse};
use super::{keywords, record};
use crate::{Analyzer, Head, Transport, Verdict};

const CLIENT: u8 = 3;
const SERVER: u8 = 4;

/// NTP in one flow.
#[derive(Debug, Default)]
pub struct State {
    txs: Transactions<NtpTransaction>,
    flipped: bool,
}

impl Analyzer for State {
    type Shared = Spare<NtpTransaction>;
    const RECORDS: &'static [&'static RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static RecordSchema] = events::EVENTS;
    const BUFFERS: &'static [BufferDef] = keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        if head.transport != Transport::Udp || !head.likely_port {
            return Verdict::NotMine;
        }
        let [_, resp] = head.ports;
        let message = parse(head.bytes, Extensions::Any);
        let mine = match head.profile.name {
            ProfileName::Zeek => resp == 123,
            ProfileName::Suricata => message
                .is_ok_and(|m| matches!(m.version, 3 | 4) && head.bytes.len() >= STANDARD_LEN),
            ProfileName::Watchpost => message.is_ok_and(|m| matches!(m.version, 1..=4)),
        };
        if mine { Verdict::Mine } else { Verdict::NotMine }
    }

    fn step(
        &mut self,
        spare: &mut Self::Shared,
        cx: &mut Cx<'_>,
        mut dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        let Input::Datagram(bytes) = input else { return Fed::DONE };
        let form = if cx.profile.is_zeek() { Extensions::Autokey } else { Extensions::Any };
        let message = match parse(bytes, form) {
            Ok(m) => m,
            Err(fault) => {
                cx.anomaly(match fault {
                    Fault::Short => &anomalies::SHORT,
                    Fault::Extensions => &anomalies::EXTENSIONS,
                });
                if cx.profile.is_zeek() {
                    // A broken message takes Zeek's analyzer off the connection.
                    cx.flow.services.withdraw("ntp");
                    return Fed { used: bytes.len(), then: Then::NotMine };
                }
                return Fed::all(bytes);
            }
        };
        cx.confirm("ntp");
        let turned = matches!((message.mode, dir), (SERVER, Dir::Orig) | (CLIENT, Dir::Resp));
        if turned && !self.flipped && !cx.profile.is_suricata() {
            self.flipped = true;
            cx.flow.flip();
            dir = dir.flip();
        }
        cx.raise(|| MessageEvent::new(&message, dir == Dir::Orig));
        record::tell(cx, &message, dir == Dir::Resp);
        let id = cx.next_tx();
        self.txs.lend(spare);
        let tx = self.txs.begin(id);
        tx.version = message.version;
        tx.mode = message.mode;
        if let Body::Standard(s) = message.body {
            tx.stratum = s.stratum;
            tx.reference_id = s.reference_id;
        }
        tx.head_mut().complete();
        tx.head_mut().pass(Consumer::Records);
        self.txs.retire(|t| t.head().has_passed(Consumer::Records));
        self.txs.lend(spare);
        Fed::all(bytes)
    }

    fn close(&mut self, _: &mut Self::Shared, _: &mut Cx<'_>) {}
}
