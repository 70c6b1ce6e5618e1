//! What scripts may handle, with the names and arguments of Zeek's documented events. The
//! connection is an argument of all and comes from the flow.

use std::net::IpAddr;

use base::Span;
use model::{Bytes, Cx, Id, Record, RecordSchema};

use super::parser::{Header, Layout, Rr, Section, spell};
use super::rdata::{Rdata, Strings};
use crate::{Lines, room};

/// A message's header (`dns_msg`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 32), name = "dns_msg")]
pub struct DnsMsg {
    /// Identifier.
    pub id: u16,
    /// Opcode.
    pub opcode: u8,
    /// Response code.
    pub rcode: u8,
    /// Response.
    pub qr: bool,
    /// Authoritative answer.
    pub aa: bool,
    /// Truncated.
    pub tc: bool,
    /// Recursion desired.
    pub rd: bool,
    /// Recursion available.
    pub ra: bool,
    /// Reserved bits.
    pub z: u8,
    /// Announced questions.
    pub num_queries: u16,
    /// Announced answers.
    pub num_answers: u16,
    /// Announced authorities.
    pub num_auth: u16,
    /// Announced additional records.
    pub num_addl: u16,
    /// NetBIOS name service.
    pub is_netbios: bool,
}

impl DnsMsg {
    fn new(h: Header, is_netbios: bool) -> Self {
        let [num_queries, num_answers, num_auth, num_addl] = h.counts;
        Self {
            id: h.id,
            opcode: h.opcode(),
            rcode: h.rcode(),
            qr: h.is_response(),
            aa: h.aa(),
            tc: h.tc(),
            rd: h.rd(),
            ra: h.ra(),
            z: h.z(),
            num_queries,
            num_answers,
            num_auth,
            num_addl,
            is_netbios,
        }
    }
}

/// A record's head (`dns_answer`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Dns, 33), name = "dns_answer")]
pub struct DnsAnswer<'a> {
    /// Section: 1 answer, 2 authority, 3 additional.
    pub answer_type: u8,
    /// Owner.
    pub query: Bytes<'a>,
    /// Type.
    pub qtype: u16,
    /// Class.
    pub qclass: u16,
    /// Time to live.
    pub ttl: Span,
}

/// Structs of events whose arguments begin with the message.
macro_rules! events {
    ($($(#[$meta:meta])* $name:ident $(<$lt:lifetime>)? = $local:literal, $zeek:literal,
        { $($(#[$fmeta:meta])* $field:ident: $ty:ty),* };)*) => {
        $(
            $(#[$meta])*
            #[derive(Record, Clone, Copy)]
            #[record(id = Id::new(room::Dns, $local), name = $zeek, event)]
            pub struct $name $(<$lt>)? {
                /// The message's header.
                pub msg: DnsMsg,
                $($(#[$fmeta])* pub $field: $ty,)*
            }
        )*
        /// The events this folder raises.
        pub const EVENTS: &[&RecordSchema] = &[$(&$name::SCHEMA),*];
    };
}

events! {
    /// Any message.
    MessageEvent = 0, "dns_message", {
        /// By the originator.
        is_orig: bool,
        /// Bytes.
        len: u64
    };
    /// A question of a query.
    RequestEvent<'a> = 1, "dns_request", {
        /// Name, lower case.
        query: Bytes<'a>,
        /// Type.
        qtype: u16,
        /// Class.
        qclass: u16,
        /// Name as it came.
        original_query: Bytes<'a>
    };
    /// A question repeated by an answer without any record.
    RejectedEvent<'a> = 2, "dns_rejected", {
        /// Name, lower case.
        query: Bytes<'a>,
        /// Type.
        qtype: u16,
        /// Class.
        qclass: u16,
        /// Name as it came.
        original_query: Bytes<'a>
    };
    /// A question repeated by an answer.
    QueryReplyEvent<'a> = 3, "dns_query_reply", {
        /// Name, lower case.
        query: Bytes<'a>,
        /// Type.
        qtype: u16,
        /// Class.
        qclass: u16,
        /// Name as it came.
        original_query: Bytes<'a>
    };
    /// An IPv4 address.
    AReplyEvent<'a> = 4, "dns_A_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// Address.
        a: IpAddr
    };
    /// An IPv6 address.
    AaaaReplyEvent<'a> = 5, "dns_AAAA_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// Address.
        a: IpAddr
    };
    /// A name server.
    NsReplyEvent<'a> = 6, "dns_NS_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// Its name.
        name: Bytes<'a>
    };
    /// An alias.
    CnameReplyEvent<'a> = 7, "dns_CNAME_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// The name it stands for.
        name: Bytes<'a>
    };
    /// A pointer.
    PtrReplyEvent<'a> = 8, "dns_PTR_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// What it points at.
        name: Bytes<'a>
    };
    /// A mail exchange.
    MxReplyEvent<'a> = 9, "dns_MX_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// Who takes the mail.
        name: Bytes<'a>,
        /// Lower is better.
        preference: u16
    };
    /// Texts.
    TxtReplyEvent<'a> = 10, "dns_TXT_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// The texts.
        strs: &'a Lines
    };
    /// The location of a service.
    SrvReplyEvent<'a> = 11, "dns_SRV_reply", {
        /// The record.
        ans: DnsAnswer<'a>,
        /// Host.
        target: Bytes<'a>,
        /// Lower is better.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// Port.
        p: u16
    };
    /// A record of a type without an event of its own.
    UnknownReplyEvent<'a> = 12, "dns_unknown_reply", {
        /// The record.
        ans: DnsAnswer<'a>
    };
    /// A message was read to its end, or as far as it goes.
    EndEvent = 13, "dns_end", {};
}

