//! The names of deviations.

/// What a [`crate::Note`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// The IP version is neither 4 nor 6.
    UnknownIpVersion,
}
