//! Every scenario comes to its end with tiny numbers: no figure is looked at, since machines differ.

use herenow_testkit::{binary, run};
use serde_json::Value;

/// Runs one scenario as users do, and checks that it found something and that nothing failed.
#[track_caller]
fn comes_to_its_end(arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = binary().expect("the herenow binary is built").to_string_lossy().into_owned();
    let common = ["--server-bin", server.as_str(), "--json", "report.json"];
    let arguments: Vec<&str> = ["bench"].iter().chain(arguments).chain(&common).copied().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let output = runtime.block_on(run(folder.path(), &arguments)).expect("the benchmark ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(folder.path().join("report.json")).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    let findings = report["findings"].as_array().or(report["measurements"].as_array()).expect("findings");
    assert!(!findings.is_empty(), "{report}");
    assert!(findings.iter().all(|one| one["verdict"] != "failed"), "{report}");
}

#[test]
fn fan_comes_to_its_end() {
    comes_to_its_end(&[
        "fan",
        "--subscribers",
        "4",
        "--rate",
        "20",
        "--seconds",
        "1",
        "--rounds",
        "1",
        "--targets",
        "server",
    ]);
}

#[test]
fn latency_comes_to_its_end() {
    comes_to_its_end(&["latency", "--subscribers", "4", "--load", "1", "--seconds", "1", "--rounds", "1"]);
}

#[test]
fn narrow_comes_to_its_end() {
    let small = ["--subscriptions", "100", "--few", "10", "--rate", "50", "--seconds", "1", "--rounds", "1"];
    comes_to_its_end(&[&["narrow"], &small[..]].concat());
}

// Processor time is told in hundredths of a second: at a lower rate a reference would need none.
#[test]
fn roles_come_to_their_end() {
    let small = ["--users", "8", "--teams", "4", "--each", "2", "--rate", "1000", "--seconds", "1", "--rounds", "1"];
    comes_to_its_end(&[&["roles"], &small[..]].concat());
}

#[test]
fn filters_come_to_their_end() {
    let small = ["--subscriptions", "8", "--groups", "4", "--rate", "1000", "--seconds", "1", "--rounds", "1"];
    comes_to_its_end(&[&["filters"], &small[..]].concat());
}

#[test]
fn writes_come_to_their_end() {
    comes_to_its_end(&["writes", "--seconds", "1", "--rounds", "1", "--sockets", "2"]);
}

#[test]
fn join_comes_to_its_end() {
    comes_to_its_end(&["join", "--users", "5"]);
}

#[test]
fn slow_comes_to_its_end() {
    let small = ["--good", "4", "--slow", "4", "--rate", "20", "--seconds", "1", "--rounds", "1"];
    comes_to_its_end(&[&["slow"], &small[..]].concat());
}

#[test]
fn lists_come_to_their_end() {
    let small = ["--records", "300", "--few", "100", "--seconds", "1", "--rounds", "1", "--settle", "0"];
    comes_to_its_end(&[&["list"], &small[..]].concat());
}

#[test]
fn expiry_comes_to_its_end() {
    comes_to_its_end(&["expiry", "--records", "50,100"]);
}

#[test]
fn close_comes_to_its_end() {
    comes_to_its_end(&["close", "--closes", "3"]);
}

#[test]
fn limits_puts_scenarios_together() {
    comes_to_its_end(&["limits", "--quick", "--only", "close", "--markdown"]);
}

#[test]
fn a_scenario_that_fails_is_told_in_the_table() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let arguments =
        ["bench", "limits", "--quick", "--only", "close", "--server-bin", "/nowhere", "--json", "report.json"];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let output = runtime.block_on(run(folder.path(), &arguments)).expect("the benchmark ends");
    assert!(!output.status.success());
    let report = std::fs::read_to_string(folder.path().join("report.json")).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    assert_eq!(report["findings"][0]["figure"], "close");
    assert_eq!(report["findings"][0]["verdict"], "failed");
}
