//! Who may open a socket in admin mode, and as whom it counts.

use anyhow::Result;
use herenow_testkit::{Socket, SocketOptions};
use serde_json::json;

use crate::support::{Operator, SCOPES, SOON, server, user};

/// Opens a socket that is refused; answers with the reason.
async fn refused(options: SocketOptions) -> Result<String> {
    let mut socket = Socket::open(options).await?;
    let error = socket.expect_type("error", SOON).await?;
    assert_eq!(socket.wait_for_close(SOON).await?.code, Some(1008));
    Ok(error["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn admin_mode_opens_to_operators_of_the_project_from_the_servers_own_pages() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let web = json!({"name": "x", "hostname": "app.test"});
    owner.admin(&id).post("/v1/project/platforms/web", &web).await?.expect_status(201)?;
    for options in [
        owner.socket(&id),
        owner.socket(&id).header("Origin", "http://localhost"),
        SocketOptions::new(server.address(), "/v1/realtime")
            .query("project", &id)
            .header("X-Appwrite-Mode", "admin")
            .header("Cookie", &owner.cookie_header()),
    ] {
        let greeting = Socket::open(options).await?.expect_connected(SOON).await?;
        assert_eq!(greeting["user"]["$id"], owner.id.as_str());
    }
    refused(other.socket(&id)).await?;
    refused(owner.socket("console")).await?;
    let text = refused(owner.socket(&id).header("Origin", "https://app.test")).await?;
    assert!(text.starts_with("Invalid Origin."), "{text}");
    Ok(())
}

#[tokio::test]
async fn the_cookie_of_the_console_alone_makes_no_operator() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let options = SocketOptions::new(server.address(), "/v1/realtime").query("project", &id);
    let mut socket = Socket::open(options.header("Cookie", &owner.cookie_header())).await?;
    assert!(socket.expect_connected(SOON).await?["user"].is_null());
    socket.subscribe("s", &["presences"]).await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (user, _) = user(&key).await?;
    let hidden = json!({"userId": user, "status": "hidden", "permissions": ["read(\"users\")"]});
    key.put("/v1/presences/p", &hidden).await?.expect_status(200)?;
    let open = json!({"userId": user, "status": "open", "permissions": ["read(\"any\")"]});
    key.put("/v1/presences/p", &open).await?.expect_status(200)?;
    let heard = socket.wait_for(|frame| frame["type"] == "event", SOON).await?;
    assert_eq!(heard["data"]["payload"]["status"], "open");
    Ok(())
}

#[tokio::test]
async fn an_operator_has_no_presence_on_a_socket() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let mut socket = Socket::open(owner.socket(&id)).await?;
    socket.expect_connected(SOON).await?;
    socket.send_json(&json!({"type": "presence", "data": {"status": "here"}})).await?;
    let error = socket.expect_type("error", SOON).await?;
    assert_eq!(error["code"], 401, "{error}");
    Ok(())
}

#[tokio::test]
async fn an_operator_who_signs_in_within_becomes_that_user_and_sees_no_more_than_they() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (user, token) = user(&key).await?;
    let (other, _) = crate::support::user(&key).await?;
    let mut socket = Socket::open(owner.socket(&id)).await?;
    socket.expect_connected(SOON).await?;
    socket.subscribe("s", &["presences"]).await?;
    let signed_in = socket.request(&json!({"type": "authentication", "data": {"session": token}})).await?;
    assert_eq!(signed_in["user"]["$id"], user.as_str(), "{signed_in}");
    let hidden = json!({"userId": other, "status": "hidden", "permissions": []});
    key.put("/v1/presences/p", &hidden).await?.expect_status(200)?;
    let own = json!({"userId": user, "status": "own", "permissions": []});
    key.put("/v1/presences/q", &own).await?.expect_status(200)?;
    let heard = socket.wait_for(|frame| frame["type"] == "event", SOON).await?;
    assert_eq!(heard["data"]["payload"]["status"], "own");
    // The end of the operator's session no longer concerns it.
    owner.console().delete("/v1/account/sessions/current").await?.expect_status(204)?;
    socket.fence(SOON).await?;
    Ok(())
}
