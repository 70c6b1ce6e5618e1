//! A flow's DNS: messages out of datagrams or a stream, queries waiting for their answers.
//!
//! **Bounds.** A direction of a stream holds one message (65,537 bytes) at most; a flow holds
//! [`IDS_MOST`] identifiers of queries that wait and as many of answers that came first, each with
//! [`IDS_MOST`] messages, and [`HELD_MOST`] bytes of them in all; then they are told as they stand
//! ([`anomalies::TOO_MANY_OPEN`]).

use base::Dir;
use model::{
    BufferDef, Consumer, Cx, Fed, FlowFacts, Input, ProfileName, RecordSchema, Spare, Step, Then,
    Transaction, Transactions,
};

use smallvec::SmallVec;

use super::anomalies;
use super::parser::{Fault, Header, Layout, Rules, Section, parse};
use super::record::{self, Scratch, Variant};
use super::transaction::{DnsTransaction, Exchange, Message};
use super::{events, keywords, rdata};
use crate::{Analyzer, Head, Transport, Verdict};

/// Identifiers that wait in a flow at most, and messages of one identifier. (Zeek's limits, so
/// that what is given up is the same.)
const IDS_MOST: usize = 50;
/// Bytes of messages that wait in a flow.
const HELD_MOST: usize = 1 << 20;
/// Questions of a message beyond which it is no DNS.
const QUESTIONS_MOST: u16 = 25;
/// Emptied exchanges that a shard keeps.
const SPARE_MOST: usize = 256;

/// What the flows of a shard share: emptied exchanges and room to spell in.
#[derive(Debug, Default)]
pub struct Shared {
    #[allow(clippy::vec_box)] // an exchange moves between a flow and the pool by its box
    spare: Vec<Box<Exchange>>,
    transactions: Spare<DnsTransaction>,
    layout: Layout,
    scratch: Scratch,
}

/// DNS in one flow.
#[derive(Debug, Default)]
pub struct State {
    txs: Transactions<DnsTransaction>,
    begun: bool,
    confirmed: bool,
    stream: Option<Box<[Framing; 2]>>,
}

/// A direction of a stream, cut into messages by their length prefix.
#[derive(Debug, Default)]
struct Framing {
    held: Vec<u8>,
    /// Bytes were lost: the next ones may begin anywhere.
    adrift: bool,
}

impl Analyzer for State {
    type Shared = Shared;
    const RECORDS: &'static [&'static RecordSchema] = record::RECORDS;
    const EVENTS: &'static [&'static RecordSchema] = events::EVENTS;
    const BUFFERS: &'static [BufferDef] = keywords::BUFFERS;

    fn probe(head: &Head<'_>) -> Verdict {
        match head.transport {
            Transport::Udp => probe_datagram(head),
            Transport::Tcp => probe_stream(head),
        }
    }

    fn step(&mut self, shared: &mut Shared, cx: &mut Cx<'_>, dir: Dir, input: Input<'_>) -> Fed {
        self.txs.lend(&mut shared.transactions);
        let fed = match input {
            Input::Datagram(bytes) => {
                let then = self.message(shared, cx, dir, bytes, false);
                Fed { used: bytes.len(), then }
            }
            Input::Bytes(bytes) => {
                let then = self.stream(shared, cx, dir, bytes);
                Fed { used: bytes.len(), then }
            }
            Input::Gap(_) => {
                let framing = dir.of_mut(self.stream.get_or_insert_default());
                framing.held.clear();
                framing.adrift = true;
                Fed::MORE
            }
            Input::End => {
                self.flush(shared, cx, dir);
                Fed::MORE
            }
        };
        self.txs.lend(&mut shared.transactions);
        fed
    }

    fn close(&mut self, shared: &mut Shared, cx: &mut Cx<'_>) {
        self.txs.lend(&mut shared.transactions);
        self.flush(shared, cx, Dir::Orig);
        self.flush(shared, cx, Dir::Resp);
        self.txs.iter_mut().for_each(|t| t.head_mut().complete());
        self.tell(shared, cx);
        self.txs.lend(&mut shared.transactions);
    }
}

