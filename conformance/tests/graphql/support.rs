//! What the tests of GraphQL share.

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response, Server, ServerOptions, unique_id};
use serde_json::{Value, json};

/// Writes a presence as a key, all arguments as variables.
pub(crate) const UPSERT: &str = "mutation U($presenceId: String!, $userId: String, $status: String!, $metadata: Json) {
    presencesUpsert(presenceId: $presenceId, userId: $userId, status: $status, metadata: $metadata) {
        _id _createdAt _updatedAt _permissions userId status source expiresAt metadata
    }
}";

pub(crate) async fn server() -> Result<Server> {
    Server::start(ServerOptions::new()).await
}

/// Asks one document; the answer is a 200.
pub(crate) async fn ask(client: &Http, query: &str, variables: Value) -> Result<Value> {
    let body = json!({"query": query, "variables": variables});
    client.post("/v1/graphql", &body).await?.expect_status(200)?.json()
}

/// The text of the only error of an answer.
pub(crate) fn error(answer: &Value) -> Result<&str> {
    let errors = answer["errors"].as_array().with_context(|| format!("no errors in {answer}"))?;
    ensure!(errors.len() == 1, "one error: {answer}");
    ensure!(errors[0].get("extensions").is_none(), "nothing but message, locations and path: {answer}");
    errors[0]["message"].as_str().context("an error has a message")
}

/// That the answer is a refusal of the whole request.
pub(crate) fn refused(response: &Response, status: u16, kind: &str) -> Result<()> {
    let body = response.json()?;
    ensure!(response.status == status && body["type"] == kind, "{status} {kind}, not {}: {body}", response.status);
    Ok(())
}

/// A user with a presence, made over REST by the key; their id and the presence's.
pub(crate) async fn present(server: &Server) -> Result<(String, String)> {
    let (user, id) = (unique_id(), unique_id());
    server.as_key().post("/v1/users", &json!({"userId": user})).await?.expect_status(201)?;
    let body = json!({"userId": user, "status": "here", "metadata": {"n": 1}, "permissions": ["read(\"any\")"]});
    server.as_key().put(&format!("/v1/presences/{id}"), &body).await?.expect_status(200)?;
    Ok((user, id))
}
