//! The same cases over the wire: each is accepted, or refused with its type and changes nothing.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_conformance::{golden::Vectors, report::Report};
use herenow_core::Timestamp;
use herenow_testkit::{Http, Response, Server, ServerOptions, Socket};
use serde_json::{Value, json};

use super::permissions::list;

const ANSWER: Duration = Duration::from_secs(10);
const RECORD: &str = "/v1/presences/golden";

/// A server with one presence, which refusals must leave as it is.
struct Witness {
    server: Server,
    key: Http,
    user: String,
}

impl Witness {
    async fn new() -> Self {
        let server = Server::start(ServerOptions::new()).await.expect("a server");
        let user = server.create_user("Golden").await.expect("a user");
        let key = server.as_key();
        let witness = Self { server, key, user };
        witness.put(&json!({"status": "online"})).await.expect("a presence").expect_status(200).expect("written");
        witness
    }

    /// Writes the presence with what a case adds.
    async fn put(&self, change: &Value) -> Result<Response> {
        let mut body = json!({"userId": self.user, "status": "changed"});
        body.as_object_mut().context("an object")?.extend(change.as_object().context("an object")?.clone());
        self.key.put(RECORD, &body).await
    }

    async fn record(&self) -> Result<Value> {
        self.key.get(RECORD).await?.expect_status(200)?.json()
    }

    /// Writes, and checks that it succeeds, or fails as expected and leaves the record as it was.
    async fn write(&self, change: &Value, valid: bool, expected: &Value) -> Result<Option<Value>> {
        let before = self.record().await?;
        let answer = self.put(change).await?;
        if valid {
            return Ok(Some(answer.expect_status(200)?.json()?));
        }
        refused(answer, expected)?;
        let after = self.record().await?;
        ensure!(before == after, "the refused write changed {before} to {after}");
        Ok(None)
    }
}

fn refused(answer: Response, expected: &Value) -> Result<()> {
    let status = expected["http"].as_u64().map_or(400, |status| status as u16);
    let answer = answer.expect_status(status)?;
    let kind = answer.error_type()?;
    let wanted = expected["type"].as_str().unwrap_or("general_argument_invalid");
    ensure!(kind == wanted, "type {kind} instead of {wanted}");
    ensure!(answer.json()?["code"] == status, "the body's code");
    Ok(())
}

fn named(group: &str, case: &Value) -> String {
    format!("{group} over the wire: {}", case["name"].as_str().unwrap_or("?"))
}

#[tokio::test]
async fn permissions_are_accepted_and_refused_as_the_golden_cases_say() {
    let (vectors, witness, mut report) = (Vectors::load().expect("cases"), Witness::new().await, Report::default());
    for case in vectors.cases("permission-grammar").expect("cases") {
        let change = json!({"permissions": list(&case["input"])});
        let valid = case["expected"]["valid"] == true;
        let outcome = witness.write(&change, valid, &case["expected"]).await;
        report.record(named("permission-grammar", case), outcome.map(drop));
    }
    for case in vectors.cases("permission-aggregate").expect("cases") {
        let given = &case["input"]["permissions"];
        if given.is_null() {
            continue; // The defaults name users of the case; http-api A1 has its own test of them.
        }
        let outcome = async {
            let answer = witness.write(&json!({"permissions": given}), true, &Value::Null).await?;
            let stored = answer.map(|mut answer| answer["$permissions"].take()).unwrap_or_default();
            ensure!(stored == case["expected"]["stored"], "{stored}");
            Ok(())
        };
        report.record(named("permission-aggregate", case), outcome.await);
    }
    report.finish();
}

