//! The grammar of filter expressions, by recursive descent.
//!
//! A mistake is told and the parser goes on after the next `and`, `or` or closing parenthesis, so
//! that all mistakes are told at once.
//!
//! ```text
//! expr      = term { ("and" | "or") term }            equal precedence, from the left
//! term      = "not" term | "(" expr ")" | compare | primitive
//! primitive = [proto] [side] [kind] ids | proto | "vlan" [n] | "less" n | …
//! ids       = id | "(" ids { ("and" | "or") ids } ")"
//! compare   = value ("<" | "<=" | ">" | ">=" | "=" | "!=") value
//! ```

use std::ops::Range;

use super::diagnostic::{Code, Diagnostic};
use super::lexer::{Kind, Token, tokens};
use super::names;
use super::program::{Expr, Side, Test};

mod address;
mod operand;
mod value;

use operand::{Proto, Qualifiers};

/// How deep parentheses, negations and changes between `and` and `or` may nest.
const DEEPEST: usize = 64;
/// Tests in one filter at most.
const MOST_TESTS: usize = 65_536;

/// Parses an expression; `None` is the empty one, which takes everything.
pub(super) fn parse(text: &str) -> Result<Option<Expr>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let tokens = tokens(text, &mut diagnostics);
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        diagnostics,
        depth: 0,
        tests: 0,
        too_large: false,
        last: Qualifiers::default(),
    };
    let expr = parser.whole();
    if parser.diagnostics.is_empty() { Ok(expr) } else { Err(parser.diagnostics) }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    diagnostics: Vec<Diagnostic>,
    depth: usize,
    tests: usize,
    too_large: bool,
    /// The qualifiers of the last test, which a bare id takes over.
    last: Qualifiers,
}

impl<'t> Parser<'t> {
    fn whole(&mut self) -> Option<Expr> {
        if self.tokens.is_empty() {
            return None;
        }
        let mut expr = self.expr();
        while let Some(token) = self.peek().cloned() {
            match token.kind {
                Kind::Close | Kind::CloseBracket => {
                    let sign = self.said(&token);
                    self.tell(
                        Code::Unopened,
                        token.span,
                        format!("`{sign}` closes nothing"),
                        "take it out, or open it earlier",
                    );
                }
                _ => self.tell_missing_operator(&token),
            }
            self.at = self.at.saturating_add(1);
            self.recover();
            if self.take_operator().is_some() {
                expr = self.expr();
            }
        }
        expr
    }

    fn tell_missing_operator(&mut self, token: &Token) {
        let said = self.said(token);
        let mend = if value::is_operator(token.kind) {
            "to compare bytes, say which, as in `tcp[13] & 2 != 0`".to_owned()
        } else if self.number_of(token).is_some() {
            format!("if {said} is a port, write `port {said}`; between tests write `and` or `or`")
        } else {
            "write `and` or `or` between two tests".to_owned()
        };
        self.tell(
            Code::ExpectedOperator,
            token.span.clone(),
            format!("expected `and` or `or`, found `{said}`"),
            &mend,
        );
    }

    /// Terms joined from the left. A run of the same operator becomes one flat node, so that long
    /// lists of addresses nest no deeper than their kinds change.
    fn expr(&mut self) -> Option<Expr> {
        let mut left = self.term();
        let mut joined: Option<Kind> = None;
        let mut levels = 0usize;
        while let Some(operator) = self.take_operator() {
            let right = self.term();
            if joined != Some(operator) {
                levels = levels.saturating_add(1);
                if self.depth.saturating_add(levels) > DEEPEST {
                    self.tell_too_large("`and` and `or` change too often");
                    self.at = self.tokens.len();
                    return None;
                }
            }
            left = match (left, right) {
                (Some(left), Some(right)) => {
                    Some(join(left, operator, right, joined == Some(operator)))
                }
                _ => None,
            };
            joined = Some(operator);
        }
        left
    }

    fn term(&mut self) -> Option<Expr> {
        let Some(token) = self.peek().cloned() else {
            self.expected_test();
            return None;
        };
        match token.kind {
            Kind::Not => {
                self.at = self.at.saturating_add(1);
                self.nested(Self::term).map(|inner| Expr::Not(Box::new(inner)))
            }
            Kind::Open if !self.parenthesis_is_value() => {
                self.at = self.at.saturating_add(1);
                let inner = self.nested(Self::expr);
                self.close(&token, Kind::Close, ")");
                inner
            }
            _ => {
                let read = if self.begins_value() { self.compare() } else { self.primitive() };
                if read.is_none() {
                    self.recover();
                }
                read
            }
        }
    }

