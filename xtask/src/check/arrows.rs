//! Which crate may depend on which. Reads cargo's graph, not the sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::cargo::{Metadata, Use};

/// What each crate may build upon, directly; what those build upon is allowed with it. Docs: ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 8] = [
    ("herenow-core", &[]),
    ("herenow-wire", &["herenow-core"]),
    ("herenow-store", &["herenow-wire"]),
    ("herenow-broker", &["herenow-wire", "herenow-store"]),
    ("herenow-hub", &["herenow-wire"]),
    ("herenow-server", &["herenow-hub", "herenow-broker", "herenow-store"]),
    ("herenow-loadgen", &[]),
    ("herenow-cli", &["herenow-server", "herenow-loadgen"]),
];

/// Crates above everything: they may use any other, and nothing below may be built upon them.
const ABOVE: [&str; 6] =
    ["herenow-budgets", "herenow-conformance", "herenow-sdk-rust", "herenow-sim", FOR_TESTS, "xtask"];

/// The one of them that tests below may use.
const FOR_TESTS: &str = "herenow-testkit";

/// Libraries that a crate must not reach, not even through another library.
const OUT_OF_REACH: [(&str, &[&str]); 5] = [
    ("herenow-core", &["tokio", "axum", "hyper", "http"]),
    ("herenow-wire", &["tokio", "axum", "hyper", "http"]),
    ("herenow-store", &["axum", "hyper", "http"]),
    ("herenow-broker", &["axum", "hyper", "http"]),
    ("herenow-hub", &["axum", "hyper", "http"]),
];

/// Every arrow that points the wrong way.
pub(super) fn faults(metadata: &Metadata) -> Vec<String> {
    let members: BTreeSet<&str> = metadata.members().collect();
    let edges: Vec<(&str, &str, Use)> = metadata.edges().collect();
    let mut faults = unknown_members(&members);
    for (from, to, purpose) in &edges {
        if members.contains(from) && members.contains(to) && !allowed(from, to, *purpose) {
            faults.push(format!(
                "{from} must not depend on {to}: move the shared part down, or pass it in from above (ARCHITECTURE.md, Arrows)"
            ));
        }
    }
    let built: Vec<(&str, &str)> =
        edges.iter().filter(|(.., purpose)| *purpose == Use::Build).map(|(from, to, _)| (*from, *to)).collect();
    for (member, libraries) in OUT_OF_REACH.iter().filter(|(member, _)| members.contains(member)) {
        let reached = reachable(member, &built);
        faults.extend(libraries.iter().filter(|library| reached.contains(*library)).map(|library| {
            format!("{member} reaches {library}: drop that dependency or its feature (`cargo tree -i {library}`)")
        }));
    }
    faults
}

fn unknown_members(members: &BTreeSet<&str>) -> Vec<String> {
    let known = |name: &str| ARROWS.iter().any(|(from, _)| *from == name) || ABOVE.contains(&name);
    let unknown = members.iter().filter(|name| !known(name));
    unknown.map(|name| format!("{name} has no arrows: give it a line in xtask/src/check/arrows.rs")).collect()
}

fn allowed(from: &str, to: &str, purpose: Use) -> bool {
    if ABOVE.contains(&from) || (purpose == Use::Tests && to == FOR_TESTS) {
        return true;
    }
    let arrows: Vec<(&str, &str)> =
        ARROWS.iter().flat_map(|(from, targets)| targets.iter().map(|to| (*from, *to))).collect();
    reachable(from, &arrows).contains(to)
}

fn reachable<'a>(from: &str, edges: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    let mut targets: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for (from, to) in edges {
        targets.entry(from).or_default().push(to);
    }
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'a str> = targets.get(from).cloned().unwrap_or_default();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(targets.get(next).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Places;

    #[test]
    fn all_arrows_of_this_workspace_point_down() {
        let places = Places::find().expect("the environment names a cache");
        let metadata = Metadata::read(&places, &places.root.join("Cargo.toml")).expect("cargo metadata answers");
        assert_eq!(faults(&metadata), Vec::<String>::new());
    }

    #[test]
    fn a_lower_crate_may_not_use_a_higher_one() {
        for (from, to) in [
            ("herenow-core", "herenow-wire"),
            ("herenow-store", "herenow-broker"),
            ("herenow-hub", "herenow-server"),
            ("herenow-server", "herenow-testkit"),
            ("herenow-cli", "xtask"),
        ] {
            assert!(!allowed(from, to, Use::Build), "{from} -> {to}");
        }
    }

    #[test]
    fn the_hub_does_not_know_the_broker_or_the_store() {
        assert!(!allowed("herenow-hub", "herenow-broker", Use::Build));
        assert!(!allowed("herenow-hub", "herenow-store", Use::Build));
    }

    #[test]
    fn a_crate_may_use_all_that_lies_under_it() {
        for (from, to) in [
            ("herenow-cli", "herenow-server"),
            ("herenow-server", "herenow-core"),
            ("herenow-broker", "herenow-store"),
            ("xtask", "herenow-server"),
        ] {
            assert!(allowed(from, to, Use::Build), "{from} -> {to}");
        }
    }

    #[test]
    fn only_tests_may_use_the_testkit() {
        assert!(allowed("herenow-broker", "herenow-testkit", Use::Tests));
        assert!(!allowed("herenow-broker", "herenow-testkit", Use::Build));
    }

    #[test]
    fn a_library_is_reached_through_others() {
        let edges = [("herenow-core", "a"), ("a", "b"), ("b", "tokio"), ("c", "hyper")];
        let reached = reachable("herenow-core", &edges);
        assert!(reached.contains("tokio") && !reached.contains("hyper"));
    }
}
