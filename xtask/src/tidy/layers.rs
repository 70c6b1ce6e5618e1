//! Which crate may depend on which: only on those above it in [`ROOMS`]; detectors never on each
//! other; one crate alone links DataFusion.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Findings;

/// The rooms from the ground up.
const ROOMS: &[&str] = &[
    "watchpost-base",
    "watchpost-model-derive",
    "watchpost-model",
    "watchpost-match",
    "watchpost-wire",
    "watchpost-capture",
    "watchpost-flow",
    "watchpost-files",
    "watchpost-protocols",
    "watchpost-intel",
    "watchpost-signature",
    "watchpost-policy",
    "watchpost-zeek",
    "watchpost-behaviour",
    "watchpost-host",
    "watchpost-ingest",
    "watchpost-logrules",
    "watchpost-sigma",
    "watchpost-wireless",
    "watchpost-incident",
    "watchpost-store",
    "watchpost-transport",
    "watchpost-output",
    "watchpost-samples",
    "watchpost-engine",
    "watchpost-server",
    "watchpost",
    "watchpost-fuzz",
    "watchpost-benches",
    "xtask",
];

/// Detectors meet in the model and never know each other.
const DETECTORS: &[&str] = &[
    "watchpost-signature",
    "watchpost-zeek",
    "watchpost-behaviour",
    "watchpost-logrules",
    "watchpost-sigma",
    "watchpost-wireless",
];

/// Heavy dependencies and the only crate that may link them.
const WALLS: &[(&str, &str)] = &[("datafusion", "watchpost-store")];

type Graph = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(metadata: &Value, found: &mut Findings) {
    let graph = graph(metadata);
    judge(&graph, found);
}

/// Every package of the workspace with the names of all it depends on, of whatever kind.
fn graph(metadata: &Value) -> Graph {
    let list = |v: &Value, key: &str| v.get(key).and_then(Value::as_array).cloned();
    let name = |v: &Value| v.get("name").and_then(Value::as_str).map(str::to_owned);
    let mut graph = Graph::new();
    for package in list(metadata, "packages").unwrap_or_default() {
        let dependencies = list(&package, "dependencies").unwrap_or_default();
        if let Some(package) = name(&package) {
            graph.insert(package, dependencies.iter().filter_map(name).collect());
        }
    }
    graph
}

fn judge(graph: &Graph, found: &mut Findings) {
    let floor = |name: &str| ROOMS.iter().position(|r| *r == name);
    for (package, dependencies) in graph {
        let Some(own) = floor(package) else {
            found.faults.push(format!("crate {package} stands in no room of DESIGN's list"));
            continue;
        };
        for dependency in dependencies {
            if floor(dependency).is_some_and(|d| d >= own) {
                found.faults.push(format!("{package} depends on {dependency}, which isn't below"));
            }
            for (heavy, owner) in WALLS {
                if dependency.starts_with(heavy) && package != owner {
                    found.faults.push(format!("{package} links {dependency}; only {owner} may"));
                }
            }
        }
    }
    for detector in DETECTORS {
        let reached = reached(graph, detector);
        for other in DETECTORS.iter().filter(|o| *o != detector && reached.contains(**o)) {
            found.faults.push(format!("detector {detector} reaches detector {other}"));
        }
    }
}

/// All that `from` depends on, directly or not.
fn reached<'a>(graph: &'a Graph, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in graph.get(at).into_iter().flatten() {
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(edges: &[(&str, &[&str])]) -> Vec<String> {
        let graph = edges
            .iter()
            .map(|(p, d)| ((*p).to_owned(), d.iter().map(|d| (*d).to_owned()).collect()))
            .collect();
        let mut found = Findings::default();
        judge(&graph, &mut found);
        found.faults
    }

    #[test]
    fn a_crate_below_may_be_used() {
        let none: Vec<String> = Vec::new();
        assert_eq!(faults(&[("watchpost-flow", &["watchpost-wire", "smallvec"])]), none);
    }

    #[test]
    fn a_crate_above_may_not() {
        assert_eq!(faults(&[("watchpost-wire", &["watchpost-flow"])]).len(), 1);
    }

    #[test]
    fn detectors_meet_not_even_through_others() {
        let edges: &[(&str, &[&str])] = &[
            ("watchpost-sigma", &["watchpost-incident"]),
            ("watchpost-incident", &["watchpost-signature"]),
        ];
        assert!(faults(edges).iter().any(|f| f.contains("reaches")));
    }

    #[test]
    fn only_the_store_links_datafusion() {
        assert_eq!(faults(&[("watchpost-store", &["datafusion"])]).len(), 0);
        assert_eq!(faults(&[("watchpost-engine", &["datafusion-common"])]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_room_is_told() {
        assert_eq!(faults(&[("watchpost-things", &[])]).len(), 1);
    }
}
