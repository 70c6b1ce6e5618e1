//! What is told of DNS: a query with its answer ([`DnsRecord`], Zeek's grain), and each message
//! ([`EveDns`], Suricata's grain; multicast DNS and LLMNR by their own names).

use base::Span;
use model::{Bytes, Cx, FlowFacts, FlowHead, Id, Proto, Record};
use smallvec::SmallVec;

use super::local;
use super::names;
use super::parser::{Header, Layout, Rr, Section, spell};
use super::rdata::{Rdata, Strings, rtype};
use super::text::{netbios_name, zeek_answer, zeek_update};
use super::transaction::Exchange;
use crate::{Lines, room};

/// One DNS query with its answer, as far as both were seen.
#[derive(Record)]
#[record(id = Id::new(room::Dns, 0), name = "dns", zeek = "dns")]
pub struct DnsRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Transport protocol.
    #[record(ecs = "network.transport", ocsf = "connection_info.protocol_name")]
    pub(crate) proto: Proto,
    /// Identifier that matches answers to queries.
    #[record(ecs = "dns.id", ocsf = "query.packet_uid")]
    pub(crate) trans_id: u16,
    /// Time from the query to its answer.
    pub(crate) rtt: Option<Span>,
    /// The name that was asked for.
    #[record(ecs = "dns.question.name", ocsf = "query.hostname")]
    pub(crate) query: Option<Bytes<'a>>,
    /// Class of the question.
    pub(crate) qclass: Option<u16>,
    /// Its name.
    #[record(ecs = "dns.question.class", ocsf = "query.class")]
    pub(crate) qclass_name: Option<&'a str>,
    /// Type of the question.
    pub(crate) qtype: Option<u16>,
    /// Its name.
    #[record(ecs = "dns.question.type", ocsf = "query.type")]
    pub(crate) qtype_name: Option<&'a str>,
    /// Response code.
    #[record(ocsf = "rcode_id")]
    pub(crate) rcode: Option<u8>,
    /// Its name.
    #[record(ecs = "dns.response_code", ocsf = "rcode")]
    pub(crate) rcode_name: Option<&'a str>,
    /// The answer is authoritative.
    #[record(name = "AA")]
    pub(crate) aa: bool,
    /// The message was truncated.
    #[record(name = "TC")]
    pub(crate) tc: bool,
    /// The client wants recursion.
    #[record(name = "RD")]
    pub(crate) rd: bool,
    /// The server offers recursion.
    #[record(name = "RA")]
    pub(crate) ra: bool,
    /// The three reserved bits.
    #[record(name = "Z")]
    pub(crate) z: u8,
    /// What was answered, one text a record.
    #[record(ecs = "dns.answers.data", ocsf = "answers.rdata")]
    pub(crate) answers: Option<&'a Lines>,
    /// How long each answer may be kept.
    #[record(name = "TTLs", ecs = "dns.answers.ttl", ocsf = "answers.ttl")]
    pub(crate) ttls: Option<&'a [Span]>,
    /// The server refused.
    pub(crate) rejected: bool,
    /// Kind of query.
    #[record(ecs = "dns.op_code", ocsf = "query.opcode_id")]
    pub(crate) opcode: Option<u8>,
    /// Its name.
    #[record(ocsf = "query.opcode")]
    pub(crate) opcode_name: Option<&'a str>,
}

/// Room in which records are spelled, one a shard.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) lines: Lines,
    ttls: Vec<Span>,
    name: Vec<u8>,
    plans: Vec<Plan>,
}

