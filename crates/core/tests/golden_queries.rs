//! Runs the golden cases about queries: what is accepted, and what matches.

use std::path::Path;

use herenow_core::{
    Timestamp,
    query::{Attributes, Fault, InvalidQuery, ListQuery, Query, RealtimeQueries, Schema, Value},
};
use serde_json::{Value as Json, json};

fn cases(group: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/golden/vectors.json");
    let text = std::fs::read_to_string(path).expect("the golden cases are there");
    let mut vectors: Json = serde_json::from_str(&text).expect("the golden cases are JSON");
    let Json::Array(cases) = vectors["cases"].take() else { panic!("no cases") };
    cases.into_iter().filter(|case| case["group"] == group).collect()
}

fn report(group: &str, ran: usize, failures: &[String]) {
    println!("{group}: {ran} cases ran, {} failed", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The record of a case: nulls where it says null or nothing.
struct Record<'a> {
    fields: &'a Json,
    times: Vec<(&'static str, Timestamp)>,
}

impl<'a> Record<'a> {
    fn new(fields: &'a Json) -> Self {
        let time = |key: &'static str| {
            fields[key].as_str().map(|text| (key, Timestamp::parse(text).expect("a golden time is a time")))
        };
        let times = ["$createdAt", "$updatedAt", "expiresAt"].into_iter().filter_map(time).collect();
        Self { fields, times }
    }
}

impl Attributes for Record<'_> {
    fn attribute(&self, name: &str) -> Value<'_> {
        if let Some((_, time)) = self.times.iter().find(|(key, _)| *key == name) {
            return Value::Time(*time);
        }
        self.fields[name].as_str().map_or(Value::Null, Value::Text)
    }
}

/// The error type of a list that parses; a cursor is looked for where no record lives.
fn list_error(queries: &Json) -> Option<&'static str> {
    match Query::texts(queries).and_then(|texts| ListQuery::parse(&texts, &Schema::PRESENCES)) {
        Ok(query) if query.cursor.is_some() => Some("general_cursor_not_found"),
        Ok(_) => None,
        Err(error) if error.fault() == Fault::Query => Some("general_query_invalid"),
        Err(_) => Some("general_argument_invalid"),
    }
}

fn realtime(queries: &Json) -> Result<RealtimeQueries, InvalidQuery> {
    RealtimeQueries::parse(&Query::texts(queries)?)
}

#[test]
fn what_parses_and_what_does_not_is_as_the_golden_cases_say() {
    let cases = cases("query-parse");
    let mut failures = Vec::new();
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let holds = match input["context"].as_str() {
            Some("presences.list") => list_error(&input["queries"]) == expected["type"].as_str(),
            Some("realtime") => realtime(&input["queries"]).is_ok() == expected["valid"],
            other => panic!("{other:?} is no context"),
        };
        if !holds {
            failures.push(case.to_string());
        }
    }
    report("query-parse", cases.len(), &failures);
    assert_eq!(cases.len(), 89);
}

/// Whether the list shows the record: what has no expiry or is due is never listed.
fn listed(input: &Json) -> bool {
    let mut texts = Query::texts(&input["queries"]).expect("a golden case parses");
    texts.push(json!({"method": "greaterThan", "attribute": "expiresAt", "values": [input["now"]]}).to_string());
    let query = ListQuery::parse(&texts, &Schema::PRESENCES).expect("a golden case parses");
    query.matches(&Record::new(&input["record"]))
}

#[test]
fn what_matches_and_what_does_not_is_as_the_golden_cases_say() {
    let cases = cases("query-eval");
    let mut failures = Vec::new();
    for case in &cases {
        let input = &case["input"];
        let matches = match input["engine"].as_str() {
            Some("list") => listed(input),
            Some("realtime") => realtime(&input["queries"]).expect("a golden case parses").matches(&input["payload"]),
            other => panic!("{other:?} is no engine"),
        };
        if matches != case["expected"]["match"] {
            failures.push(case.to_string());
        }
    }
    report("query-eval", cases.len(), &failures);
    assert_eq!(cases.len(), 61);
}
