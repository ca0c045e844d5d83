//! What the fields do, and for whom.

use std::time::Duration;

use anyhow::{Result, ensure};
use herenow_testkit::{Http, unique_id};
use serde_json::{Value, json};

use crate::support::{UPSERT, ask, error, present, refused, server};

const GET: &str = "query G($id: String!) { presencesGet(presenceId: $id) { _id userId status source metadata } }";
const DELETE: &str = "mutation D($id: String!) { presencesDelete(presenceId: $id) { status } }";

#[tokio::test]
async fn a_key_writes_a_presence_whose_source_is_graphql() -> Result<()> {
    let server = server().await?;
    let (user, _) = present(&server).await?;
    let metadata =
        json!({"page": "/a", "deep": {"list": [1, 2.5, null, "x"], "$kept": true}, "big": 12_345_678_901_i64});
    let variables = json!({"presenceId": unique_id(), "userId": user, "status": "busy", "metadata": metadata});
    let answer = ask(&server.as_key(), UPSERT, variables).await?;
    let written = &answer["data"]["presencesUpsert"];
    ensure!(answer.get("errors").is_none(), "no errors: {answer}");
    ensure!(
        written["source"] == "graphql" && written["status"] == "busy" && written["metadata"] == metadata,
        "{answer}"
    );
    let path = format!("/v1/presences/{}", written["_id"].as_str().unwrap_or_default());
    let read = server.as_key().get(&path).await?.expect_status(200)?.json()?;
    for (field, name) in [
        ("$id", "_id"),
        ("$createdAt", "_createdAt"),
        ("$updatedAt", "_updatedAt"),
        ("$permissions", "_permissions"),
        ("userId", "userId"),
        ("status", "status"),
        ("source", "source"),
        ("expiresAt", "expiresAt"),
        ("metadata", "metadata"),
    ] {
        ensure!(read[field] == written[name], "{field}: {read} and {written}");
    }
    Ok(())
}

#[tokio::test]
async fn a_user_writes_reads_lists_changes_and_ends_their_own() -> Result<()> {
    let server = server().await?;
    let user = server.new_user("Ada").await?;
    let client = server.as_session(&user.token);
    let id = unique_id();
    let written = ask(&client, UPSERT, json!({"presenceId": id, "status": "here"})).await?;
    ensure!(written["data"]["presencesUpsert"]["userId"] == json!(user.user_id), "{written}");
    let named = ask(&client, UPSERT, json!({"presenceId": id, "status": "x", "userId": user.user_id})).await?;
    ensure!(error(&named)?.contains("scope") && named["data"]["presencesUpsert"].is_null(), "{named}");

    let update = "mutation { presencesUpdate(presenceId: \"ID\", status: \"away\", metadata: {a: [1, {b: \"c\"}]}, \
        purge: true) { status source metadata } }";
    let changed = ask(&client, &update.replace("ID", &id), Value::Null).await?;
    let expected = json!({"status": "away", "source": "graphql", "metadata": {"a": [1, {"b": "c"}]}});
    ensure!(changed["data"]["presencesUpdate"] == expected, "{changed}");

    let list = "query L($q: [String]) { presencesList(queries: $q, total: true) { total presences { _id status } } }";
    let wanted = json!({"q": [json!({"method": "equal", "attribute": "status", "values": ["away"]}).to_string()]});
    let listed = ask(&client, list, wanted).await?;
    let expected = json!({"total": 1, "presences": [{"_id": id, "status": "away"}]});
    ensure!(listed["data"]["presencesList"] == expected, "{listed}");
    let unknown = ask(&client, list, json!({"q": ["nonsense"]})).await?;
    ensure!(error(&unknown)?.starts_with("Invalid `queries` param: "), "{unknown}");

    let gone = client.post("/v1/graphql", &json!({"query": DELETE, "variables": {"id": id}})).await?;
    ensure!(gone.status == 204 && gone.text().is_empty(), "a delete has no body: {}", gone.text());
    let again = ask(&client, DELETE, json!({"id": id})).await?;
    ensure!(error(&again)? == "There is no presence with the requested id.", "{again}");
    Ok(())
}

