//! The type of a file that arrives in pieces.
//!
//! Most binary formats are sure from their first few bytes; text is sure only when the window is
//! full or the file ends. Until then the bytes are kept, at most [`super::WINDOW`] of them, and looked at
//! again only when they have doubled, so that a sender of single bytes gains nothing.

use super::{Catalogue, WINDOW, judge};

/// What is known of a file's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The type, or that it has none; nothing that follows changes it.
    Sure(Option<&'static str>),
    /// More bytes are needed.
    More,
}

/// Judges a file piece by piece. Meant to be pooled: [`Detector::reset`] keeps the memory.
#[derive(Clone, Debug, Default)]
pub struct Detector {
    catalogue: Catalogue,
    head: Vec<u8>,
    /// Length of `head` at which it is looked at again.
    again: usize,
    /// Whether `mime` is settled.
    sure: bool,
    mime: Option<&'static str>,
}

impl Detector {
    /// A detector at the start of a file.
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, ..Self::default() }
    }

    /// Back to the start of a file, keeping memory.
    pub fn reset(&mut self) {
        self.head.clear();
        self.again = 0;
        self.sure = false;
        self.mime = None;
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Verdict {
        if self.sure {
            return Verdict::Sure(self.mime);
        }
        let verdict = if self.head.is_empty() && bytes.len() >= WINDOW {
            judge(self.catalogue, bytes, false)
        } else {
            let room = WINDOW.saturating_sub(self.head.len());
            self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            if self.head.len() < self.again {
                return Verdict::More;
            }
            self.again = self.head.len().saturating_mul(2).min(WINDOW);
            judge(self.catalogue, &self.head, false)
        };
        self.settle(verdict)
    }

    /// No more bytes come, or none that join those before.
    pub fn finish(&mut self) -> Option<&'static str> {
        if !self.sure {
            let verdict = judge(self.catalogue, &self.head, true);
            self.settle(verdict);
        }
        self.mime
    }

    /// The bytes held back so far: all of the file's, while the verdict is [`Verdict::More`].
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    fn settle(&mut self, verdict: Verdict) -> Verdict {
        if let Verdict::Sure(mime) = verdict {
            self.sure = true;
            self.mime = mime;
        }
        verdict
    }
}
