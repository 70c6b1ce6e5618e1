//! Words and signs of a filter expression.
//!
//! A word may hold `.`, `:`, `-` and `_`, because addresses, ranges and names do (`fe80::1`,
//! `6000-6008`, `tcp-syn`). Between brackets, `:` and `-` are signs (`ip[2:2]`, `tcp[len-1]`).

use std::ops::Range;

use super::diagnostic::{Code, Diagnostic};

/// A word or a sign, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name, an address, a number or a range.
    Word,
    /// A word behind a backslash, which is never a keyword.
    Escaped,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Colon,
    Not,
    And,
    Or,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
    Plus,
    Minus,
    Times,
    Slash,
    Percent,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

const SIGNS: &[(&str, Kind)] = &[
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("<<", Kind::ShiftLeft),
    (">>", Kind::ShiftRight),
    ("<=", Kind::LessOrEqual),
    (">=", Kind::GreaterOrEqual),
    ("==", Kind::Equal),
    ("!=", Kind::Unequal),
    ("(", Kind::Open),
    (")", Kind::Close),
    ("[", Kind::OpenBracket),
    ("]", Kind::CloseBracket),
    (":", Kind::Colon),
    ("!", Kind::Not),
    ("<", Kind::Less),
    (">", Kind::Greater),
    ("=", Kind::Equal),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("*", Kind::Times),
    ("/", Kind::Slash),
    ("%", Kind::Percent),
    ("&", Kind::BitAnd),
    ("|", Kind::BitOr),
    ("^", Kind::BitXor),
];

/// Cuts `text` into tokens; stray characters are told and left out.
pub(super) fn tokens(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0usize;
    let mut brackets = 0usize;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let space = rest.len().saturating_sub(rest.trim_start().len());
        if space > 0 {
            at = at.saturating_add(space);
            continue;
        }
        let escaped = rest.starts_with('\\');
        let body = rest.strip_prefix('\\').unwrap_or(rest);
        let word = word_len(body, brackets > 0);
        let (kind, len) = if word > 0 {
            let word_text = body.get(..word).unwrap_or_default();
            let kind = match word_text {
                _ if escaped => Kind::Escaped,
                "and" => Kind::And,
                "or" => Kind::Or,
                "not" => Kind::Not,
                _ => Kind::Word,
            };
            (kind, word.saturating_add(usize::from(escaped)))
        } else if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            (*kind, sign.len())
        } else {
            let stray = rest.chars().next().map_or(1, char::len_utf8);
            let span = at..at.saturating_add(stray);
            let shown = rest.chars().next().unwrap_or_default();
            let shown = if shown.is_control() {
                shown.escape_default().to_string()
            } else {
                shown.to_string()
            };
            diagnostics.push(Diagnostic {
                code: Code::StrayCharacter,
                message: format!("`{shown}` has no meaning in a filter"),
                mend: "take it out; in a shell, put the whole filter in single quotes".to_owned(),
                span: span.clone(),
            });
            at = span.end;
            continue;
        };
        match kind {
            Kind::OpenBracket => brackets = brackets.saturating_add(1),
            Kind::CloseBracket => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        let end = at.saturating_add(len);
        out.push(Token { kind, span: at..end });
        at = end;
    }
    out
}

/// How long the word at the start of `text` is.
fn word_len(text: &str, in_brackets: bool) -> usize {
    let within = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'.')
            || (!in_brackets && matches!(b, b':' | b'-'))
    };
    // A word begins with a letter or digit, or is an IPv6 address that begins with `::`.
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        || (!in_brackets && text.starts_with("::"));
    if begins { text.bytes().take_while(|b| within(*b)).count() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_and_hyphens_belong_to_words_except_in_brackets() {
        let text = r"::1 or ip[2:2]-1 != ftp-data && \tcp";
        let mut wrong = Vec::new();
        let words: Vec<_> =
            tokens(text, &mut wrong).iter().map(|t| &text[t.span.clone()]).collect();
        assert_eq!(
            words,
            ["::1", "or", "ip", "[", "2", ":", "2", "]", "-", "1", "!=", "ftp-data", "&&", r"\tcp"]
        );
        assert!(wrong.is_empty());
    }
}
