//! Names in the local network as EVE tells them: multicast DNS (RFC 6762) and LLMNR (RFC 4795).
//!
//! Both are DNS messages; their events have a form of their own, with flags by name and the data of
//! a record under its type.

use model::{Bytes, Cx, Id, Record};
use smallvec::SmallVec;

use super::parser::Header;
use super::record::{EveQuery, EveRr};
use crate::room;

/// A resource record of multicast DNS in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 24), name = "eve_mdns_rr")]
pub struct EveMdnsRr<'a> {
    /// Owner.
    #[record(eve = "rrname")]
    pub(crate) rrname: Bytes<'a>,
    /// Name that it points to.
    #[record(eve = "ptr")]
    pub(crate) ptr: Option<Bytes<'a>>,
    /// Text.
    #[record(eve = "txt")]
    pub(crate) txt: Option<&'a [Bytes<'a>]>,
}

/// An authority of multicast DNS in EVE: its owner only.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 25), name = "eve_mdns_authority")]
pub struct EveMdnsAuthority<'a> {
    /// Owner.
    #[record(eve = "rrname")]
    pub(crate) rrname: Bytes<'a>,
}

/// A resource record of LLMNR in EVE.
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 26), name = "eve_llmnr_rr")]
pub struct EveLlmnrRr<'a> {
    /// Owner.
    #[record(eve = "rrname")]
    pub(crate) rrname: Bytes<'a>,
    /// Type.
    #[record(eve = "rrtype")]
    pub(crate) rrtype: Bytes<'a>,
    /// Time to live.
    #[record(eve = "ttl", unit = Seconds)]
    pub(crate) ttl: u32,
    /// IPv4 address.
    #[record(eve = "a")]
    pub(crate) a: Option<Bytes<'a>>,
    /// IPv6 address.
    #[record(eve = "aaaa")]
    pub(crate) aaaa: Option<Bytes<'a>>,
    /// Canonical name.
    #[record(eve = "cname")]
    pub(crate) cname: Option<Bytes<'a>>,
    /// Name that it points to.
    #[record(eve = "ptr")]
    pub(crate) ptr: Option<Bytes<'a>>,
    /// Text.
    #[record(eve = "txt")]
    pub(crate) txt: Option<&'a [Bytes<'a>]>,
}

/// A multicast DNS message.
#[derive(Record)]
#[record(id = Id::new(room::Dns, 2), name = "eve_mdns", eve = "mdns")]
pub struct EveMdns<'a> {
    /// `request` or `response`.
    #[record(eve = "mdns.type")]
    pub(crate) kind: &'a str,
    /// Identifier.
    #[record(eve = "mdns.id")]
    pub(crate) id: u16,
    /// Flags that are set.
    #[record(eve = "mdns.flags")]
    pub(crate) flags: Option<&'a [&'static str]>,
    /// Operation.
    #[record(eve = "mdns.opcode")]
    pub(crate) opcode: u8,
    /// Result.
    #[record(eve = "mdns.rcode")]
    pub(crate) rcode: u8,
    /// Questions.
    #[record(eve = "mdns.queries", nested, schema = EveQuery)]
    pub(crate) queries: Option<&'a [EveQuery<'a>]>,
    /// Answers.
    #[record(eve = "mdns.answers", nested, schema = EveMdnsRr)]
    pub(crate) answers: Option<&'a [EveMdnsRr<'a>]>,
    /// Authorities.
    #[record(eve = "mdns.authorities", nested, schema = EveMdnsAuthority)]
    pub(crate) authorities: Option<&'a [EveMdnsAuthority<'a>]>,
    /// Additional records.
    #[record(eve = "mdns.additionals", nested, schema = EveMdnsRr)]
    pub(crate) additionals: Option<&'a [EveMdnsRr<'a>]>,
}

/// A link-local multicast name resolution message.
#[derive(Record)]
#[record(id = Id::new(room::Dns, 3), name = "eve_llmnr", eve = "llmnr")]
pub struct EveLlmnr<'a> {
    /// `request` or `response`.
    #[record(eve = "llmnr.type")]
    pub(crate) kind: &'a str,
    /// Number of the message in its flow.
    #[record(eve = "llmnr.tx_id")]
    pub(crate) tx_id: u64,
    /// Identifier.
    #[record(eve = "llmnr.id")]
    pub(crate) id: u16,
    /// Flags that are set.
    #[record(eve = "llmnr.flags")]
    pub(crate) flags: Option<&'a [&'static str]>,
    /// Operation.
    #[record(eve = "llmnr.opcode")]
    pub(crate) opcode: u8,
    /// Questions.
    #[record(eve = "llmnr.queries", nested, schema = EveQuery)]
    pub(crate) queries: Option<&'a [EveQuery<'a>]>,
    /// Answers.
    #[record(eve = "llmnr.answers", nested, schema = EveLlmnrRr)]
    pub(crate) answers: Option<&'a [EveLlmnrRr<'a>]>,
    /// Authorities.
    #[record(eve = "llmnr.authorities", nested, schema = EveLlmnrRr)]
    pub(crate) authorities: Option<&'a [EveLlmnrRr<'a>]>,
    /// Additional records.
    #[record(eve = "llmnr.additionals", nested, schema = EveLlmnrRr)]
    pub(crate) additionals: Option<&'a [EveLlmnrRr<'a>]>,
}