/// Tells an exchange.
pub(super) fn tell(cx: &mut Cx<'_>, x: &Exchange, scratch: &mut Scratch) {
    if !cx.wants.record(DnsRecord::SCHEMA.id) {
        return;
    }
    let Scratch { lines, ttls, name, .. } = scratch;
    lines.clear();
    ttls.clear();
    name.clear();
    let question = x.asked.layout.questions.last().filter(|_| x.asked.present).copied();
    let question = question.filter(|_| !x.asked.layout.header.is_response() && !x.is_update());
    let mut qtype_name = question.map(|q| names::zeek_type(q.rtype));
    let mut named = false;
    if let Some(q) = question {
        spell(&x.asked.bytes, usize::from(q.name), true, name);
        named = true;
        if x.netbios && cx.flow.resp.port == 137 {
            if let Some((decoded, len)) = netbios_name(name) {
                name.clear();
                name.extend_from_slice(decoded.get(..len).unwrap_or_default());
            }
            // NODE STATUS used the number before SRV did.
            qtype_name = qtype_name.map(|t| if t == "SRV" { "NBSTAT".into() } else { t });
        }
    }
    let header = x.answered.present.then_some(x.answered.layout.header);
    let mut replied = false;
    if x.answered.present {
        let msg = &x.answered.bytes;
        let records = &x.answered.layout.records;
        for rr in records {
            let mut said = None;
            if x.is_update() {
                let class = x.answered.layout.questions.first().map_or(1, |q| q.class);
                lines.add(|out| {
                    let some = zeek_update(msg, rr, class, out);
                    said = some.then_some(true);
                    some
                });
            } else if rr.section == Section::Answer {
                lines.add(|out| {
                    said = zeek_answer(msg, rr, x.netbios, out);
                    said.unwrap_or(false)
                });
            }
            if said == Some(true) {
                ttls.push(Span::from_secs(i64::from(rr.ttl)));
            }
            if said.is_some() {
                replied = true;
                if !named {
                    named = true;
                    spell(msg, usize::from(rr.name), true, name);
                }
            }
        }
    }
    let rejected = header.is_some_and(|h| {
        let [questions, rest @ ..] = h.counts;
        (h.rcode() != 0 && questions == 0)
            || (rest == [0; 3] && !x.is_update() && !x.answered.layout.questions.is_empty())
    });
    let first = x.first();
    let asked = x.asked.present.then_some(x.asked.layout.header);
    let opcode = header.or(asked).map(Header::opcode);
    let rtt = Some(x.answered.at.since(first)).filter(|s| replied && *s != Span::ZERO);
    let opcode_name = opcode.map(|o| names::zeek_opcode(o, x.netbios));
    let rcode_name = header.map(|h| names::zeek_rcode(h.rcode()));
    let qclass_name = question.map(|q| names::zeek_class(q.class));
    let asking = asked.filter(|_| question.is_some());
    cx.tell(DnsRecord::SCHEMA.id, |flow| DnsRecord {
        head: flow.head(first),
        proto: flow.proto_field(),
        trans_id: x.id(),
        rtt,
        query: named.then_some(Bytes(name)),
        qclass: question.map(|q| q.class),
        qclass_name: qclass_name.as_deref(),
        qtype: question.map(|q| q.rtype),
        qtype_name: qtype_name.as_deref(),
        rcode: header.map(Header::rcode),
        rcode_name: rcode_name.as_deref(),
        aa: replied && header.is_some_and(Header::aa),
        tc: asking.is_some_and(Header::tc),
        rd: asking.is_some_and(Header::rd),
        ra: replied && header.is_some_and(Header::ra),
        z: asking.map_or(0, Header::z),
        answers: Some(&*lines).filter(|l| l.total() > 0),
        ttls: Some(ttls.as_slice()).filter(|t| !t.is_empty()),
        rejected,
        opcode,
        opcode_name: opcode_name.as_deref(),
    });
}

impl Exchange {
    fn is_update(&self) -> bool {
        self.latest().layout.header.opcode() == 5 && !self.netbios
    }
}

/// A question in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 16), name = "eve_dns_query")]
pub struct EveQuery<'a> {
    /// Name.
    #[record(eve = "rrname")]
    pub(crate) rrname: Bytes<'a>,
    /// Type.
    #[record(eve = "rrtype")]
    pub(crate) rrtype: Bytes<'a>,
}

/// A resource record in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 17), name = "eve_dns_rr")]
pub struct EveRr<'a> {
    /// Owner.
    #[record(eve = "rrname")]
    pub(crate) rrname: Bytes<'a>,
    /// Type.
    #[record(eve = "rrtype")]
    pub(crate) rrtype: Bytes<'a>,
    /// Time to live.
    #[record(eve = "ttl", unit = Seconds)]
    pub(crate) ttl: u32,
    /// Address, name or text.
    #[record(eve = "rdata")]
    pub(crate) rdata: Option<Bytes<'a>>,
    /// Start of authority.
    #[record(eve = "soa")]
    pub(crate) soa: Option<EveSoa<'a>>,
    /// Location of a service.
    #[record(eve = "srv")]
    pub(crate) srv: Option<EveSrv<'a>>,
    /// Fingerprint of an SSH key.
    #[record(eve = "sshfp")]
    pub(crate) sshfp: Option<EveSshfp<'a>>,
}

