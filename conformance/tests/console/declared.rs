//! What the configuration file declares cannot be changed over the API, and belongs to all operators.

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Response, unique_id};
use serde_json::json;

use crate::support::{Operator, refused, server};

/// Refused with 409, naming this key of the file.
fn declared(response: &Response, key: &str) -> Result<()> {
    refused(response, 409, "general_declared_in_file")?;
    ensure!(response.text().contains(key), "{key} is not named: {}", response.text());
    Ok(())
}

#[tokio::test]
async fn the_declared_project_and_its_keys_are_read_only() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let project = server.project();
    let (admin, path) = (owner.admin(project), format!("/v1/projects/{project}"));
    declared(&owner.console().patch(&path, &json!({"name": "Mine"})).await?, "projects.name")?;
    declared(&owner.console().delete(&path).await?, "projects.id")?;
    declared(&admin.delete("/v1/project").await?, "projects.id")?;
    let team = json!({"teamId": owner.team});
    declared(&owner.console().patch(&format!("{path}/team"), &team).await?, "projects.id")?;
    let keys = admin.get("/v1/project/keys").await?.expect_status(200)?.json()?;
    assert_eq!((&keys["total"], &keys["keys"][0]["name"]), (&json!(1), &json!("testkit")));
    let key = format!("/v1/project/keys/{}", keys["keys"][0]["$id"].as_str().context("an id")?);
    let change = json!({"name": "Mine", "scopes": ["users.read"]});
    declared(&admin.put(&key, &change).await?, "projects.keys")?;
    declared(&admin.delete(&key).await?, "projects.keys")?;
    server.as_key().get("/v1/users").await?.expect_status(200)?;
    assert_eq!(owner.console().get(&path).await?.json()?["name"], "Test");
    Ok(())
}

#[tokio::test]
async fn what_is_added_to_a_declared_project_is_left_alone_by_the_file() -> Result<()> {
    let mut server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let admin = owner.admin(server.project());
    let key = json!({"keyId": "added", "name": "Added", "scopes": ["users.read"]});
    let key = admin.post("/v1/project/keys", &key).await?.expect_status(201)?.json()?;
    let web = json!({"platformId": "added", "name": "Added", "hostname": "added.test"});
    admin.post("/v1/project/platforms/web", &web).await?.expect_status(201)?;
    admin.patch("/v1/project/policies/session-limit", &json!({"total": 3})).await?.expect_status(200)?;
    other.admin(server.project()).get("/v1/project/keys/added").await?.expect_status(200)?;
    server.restart().await?;
    let secret = key["secret"].as_str().context("a secret")?;
    let client = server.guest().with_header("X-Appwrite-Key", secret);
    client.get("/v1/users").await?.expect_status(200)?;
    let page = server.guest().with_header("Origin", "https://added.test");
    page.get("/v1/ping").await?.expect_status(200)?;
    let admin = server.guest().with_header("Cookie", &owner.cookie_header()).with_header("X-Appwrite-Mode", "admin");
    let limit = admin.get("/v1/project/policies/session-limit").await?.expect_status(200)?.json()?;
    assert_eq!(limit["total"], 3);
    admin.delete("/v1/project/keys/added").await?.expect_status(204)?;
    refused(&client.get("/v1/users").await?, 401, "user_unauthorized")
}

#[tokio::test]
async fn a_team_of_operators_takes_no_declared_project_along() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    owner.console().delete(&format!("/v1/teams/{}", owner.team)).await?.expect_status(204)?;
    server.guest().get("/v1/ping").await?.expect_status(200)?;
    // Who is in no team is an operator all the same.
    owner.admin(server.project()).get("/v1/users").await?.expect_status(200)?;
    let body = json!({"projectId": unique_id(), "name": "x", "teamId": owner.team});
    refused(&owner.console().post("/v1/projects", &body).await?, 404, "team_not_found")
}
