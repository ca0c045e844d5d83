//! `/metrics` of the real binary says what the catalogue promises.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use herenow_conformance::desk::{Desk, SOON, accepted, path, refused};
use herenow_server::metrics::catalogue;
use herenow_testkit::{RateLimits, ServerOptions, Socket, SocketOptions, await_until};
use serde_json::json;

use crate::promtext::{self, Family};

async fn scrape(desk: &Desk) -> String {
    desk.server.guest().get("/metrics").await.expect("an answer").text()
}

fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or("0").parse().expect("a number")
}

/// Does something of everything that is counted.
async fn busy() -> (Desk, Socket) {
    let options = ServerOptions::new().rate_limits(RateLimits::On).tables("[limits]\njwts_per_minute = 1");
    let desk = Desk::with(options).await;
    let person = desk.person().await;
    let mut listener = desk.listener(&person).await;
    let user = desk.user().await;
    desk.put("metrics", &user, &json!({"permissions": ["read(\"any\")"]})).await;
    listener.wait_for(|frame| frame["type"] == "event", SOON).await.expect("an event");
    listener.send_json(&json!({"type": "presence", "data": {"status": "x".repeat(300)}})).await.expect("it is sent");
    listener.expect_type("error", SOON).await.expect("an error");
    refused(&desk.key.get(&path("nobody")).await.expect("an answer"), 404, "presence_not_found");
    for _ in 0..2 {
        accepted(desk.key.get("/v1/presences?ttl=60").await.expect("an answer"));
        desk.session(&person).post("/v1/account/jwts", &json!({})).await.expect("an answer");
    }
    let lost = desk.socket(&person).await;
    lost.abort().expect("it is cut");
    let refusing = SocketOptions::new(desk.server.address(), "/v1/realtime").query("project", "nowhere");
    drop(Socket::open(refusing).await.expect("what is policy is said after the upgrade"));
    (desk, listener)
}

#[tokio::test]
async fn every_measure_of_the_catalogue_is_scraped_with_its_type_and_help_and_nothing_else() {
    let (desk, _listener) = busy().await;
    let late = ["closed_total{", "refused_total{", "commits_total{"];
    let counted = async || {
        let text = scrape(&desk).await;
        late.iter().all(|series| text.contains(series))
    };
    await_until("ends and commits are counted", SOON, counted).await.expect("they are");
    let text = scrape(&desk).await;
    let families = promtext::read(&text);
    for measure in catalogue::ALL {
        let family = families.get(measure.name).unwrap_or_else(|| panic!("{} is missing:\n{text}", measure.name));
        assert_eq!((&*family.kind, &*family.help), (measure.kind.as_str(), &*format!("{}.", measure.help)));
        assert_eq!(labels(family), measure.labels, "{}", measure.name);
    }
    let unknown: Vec<_> = families.keys().filter(|name| catalogue::find(name).is_none()).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
}

fn labels(family: &Family) -> Vec<&str> {
    let (_, labels, _) = family.samples.first().expect("a sample");
    let names = labels.split(',').filter_map(|label| label.split_once('=')).map(|(name, _)| name);
    names.filter(|name| *name != "le").collect()
}

#[tokio::test]
async fn counts_are_those_of_what_was_done() {
    let (desk, _listener) = busy().await;
    let text = scrape(&desk).await;
    assert_eq!(value(&text, "herenow_presences"), 1.0);
    assert_eq!(value(&text, "herenow_subscriptions"), 1.0);
    assert_eq!(value(&text, "herenow_events_total"), 1.0);
    assert_eq!(value(&text, "herenow_deliveries_total"), 1.0);
    assert_eq!(value(&text, "herenow_outbox_bytes"), 0.0);
    assert!(value(&text, "herenow_sent_bytes_total") > 100.0);
    assert_eq!(value(&text, "herenow_http_errors_total{type=\"presence_not_found\"}"), 1.0);
    assert_eq!(value(&text, "herenow_socket_errors_total{type=\"document_invalid_structure\"}"), 1.0);
    assert_eq!(value(&text, "herenow_rate_limited_total{limit=\"jwts_per_minute\"}"), 1.0);
    assert_eq!(value(&text, "herenow_cache_requests_total{cache=\"lists\",result=\"hit\"}"), 1.0);
    assert_eq!(value(&text, "herenow_cache_requests_total{cache=\"lists\",result=\"miss\"}"), 1.0);
    assert_eq!(value(&text, "herenow_storage_writable"), 1.0);
    // The answer came from the journal: the commit is later.
    let committed = async || value(&scrape(&desk).await, "herenow_commits_total{result=\"kept\"}") >= 1.0;
    await_until("a commit is counted", SOON, committed).await.expect("one is");
}

#[tokio::test]
async fn openmetrics_is_for_who_asks_for_it() {
    let desk = Desk::open().await;
    let plain = desk.server.guest().get("/metrics").await.expect("an answer");
    assert_eq!(plain.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let asks = desk.server.guest().with_header("accept", "application/openmetrics-text;version=1.0.0");
    let open = asks.get("/metrics").await.expect("an answer");
    assert!(open.header("content-type").is_some_and(|kind| kind.starts_with("application/openmetrics-text")));
    assert!(open.text().ends_with("# EOF\n") && !plain.text().contains("# EOF"));
}

#[tokio::test]
async fn promtool_finds_nothing_to_say() {
    let Ok(child) = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        println!("skipped: there is no promtool here (Debian's package prometheus has it)");
        return;
    };
    let (desk, _listener) = busy().await;
    let text = scrape(&desk).await;
    let (mut child, mut piped) = (child, text.as_bytes());
    let mut input = child.stdin.take().expect("it is piped");
    std::io::copy(&mut piped, &mut input).and_then(|_| input.flush()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
