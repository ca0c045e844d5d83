//! What a document may cost.

use anyhow::{Result, ensure};
use herenow_testkit::{RateLimits, Server, ServerOptions};
use serde_json::{Value, json};

use crate::support::{ask, error, present, refused, server};

/// A part of what tools ask to learn the whole schema.
const SCHEMA: &str = "{ __schema { types { name fields { name type { kind ofType { kind ofType { name } } } } } } }";

async fn limited() -> Result<Server> {
    Server::start(ServerOptions::new().rate_limits(RateLimits::On)).await
}

fn list(limit: u32, fields: &str) -> String {
    let query = json!({"method": "limit", "values": [limit]}).to_string();
    format!("{{ presencesList(queries: [{}]) {{ presences {{ {fields} }} }} }}", json!(query))
}

#[tokio::test]
async fn a_list_costs_its_fields_as_often_as_its_limit_says() -> Result<()> {
    let server = limited().await?;
    let (_, id) = present(&server).await?;
    let key = server.as_key();
    // A record's field and the list that holds it: two, 125 times, are 250.
    let within = ask(&key, &list(125, "_id"), Value::Null).await?;
    ensure!(within["data"]["presencesList"]["presences"] == json!([{"_id": id}]), "{within}");
    ensure!(error(&ask(&key, &list(126, "_id"), Value::Null).await?)? == "Query is too complex.", "the limit is 250");
    // Without a limit it is 25 records.
    let fields = "_id userId status source expiresAt metadata _createdAt _updatedAt _permissions";
    let all = format!("{{ presencesList {{ presences {{ {fields} }} }} }}");
    ensure!(ask(&key, &all, Value::Null).await?.get("errors").is_none(), "25 times ten are 250");
    let over = format!("{{ presencesList {{ total presences {{ {fields} }} }} }}");
    ensure!(error(&ask(&key, &over, Value::Null).await?)? == "Query is too complex.", "25 times eleven are more");
    let batch = json!([{"query": all}, {"query": over}]);
    let answers = key.post("/v1/graphql", &batch).await?.expect_status(200)?.json()?;
    ensure!(answers[0].get("errors").is_none() && answers[1].get("data").is_none(), "each by itself: {answers}");
    Ok(())
}

#[tokio::test]
async fn the_schema_can_be_read_as_deep_as_the_limit_lets() -> Result<()> {
    let server = limited().await?;
    let names = ask(&server.guest(), "{ __schema { queryType { name fields { name } } } }", Value::Null).await?;
    let fields = &names["data"]["__schema"]["queryType"]["fields"];
    ensure!(*fields == json!([{"name": "presencesGet"}, {"name": "presencesList"}]), "{names}");
    ensure!(error(&ask(&server.guest(), SCHEMA, Value::Null).await?)? == "Query is nested too deep.", "the depth is 3");
    Ok(())
}

#[tokio::test]
async fn without_rate_limits_tools_read_the_whole_schema() -> Result<()> {
    let server = server().await?;
    let read = ask(&server.guest(), SCHEMA, Value::Null).await?;
    let types = read["data"]["__schema"]["types"].as_array().cloned().unwrap_or_default();
    for name in ["Presence", "PresenceList", "None", "Json"] {
        ensure!(types.iter().any(|known| known["name"] == name), "{name} in {read}");
    }
    Ok(())
}

#[tokio::test]
async fn a_document_that_nests_or_doubles_without_end_harms_nobody() -> Result<()> {
    let server = server().await?;
    let deep = format!("{{ presencesList(queries: {}", "[".repeat(900_000));
    ensure!(error(&ask(&server.guest(), &deep, Value::Null).await?)? == "Query is nested too deep.", "deep");
    let mut doubling = "{ ...F0 }".to_owned();
    for number in 0..40 {
        let next = number + 1;
        doubling += &format!(" fragment F{number} on Query {{ ...F{next} ...F{next} }}");
    }
    doubling += " fragment F40 on Query { __typename }";
    ensure!(error(&ask(&server.guest(), &doubling, Value::Null).await?)? == "Query is too complex.", "doubling");
    let large = json!({"query": "#".repeat(1024 * 1024)});
    refused(&server.guest().post("/v1/graphql", &large).await?, 413, "general_payload_too_large")
}

#[tokio::test]
async fn presences_over_graphql_are_not_rate_limited() -> Result<()> {
    let server = limited().await?;
    let answer = server.guest().post("/v1/graphql", &json!({"query": "{ __typename }"})).await?.expect_status(200)?;
    ensure!(!answer.headers.contains_key("x-ratelimit-limit"), "{:?}", answer.headers);
    Ok(())
}
