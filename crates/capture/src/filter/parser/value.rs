//! Computed numbers and their comparison: `tcp[13] & 2 != 0`, `len - ip[2:2] > 18`.
//!
//! Operators bind as in C, except that comparisons bind least.

use super::super::diagnostic::Code;
use super::super::lexer::{Kind, Token};
use super::super::names;
use super::super::program::{Binary, Comparison, Expr, Header, STACK, Step, Test, Value};
use super::Parser;
use super::operand::Proto;

impl Parser<'_> {
    /// Whether a comparison begins here.
    pub(super) fn begins_value(&self) -> bool {
        let Some(token) = self.peek() else { return false };
        match token.kind {
            Kind::Minus | Kind::Open => true,
            Kind::Word => {
                let word = self.said(token);
                let next = self.ahead(1).map(|t| t.kind);
                let operator = next.is_some_and(is_operator);
                word == "len"
                    || (Proto::named(word).is_some() && next == Some(Kind::OpenBracket))
                    || (operator
                        && (names::constant(word).is_some() || self.number_of(token).is_some()))
            }
            _ => false,
        }
    }

    /// Whether the parenthesis here groups a number rather than tests: an operator of numbers
    /// follows its end.
    pub(super) fn parenthesis_is_value(&self) -> bool {
        let mut open = 0usize;
        let mut at = self.at;
        while let Some(token) = self.tokens.get(at) {
            at = at.saturating_add(1);
            match token.kind {
                Kind::Open => open = open.saturating_add(1),
                Kind::Close => open = open.saturating_sub(1),
                // Tests stand within.
                Kind::And | Kind::Or | Kind::Not => return false,
                k if comparison(k).is_some() => return false,
                _ => {}
            }
            if open == 0 {
                let next = self.tokens.get(at).map(|t| t.kind);
                return next.is_some_and(is_operator);
            }
        }
        false
    }

    pub(super) fn compare(&mut self) -> Option<Expr> {
        let from = self.peek().map(|t| t.span.start).unwrap_or_default();
        let left = self.value()?;
        let how = self.peek().and_then(|t| comparison(t.kind));
        let Some(how) = how else {
            let (found, next) = self.found();
            let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
            let to = before.map_or(next.start, |t| t.span.end);
            self.tell(
                Code::ExpectedComparison,
                from..to,
                format!("expected a comparison, found {found}"),
                "compare the value, as in `tcp[13] & 2 != 0` or `len > 1000`",
            );
            return None;
        };
        self.at = self.at.saturating_add(1);
        let right = self.value()?;
        self.test(Test::Compare { left, how, right })
    }

    fn value(&mut self) -> Option<Value> {
        let mut steps = Vec::new();
        let start = self.peek().cloned();
        self.arithmetic(0, &mut steps)?;
        let (mut height, mut highest) = (0usize, 0usize);
        for step in &steps {
            match step {
                Step::Number(_) | Step::Length => height = height.saturating_add(1),
                Step::Load { .. } | Step::Negate => {}
                Step::Binary(_) => height = height.saturating_sub(1),
            }
            highest = highest.max(height);
        }
        if highest > STACK {
            let span = start.map(|t| t.span).unwrap_or_default();
            let message = "the filter is too large: a value nests too deeply".to_owned();
            self.tell(Code::TooLarge, span, message, "write it with fewer parentheses");
            return None;
        }
        Some(Value(steps))
    }

    /// Operators that bind at least as tightly as `least`.
    fn arithmetic(&mut self, least: u8, steps: &mut Vec<Step>) -> Option<()> {
        self.factor(steps)?;
        while let Some((how, power)) = self.peek().and_then(|t| binary(t.kind)) {
            if power < least {
                break;
            }
            self.at = self.at.saturating_add(1);
            self.deeper(|p| p.arithmetic(power.saturating_add(1), steps))?;
            steps.push(Step::Binary(how));
        }
        Some(())
    }

    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        if self.depth >= super::DEEPEST {
            self.tell_too_large("a value nests too deeply");
            self.at = self.tokens.len();
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        let read = parse(self);
        self.depth = self.depth.saturating_sub(1);
        read
    }

    fn factor(&mut self, steps: &mut Vec<Step>) -> Option<()> {
        let Some(token) = self.peek().cloned() else { return self.no_number() };
        match token.kind {
            Kind::Minus => {
                self.at = self.at.saturating_add(1);
                self.deeper(|p| p.factor(steps))?;
                steps.push(Step::Negate);
                Some(())
            }
            Kind::Open => {
                self.at = self.at.saturating_add(1);
                self.deeper(|p| p.arithmetic(0, steps))?;
                self.close(&token, Kind::Close, ")");
                Some(())
            }
            Kind::Word => {
                let word = self.said(&token);
                if word == "len" {
                    self.at = self.at.saturating_add(1);
                    steps.push(Step::Length);
                    return Some(());
                }
                if let Some(number) = self.number_of(&token) {
                    self.at = self.at.saturating_add(1);
                    let number = self.within(number, u32::MAX, "a value", token.span)?;
                    steps.push(Step::Number(number));
                    return Some(());
                }
                if let Some(number) = names::constant(word) {
                    self.at = self.at.saturating_add(1);
                    steps.push(Step::Number(number));
                    return Some(());
                }
                match Proto::named(word) {
                    Some(proto) => self.load(proto, &token, steps),
                    None => self.no_number(),
                }
            }
            _ => self.no_number(),
        }
    }

    fn no_number(&mut self) -> Option<()> {
        let (found, span) = self.found();
        let joined =
            self.peek().is_some_and(|t| t.kind == Kind::Word && self.said(t).contains('-'));
        let mend = if joined {
            "put spaces around `-`, or correct the name"
        } else {
            "write a number, `len`, or bytes of a header as in `ip[2:2]`"
        };
        self.tell(Code::ExpectedNumber, span, format!("expected a value, found {found}"), mend);
        None
    }

    /// `tcp[13]`, `ip[2:2]`.
    fn load(&mut self, proto: Proto, token: &Token, steps: &mut Vec<Step>) -> Option<()> {
        let from = match proto {
            Proto::Ether => Header::Link,
            Proto::Ip => Header::Ip4,
            Proto::Ip6 => Header::Ip6,
            Proto::Arp => Header::Arp,
            Proto::Rarp => {
                let message = "`rarp` isn't decoded, so it has no bytes to read".to_owned();
                let mend = "count from the frame, as in `ether[20:2]`";
                self.tell(Code::BadQualifier, token.span.clone(), message, mend);
                return None;
            }
            Proto::Transport(number, _) => Header::Transport(number),
        };
        self.at = self.at.saturating_add(1);
        let Some(open) = self.peek().filter(|t| t.kind == Kind::OpenBracket).cloned() else {
            let (found, span) = self.found();
            let name = proto.name();
            let message = format!("expected `[` after `{name}` in a value, found {found}");
            let mend = format!("write which bytes, as in `{name}[0]`");
            self.tell(Code::ExpectedNumber, span, message, &mend);
            return None;
        };
        self.at = self.at.saturating_add(1);
        self.deeper(|p| p.arithmetic(0, steps))?;
        let mut size = 1u8;
        if self.peek().is_some_and(|t| t.kind == Kind::Colon) {
            self.at = self.at.saturating_add(1);
            let written = self.peek().and_then(|t| self.number_of(t));
            let Some(n @ (1 | 2 | 4)) = written else {
                let (found, span) = self.found();
                let message = format!("expected a size of 1, 2 or 4 bytes, found {found}");
                self.tell(Code::BadSize, span, message, "write 1, 2 or 4 after the colon");
                return None;
            };
            size = n as u8;
            self.at = self.at.saturating_add(1);
        }
        if self.peek().is_none_or(|t| t.kind != Kind::CloseBracket) {
            let message = "`[` is never closed".to_owned();
            self.tell(Code::Unclosed, open.span, message, "add `]` after the offset or size");
            return None;
        }
        self.at = self.at.saturating_add(1);
        steps.push(Step::Load { from, size });
        Some(())
    }
}

