//! Admin mode: who an operator is in a project, and what they do there.

use anyhow::Result;
use herenow_testkit::unique_id;
use serde_json::json;

use crate::support::{Operator, SCOPES, console, guest, refused, server, user};

#[tokio::test]
async fn an_operator_does_what_a_server_does() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let admin = owner.admin(&id);
    let person = unique_id();
    admin.post("/v1/users", &json!({"userId": person, "name": "Ada"})).await?.expect_status(201)?;
    assert_eq!(admin.get("/v1/users").await?.expect_status(200)?.json()?["total"], 1);
    let path = format!("/v1/users/{person}");
    let session = admin.post(&format!("{path}/sessions"), &json!({})).await?.expect_status(201)?.json()?;
    assert!(session["secret"].as_str().is_some_and(|secret| !secret.is_empty()));
    let team = json!({"teamId": "crew", "name": "Crew"});
    assert_eq!(admin.post("/v1/teams", &team).await?.expect_status(201)?.json()?["total"], 0);
    let member = json!({"userId": person, "roles": ["editor"]});
    let member = admin.post("/v1/teams/crew/memberships", &member).await?.expect_status(201)?.json()?;
    assert_eq!((&member["confirm"], &member["userName"]), (&json!(true), &json!("Ada")));
    let presence = json!({"userId": person, "status": "seen", "permissions": []});
    admin.put("/v1/presences/p", &presence).await?.expect_status(200)?;
    assert_eq!(admin.get("/v1/presences").await?.expect_status(200)?.json()?["total"], 1);
    admin.get("/v1/health").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn an_operator_who_names_no_user_writes_a_presence_of_their_own() -> Result<()> {
    let mut server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let made = owner.admin(&id).put("/v1/presences/me", &json!({"status": "watching"})).await?.expect_status(200)?;
    assert_eq!(made.json()?["userId"], owner.id.as_str());
    let nobody = json!({"userId": "nobody", "status": "x"});
    refused(&owner.admin(&id).put("/v1/presences/x", &nobody).await?, 404, "user_not_found")?;
    // The project does not know them as a user, and yet they are not gone.
    server.kill().await?;
    server.restart().await?;
    let owner = owner.at(&server);
    assert_eq!(owner.admin(&id).get("/v1/presences/me").await?.expect_status(200)?.json()?["status"], "watching");
    Ok(())
}

#[tokio::test]
async fn an_operator_is_no_user_of_the_project() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let admin = owner.admin(&id);
    refused(&admin.get("/v1/account").await?, 401, "general_unauthorized_scope")?;
    refused(&admin.post("/v1/account/jwts", &json!({})).await?, 401, "general_unauthorized_scope")?;
    refused(&admin.post("/v1/account/sessions/anonymous", &json!({})).await?, 401, "user_session_already_exists")?;
    // A user of the project may have the id of an operator, and is somebody else.
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    key.post("/v1/users", &json!({"userId": owner.id})).await?.expect_status(201)?;
    key.patch(&format!("/v1/users/{}/status", owner.id), &json!({"status": false})).await?.expect_status(200)?;
    admin.get("/v1/users").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn admin_mode_needs_a_project_and_a_session_of_the_console() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    refused(&owner.admin("console").get("/v1/account").await?, 400, "general_bad_request")?;
    refused(&owner.admin("nowhere").get("/v1/users").await?, 404, "project_not_found")?;
    let admin = guest(&server, &id).with_header("X-Appwrite-Mode", "admin");
    refused(&admin.get("/v1/users").await?, 401, "general_unauthorized_scope")?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (_, token) = user(&key).await?;
    let user = admin.clone().with_header("X-Appwrite-Session", &token);
    refused(&user.get("/v1/users").await?, 401, "general_unauthorized_scope")?;
    // A key is the project's own in every mode.
    key.with_header("X-Appwrite-Mode", "admin").get("/v1/users").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn the_session_of_the_console_counts_wherever_it_is_sent() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let token = percent_encoding::percent_decode_str(&owner.cookie).decode_utf8()?.into_owned();
    let admin = || guest(&server, &id).with_header("X-Appwrite-Mode", "admin");
    let fallback = json!({"a_session_console": token}).to_string();
    let jwt = owner.console().post("/v1/account/jwts", &json!({})).await?.expect_status(201)?.json()?;
    for client in [
        admin().with_header("X-Appwrite-Session", &token),
        admin().with_header("X-Fallback-Cookies", &fallback),
        admin().with_header("X-Appwrite-JWT", jwt["jwt"].as_str().unwrap_or_default()),
        admin().with_header("Cookie", &format!("a_session_console_legacy={}", owner.cookie)),
    ] {
        client.get("/v1/users").await?.expect_status(200)?;
    }
    let asked = guest(&server, &id).with_header("Cookie", &owner.cookie_header());
    asked.get("/v1/users?mode=admin").await?.expect_status(200)?;
    refused(&asked.get("/v1/users").await?, 401, "general_unauthorized_scope")?;
    owner.console().delete("/v1/account/sessions/current").await?.expect_status(204)?;
    refused(&owner.admin(&id).get("/v1/users").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn the_console_itself_is_not_managed_as_a_project() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    for path in ["/v1/project", "/v1/project/keys", "/v1/webhooks", "/v1/projects/console", "/v1/projects/console/keys"]
    {
        refused(&owner.console().get(path).await?, 401, "general_access_forbidden")?;
    }
    refused(&console(&server).get("/v1/projects").await?, 401, "general_unauthorized_scope")?;
    refused(&console(&server).get("/v1/console/variables").await?, 401, "general_unauthorized_scope")
}
