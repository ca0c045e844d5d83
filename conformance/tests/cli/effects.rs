//! What commands do to a running server: at once, and to open sockets too.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use anyhow::{Context, Result};
use herenow_testkit::{Http, Server, ServerOptions};
use serde_json::json;

use crate::support::{done, fails, herenow, json, with_input};

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_running_server_is_reached_through_a_socket_of_its_own_user() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    let socket = server.data_dir().join("admin.sock");
    let mode = std::fs::metadata(&socket)?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(server.stop().await?.success());
    assert!(!socket.exists());
    Ok(())
}

#[tokio::test]
async fn a_key_is_good_from_its_making_to_its_end() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let output = herenow(&server, &["key", "create", "--project", server.project()]).await?;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    let secret = stdout.trim_end();
    assert!(secret.starts_with("standard_") && secret.len() == 265, "the secret alone: {stdout}");
    assert!(!stderr.contains(secret), "and nowhere else");
    let client = server.guest().with_header("X-Appwrite-Key", secret);
    client.get("/v1/users").await?.expect_status(200)?;

    let keys = json(&server, &["key", "list", "--project", server.project()]).await?;
    assert!(!keys.to_string().contains(secret) && !server.logs().contains(secret));
    let made = keys.as_array().context("a list")?.iter().find(|key| key["name"] == "key").context("it is there")?;
    let id = made["id"].as_str().context("an id")?;
    done(&server, &["key", "delete", id, "--project", server.project()]).await?;
    client.get("/v1/users").await?.expect_status(401)?;
    fails(&server, &["key", "delete", id, "--project", server.project()], &["has no key", id]).await
}

#[tokio::test]
async fn a_project_is_there_at_once_and_its_end_ends_everything_in_it() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    done(&server, &["project", "create", "chat", "--name", "Chat", "--origin", "chat.example.com"]).await?;
    fails(&server, &["project", "create", "chat"], &["there is a project chat already"]).await?;
    let key = done(&server, &["key", "create", "--project", "chat"]).await?.remove(0);
    let guest = Http::new(server.address()).with_header("X-Appwrite-Project", "chat");
    let client = guest.clone().with_header("X-Appwrite-Key", &key);
    client.post("/v1/users", &json!({"userId": "ada"})).await?.expect_status(201)?;
    let presence = json!({"userId": "ada", "status": "here"});
    client.put("/v1/presences/desk", &presence).await?.expect_status(200)?;
    let page = guest.with_header("Origin", "https://chat.example.com");
    page.post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;

    let options = herenow_testkit::SocketOptions::new(server.address(), "/v1/realtime").query("project", "chat");
    let mut socket = herenow_testkit::Socket::open(options).await?;
    socket.expect_connected(PATIENCE).await?;
    done(&server, &["project", "delete", "chat"]).await?;
    socket.wait_for_close(PATIENCE).await?;
    assert_eq!(client.get("/v1/presences").await?.expect_status(404)?.error_type()?, "project_not_found");

    done(&server, &["project", "create", "chat"]).await?;
    assert_eq!(client.get("/v1/presences").await?.expect_status(401)?.error_type()?, "user_unauthorized");
    let key = done(&server, &["key", "create", "--project", "chat"]).await?.remove(0);
    let client = client.with_header("X-Appwrite-Key", &key);
    assert_eq!(client.get("/v1/presences").await?.expect_status(200)?.json()?["total"], 0);
    assert_eq!(client.get("/v1/users").await?.expect_status(200)?.json()?["total"], 0);
    Ok(())
}

#[tokio::test]
async fn a_user_signs_in_and_their_end_closes_their_sockets() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let create = ["user", "create", "--project", server.project(), "--email", "Ada@Example.com", "--password-stdin"];
    let id = with_input(&server, &create, "correct horse\n").await?.remove(0);
    let credentials = json!({"email": "ada@example.com", "password": "correct horse"});
    let signed_in = server.guest().post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
    let token = server.session_token(&signed_in)?;
    let mut socket = server.connect_as(&token).await?;
    let presence = json!({"status": "here", "permissions": ["read(\"any\")"]});
    server.as_session(&token).put("/v1/presences/desk", &presence).await?.expect_status(200)?;

    done(&server, &["user", "delete", &id, "--project", server.project()]).await?;
    assert_eq!(socket.wait_for_close(PATIENCE).await?.code, Some(1001));
    server.as_session(&token).get("/v1/account").await?.expect_status(401)?;
    server.as_key().get("/v1/presences/desk").await?.expect_status(404)?;
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_a_sentence() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let project = server.project();
    fails(&server, &["project", "create", "No Good"], &["No Good", "not valid"]).await?;
    fails(&server, &["project", "delete", "console"], &["console", "stays"]).await?;
    fails(&server, &["project", "delete", project], &[project, "declared in the configuration file"]).await?;
    fails(&server, &["project", "delete", "nowhere"], &["no project nowhere"]).await?;
    fails(&server, &["key", "create", "--project", "nowhere"], &["no project nowhere"]).await?;
    fails(&server, &["key", "create", "--project", project, "--scopes", "all"], &["\"all\"", "no scope"]).await?;
    fails(&server, &["user", "create", "--project", project, "--email", "nobody"], &["email", "not valid"]).await?;
    fails(&server, &["user", "delete", "nobody", "--project", project], &["no user"]).await?;
    let keys = json(&server, &["key", "list", "--project", project]).await?;
    let declared = keys[0]["id"].as_str().context("an id")?;
    fails(&server, &["key", "delete", declared, "--project", project], &["declared in the configuration file"]).await
}
