//! `GET /v1/users`: queries, search, total, pages.

use anyhow::Result;
use herenow_testkit::Server;
use serde_json::{Value, json};

use crate::support::{refused, server};

/// Three users, in this order.
async fn three(server: &Server) -> Result<()> {
    for (id, email, name) in
        [("ada", json!("ada@example.com"), "Ada"), ("bob", json!(null), "Bob"), ("eve", json!("eve@test.org"), "Éve")]
    {
        let body = json!({"userId": id, "email": email, "name": name});
        server.as_key().post("/v1/users", &body).await?.expect_status(201)?;
    }
    server.as_key().put("/v1/users/eve/labels", &json!({"labels": ["vip"]})).await?.expect_status(200)?;
    server.as_key().patch("/v1/users/bob/status", &json!({"status": false})).await?.expect_status(200)?;
    Ok(())
}

async fn list(server: &Server, parameters: &[(&str, &str)]) -> Result<Value> {
    let mut request = server.as_key().request(http::Method::GET, "/v1/users");
    for (name, value) in parameters {
        request = request.query(name, value);
    }
    request.send().await?.expect_status(200)?.json()
}

fn ids(list: &Value) -> Vec<&str> {
    list["users"].as_array().expect("a list").iter().map(|user| user["$id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn users_are_listed_in_the_order_in_which_they_came() -> Result<()> {
    let server = server().await?;
    three(&server).await?;
    let all = list(&server, &[]).await?;
    assert_eq!((ids(&all), &all["total"]), (vec!["ada", "bob", "eve"], &json!(3)));
    assert_eq!((&all["users"][0]["password"], &all["users"][0]["hash"]), (&Value::Null, &json!("argon2")));
    for total in ["false", "0"] {
        let uncounted = list(&server, &[("total", total)]).await?;
        assert_eq!((ids(&uncounted).len(), &uncounted["total"]), (3, &json!(0)));
    }
    Ok(())
}

#[tokio::test]
async fn queries_filter_order_and_page() -> Result<()> {
    let server = server().await?;
    three(&server).await?;
    for (query, expected) in [
        (r#"{"method":"equal","attribute":"name","values":["Ada"]}"#, vec!["ada"]),
        (r#"{"method":"equal","attribute":"status","values":[false]}"#, vec!["bob"]),
        (r#"{"method":"contains","attribute":"labels","values":["vip"]}"#, vec!["eve"]),
        (r#"{"method":"isNull","attribute":"email"}"#, vec!["bob"]),
        (r#"{"method":"endsWith","attribute":"email","values":["TEST.org"]}"#, vec!["eve"]),
        (r#"{"method":"greaterThan","attribute":"registration","values":["2020-01-01"]}"#, vec!["ada", "bob", "eve"]),
        (r#"{"method":"orderDesc","attribute":"$id"}"#, vec!["eve", "bob", "ada"]),
        (r#"{"method":"cursorAfter","values":["ada"]}"#, vec!["bob", "eve"]),
        (r#"{"method":"cursorBefore","values":["eve"]}"#, vec!["ada", "bob"]),
        (r#"{"method":"orderDesc","attribute":""}"#, vec!["eve", "bob", "ada"]),
        (r#"{"method":"offset","values":[2]}"#, vec!["eve"]),
        (r#"{"method":"limit","values":[1]}"#, vec!["ada"]),
    ] {
        for name in ["queries[0]", "queries[]"] {
            assert_eq!(ids(&list(&server, &[(name, query)]).await?), expected, "{query}");
        }
    }
    let page = list(&server, &[("queries[0]", r#"{"method":"limit","values":[1]}"#)]).await?;
    assert_eq!(page["total"], 3);
    let mut random = list(&server, &[("queries[0]", r#"{"method":"orderRandom"}"#)]).await?;
    random["users"].as_array_mut().expect("a list").sort_by_key(|user| user["$id"].to_string());
    assert_eq!(ids(&random), ["ada", "bob", "eve"]);
    Ok(())
}

#[tokio::test]
async fn a_search_looks_at_names_addresses_and_ids_whatever_their_case() -> Result<()> {
    let server = server().await?;
    three(&server).await?;
    for (search, expected) in [
        ("ADA", vec!["ada"]),
        ("éve", vec!["eve"]),
        ("example.com", vec!["ada"]),
        ("test eve", vec!["eve"]),
        ("test ada", vec![]),
        ("e", vec!["ada", "eve"]),
    ] {
        let found = list(&server, &[("search", search)]).await?;
        assert_eq!((ids(&found), &found["total"]), (expected.clone(), &json!(expected.len())), "{search}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused() -> Result<()> {
    let server = server().await?;
    three(&server).await?;
    let long = "x".repeat(257);
    for (name, value, kind) in [
        ("queries[0]", r#"{"method":"equal","attribute":"password","values":["x"]}"#, "general_argument_invalid"),
        ("queries[0]", r#"{"method":"select","values":["name"]}"#, "general_argument_invalid"),
        ("queries[0]", "nonsense", "general_argument_invalid"),
        ("queries", "nonsense", "general_argument_invalid"),
        ("queries[0]", r#"{"method":"search","attribute":"name","values":["x"]}"#, "general_query_invalid"),
        ("queries[0]", r#"{"method":"limit","values":[5001]}"#, "general_query_invalid"),
        ("queries[0]", r#"{"method":"cursorAfter","values":["nobody"]}"#, "general_cursor_not_found"),
        ("search", "", "general_argument_invalid"),
        ("search", &long, "general_argument_invalid"),
        ("total", "maybe", "general_argument_invalid"),
    ] {
        let response = server.as_key().request(http::Method::GET, "/v1/users").query(name, value).send().await?;
        refused(&response, 400, kind)?;
    }
    let null = r#"{"method":"cursorAfter","values":["bob"]}"#;
    let request = server.as_key().request(http::Method::GET, "/v1/users").query("queries[0]", null);
    let response = request.query("queries[1]", r#"{"method":"orderAsc","attribute":"email"}"#).send().await?;
    refused(&response, 400, "database_query_order_null")
}
