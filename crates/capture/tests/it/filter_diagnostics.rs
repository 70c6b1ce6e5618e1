//! Every mistake in a filter expression, as it is told. The fixture holds each expression with its
//! rendering; with WATCHPOST_BLESS set it is rewritten, and the change is to be reviewed.

use std::collections::BTreeSet;

use watchpost_capture::{Code, Filter};

const FIXTURE: &str = include_str!("filter_diagnostics.txt");

fn rendered(expression: &str) -> String {
    match Filter::parse(expression) {
        Ok(_) => "no mistake".to_owned(),
        Err(found) => found.iter().map(|d| d.render(expression)).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn mistakes_are_told_as_the_fixture_has_them() {
    let expressions = FIXTURE.lines().filter_map(|l| l.strip_prefix("filter: "));
    let told: Vec<_> = expressions.map(|e| format!("filter: {e}\n{}\n", rendered(e))).collect();
    let now = told.join("\n");
    if std::env::var_os("WATCHPOST_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/filter_diagnostics.txt");
        std::fs::write(path, format!("{}\n", now.trim_end())).unwrap();
        return;
    }
    for (now, before) in now.lines().zip(FIXTURE.lines()) {
        assert_eq!(now, before);
    }
    assert_eq!(now.trim_end(), FIXTURE.trim_end());
}

#[test]
fn every_kind_of_mistake_stands_in_the_fixture() {
    let deep = format!("{}tcp{}", "(".repeat(500), ")".repeat(500));
    let mut seen: BTreeSet<Code> =
        Filter::parse(&deep).unwrap_err().iter().map(|d| d.code).collect();
    assert_eq!(seen.iter().next(), Some(&Code::TooLarge));
    for line in FIXTURE.lines().filter_map(|l| l.strip_prefix("filter: ")) {
        seen.extend(Filter::parse(line).err().into_iter().flatten().map(|d| d.code));
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|c| !seen.contains(c)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_mistake_never_leaves_its_expression() {
    for line in FIXTURE.lines().filter_map(|l| l.strip_prefix("filter: ")) {
        for d in Filter::parse(line).err().into_iter().flatten() {
            assert!(line.get(d.span.clone()).is_some(), "{line}: {d:?}");
            assert!(!d.mend.is_empty());
        }
    }
}
