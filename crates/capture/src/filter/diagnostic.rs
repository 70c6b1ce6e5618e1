//! What is wrong with a filter expression, where, and how to mend it.

use std::fmt;
use std::ops::Range;

/// The kinds of mistakes. The number is stable, and what documentation is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// F01: a character that the language doesn't have.
    StrayCharacter,
    /// F02: something else stands where an address should.
    ExpectedAddress,
    /// F03: something else stands where a port should.
    ExpectedPort,
    /// F04: something else stands where a network should.
    ExpectedNetwork,
    /// F05: a range runs backwards, or is none.
    BadRange,
    /// F06: a name of a host or network.
    NameNotLookedUp,
    /// F07: a word that is nothing here.
    UnknownWord,
    /// F08: a parenthesis or bracket is not closed.
    Unclosed,
    /// F09: something else stands where a test should.
    ExpectedTest,
    /// F10: a network has bits outside its prefix or mask.
    StrayBits,
    /// F11: a prefix is longer than an address.
    LongPrefix,
    /// F12: a number is too large for what it means.
    OutOfRange,
    /// F13: a qualifier can't go with what follows it.
    BadQualifier,
    /// F14: tcpdump has it, Watchpost hasn't.
    Unsupported,
    /// F15: a number alone.
    LoneNumber,
    /// F16: a byte access of a size other than 1, 2 or 4.
    BadSize,
    /// F17: nested too deeply, or too long.
    TooLarge,
    /// F18: a value without a comparison.
    ExpectedComparison,
    /// F19: a closing parenthesis or bracket that nothing opened.
    Unopened,
    /// F20: something else stands where a number should.
    ExpectedNumber,
    /// F21: two tests without `and` or `or` between them.
    ExpectedOperator,
    /// F22: something else stands where a protocol should.
    ExpectedProtocol,
}

impl Code {
    /// Every code, in the order of their numbers.
    pub const ALL: [Self; 22] = [
        Self::StrayCharacter,
        Self::ExpectedAddress,
        Self::ExpectedPort,
        Self::ExpectedNetwork,
        Self::BadRange,
        Self::NameNotLookedUp,
        Self::UnknownWord,
        Self::Unclosed,
        Self::ExpectedTest,
        Self::StrayBits,
        Self::LongPrefix,
        Self::OutOfRange,
        Self::BadQualifier,
        Self::Unsupported,
        Self::LoneNumber,
        Self::BadSize,
        Self::TooLarge,
        Self::ExpectedComparison,
        Self::Unopened,
        Self::ExpectedNumber,
        Self::ExpectedOperator,
        Self::ExpectedProtocol,
    ];
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:02}", (*self as u8).saturating_add(1))
    }
}

/// One mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind.
    pub code: Code,
    /// Where, in bytes of the expression.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub mend: String,
}

impl Diagnostic {
    /// The mistake with the expression under it, marked.
    pub fn render(&self, text: &str) -> String {
        let before = text.get(..self.span.start).unwrap_or(text);
        let marked = text.get(self.span.clone()).unwrap_or_default();
        // Tabs stay tabs under the line, so that the mark stands where the eye looks.
        let lead: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let mark = "^".repeat(marked.chars().count().max(1));
        let shown: String =
            text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
        format!("{self}\n  {shown}\n  {lead}{mark}\n  mend: {}", self.mend)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.message)
    }
}

impl std::error::Error for Diagnostic {}
