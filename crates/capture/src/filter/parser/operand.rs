//! Qualifiers and what they qualify: ports and protocols here, addresses in [`super::address`].

use super::super::diagnostic::Code;
use super::super::lexer::{Kind, Token};
use super::super::names;
use super::super::program::{Comparison, Expr, Family, Side, Step, Test, Value, Within};
use super::{Parser, join, sides};

/// A protocol that qualifies a test, or is one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proto {
    Ether,
    Ip,
    Ip6,
    Arp,
    Rarp,
    /// By protocol number, and its name.
    Transport(u8, &'static str),
}

impl Proto {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "ether" | "link" | "fddi" | "tr" => Self::Ether,
            "ip" => Self::Ip,
            "ip6" => Self::Ip6,
            "arp" => Self::Arp,
            "rarp" => Self::Rarp,
            "tcp" => Self::Transport(6, "tcp"),
            "udp" => Self::Transport(17, "udp"),
            "sctp" => Self::Transport(132, "sctp"),
            "icmp" => Self::Transport(1, "icmp"),
            "icmp6" => Self::Transport(58, "icmp6"),
            "igmp" => Self::Transport(2, "igmp"),
            "igrp" => Self::Transport(9, "igrp"),
            "pim" => Self::Transport(103, "pim"),
            "vrrp" => Self::Transport(112, "vrrp"),
            "carp" => Self::Transport(112, "carp"),
            "ah" => Self::Transport(51, "ah"),
            "esp" => Self::Transport(50, "esp"),
            _ => return None,
        })
    }
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ether => "ether",
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Arp => "arp",
            Self::Rarp => "rarp",
            Self::Transport(_, name) => name,
        }
    }
    /// The protocol number, where it has ports.
    fn with_ports(self) -> Option<u8> {
        match self {
            Self::Transport(number @ (6 | 17 | 132), _) => Some(number),
            _ => None,
        }
    }
}

/// What kind of thing an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Host,
    Net,
    Port,
    PortRange,
    Proto,
}

impl What {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "host" => Self::Host,
            "net" => Self::Net,
            "port" => Self::Port,
            "portrange" => Self::PortRange,
            "proto" | "protochain" => Self::Proto,
            _ => return None,
        })
    }
    fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Net => "net",
            Self::Port => "port",
            Self::PortRange => "portrange",
            Self::Proto => "proto",
        }
    }
}

/// What stands before an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualifiers {
    pub(super) proto: Option<Proto>,
    pub(super) side: Side,
    /// `None` means a host, or a network where the id is one.
    pub(super) what: Option<What>,
}

impl Default for Qualifiers {
    fn default() -> Self {
        Self { proto: None, side: Side::Either, what: None }
    }
}

impl Qualifiers {
    pub(super) fn is_word(word: &str) -> bool {
        matches!(word, "src" | "dst") || What::named(word).is_some()
    }
}

