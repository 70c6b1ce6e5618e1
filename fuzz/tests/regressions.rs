//! What once broke a target doesn't break it any more: every input of `corpus/regressions`.

use std::path::Path;

use watchpost_fuzz::{corpus::read_folder, find, names};

#[test]
fn old_findings_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/regressions");
    for name in names() {
        let target = find(&name).expect("a target that is named is found");
        for input in read_folder(&folder.join(&name)) {
            target(&input);
        }
    }
}

#[test]
fn every_target_takes_nothing_and_noise() {
    for name in names() {
        let target = find(&name).expect("a target that is named is found");
        target(&[]);
        target(&[0]);
        target(&[0xFF; 64]);
        target(&(0..=255).collect::<Vec<u8>>());
    }
}