/// Raises what scripts want of one message. `lines` is room to spell in.
pub(super) fn raise(
    cx: &mut Cx<'_>,
    msg: &[u8],
    layout: &Layout,
    netbios: bool,
    is_orig: bool,
    lines: &mut Lines,
) {
    if !EVENTS.iter().any(|e| cx.wants.event(e.id)) {
        return;
    }
    let head = DnsMsg::new(layout.header, netbios);
    cx.raise(|| MessageEvent { msg: head, is_orig, len: msg.len() as u64 });
    for q in &layout.questions {
        lines.clear();
        for lower in [true, false] {
            lines.add(|out| {
                spell(msg, usize::from(q.name), lower, out);
                true
            });
        }
        let query = Bytes(lines.text(0).unwrap_or_default());
        let original_query = Bytes(lines.text(1).unwrap_or_default());
        let (qtype, qclass) = (q.rtype, q.class);
        let [_, rest @ ..] = layout.header.counts;
        if !head.qr {
            cx.raise(|| RequestEvent { msg: head, query, qtype, qclass, original_query });
        } else if rest == [0; 3] {
            cx.raise(|| RejectedEvent { msg: head, query, qtype, qclass, original_query });
        } else {
            cx.raise(|| QueryReplyEvent { msg: head, query, qtype, qclass, original_query });
        }
    }
    for rr in layout.section(Section::Answer) {
        raise_answer(cx, msg, rr, head, lines);
    }
    cx.raise(|| EndEvent { msg: head });
}

fn raise_answer(cx: &mut Cx<'_>, msg: &[u8], rr: &Rr, head: DnsMsg, lines: &mut Lines) {
    let Ok(data) = Rdata::parse(msg, rr) else { return };
    lines.clear();
    let mut name = |at: usize| {
        lines.add(|out| {
            spell(msg, at, true, out);
            true
        });
    };
    name(usize::from(rr.name));
    match data {
        Rdata::Name(at) | Rdata::Mx { name: at, .. } | Rdata::Srv { target: at, .. } => name(at),
        _ => {}
    }
    let owner = lines.text(0).unwrap_or_default();
    let text = Bytes(lines.text(1).unwrap_or_default());
    let ans = DnsAnswer {
        answer_type: 1,
        query: Bytes(owner),
        qtype: rr.rtype,
        qclass: rr.class,
        ttl: Span::from_secs(i64::from(rr.ttl)),
    };
    match data {
        Rdata::Addr(a @ IpAddr::V4(_)) => cx.raise(|| AReplyEvent { msg: head, ans, a }),
        Rdata::Addr(a) => cx.raise(|| AaaaReplyEvent { msg: head, ans, a }),
        Rdata::Name(_) => match rr.rtype {
            super::rdata::rtype::NS => cx.raise(|| NsReplyEvent { msg: head, ans, name: text }),
            super::rdata::rtype::PTR => cx.raise(|| PtrReplyEvent { msg: head, ans, name: text }),
            _ => cx.raise(|| CnameReplyEvent { msg: head, ans, name: text }),
        },
        Rdata::Mx { preference, .. } => {
            cx.raise(|| MxReplyEvent { msg: head, ans, name: text, preference });
        }
        Rdata::Srv { priority, weight, port: p, .. } => {
            cx.raise(|| SrvReplyEvent { msg: head, ans, target: text, priority, weight, p });
        }
        Rdata::Text(bytes) => {
            // Only scripts come here: what they keep, they copy.
            let mut strs = Lines::default();
            Strings(bytes).for_each(|s| {
                strs.add(|out| {
                    out.extend_from_slice(s);
                    true
                });
            });
            cx.raise(|| TxtReplyEvent { msg: head, ans, strs: &strs });
        }
        Rdata::Other(_) => cx.raise(|| UnknownReplyEvent { msg: head, ans }),
        _ => {}
    }
}
