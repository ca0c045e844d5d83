//! The dashboard asks for measures that there are, with labels that they have.

use std::path::Path;

use herenow_server::metrics::catalogue;
use serde_json::Value;

fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(text) if name == "expr" => found.push(text.clone()),
                    value => queries(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| queries(value, found)),
        _ => {}
    }
}

/// The measures in a query, each with the words in the braces behind it.
fn measures(query: &str) -> Vec<(&str, Vec<&str>)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for start in ["herenow_", "process_"].iter().flat_map(|start| query.match_indices(start)).map(|(at, _)| at) {
        let rest = &query[start..];
        let (name, rest) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let braces = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(inside, _)| inside);
        found.push((name, braces.split(',').filter_map(|label| label.split(['=', '!']).next()).collect()));
    }
    found
}

#[test]
fn the_dashboard_shows_measures_of_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/grafana/herenow.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
    let mut asked = Vec::new();
    queries(&dashboard, &mut asked);
    assert!(asked.len() >= 20, "{asked:?}");
    let mut shown = std::collections::BTreeSet::new();
    for query in &asked {
        for (name, labels) in measures(query) {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| catalogue::find(name.strip_suffix(end)?));
            let measure = catalogue::find(name).or(family).unwrap_or_else(|| panic!("{name} in {query}"));
            let known = |label: &&str| ["", "instance", "job", "le"].contains(label) || measure.labels.contains(label);
            assert!(labels.iter().all(known), "{query}");
            shown.insert(measure.name);
        }
    }
    for measure in catalogue::ALL.iter().filter(|measure| measure.name.starts_with("herenow_")) {
        assert!(shown.contains(measure.name), "no panel shows {}", measure.name);
    }
}