impl State {
    /// One message. In a stream it has a length prefix that said where it ends.
    fn message(
        &mut self,
        shared: &mut Shared,
        cx: &mut Cx<'_>,
        mut dir: Dir,
        bytes: &[u8],
        tcp: bool,
    ) -> Then {
        let netbios = is_netbios(cx.flow);
        let Ok(header) = Header::parse(bytes) else {
            cx.anomaly(&anomalies::HEADER_SHORT);
            return if tcp && cx.profile.is_suricata() { Then::NotMine } else { Then::More };
        };
        if !netbios && !matches!(header.opcode(), 0 | 4 | 5) {
            anomalies::tell_number(cx, &anomalies::OPCODE, u32::from(header.opcode()));
            if cx.profile.is_zeek() {
                return Then::More;
            }
        }
        if !self.begun {
            cx.flow.app_proto = Some(Variant::of(cx.flow).app_proto());
        }
        if !std::mem::replace(&mut self.begun, true)
            && header.is_response()
            && dir == Dir::Orig
            && !cx.flow.resp.addr.is_multicast()
        {
            // Who speaks first with an answer is the server.
            cx.flow.flip();
            dir = Dir::Resp;
        }
        let mut layout = std::mem::take(&mut shared.layout);
        let rules = match cx.profile.name {
            ProfileName::Zeek => Rules { long_labels: netbios, ..Rules::STRICT },
            _ => Rules { long_labels: netbios, ..Rules::TOLERANT },
        };
        let mut then = Then::More;
        if header.count(Section::Question) > QUESTIONS_MOST && !cx.profile.is_suricata() {
            anomalies::tell_number(
                cx,
                &anomalies::TOO_MANY_QUESTIONS,
                u32::from(header.count(Section::Question)),
            );
            layout.clear();
            layout.header = header;
            then = if self.confirmed { Then::More } else { Then::NotMine };
        } else if parse(bytes, rules, &mut layout).is_ok() {
            then = deviations(cx, dir, bytes, &layout, netbios, tcp);
            if !layout.broken() {
                self.confirmed = true;
                cx.confirm("dns");
            }
        }
        let lines = &mut shared.scratch.lines;
        events::raise(cx, bytes, &layout, netbios, dir == Dir::Orig, lines);
        let tx_id = cx.next_tx();
        tell_message(shared, cx, dir, bytes, &layout, tx_id);
        // An exchange is kept for those who tell it whole, and for rules.
        if cx.wants.record(record::DnsRecord::SCHEMA.id) || keywords::wanted(cx.wants) {
            self.exchange(shared, cx, bytes, &layout, tx_id);
        }
        shared.layout = layout;
        self.tell(shared, cx);
        then
    }

    /// Puts the message into an exchange: a query begins one, an answer completes the oldest that
    /// waits for its identifier, and the other way round where the answer was seen first.
    fn exchange(
        &mut self,
        shared: &mut Shared,
        cx: &mut Cx<'_>,
        bytes: &[u8],
        layout: &Layout,
        tx_id: u64,
    ) {
        let h = layout.header;
        let netbios = is_netbios(cx.flow);
        let multicast = cx.flow.resp.addr.is_multicast();
        if !matches!(h.opcode(), 0 | 4 | 5) {
            // NetBIOS releases, waits and refreshes are read, but are no exchanges of names.
            return;
        }
        let waiting = |m: &Message| m.present && m.layout.header.id == h.id;
        let found = self.txs.iter_mut().find(|t| {
            t.exchange.as_deref().is_some_and(|x| match h.is_response() {
                _ if multicast => false,
                true => waiting(&x.asked) && !x.answered.present,
                false => waiting(&x.answered) && !x.asked.present,
            })
        });
        let tx = if let Some(tx) = found {
            tx
        } else {
            if self.txs.len() > IDS_MOST {
                self.give_up(shared, cx, h);
            }
            let tx = self.txs.begin(tx_id);
            tx.exchange = Some(shared.spare.pop().unwrap_or_default());
            tx
        };
        let Some(x) = tx.exchange.as_deref_mut() else { return };
        x.netbios = netbios;
        x.alone = multicast;
        let side = if h.is_response() { &mut x.answered } else { &mut x.asked };
        side.set(cx.flow.now, bytes, layout);
        keywords::spell_wanted(cx.wants, x);
        let both = x.alone || (x.asked.present && x.answered.present);
        let progress = &mut tx.head_mut().progress;
        *if h.is_response() { Dir::Resp } else { Dir::Orig }.of_mut(progress) = Step(1);
        if both {
            tx.head_mut().complete();
        }
    }

    /// Makes room for one more message that waits.
    fn give_up(&mut self, shared: &mut Shared, cx: &mut Cx<'_>, h: Header) {
        let waits = |t: &DnsTransaction| {
            let x = t.exchange.as_deref()?;
            let m = if h.is_response() { &x.answered } else { &x.asked };
            m.present.then_some(m.layout.header.id)
        };
        // Zeek keeps one query apart from the others, and never gives it up for them.
        let apart = usize::from(!h.is_response());
        let mut ids: SmallVec<[u16; 128]> = self.txs.iter().filter_map(waits).skip(apart).collect();
        let same = ids.iter().filter(|id| **id == h.id).count();
        ids.sort_unstable();
        ids.dedup();
        let held: usize = self.txs.iter().filter_map(|t| t.exchange()).map(Exchange::held).sum();
        let over = |t: &DnsTransaction| match waits(t) {
            _ if held > HELD_MOST => true,
            Some(id) if same > IDS_MOST => id == h.id,
            Some(_) => same == 0 && ids.len() > IDS_MOST,
            None => false,
        };
        let mut first = apart;
        let mut given_up = false;
        for tx in self.txs.iter_mut().filter(|t| over(t)) {
            if first > 0 && held <= HELD_MOST {
                first = 0;
                continue;
            }
            tx.head_mut().complete();
            given_up = true;
        }
        if given_up {
            cx.anomaly(&anomalies::TOO_MANY_OPEN);
            self.tell(shared, cx);
        }
    }