impl Parser<'_> {
    /// A test that begins with a protocol or another qualifier.
    pub(super) fn qualified(&mut self) -> Option<Expr> {
        let mut q = Qualifiers::default();
        let mut last = self.peek()?.clone();
        if let Some(proto) = Proto::named(self.said(&last)) {
            self.at = self.at.saturating_add(1);
            let next = self.peek().filter(|t| t.kind == Kind::Word).cloned();
            match next.as_ref().map(|t| self.said(t)) {
                Some(word) if Qualifiers::is_word(word) => q.proto = Some(proto),
                Some(word @ ("broadcast" | "multicast")) => {
                    let token = next?;
                    self.at = self.at.saturating_add(1);
                    return self.cast(proto, word, &token);
                }
                _ => return self.protocol_alone(proto),
            }
        }
        if let Some(first) = ["src", "dst"].into_iter().find(|w| self.is_word(0, w)) {
            last = self.peek()?.clone();
            let other = if first == "src" { "dst" } else { "src" };
            let joined = self
                .ahead(1)
                .map(|t| t.kind)
                .filter(|k| matches!(k, Kind::And | Kind::Or) && self.is_word(2, other));
            q.side = sides(first, joined);
            self.at = self.at.saturating_add(if joined.is_some() { 3 } else { 1 });
        }
        let kind = self.peek().filter(|t| t.kind == Kind::Word).cloned();
        if let Some((token, what)) =
            kind.and_then(|t| What::named(self.said(&t)).map(|what| (t, what)))
        {
            self.at = self.at.saturating_add(1);
            q.what = Some(what);
            last = token;
        }
        self.check(q, &last)?;
        self.last = q;
        self.ids(q)
    }

    /// Whether the qualifiers go together.
    fn check(&mut self, q: Qualifiers, at: &Token) -> Option<()> {
        let what = q.what.unwrap_or(What::Host);
        if what == What::Proto && q.side != Side::Either {
            let message = "a protocol has no source or destination".to_owned();
            self.tell(Code::BadQualifier, at.span.clone(), message, "take `src` or `dst` out");
            return None;
        }
        let Some(proto) = q.proto else { return Some(()) };
        let (name, kind) = (proto.name(), what.name());
        let mend = match (what, proto) {
            (What::Host, Proto::Transport(..)) => format!("write `{name} and host …`"),
            (What::Net, Proto::Transport(..)) => format!("write `{name} and net …`"),
            (What::Host | What::Net, Proto::Rarp) => "write `rarp` alone".to_owned(),
            (What::Net, Proto::Ether) => "write `ether host` and a hardware address".to_owned(),
            (What::Port | What::PortRange, _) if proto.with_ports().is_none() => match proto {
                Proto::Ip | Proto::Ip6 => format!("write `{name} and {kind} …`"),
                _ => format!("ports belong to tcp, udp and sctp: write `tcp {kind} …`"),
            },
            (What::Proto, Proto::Arp | Proto::Rarp | Proto::Transport(..)) => {
                format!("write `{name}` alone, or `ip proto …`")
            }
            _ => return Some(()),
        };
        let message = format!("`{name}` can't qualify `{kind}`");
        self.tell(Code::BadQualifier, at.span.clone(), message, &mend);
        None
    }

    fn protocol_alone(&mut self, proto: Proto) -> Option<Expr> {
        match proto {
            Proto::Ether => {
                let (found, span) = self.found();
                self.tell(
                    Code::ExpectedAddress,
                    span,
                    format!("expected `host`, `proto` or `[` after `ether`, found {found}"),
                    "write `ether host 00:11:22:33:44:55` or `ether proto 0x0806`",
                );
                None
            }
            Proto::Ip => self.test(Test::Ip(Family::V4)),
            Proto::Ip6 => self.test(Test::Ip(Family::V6)),
            Proto::Arp => self.test(Test::EtherType(0x0806)),
            Proto::Rarp => self.test(Test::EtherType(0x8035)),
            Proto::Transport(number, name) => {
                let family = match name {
                    "icmp" | "igmp" | "igrp" => Family::V4,
                    "icmp6" => Family::V6,
                    _ => Family::Both,
                };
                self.test(Test::Proto(family, number))
            }
        }
    }

    /// `broadcast` and `multicast`.
    pub(super) fn cast(&mut self, proto: Proto, word: &str, token: &Token) -> Option<Expr> {
        let net4 = |net, mask| Test::Net4 { side: Side::Dst, within: Within::Ip, net, mask };
        match (proto, word) {
            (Proto::Ether, "broadcast") => self.test(Test::Mac { side: Side::Dst, mac: [0xff; 6] }),
            (Proto::Ether, _) => self.test(Test::MacMulticast),
            // Both conventions: all ones, and all zeros.
            (Proto::Ip, "broadcast") => Some(Expr::Any(vec![
                self.test(net4(u32::MAX, u32::MAX))?,
                self.test(net4(0, u32::MAX))?,
            ])),
            (Proto::Ip, _) => self.test(net4(0xe000_0000, 0xf000_0000)),
            (Proto::Ip6, "multicast") => {
                let mask = 0xff << 120;
                self.test(Test::Net6 { side: Side::Dst, net: mask, mask })
            }
            _ => {
                let name = proto.name();
                self.tell(
                    Code::BadQualifier,
                    token.span.clone(),
                    format!("`{name}` can't qualify `{word}`"),
                    "write `ether`, `ip` or (for multicast) `ip6` before it",
                );
                None
            }
        }
    }

    /// An id without qualifiers of its own takes those of the last test.
    pub(super) fn bare(&mut self, token: &Token) -> Option<Expr> {
        let word = self.word(token);
        let q = self.last;
        let number = self.number_of(token).is_some();
        if number && matches!(q.what, None | Some(What::Host)) {
            self.at = self.at.saturating_add(1);
            self.tell(
                Code::LoneNumber,
                token.span.clone(),
                format!("`{word}` alone is no test"),
                &format!("write `port {word}`, `ip proto {word}` or `net {word}`"),
            );
            return None;
        }
        let like_address = word.contains([':', '.']) || number;
        let like_service = matches!(q.what, Some(What::Port | What::PortRange))
            && (names::service(word).is_some() || word.contains('-'));
        let like_protocol = q.what == Some(What::Proto)
            && (names::protocol(word).is_some() || names::ethertype(word).is_some());
        if like_address || like_service || like_protocol {
            return self.id(q);
        }
        self.at = self.at.saturating_add(1);
        let mend = match names::nearest(word) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names::service(word).is_some() => format!("write `port {word}`"),
            None => "write a test such as `host 10.0.0.1` or `tcp port 80`".to_owned(),
        };
        let message = format!("`{word}` is no word of the filter language");
        self.tell(Code::UnknownWord, token.span.clone(), message, &mend);
        None
    }

    /// One id, or several in parentheses.
    fn ids(&mut self, q: Qualifiers) -> Option<Expr> {
        let Some(open) = self.peek().filter(|t| t.kind == Kind::Open).cloned() else {
            return self.id(q);
        };
        self.at = self.at.saturating_add(1);
        let inner = self.nested(|p| {
            let mut left = p.id_term(q)?;
            let mut joined = None;
            while let Some(operator) = p.take_operator() {
                let right = p.id_term(q)?;
                left = join(left, operator, right, joined == Some(operator));
                joined = Some(operator);
            }
            Some(left)
        })?;
        self.close(&open, Kind::Close, ")");
        Some(inner)
    }

    fn id_term(&mut self, q: Qualifiers) -> Option<Expr> {
        if self.peek().is_some_and(|t| t.kind == Kind::Not) {
            self.at = self.at.saturating_add(1);
            return self.nested(|p| p.id_term(q)).map(|inner| Expr::Not(Box::new(inner)));
        }
        self.ids(q)
    }

    fn id(&mut self, q: Qualifiers) -> Option<Expr> {
        match q.what {
            Some(What::Port | What::PortRange) => self.ports(q),
            Some(What::Proto) => self.protocol(q),
            Some(What::Net) => self.network(q, "net"),
            Some(What::Host) if q.proto == Some(Proto::Ether) => self.hardware(q),
            None if q.proto == Some(Proto::Ether) => self.hardware(q),
            Some(What::Host) => self.network(q, "host"),
            None => self.network(q, if q.side == Side::Dst { "dst" } else { "src" }),
        }
    }

    /// The word that must stand here, or a message that it is missing.
    pub(super) fn operand(
        &mut self,
        code: Code,
        expected: &str,
        after: &str,
        mend: &str,
    ) -> Option<Token> {
        let token = self.peek().cloned();
        if let Some(token) = token.filter(|t| matches!(t.kind, Kind::Word | Kind::Escaped)) {
            self.at = self.at.saturating_add(1);
            return Some(token);
        }
        let (found, span) = self.found();
        let message = format!("expected {expected} after `{after}`, found {found}");
        self.tell(code, span, message, mend);
        None
    }

    fn ports(&mut self, q: Qualifiers) -> Option<Expr> {
        let range = q.what == Some(What::PortRange);
        let (after, expected, mend) = if range {
            ("portrange", "two ports", "write them as in `portrange 6000-6008`")
        } else {
            ("port", "a port", "write a number from 0 to 65535 or a service, as in `port 53`")
        };
        let token = self.operand(Code::ExpectedPort, expected, after, mend)?;
        let word = self.word(&token);
        let proto = q.proto.and_then(Proto::with_ports);
        let test = |from, to| Test::Port { side: q.side, proto, from, to };
        if let Some(port) = names::service(word) {
            return self.test(test(port, port));
        }
        if let Some(number) = self.number_of(&token) {
            let port = self.within(number, 65_535, after, token.span.clone())? as u16;
            if range {
                let message = format!("`{word}` is one port, not two");
                let mend = format!("write `port {word}`, or `portrange {word}-65535`");
                self.tell(Code::BadRange, token.span, message, &mend);
                return None;
            }
            return self.test(test(port, port));
        }
        let ends = word.split_once('-').and_then(|(from, to)| {
            let port = |text: &str| {
                let digits = text.bytes().all(|b| b.is_ascii_digit());
                digits
                    .then(|| text.parse::<u64>().ok())
                    .flatten()
                    .or_else(|| names::service(text).map(u64::from))
            };
            Some((port(from)?, port(to)?))
        });
        let Some((from, to)) = ends else {
            let keyword = Proto::named(word).is_some() || Qualifiers::is_word(word);
            let code =
                if range && word.contains('-') { Code::BadRange } else { Code::ExpectedPort };
            let message = if keyword {
                format!("expected {expected} after `{after}`, found `{word}`")
            } else {
                format!("`{word}` is no {}", if range { "range of ports" } else { "port" })
            };
            self.tell(code, token.span, message, mend);
            return None;
        };
        let from = self.within(from, 65_535, after, token.span.clone())? as u16;
        let to = self.within(to, 65_535, after, token.span.clone())? as u16;
        if from > to {
            let message = format!("the range {word} runs backwards");
            let mend = format!("write {to}-{from}");
            self.tell(Code::BadRange, token.span, message, &mend);
            return None;
        }
        self.test(test(from, to))
    }

    fn protocol(&mut self, q: Qualifiers) -> Option<Expr> {
        let ether = q.proto == Some(Proto::Ether);
        let mend = if ether {
            "write a number or a name, as in `ether proto 0x88cc` or `ether proto arp`"
        } else {
            "write a number or a name, as in `ip proto 47` or `ip proto gre`"
        };
        let token = self.operand(Code::ExpectedProtocol, "a protocol", "proto", mend)?;
        let word = self.word(&token);
        if ether {
            let kind = match (names::ethertype(word), self.number_of(&token)) {
                (Some(kind), _) => kind,
                (None, Some(n)) => self.within(n, 65_535, "ether proto", token.span)? as u16,
                (None, None) => return self.no_protocol(&token, mend),
            };
            return self.test(Test::EtherType(kind));
        }
        let number = match (names::protocol(word), self.number_of(&token)) {
            (Some(number), _) => number,
            (None, Some(n)) => self.within(n, 255, "proto", token.span)? as u8,
            (None, None) => return self.no_protocol(&token, mend),
        };
        let family = match q.proto {
            Some(Proto::Ip) => Family::V4,
            Some(Proto::Ip6) => Family::V6,
            _ => Family::Both,
        };
        self.test(Test::Proto(family, number))
    }

    fn no_protocol(&mut self, token: &Token, mend: &str) -> Option<Expr> {
        let message = format!("`{}` is no protocol that is known here", self.word(token));
        self.tell(Code::ExpectedProtocol, token.span.clone(), message, mend);
        None
    }

    /// `less` and `greater`, both of which include their limit.
    pub(super) fn length(&mut self, less: bool, limit: u32) -> Option<Expr> {
        self.test(Test::Compare {
            left: Value(vec![Step::Length]),
            how: if less { Comparison::LessOrEqual } else { Comparison::GreaterOrEqual },
            right: Value(vec![Step::Number(limit)]),
        })
    }
}