    /// Goes one level down, unless that is too deep.
    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Option<Expr>) -> Option<Expr> {
        if self.depth >= DEEPEST {
            self.tell_too_large("parentheses and negations nest too deeply");
            self.at = self.tokens.len();
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        let inner = parse(self);
        self.depth = self.depth.saturating_sub(1);
        inner
    }

    fn close(&mut self, open: &Token, kind: Kind, sign: &str) {
        let told = !self.diagnostics.is_empty();
        match self.peek().cloned() {
            Some(token) if token.kind == kind => self.at = self.at.saturating_add(1),
            None if !self.too_large => self.tell(
                Code::Unclosed,
                open.span.clone(),
                format!("`{}` is never closed", self.said(open)),
                &format!("add `{sign}` where the group ends"),
            ),
            Some(token) if !told && token.kind != Kind::CloseBracket => {
                self.tell_missing_operator(&token);
                self.recover();
                if self.peek().is_some_and(|t| t.kind == kind) {
                    self.at = self.at.saturating_add(1);
                }
            }
            _ => {}
        }
    }

    /// Steps to where a term could end: the next operator or closing parenthesis of this level.
    fn recover(&mut self) {
        let mut open = 0usize;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Open => open = open.saturating_add(1),
                Kind::Close if open > 0 => open = open.saturating_sub(1),
                Kind::And | Kind::Or | Kind::Close if open == 0 => return,
                _ => {}
            }
            self.at = self.at.saturating_add(1);
        }
    }

    fn primitive(&mut self) -> Option<Expr> {
        let token = self.peek()?.clone();
        if !matches!(token.kind, Kind::Word | Kind::Escaped) {
            self.expected_test();
            return None;
        }
        let word = self.word(&token);
        if token.kind == Kind::Escaped {
            return self.bare(&token);
        }
        if let Some(mend) = names::unsupported(word) {
            self.at = self.at.saturating_add(1);
            self.tell(
                Code::Unsupported,
                token.span,
                format!("`{word}` is a word of tcpdump that Watchpost doesn't test"),
                mend,
            );
            return None;
        }
        if Proto::named(word).is_some() || Qualifiers::is_word(word) {
            return self.qualified();
        }
        match word {
            "less" | "greater" => {
                self.at = self.at.saturating_add(1);
                let limit = self.number_after(word, u32::MAX)?;
                self.length(word == "less", limit)
            }
            "vlan" => {
                let id = self.optional_number(word, 4095)?;
                self.test(Test::Vlan(id.map(|id| id as u16)))
            }
            "mpls" => {
                let label = self.optional_number(word, 0xf_ffff)?;
                self.test(Test::Mpls(label))
            }
            "pppoes" => {
                let session = self.optional_number(word, 65_535)?;
                self.test(Test::Pppoe(session.map(|id| id as u16)))
            }
            "pppoed" => {
                self.at = self.at.saturating_add(1);
                self.test(Test::EtherType(0x8863))
            }
            "broadcast" | "multicast" => {
                self.at = self.at.saturating_add(1);
                self.cast(Proto::Ether, word, &token)
            }
            _ => self.bare(&token),
        }
    }

    /// Counts a test against the bound.
    fn test(&mut self, test: Test) -> Option<Expr> {
        self.tests = self.tests.saturating_add(1);
        if self.tests > MOST_TESTS {
            self.tell_too_large("there are more than 65,536 tests");
            self.at = self.tokens.len();
            return None;
        }
        Some(Expr::Test(test))
    }

    /// An optional number after a word: the outer `None` is a mistake.
    #[allow(clippy::option_option)] // told, absent, present: three things
    fn optional_number(&mut self, word: &str, most: u32) -> Option<Option<u32>> {
        self.at = self.at.saturating_add(1);
        if self.peek().cloned().is_some_and(|t| self.number_of(&t).is_some()) {
            self.number_after(word, most).map(Some)
        } else {
            Some(None)
        }
    }

    /// The number that must follow a word.
    fn number_after(&mut self, word: &str, most: u32) -> Option<u32> {
        let token = self.peek().cloned();
        let Some(number) = token.as_ref().and_then(|t| self.number_of(t)) else {
            let (found, span) = self.found();
            self.tell(
                Code::ExpectedNumber,
                span,
                format!("expected a number after `{word}`, found {found}"),
                &format!("write a number from 0 to {most}"),
            );
            return None;
        };
        self.at = self.at.saturating_add(1);
        let span = token.map(|t| t.span).unwrap_or_default();
        self.within(number, most, word, span)
    }

    fn within(&mut self, number: u64, most: u32, what: &str, span: Range<usize>) -> Option<u32> {
        let fits = u32::try_from(number).ok().filter(|n| *n <= most);
        if fits.is_none() {
            self.tell(
                Code::OutOfRange,
                span,
                format!("{number} is too large for `{what}`"),
                &format!("write a number from 0 to {most}"),
            );
        }
        fits
    }

    /// The number that a token is: decimal, 0x and hexadecimal, 0 and octal.
    fn number_of(&self, token: &Token) -> Option<u64> {
        if token.kind != Kind::Word {
            return None;
        }
        let word = self.text.get(token.span.clone())?;
        let (digits, radix) = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None => match word.strip_prefix('0').filter(|rest| !rest.is_empty()) {
                Some(octal) => (octal, 8),
                None => (word, 10),
            },
        };
        if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        u64::from_str_radix(digits, radix).ok()
    }

    fn take_operator(&mut self) -> Option<Kind> {
        let kind = self.peek()?.kind;
        if matches!(kind, Kind::And | Kind::Or) {
            self.at = self.at.saturating_add(1);
            return Some(kind);
        }
        None
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }
    fn ahead(&self, n: usize) -> Option<&Token> {
        self.tokens.get(self.at.saturating_add(n))
    }
    /// Whether the token `n` ahead is this keyword.
    fn is_word(&self, n: usize, word: &str) -> bool {
        self.ahead(n).is_some_and(|t| t.kind == Kind::Word && self.said(t) == word)
    }
    /// A token as written.
    fn said(&self, token: &Token) -> &'t str {
        self.text.get(token.span.clone()).unwrap_or_default()
    }
    /// A word without the backslash before it.
    fn word(&self, token: &Token) -> &'t str {
        let said = self.said(token);
        said.strip_prefix('\\').unwrap_or(said)
    }
    /// The next token for a message, and its place.
    fn found(&self) -> (String, Range<usize>) {
        if let Some(token) = self.peek() {
            return (format!("`{}`", self.said(token)), token.span.clone());
        }
        let end = self.text.trim_end().len();
        ("the end".to_owned(), end..end)
    }

    fn expected_test(&mut self) {
        let (found, span) = self.found();
        self.tell(
            Code::ExpectedTest,
            span,
            format!("expected a test, found {found}"),
            "write a test such as `host 10.0.0.1`, `tcp port 80` or `len > 1000`",
        );
    }

    fn tell(&mut self, code: Code, span: Range<usize>, message: String, mend: &str) {
        self.diagnostics.push(Diagnostic { code, span, message, mend: mend.to_owned() });
    }

    fn tell_too_large(&mut self, why: &str) {
        if !std::mem::replace(&mut self.too_large, true) {
            let (_, span) = self.found();
            let mend = "split the filter, or name networks instead of single addresses";
            self.tell(Code::TooLarge, span, format!("the filter is too large: {why}"), mend);
        }
    }
}

/// Joins two terms; `same` says that `left` was just joined by the same operator.
fn join(left: Expr, operator: Kind, right: Expr, same: bool) -> Expr {
    match (operator, left, same) {
        (Kind::And, Expr::All(mut parts), true) => {
            parts.push(right);
            Expr::All(parts)
        }
        (Kind::And, left, _) => Expr::All(vec![left, right]),
        (_, Expr::Any(mut parts), true) => {
            parts.push(right);
            Expr::Any(parts)
        }
        (_, left, _) => Expr::Any(vec![left, right]),
    }
}

/// Every mixture of source and destination that a test may name.
fn sides(first: &str, joined: Option<Kind>) -> Side {
    match (first, joined) {
        (_, Some(Kind::Or)) => Side::Either,
        (_, Some(_)) => Side::Both,
        ("src", None) => Side::Src,
        (_, None) => Side::Dst,
    }
}