    /// Tells the exchanges that are complete and lets go of them.
    fn tell(&mut self, shared: &mut Shared, cx: &mut Cx<'_>) {
        let mut some = false;
        for tx in self.txs.iter_mut().filter(|t| t.head().is_complete()) {
            if let Some(mut x) = tx.exchange.take() {
                record::tell(cx, &x, &mut shared.scratch);
                if shared.spare.len() < SPARE_MOST {
                    x.reset();
                    shared.spare.push(x);
                }
            }
            tx.head_mut().pass(Consumer::Records);
            some = true;
        }
        if some {
            self.txs.retire(|t| t.head().has_passed(Consumer::Records));
        }
    }

    /// The next bytes of a stream: whole messages are read where they stand, a part of one is held.
    fn stream(&mut self, shared: &mut Shared, cx: &mut Cx<'_>, dir: Dir, mut bytes: &[u8]) -> Then {
        let mut streams = self.stream.take().unwrap_or_default();
        let framing = dir.of_mut(&mut streams);
        let mut then = Then::More;
        if std::mem::take(&mut framing.adrift) && framed(bytes).is_none_or(|m| !looks_right(m)) {
            // Not the start of a message as far as it can be told: wait for the next chunk.
            framing.adrift = true;
            cx.anomaly(&anomalies::FRAMING_LOST);
            bytes = b"";
        }
        while !bytes.is_empty() && then == Then::More {
            if framing.held.is_empty()
                && let Some(message) = framed(bytes)
            {
                bytes = bytes.get(message.len().saturating_add(2)..).unwrap_or_default();
                if !message.is_empty() {
                    then = self.message(shared, cx, dir, message, true);
                }
                continue;
            }
            let want = match framing.held.as_slice() {
                [high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])).saturating_add(2),
                _ => 2,
            };
            let take = want.saturating_sub(framing.held.len()).min(bytes.len());
            let (now, later) = bytes.split_at_checked(take).unwrap_or((bytes, b""));
            framing.held.extend_from_slice(now);
            bytes = later;
            if framing.held.len() > 2
                && let Some(message) = framed(&framing.held)
            {
                then = self.message(shared, cx, dir, message, true);
                framing.held.clear();
            } else if framing.held == [0, 0] {
                framing.held.clear();
            }
        }
        self.stream = Some(streams);
        then
    }

    /// Reads what is held of a message whose rest will not come.
    fn flush(&mut self, shared: &mut Shared, cx: &mut Cx<'_>, dir: Dir) {
        let Some(mut streams) = self.stream.take() else { return };
        let framing = dir.of_mut(&mut streams);
        if let [_, _, part @ ..] = framing.held.as_slice()
            && !part.is_empty()
            && !cx.profile.is_suricata()
        {
            self.message(shared, cx, dir, part, true);
        }
        framing.held.clear();
        self.stream = Some(streams);
    }
}

fn is_netbios(flow: &FlowFacts) -> bool {
    flow.orig.port == 137 || flow.resp.port == 137
}

/// What is odd of a message.
fn deviations(
    cx: &mut Cx<'_>,
    dir: Dir,
    bytes: &[u8],
    layout: &Layout,
    netbios: bool,
    tcp: bool,
) -> Then {
    let h = layout.header;
    for note in &layout.notes {
        anomalies::tell_note(cx, *note);
    }
    match layout.stop {
        Some((Section::Question | Section::Answer, fault)) => {
            cx.anomaly(anomalies::of_fault(fault));
        }
        Some((Section::Authority, _)) => cx.anomaly(&anomalies::AUTHORITIES),
        Some((Section::Additional, _)) => cx.anomaly(&anomalies::ADDITIONALS),
        None => {}
    }
    if h.opcode() == 5 && !netbios {
        if h.count(Section::Question) != 1 {
            anomalies::tell_number(
                cx,
                &anomalies::UPDATE_ZONES,
                u32::from(h.count(Section::Question)),
            );
        } else if layout.questions.first().is_some_and(|q| q.rtype != rdata::rtype::SOA) {
            cx.anomaly(&anomalies::UPDATE_ZONE_TYPE);
        }
    }
    if h.flags & 0x0040 != 0 && !netbios {
        cx.anomaly(&anomalies::Z_BIT);
    }
    match (dir, h.is_response()) {
        (Dir::Orig, true) if Variant::of(cx.flow) == Variant::Dns => {
            cx.anomaly(&anomalies::NOT_REQUEST);
        }
        (Dir::Resp, false) => cx.anomaly(&anomalies::NOT_RESPONSE),
        _ => {}
    }
    let bad = layout.broken() || !h.plausible(bytes.len());
    // A stream that Suricata cannot read is read no further.
    if bad && tcp && cx.profile.is_suricata() { Then::NotMine } else { Then::More }
}

