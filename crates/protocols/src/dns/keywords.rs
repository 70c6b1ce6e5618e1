//! Buffers that rules may inspect, by their keywords.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step, Wants};

use super::parser::{Section, spell};
use super::{DnsTransaction, Exchange};
use crate::room;

const fn def(
    local: u8,
    name: &'static str,
    dir: Dir,
    get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
) -> BufferDef {
    BufferDef {
        id: Id::new(room::Dns, local),
        name,
        scope: Scope::Transaction,
        dir,
        from: Step(1),
        last: Step(1),
        get,
    }
}

/// All of the folder's buffers.
pub const BUFFERS: &[BufferDef] = &[
    def(0, "dns.query", Dir::Orig, |i| names(i, Section::Question)),
    def(1, "dns.queries.rrname", Dir::Orig, |i| names(i, Section::Question)),
    def(2, "dns.answers.rrname", Dir::Resp, |i| names(i, Section::Answer)),
    def(3, "dns.authorities.rrname", Dir::Resp, |i| names(i, Section::Authority)),
    def(4, "dns.additionals.rrname", Dir::Resp, |i| names(i, Section::Additional)),
    def(5, "dns.opcode", Dir::Orig, |i| number(i, |x| x.latest().layout.header.opcode())),
    def(6, "dns.rcode", Dir::Resp, |i| number(i, |x| x.latest().layout.header.rcode())),
    def(7, "dns.rrtype", Dir::Orig, |i| {
        let rtype = |x: &Exchange| x.latest().layout.questions.first().map(|q| q.rtype);
        exchange(i).and_then(rtype).map_or(Buffer::Absent, |t| Buffer::Number(u64::from(t)))
    }),
];

fn exchange<'a>(i: &Inspect<'a>) -> Option<&'a Exchange> {
    i.tx_as::<DnsTransaction>()?.exchange()
}

fn number<'a>(i: &Inspect<'a>, get: impl Fn(&Exchange) -> u8) -> Buffer<'a> {
    exchange(i).map_or(Buffer::Absent, |x| Buffer::Number(u64::from(get(x))))
}

fn names<'a>(i: &Inspect<'a>, section: Section) -> Buffer<'a> {
    match exchange(i).and_then(|x| x.names.get(section as usize)) {
        Some(lines) if lines.total() > 0 => Buffer::Many(lines),
        _ => Buffer::Absent,
    }
}

/// Whether a rule looks at any of them.
pub(super) fn wanted(wants: &Wants) -> bool {
    BUFFERS.iter().any(|b| wants.buffer(b.id))
}

/// Spells the names that rules want of the latest message into the exchange.
pub(super) fn spell_wanted(wants: &Wants, exchange: &mut Exchange) {
    let sections = [Section::Question, Section::Answer, Section::Authority, Section::Additional];
    for section in sections {
        let wanted = match section {
            Section::Question => wants.buffer(id(0)) || wants.buffer(id(1)),
            _ => wants.buffer(id((section as u8).saturating_add(1))),
        };
        let Exchange { asked, answered, names, .. } = exchange;
        let message = if answered.present { answered } else { asked };
        let Some(lines) = names.get_mut(section as usize).filter(|_| wanted) else { continue };
        lines.clear();
        let mut add = |at: u16| {
            lines.add(|out| spell(&message.bytes, usize::from(at), false, out).is_some());
        };
        match section {
            Section::Question => message.layout.questions.iter().for_each(|q| add(q.name)),
            _ => message.layout.section(section).for_each(|r| add(r.name)),
        }
    }
}

const fn id(local: u8) -> Id {
    Id::new(room::Dns, local)
}