/// A start of authority in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 18), name = "eve_dns_soa")]
pub struct EveSoa<'a> {
    /// Primary server.
    #[record(eve = "mname")]
    pub(crate) mname: Bytes<'a>,
    /// Mailbox of who is responsible.
    #[record(eve = "rname")]
    pub(crate) rname: Bytes<'a>,
    /// Serial number of the zone.
    #[record(eve = "serial")]
    pub(crate) serial: u32,
    /// When to look again.
    #[record(eve = "refresh", unit = Seconds)]
    pub(crate) refresh: u32,
    /// When to look again after a failure.
    #[record(eve = "retry", unit = Seconds)]
    pub(crate) retry: u32,
    /// When to give the zone up.
    #[record(eve = "expire", unit = Seconds)]
    pub(crate) expire: u32,
    /// Least time to live.
    #[record(eve = "minimum", unit = Seconds)]
    pub(crate) minimum: u32,
}

/// The location of a service in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 19), name = "eve_dns_srv")]
pub struct EveSrv<'a> {
    /// Lower is better.
    #[record(eve = "priority")]
    pub(crate) priority: u16,
    /// Share among equals.
    #[record(eve = "weight")]
    pub(crate) weight: u16,
    /// Port.
    #[record(eve = "port")]
    pub(crate) port: u16,
    /// Host.
    #[record(eve = "name")]
    pub(crate) name: Bytes<'a>,
}

/// The fingerprint of an SSH key in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 20), name = "eve_dns_sshfp")]
pub struct EveSshfp<'a> {
    /// Hexadecimal with colons.
    #[record(eve = "fingerprint")]
    pub(crate) fingerprint: Bytes<'a>,
    /// Algorithm of the key.
    #[record(eve = "algo")]
    pub(crate) algo: u8,
    /// Kind of fingerprint.
    #[record(eve = "type")]
    pub(crate) kind: u8,
}

/// A DNS message.
#[derive(Record)]
#[record(id = Id::new(room::Dns, 1), name = "eve_dns", eve = "dns")]
pub struct EveDns<'a> {
    /// When it came.
    #[record(eve = "@timestamp", ecs = "@timestamp")]
    pub(crate) ts: base::Ts,
    /// Version of this form.
    #[record(eve = "dns.version")]
    pub(crate) version: u8,
    /// `request` or `response`.
    #[record(eve = "dns.type")]
    pub(crate) kind: &'a str,
    /// Number of the message in its flow.
    #[record(eve = "dns.tx_id")]
    pub(crate) tx_id: u64,
    /// Identifier that matches answers to queries.
    #[record(eve = "dns.id")]
    pub(crate) id: u16,
    /// The flag word, hexadecimal.
    #[record(eve = "dns.flags")]
    pub(crate) flags: &'a str,
    /// Set on responses.
    #[record(eve = "dns.qr")]
    pub(crate) qr: Option<bool>,
    /// Set where the answer is authoritative.
    #[record(eve = "dns.aa")]
    pub(crate) aa: Option<bool>,
    /// Set where the message is truncated.
    #[record(eve = "dns.tc")]
    pub(crate) tc: Option<bool>,
    /// Set where recursion is wanted.
    #[record(eve = "dns.rd")]
    pub(crate) rd: Option<bool>,
    /// Set where recursion is offered.
    #[record(eve = "dns.ra")]
    pub(crate) ra: Option<bool>,
    /// Set where the reserved bit is.
    #[record(eve = "dns.z")]
    pub(crate) z: Option<bool>,
    /// Kind of query.
    #[record(eve = "dns.opcode")]
    pub(crate) opcode: u8,
    /// Response code.
    #[record(eve = "dns.rcode")]
    pub(crate) rcode: &'a str,
    /// Questions.
    #[record(eve = "dns.queries", nested, schema = EveQuery)]
    pub(crate) queries: Option<&'a [EveQuery<'a>]>,
    /// Answers.
    #[record(eve = "dns.answers", nested, schema = EveRr)]
    pub(crate) answers: Option<&'a [EveRr<'a>]>,
    /// Authorities.
    #[record(eve = "dns.authorities", nested, schema = EveRr)]
    pub(crate) authorities: Option<&'a [EveRr<'a>]>,
    /// Additional records.
    #[record(eve = "dns.additionals", nested, schema = EveRr)]
    pub(crate) additionals: Option<&'a [EveRr<'a>]>,
}

/// A text of the scratch by number, or one that is always there.
#[derive(Clone, Copy, Debug)]
enum Said {
    Fixed(&'static str),
    Line(usize),
}

impl Said {
    fn of(self, lines: &Lines) -> Bytes<'_> {
        match self {
            Self::Fixed(s) => Bytes(s.as_bytes()),
            Self::Line(i) => Bytes(lines.text(i).unwrap_or_default()),
        }
    }
}