#[tokio::test]
async fn an_update_does_not_change_the_source() -> Result<()> {
    let server = server().await?;
    let (_, id) = present(&server).await?;
    let update = "mutation U($id: String!) { presencesUpdate(presenceId: $id, status: \"away\") { source } }";
    let changed = ask(&server.as_key(), update, json!({"id": id})).await?;
    ensure!(changed["data"]["presencesUpdate"]["source"] == "rest", "{changed}");
    Ok(())
}

#[tokio::test]
async fn guests_and_keys_without_the_scope_are_refused_in_the_field() -> Result<()> {
    let server = server().await?;
    let (_, id) = present(&server).await?;
    for document in [GET, DELETE] {
        let answer = ask(&server.guest(), document, json!({"id": id})).await?;
        ensure!(error(&answer)?.starts_with("guests missing scopes"), "{answer}");
        ensure!(answer["errors"][0]["path"].is_array() && answer["errors"][0]["locations"].is_array(), "{answer}");
    }
    let written = ask(&server.guest(), UPSERT, json!({"presenceId": unique_id(), "status": "x"})).await?;
    error(&written)?;
    let made = ask(&server.as_key(), GET, json!({"id": id})).await?;
    ensure!(made["data"]["presencesGet"]["status"] == "here", "the guest's delete did nothing: {made}");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_request_has_its_own_status() -> Result<()> {
    let server = server().await?;
    let body = json!({"query": "{ __typename }"});
    let elsewhere = Http::new(server.address()).with_header("X-Appwrite-Project", "elsewhere");
    refused(&elsewhere.post("/v1/graphql", &body).await?, 404, "project_not_found")?;
    refused(&server.as_jwt("a.b.c").post("/v1/graphql", &body).await?, 401, "user_jwt_invalid")?;
    let wrong = server.guest().with_header("X-Appwrite-Key", "standard_wrong");
    refused(&wrong.post("/v1/graphql", &body).await?, 401, "user_unauthorized")?;
    let foreign = server.guest().with_header("Origin", "https://foreign.example");
    refused(&foreign.post("/v1/graphql", &body).await?, 403, "general_unknown_origin")
}

#[tokio::test]
async fn one_field_that_fails_leaves_the_others() -> Result<()> {
    let server = server().await?;
    let (_, id) = present(&server).await?;
    let both = "query B($id: String!) { found: presencesGet(presenceId: $id) { _id } missing: \
        presencesGet(presenceId: \"never-was\") { _id } }";
    let answer = ask(&server.as_key(), both, json!({"id": id})).await?;
    ensure!(answer["data"] == json!({"found": {"_id": id}, "missing": null}), "{answer}");
    error(&answer)?;
    ensure!(answer["errors"][0]["path"] == json!(["missing"]), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_blocked_user_is_told_so_in_the_field() -> Result<()> {
    let server = server().await?;
    let user = server.new_user("Ada").await?;
    let path = format!("/v1/users/{}/status", user.user_id);
    let client = server.as_session(&user.token);
    server.as_key().patch(&path, &json!({"status": false})).await?.expect_status(200)?;
    let read = ask(&client, GET, json!({"id": "x"})).await?;
    error(&read)?;
    ensure!(read["data"]["presencesGet"].is_null(), "{read}");
    Ok(())
}

#[tokio::test]
async fn a_mutation_is_heard_on_sockets() -> Result<()> {
    let server = server().await?;
    let (user, id) = present(&server).await?;
    let mut socket = server.connect_guest().await?;
    socket.subscribe("s", &["presences"]).await?;
    let update = "mutation U($id: String!, $p: [String]) { presencesUpdate(presenceId: $id, status: \"away\", \
        permissions: $p) { userId } }";
    let changed = ask(&server.as_key(), update, json!({"id": id, "p": ["read(\"any\")"]})).await?;
    ensure!(changed["data"]["presencesUpdate"]["userId"] == json!(user), "{changed}");
    let name = format!("presences.{id}.update");
    let event = socket.wait_for(|frame| frame["data"]["events"][0] == name, Duration::from_secs(10)).await?;
    ensure!(event["data"]["payload"]["status"] == "away", "{event}");
    Ok(())
}