#[tokio::test]
async fn ids_and_statuses_are_accepted_and_refused_as_the_golden_cases_say() {
    let (vectors, witness, mut report) = (Vectors::load().expect("cases"), Witness::new().await, Report::default());
    for case in vectors.cases("id").expect("cases") {
        let (value, valid) = (&case["input"]["value"], case["expected"]["valid"] == true);
        let outcome = match case["input"]["validator"].as_str() {
            Some("uid") => owner(&witness, value, valid).await,
            Some("customId") => account(&witness, value, valid).await,
            Some("presenceStatus") => {
                witness.write(&json!({"status": value}), valid, &case["expected"]).await.map(drop)
            }
            // Projects and labels have routes of their own, and the server makes ids where nobody sees how.
            _ => continue,
        };
        report.record(named("id", case), outcome);
    }
    report.finish();
}

/// An owner whose id is valid is looked for, and not found.
async fn owner(witness: &Witness, id: &Value, valid: bool) -> Result<()> {
    let found = if valid {
        json!({"http": 404, "type": "user_not_found"})
    } else {
        json!({"http": 400, "type": "general_argument_invalid"})
    };
    witness.write(&json!({"userId": id}), false, &found).await.map(drop)
}

async fn account(witness: &Witness, id: &Value, valid: bool) -> Result<()> {
    let answer = witness.key.post("/v1/users", &json!({"userId": id})).await?;
    if valid { answer.expect_status(201).map(drop) } else { refused(answer, &json!({})) }
}

#[tokio::test]
async fn an_expiry_that_is_no_point_in_time_is_refused() {
    let (vectors, witness, mut report) = (Vectors::load().expect("cases"), Witness::new().await, Report::default());
    for case in vectors.cases("expiry").expect("cases") {
        let Some(given) = case["input"].get("expiresAt") else { continue };
        let is_time = given.as_str().is_some_and(|text| Timestamp::parse(text).is_ok());
        if is_time || given.is_null() {
            continue; // Times are relative to the case's own now, which is not this server's.
        }
        let outcome = witness.write(&json!({"expiresAt": given}), false, &case["expected"]).await;
        report.record(named("expiry", case), outcome.map(drop));
    }
    report.finish();
}

#[tokio::test]
async fn queries_are_accepted_and_refused_as_the_golden_cases_say() {
    let (vectors, witness, mut report) = (Vectors::load().expect("cases"), Witness::new().await, Report::default());
    let mut socket = witness.server.connect_guest().await.expect("a socket");
    for case in vectors.cases("query-parse").expect("cases") {
        let (input, expected) = (&case["input"], &case["expected"]);
        let outcome = match input["context"].as_str() {
            Some("presences.list") => listed(&witness, &input["queries"], expected).await,
            _ => subscribed(&mut socket, &input["queries"], expected).await,
        };
        report.record(named("query-parse", case), outcome);
    }
    assert_eq!(report.cases(), 89);
    report.finish();
}

async fn listed(witness: &Witness, queries: &Value, expected: &Value) -> Result<()> {
    let mut request = witness.key.request(http::Method::GET, "/v1/presences");
    let text = |value: &Value| value.as_str().expect("every query of the list cases is a text").to_owned();
    match queries {
        Value::Array(queries) => {
            for (index, query) in queries.iter().enumerate() {
                request = request.query(&format!("queries[{index}]"), &text(query));
            }
        }
        other => request = request.query("queries", &text(other)),
    }
    let answer = request.send().await?;
    match expected.get("http") {
        None => answer.expect_status(200).map(drop),
        Some(_) => refused(answer, expected),
    }
}

async fn subscribed(socket: &mut Socket, queries: &Value, expected: &Value) -> Result<()> {
    let row = json!({"subscriptionId": "golden", "channels": ["presences"], "queries": queries});
    socket.send_json(&json!({"type": "subscribe", "data": [row]})).await?;
    let answer = socket.expect_json(ANSWER).await?;
    if expected["valid"] == true {
        ensure!(answer["type"] == "response", "{answer}");
    } else {
        ensure!(answer["type"] == "error" && answer["data"]["code"] == 1003, "{answer}");
    }
    Ok(())
}