/// A record whose texts are spelled already.
#[derive(Clone, Copy, Debug)]
struct Plan {
    section: Section,
    name: Said,
    rtype: Said,
    ttl: u32,
    data: Told,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Nothing,
    Text(Said),
    Soa(Said, Said, [u32; 5]),
    Srv([u16; 3], Said),
    Sshfp(u8, u8, Said),
}

/// Bytes of text that one record may spell; further records of the message are left out.
const TEXT_MOST: usize = 1 << 20;

fn line(lines: &mut Lines, write: impl FnOnce(&mut Vec<u8>)) -> Said {
    let i = model::List::len(lines);
    lines.add(|out| {
        write(out);
        true
    });
    Said::Line(i)
}

fn said_name(lines: &mut Lines, msg: &[u8], at: usize) -> Said {
    line(lines, |out| {
        spell(msg, at, false, out);
    })
}

fn said_type(lines: &mut Lines, rtype: u16) -> Said {
    match names::eve_type(rtype) {
        std::borrow::Cow::Borrowed(s) => Said::Fixed(s),
        std::borrow::Cow::Owned(s) => line(lines, |out| out.extend_from_slice(s.as_bytes())),
    }
}

/// Spells one record; a text record becomes one entry a string.
fn plan(msg: &[u8], rr: &Rr, lines: &mut Lines, plans: &mut Vec<Plan>) {
    let name = said_name(lines, msg, usize::from(rr.name));
    let kind = said_type(lines, rr.rtype);
    let mut push = |data| {
        plans.push(Plan { section: rr.section, name, rtype: kind, ttl: rr.ttl, data });
    };
    let data = match Rdata::parse(msg, rr).unwrap_or(Rdata::Other(b"")) {
        Rdata::Addr(a) if rr.rtype != rtype::A6 => {
            Told::Text(line(lines, |out| model::write::addr_full(out, a)))
        }
        Rdata::Name(at) if rr.rtype != rtype::DNAME => Told::Text(said_name(lines, msg, at)),
        Rdata::Mx { name: at, .. } => Told::Text(said_name(lines, msg, at)),
        Rdata::Text(bytes) if rr.rtype == rtype::TXT => {
            for s in Strings(bytes) {
                let text = line(lines, |out| out.extend_from_slice(s));
                push(Told::Text(text));
            }
            return;
        }
        Rdata::Soa { mname, rname, numbers } => {
            let mname = said_name(lines, msg, mname);
            Told::Soa(mname, said_name(lines, msg, rname), numbers)
        }
        Rdata::Srv { priority, weight, port, target } => {
            Told::Srv([priority, weight, port], said_name(lines, msg, target))
        }
        Rdata::Sshfp(algorithm, kind, print) => {
            let text = line(lines, |out| {
                use std::io::Write as _;
                for (i, b) in print.iter().enumerate() {
                    let colon = if i > 0 { ":" } else { "" };
                    let _ = write!(out, "{colon}{b:02x}");
                }
            });
            Told::Sshfp(algorithm, kind, text)
        }
        Rdata::Other(bytes) if rr.rtype == rtype::NULL => {
            Told::Text(line(lines, |out| out.extend_from_slice(bytes)))
        }
        _ => Told::Nothing,
    };
    push(data);
}

impl Plan {
    fn rr(self, lines: &Lines) -> EveRr<'_> {
        let mut e = EveRr {
            rrname: self.name.of(lines),
            rrtype: self.rtype.of(lines),
            ttl: self.ttl,
            rdata: None,
            soa: None,
            srv: None,
            sshfp: None,
        };
        match self.data {
            Told::Nothing => {}
            Told::Text(t) => e.rdata = Some(t.of(lines)),
            Told::Soa(mname, rname, [serial, refresh, retry, expire, minimum]) => {
                let (mname, rname) = (mname.of(lines), rname.of(lines));
                e.soa = Some(EveSoa { mname, rname, serial, refresh, retry, expire, minimum });
            }
            Told::Srv([priority, weight, port], target) => {
                e.srv = Some(EveSrv { priority, weight, port, name: target.of(lines) });
            }
            Told::Sshfp(algo, kind, print) => {
                e.sshfp = Some(EveSshfp { fingerprint: print.of(lines), algo, kind });
            }
        }
        e
    }
}

/// Which of the three a message is told as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    /// Unicast.
    Dns,
    /// Port 5353.
    Multicast,
    /// Port 5355.
    LinkLocal,
}