/// Flags of multicast DNS by their bit.
const MDNS_FLAGS: [(u16, &str); 7] = [
    (0x0400, "aa"),
    (0x0200, "tc"),
    (0x0100, "rd"),
    (0x0080, "ra"),
    (0x0040, "z"),
    (0x0020, "ad"),
    (0x0010, "cd"),
];
/// Flags of LLMNR: conflict, truncation, tentative (RFC 4795 section 2.1.1).
const LLMNR_FLAGS: [(u16, &str); 3] = [(0x0400, "c"), (0x0200, "tc"), (0x0100, "t")];

type Names = SmallVec<[&'static str; 7]>;
/// Answers, authorities, additional records.
type Sections<'a> = [Option<&'a [EveRr<'a>]>; 3];

fn flag_names(word: u16, table: &[(u16, &'static str)]) -> Names {
    table.iter().filter(|(bit, _)| word & bit != 0).map(|(_, name)| *name).collect()
}

fn told<T>(all: &[T]) -> Option<&[T]> {
    (!all.is_empty()).then_some(all)
}

/// A record's data where it is of the type.
fn data<'a>(rr: &EveRr<'a>, rtype: &[u8]) -> Option<Bytes<'a>> {
    rr.rdata.filter(|_| rr.rrtype.0 == rtype)
}

/// The texts of a section, one a record, so that each can be told as a list of its own.
fn texts<'a>(rrs: &[EveRr<'a>]) -> SmallVec<[Bytes<'a>; 8]> {
    rrs.iter().map(|rr| data(rr, b"TXT").unwrap_or_default()).collect()
}

fn text_of<'t, 'a>(rr: &EveRr<'a>, texts: &'t [Bytes<'a>], i: usize) -> Option<&'t [Bytes<'a>]> {
    data(rr, b"TXT").and_then(|_| texts.get(i..i.saturating_add(1)))
}

/// Tells a multicast DNS message.
pub(super) fn tell_mdns<'a>(
    cx: &mut Cx<'_>,
    kind: &'static str,
    h: &Header,
    queries: Option<&'a [EveQuery<'a>]>,
    sections: Sections<'a>,
) {
    let [answers, authorities, additionals] = sections.map(Option::unwrap_or_default);
    let flags = flag_names(h.flags, &MDNS_FLAGS);
    let (answer_texts, additional_texts) = (texts(answers), texts(additionals));
    let rr = |texts| {
        move |(i, rr): (usize, &EveRr<'a>)| EveMdnsRr {
            rrname: rr.rrname,
            ptr: data(rr, b"PTR"),
            txt: text_of(rr, texts, i),
        }
    };
    let answers: SmallVec<[EveMdnsRr<'_>; 8]> =
        answers.iter().enumerate().map(rr(&answer_texts)).collect();
    let additionals: SmallVec<[EveMdnsRr<'_>; 8]> =
        additionals.iter().enumerate().map(rr(&additional_texts)).collect();
    let authorities: SmallVec<[EveMdnsAuthority<'_>; 8]> =
        authorities.iter().map(|rr| EveMdnsAuthority { rrname: rr.rrname }).collect();
    cx.out.record(
        cx.flow,
        &EveMdns {
            kind,
            id: h.id,
            flags: told(&flags),
            opcode: h.opcode(),
            rcode: h.rcode(),
            queries,
            answers: told(&answers),
            authorities: told(&authorities),
            additionals: told(&additionals),
        },
    );
}

/// Tells an LLMNR message.
pub(super) fn tell_llmnr<'a>(
    cx: &mut Cx<'_>,
    kind: &'static str,
    h: &Header,
    tx_id: u64,
    queries: Option<&'a [EveQuery<'a>]>,
    sections: Sections<'a>,
) {
    let flags = flag_names(h.flags, &LLMNR_FLAGS);
    let sections = sections.map(Option::unwrap_or_default);
    let all_texts = sections.map(texts);
    let [answer_texts, authority_texts, additional_texts] = &all_texts;
    let rr = |texts| {
        move |(i, rr): (usize, &EveRr<'a>)| EveLlmnrRr {
            rrname: rr.rrname,
            rrtype: rr.rrtype,
            ttl: rr.ttl,
            a: data(rr, b"A"),
            aaaa: data(rr, b"AAAA"),
            cname: data(rr, b"CNAME"),
            ptr: data(rr, b"PTR"),
            txt: text_of(rr, texts, i),
        }
    };
    let [answers, authorities, additionals] = sections;
    let answers: SmallVec<[EveLlmnrRr<'_>; 4]> =
        answers.iter().enumerate().map(rr(answer_texts)).collect();
    let authorities: SmallVec<[EveLlmnrRr<'_>; 4]> =
        authorities.iter().enumerate().map(rr(authority_texts)).collect();
    let additionals: SmallVec<[EveLlmnrRr<'_>; 4]> =
        additionals.iter().enumerate().map(rr(additional_texts)).collect();
    cx.out.record(
        cx.flow,
        &EveLlmnr {
            kind,
            tx_id,
            id: h.id,
            flags: told(&flags),
            opcode: h.opcode(),
            queries,
            answers: told(&answers),
            authorities: told(&authorities),
            additionals: told(&additionals),
        },
    );
}
