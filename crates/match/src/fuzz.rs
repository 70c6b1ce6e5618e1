//! Entry points for the fuzz runner.

use crate::magic::{Catalogue, Detector, Verdict, mime_in, mimes};

/// A target: plain, so that any runner can call it.
pub type Target = fn(&[u8]);

/// The targets of this crate, by name.
pub const TARGETS: &[(&str, Target)] = &[("magic", fuzz_magic)];

/// The type of a file must not depend on how it was cut; the first byte says how it is.
pub fn fuzz_magic(data: &[u8]) {
    let Some((&cut, file)) = data.split_first() else { return };
    let whole = mime_in(Catalogue::Zeek, file);
    let listed = mimes(Catalogue::Zeek, file);
    assert_eq!(listed.first().map(|m| m.1), whole, "the list and the winner agree");
    let mut detector = Detector::new(Catalogue::Zeek);
    for piece in file.chunks((cut as usize).max(1)) {
        if let Verdict::Sure(early) = detector.push(piece) {
            assert_eq!(early, whole, "an early verdict holds");
        }
    }
    assert_eq!(detector.finish(), whole, "pieces make no difference");
}