impl Variant {
    pub(super) fn of(flow: &FlowFacts) -> Self {
        match (flow.orig.port, flow.resp.port) {
            (5353, _) | (_, 5353) => Self::Multicast,
            (5355, _) | (_, 5355) => Self::LinkLocal,
            _ => Self::Dns,
        }
    }
    /// What Suricata calls the protocol.
    pub(super) const fn app_proto(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Multicast => "mdns",
            Self::LinkLocal => "llmnr",
        }
    }
    pub(super) const fn id(self) -> Id {
        match self {
            Self::Dns => EveDns::SCHEMA.id,
            Self::Multicast => local::EveMdns::SCHEMA.id,
            Self::LinkLocal => local::EveLlmnr::SCHEMA.id,
        }
    }
}

/// Tells one message.
pub(super) fn tell_message(
    cx: &mut Cx<'_>,
    msg: &[u8],
    layout: &Layout,
    request: bool,
    tx_id: u64,
    scratch: &mut Scratch,
) {
    let variant = Variant::of(cx.flow);
    if !cx.wants.record(variant.id()) {
        return;
    }
    let Scratch { lines, plans, .. } = scratch;
    lines.clear();
    plans.clear();
    let mut asked: SmallVec<[(Said, Said); 2]> = SmallVec::new();
    for q in &layout.questions {
        let name = said_name(lines, msg, usize::from(q.name));
        asked.push((name, said_type(lines, q.rtype)));
    }
    // A section that could not be read to its end is not told at all.
    let whole = |s: Section| layout.stop.is_none_or(|(at, _)| at > s);
    for rr in layout.records.iter().filter(|rr| whole(rr.section)) {
        // An OPT record without options is told by nobody.
        let empty = rr.rtype == rtype::OPT && rr.data_len == 0;
        if !(empty && rr.section == Section::Additional) && lines.total() < TEXT_MOST {
            plan(msg, rr, lines, plans);
        }
    }
    let queries: SmallVec<[EveQuery<'_>; 2]> =
        asked.iter().map(|(n, t)| EveQuery { rrname: n.of(lines), rrtype: t.of(lines) }).collect();
    let records: SmallVec<[EveRr<'_>; 8]> = plans.iter().map(|p| p.rr(lines)).collect();
    let after = |s: Section| plans.partition_point(|p| p.section <= s);
    let part =
        |from: Section, to: Section| records.get(after(from)..after(to)).filter(|r| !r.is_empty());
    let kind = if request { "request" } else { "response" };
    let queries = Some(queries.as_slice()).filter(|q| !q.is_empty());
    let sections = [
        part(Section::Question, Section::Answer),
        part(Section::Answer, Section::Authority),
        part(Section::Authority, Section::Additional),
    ];
    let h = layout.header;
    match variant {
        Variant::Dns => {}
        Variant::Multicast => return local::tell_mdns(cx, kind, &h, queries, sections),
        Variant::LinkLocal => return local::tell_llmnr(cx, kind, &h, tx_id, queries, sections),
    }
    let [answers, authorities, additionals] = sections;
    let mut buf = [0u8; 4];
    let rcode = names::eve_rcode(h.rcode());
    let set = |bit: bool| bit.then_some(true);
    cx.out.record(
        cx.flow,
        &EveDns {
            ts: cx.flow.now,
            version: 3,
            kind,
            tx_id,
            id: h.id,
            flags: hex(h.flags, &mut buf),
            qr: set(h.is_response()),
            aa: set(h.aa()),
            tc: set(h.tc()),
            rd: set(h.rd()),
            ra: set(h.ra()),
            z: set(h.flags & 0x0040 != 0),
            opcode: h.opcode(),
            rcode: &rcode,
            queries,
            answers,
            authorities,
            additionals,
        },
    );
}

/// A word in hexadecimal without leading zeroes.
fn hex(word: u16, buf: &mut [u8; 4]) -> &str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (slot, shift) in buf.iter_mut().zip([12u32, 8, 4, 0]) {
        *slot = DIGITS.get(usize::from(word.wrapping_shr(shift) & 15)).copied().unwrap_or(b'0');
    }
    let zeroes = buf.iter().take(3).take_while(|c| **c == b'0').count();
    buf.get(zeroes..).and_then(|b| str::from_utf8(b).ok()).unwrap_or_default()
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] =
    &[&DnsRecord::SCHEMA, &EveDns::SCHEMA, &local::EveMdns::SCHEMA, &local::EveLlmnr::SCHEMA];