/// Tells one message, where Suricata would.
fn tell_message(
    shared: &mut Shared,
    cx: &mut Cx<'_>,
    dir: Dir,
    bytes: &[u8],
    layout: &Layout,
    tx_id: u64,
) {
    let h = layout.header;
    let variant = Variant::of(cx.flow);
    let misplaced = dir == Dir::Orig && h.is_response() && variant == Variant::Dns;
    if is_netbios(cx.flow) || layout.broken() || misplaced || !h.plausible(bytes.len()) {
        return;
    }
    let request = match variant {
        Variant::Multicast => !h.is_response(),
        _ => dir == Dir::Orig,
    };
    record::tell_message(cx, bytes, layout, request, tx_id, &mut shared.scratch);
}

/// The message behind a length prefix, if all of it is there.
fn framed(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.get(..usize::from(u16::from_be_bytes(*len)))
}

fn looks_right(message: &[u8]) -> bool {
    Header::parse(message).is_ok_and(|h| h.plausible(message.len()) && h.opcode() < 7)
}

/// Whether a whole message reads as DNS to its end.
fn reads(message: &[u8], rules: Rules) -> Option<Layout> {
    let mut layout = Layout::default();
    parse(message, rules, &mut layout).ok()?;
    (layout.header.plausible(message.len()) && !layout.broken()).then_some(layout)
}

fn probe_datagram(head: &Head<'_>) -> Verdict {
    let [_, resp] = head.ports;
    let mine = match head.profile.name {
        // Zeek looks at the port alone.
        ProfileName::Zeek => matches!(resp, 53 | 137 | 5353 | 5355),
        ProfileName::Suricata => {
            // Its probes go by the port that the first packet went to.
            matches!(resp, 53 | 5353 | 5355) && reads(head.bytes, Rules::TOLERANT).is_some()
        }
        ProfileName::Watchpost if head.likely_port => {
            let netbios = head.ports.contains(&137);
            let rules = Rules { long_labels: netbios, ..Rules::TOLERANT };
            looks_right(head.bytes) && (netbios || reads(head.bytes, rules).is_some())
        }
        // On any other port it has to be a message that nothing else would be: one question of
        // the Internet class, everything announced there and nothing after it.
        ProfileName::Watchpost => reads(head.bytes, Rules::STRICT).is_some_and(|l| {
            l.stop.is_none()
                && l.header.count(Section::Question) == 1
                && l.header.opcode() == 0
                && l.questions.iter().all(|q| q.class == 1 && q.rtype != 0 && q.rtype < 512)
                && l.records.iter().all(|r| r.class == 1 || r.rtype == rdata::rtype::OPT)
        }),
    };
    if mine { Verdict::Mine } else { Verdict::NotMine }
}

fn probe_stream(head: &Head<'_>) -> Verdict {
    if head.profile.is_zeek() {
        let [_, resp] = head.ports;
        return if resp == 53 { Verdict::Mine } else { Verdict::NotMine };
    }
    if !head.ports.contains(&53) {
        return Verdict::NotMine;
    }
    match (framed(head.bytes), head.bytes) {
        (Some(message), _) => match reads(message, Rules::TOLERANT) {
            Some(_) => Verdict::Mine,
            None => Verdict::NotMine,
        },
        (None, [high, low, rest @ ..]) if rest.len() >= super::parser::HEADER_LEN => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            match Header::parse(rest) {
                Ok(h) if h.plausible(len) => Verdict::Mine,
                _ => Verdict::NotMine,
            }
        }
        _ if head.last => Verdict::NotMine,
        _ => Verdict::More,
    }
}

/// Reads a message as nobody checked it, for fuzzing.
pub(crate) fn fuzz_message(bytes: &[u8]) -> Result<(), Fault> {
    let mut layout = Layout::default();
    for rules in [Rules::STRICT, Rules::TOLERANT] {
        parse(bytes, rules, &mut layout)?;
        let mut text = Vec::new();
        for rr in &layout.records {
            super::text::zeek_answer(bytes, rr, false, &mut text);
            super::text::zeek_update(bytes, rr, 1, &mut text);
            let _ = rdata::Rdata::parse(bytes, rr);
            text.clear();
        }
    }
    Ok(())
}
