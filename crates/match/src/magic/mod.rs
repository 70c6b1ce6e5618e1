//! The type of a file from its first bytes, as a MIME name.
//!
//! The names, and which of two names wins when content answers to both, are those that Zeek tells
//! in `files.log` (its strength numbers are an interface: scripts see them). The table and the engine
//! are our own, from the formats' specifications. Each [`table::Kind`] is a few
//! tests at fixed offsets, found by the first byte; formats without a fixed start are few and tried
//! on every file; [`text`] holds what needs a look at the whole window (markup, JSON, scripts).
//!
//! **Invariants.** The answer depends on the first [`WINDOW`] bytes only. A verdict [`Verdict::Sure`]
//! that was given early is the verdict that the whole window would have got, so neither the size
//! nor the number of the pieces in which a file arrives changes its type.
//!
//! ```
//! assert_eq!(watchpost_match::magic::mime(b"%PDF-1.7\n"), Some("application/pdf"));
//! ```

mod class;
mod container;
mod detector;
mod table;
mod text;

pub use class::{Class, class, extensions, is_executable, is_script, names_type};
pub use detector::{Detector, Verdict};

use table::{BY_FIRST, FLOATING, KINDS, Kind, Test};

/// Bytes that are looked at; what lies behind them doesn't matter.
pub const WINDOW: usize = 4096;

/// Which formats are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Catalogue {
    /// The types that Zeek has a name for, and no others.
    #[default]
    Zeek,
    /// Those and the ones that we add (newer or finer types).
    Full,
}

/// The type of content that begins with `head` (all of the file, or at least [`WINDOW`] bytes).
pub fn mime(head: &[u8]) -> Option<&'static str> {
    mime_in(Catalogue::Zeek, head)
}

/// [`mime`] with a choice of catalogue.
pub fn mime_in(catalogue: Catalogue, head: &[u8]) -> Option<&'static str> {
    match judge(catalogue, head, true) {
        Verdict::Sure(mime) => mime,
        Verdict::More => None,
    }
}

/// All types that content answers to, strongest first, with their strengths.
pub fn mimes(catalogue: Catalogue, head: &[u8]) -> Vec<(i16, &'static str)> {
    let mut ranking = Ranking::new(catalogue, true);
    ranking.all = Some(Vec::new());
    rank(head.get(..WINDOW).unwrap_or(head), &mut ranking);
    let mut all = ranking.all.unwrap_or_default();
    all.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    all.dedup();
    all
}

/// Judges the start of a file; `last` says that the file ends there.
pub fn judge(catalogue: Catalogue, head: &[u8], last: bool) -> Verdict {
    let last = last || head.len() >= WINDOW;
    let mut ranking = Ranking::new(catalogue, last);
    rank(head.get(..WINDOW).unwrap_or(head), &mut ranking);
    ranking.verdict()
}

/// What a test says of the bytes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Yes,
    No,
    /// It depends on bytes that aren't there yet.
    More,
}

impl Found {
    const fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Compares `want` with what stands at `offset`; a matching start of it is [`Found::More`].
fn at(head: &[u8], offset: usize, want: &[u8], same: fn(u8, u8) -> bool) -> Found {
    let there = head.get(offset..).unwrap_or_default();
    if !there.iter().zip(want).all(|(a, b)| same(*a, *b)) {
        Found::No
    } else if there.len() >= want.len() {
        Found::Yes
    } else {
        Found::More
    }
}

fn same(a: u8, b: u8) -> bool {
    a == b
}

fn same_letter(a: u8, b: u8) -> bool {
    a.eq_ignore_ascii_case(&b)
}

/// The strongest type so far, and the strongest that more bytes may bring.
struct Ranking {
    catalogue: Catalogue,
    last: bool,
    best: Option<(i16, &'static str)>,
    pending: Option<(i16, &'static str)>,
    all: Option<Vec<(i16, &'static str)>>,
}

/// Among equal strengths the first name in the alphabet wins, as in Zeek.
fn outranks(a: (i16, &str), b: Option<(i16, &str)>) -> bool {
    b.is_none_or(|b| a.0 > b.0 || (a.0 == b.0 && a.1 < b.1))
}

impl Ranking {
    const fn new(catalogue: Catalogue, last: bool) -> Self {
        Self { catalogue, last, best: None, pending: None, all: None }
    }
    /// Whether it is worth testing for this type.
    fn matters(&self, strength: i16, mime: &'static str) -> bool {
        self.all.is_some() || outranks((strength, mime), self.best)
    }
    fn offer(&mut self, strength: i16, mime: &'static str, found: Found) {
        let rank = (strength, mime);
        match found {
            Found::Yes => {
                if let Some(all) = &mut self.all {
                    all.push(rank);
                }
                if outranks(rank, self.best) {
                    self.best = Some(rank);
                }
            }
            Found::More if !self.last && outranks(rank, self.pending) => self.pending = Some(rank),
            _ => {}
        }
    }
    fn verdict(&self) -> Verdict {
        match self.pending {
            Some(p) if !self.last && outranks(p, self.best) => Verdict::More,
            _ => Verdict::Sure(self.best.map(|b| b.1)),
        }
    }
}

fn rank(head: &[u8], ranking: &mut Ranking) {
    let Some(&first) = head.first() else {
        // An empty file has no type; an unread one may become anything.
        ranking.offer(i16::MAX, "", Found::More);
        return;
    };
    let (from, to) = BY_FIRST.spans.get(first as usize).copied().unwrap_or_default();
    let fixed = BY_FIRST.order.get(from as usize..to as usize).unwrap_or_default();
    for &index in fixed.iter().chain(&FLOATING) {
        let Some(kind) = KINDS.get(index as usize) else { continue };
        if (kind.ours && ranking.catalogue == Catalogue::Zeek)
            || !ranking.matters(kind.strength, kind.mime)
        {
            continue;
        }
        let found = test(kind, head);
        ranking.offer(kind.strength, kind.mime, found);
    }
    text::rank(head, ranking);
}

fn test(kind: &Kind, head: &[u8]) -> Found {
    let mut found = Found::Yes;
    for t in kind.tests {
        match one(t, head) {
            Found::Yes => {}
            Found::No => return Found::No,
            Found::More => found = Found::More,
        }
    }
    found
}

fn one(test: &Test, head: &[u8]) -> Found {
    match *test {
        Test::At(offset, want) => at(head, offset as usize, want, same),
        Test::NoCase(offset, want) => at(head, offset as usize, want, same_letter),
        Test::OneOf(offset, wants) => {
            let mut found = Found::No;
            for want in wants {
                match at(head, offset as usize, want, same) {
                    Found::Yes => return Found::Yes,
                    Found::More => found = Found::More,
                    Found::No => {}
                }
            }
            found
        }
        Test::Byte(offset, ranges) => match head.get(offset as usize) {
            Some(b) => Found::of(ranges.iter().any(|(lo, hi)| (lo..=hi).contains(&b))),
            None => Found::More,
        },
        Test::Room(len) => {
            if head.len() >= len as usize {
                Found::Yes
            } else {
                Found::More
            }
        }
        Test::Probe(probe) => probe(head),
    }
}

#[cfg(test)]
mod tests;