/// Whether a sign computes or compares.
pub(super) fn is_operator(kind: Kind) -> bool {
    binary(kind).is_some() || comparison(kind).is_some()
}

/// An operator of numbers, and how tightly it binds.
fn binary(kind: Kind) -> Option<(Binary, u8)> {
    Some(match kind {
        Kind::BitOr => (Binary::Or, 1),
        Kind::BitXor => (Binary::Xor, 1),
        Kind::BitAnd => (Binary::And, 2),
        Kind::ShiftLeft => (Binary::ShiftLeft, 3),
        Kind::ShiftRight => (Binary::ShiftRight, 3),
        Kind::Plus => (Binary::Add, 4),
        Kind::Minus => (Binary::Subtract, 4),
        Kind::Times => (Binary::Multiply, 5),
        Kind::Slash => (Binary::Divide, 5),
        Kind::Percent => (Binary::Remainder, 5),
        _ => return None,
    })
}

fn comparison(kind: Kind) -> Option<Comparison> {
    Some(match kind {
        Kind::Less => Comparison::Less,
        Kind::LessOrEqual => Comparison::LessOrEqual,
        Kind::Greater => Comparison::Greater,
        Kind::GreaterOrEqual => Comparison::GreaterOrEqual,
        Kind::Equal => Comparison::Equal,
        Kind::Unequal => Comparison::Unequal,
        _ => return None,
    })
}
