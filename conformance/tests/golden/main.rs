//! All golden cases, each by itself: in-process against the functions that the handlers use, and over the wire where
//! that is cheap.

mod expiry;
mod ids;
mod permissions;
mod queries;
mod records;
mod wire;
mod words;

use anyhow::{Result, bail};
use herenow_conformance::{golden::Vectors, report::Report};
use herenow_server::{failure::Failure, http::params::Params};
use serde_json::Value;

#[test]
fn every_golden_case_holds_and_none_is_left_out() {
    let vectors = Vectors::load().expect("the golden cases");
    let mut report = Report::default();
    let mut counts = Vec::new();
    for (group, _) in vectors.groups() {
        let cases = vectors.cases(group).expect("as many as the file says");
        counts.push(format!("{group} {}", cases.len()));
        for case in cases {
            report.record(format!("{group}: {}", case["name"].as_str().unwrap_or("?")), check(group, case));
        }
    }
    println!("{}", counts.join(", "));
    assert_eq!(report.cases(), vectors.total(), "every case belongs to a group");
    assert_eq!(report.cases(), 383);
    report.finish();
}

fn check(group: &str, case: &Value) -> Result<()> {
    let (input, expected) = (&case["input"], &case["expected"]);
    match group {
        "permission-grammar" => permissions::grammar(input, expected),
        "permission-aggregate" => permissions::aggregate(input, expected),
        "permission-grant" => permissions::grant(input, expected, &case["expectedStrict"]),
        "role-grammar" => permissions::roles(input, expected),
        "id" => ids::check(input, expected),
        "query-parse" => queries::parse(input, expected),
        "query-eval" => queries::evaluate(input, expected),
        "expiry" => expiry::check(input, expected),
        "datetime" => words::datetime(input, expected),
        "session-token" => words::session_token(input, expected),
        "error" => words::error(input, expected),
        _ => bail!("nobody checks the group {group}"),
    }
}

/// Parameters as a body with one of them carries them.
fn body(name: &str, value: &Value) -> Result<Params, Failure> {
    Params::from_body("application/json", serde_json::json!({ name: value }).to_string().as_bytes())
}

/// Checks that an outcome is the refusal that a case expects, or none where it expects none.
fn refusal<T>(outcome: Result<T, Failure>, valid: bool, expected: &Value) -> Result<Option<T>> {
    match outcome {
        Ok(value) if valid => Ok(Some(value)),
        Ok(_) => bail!("it was accepted"),
        Err(failure) if valid => bail!("it was refused: {failure}"),
        Err(failure) => {
            let found = (failure.kind.status(), failure.kind.as_str());
            let wanted = (expected["http"].as_u64().map_or(400, |status| status as u16), expected["type"].as_str());
            anyhow::ensure!(found.0 == wanted.0, "HTTP status {} instead of {}", found.0, wanted.0);
            anyhow::ensure!(wanted.1.is_none_or(|kind| kind == found.1), "type {} instead of {wanted:?}", found.1);
            Ok(None)
        }
    }
}
