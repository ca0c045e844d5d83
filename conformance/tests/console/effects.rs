//! What open sockets notice of changes of projects, teams and sessions of operators.

use anyhow::Result;
use herenow_testkit::{Socket, SocketOptions};
use serde_json::{Value, json};

use crate::support::{Operator, SCOPES, SOON, admit, guest, server, user};

async fn open(options: SocketOptions) -> Result<(Socket, Value)> {
    let mut socket = Socket::open(options).await?;
    let greeting = socket.expect_connected(SOON).await?;
    Ok((socket, greeting))
}

#[tokio::test]
async fn a_project_that_ends_closes_every_socket_for_good() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let (id, other) = (owner.project().await?, owner.project().await?);
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (_, token) = user(&key).await?;
    let to = |project: &str| SocketOptions::new(server.address(), "/v1/realtime").query("project", project);
    let (mut anonymous, _) = open(to(&id)).await?;
    let (mut signed_in, greeting) = open(to(&id).header("X-Appwrite-Session", &token)).await?;
    assert!(greeting["user"].is_object());
    signed_in.request(&json!({"type": "presence", "data": {"status": "here"}})).await?;
    let (mut operator, _) = open(owner.socket(&id)).await?;
    let (mut elsewhere, _) = open(to(&other)).await?;
    owner.console().delete(&format!("/v1/projects/{id}")).await?.expect_status(204)?;
    for socket in [&mut anonymous, &mut signed_in, &mut operator] {
        assert_eq!(socket.wait_for_close(SOON).await?.code, Some(1008));
    }
    elsewhere.fence(SOON).await?;
    let mut again = Socket::open(to(&id)).await?;
    assert_eq!(again.wait_for_close(SOON).await?.code, Some(1008));
    Ok(())
}

#[tokio::test]
async fn an_operator_hears_everything_while_they_manage_the_project() -> Result<()> {
    let mut server = server().await?;
    let (owner, member) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let membership = admit(&mut server, &owner.team, &member, &["developer"]).await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (user, _) = user(&key).await?;
    let (mut watching, greeting) = open(member.socket(&id)).await?;
    assert_eq!(greeting["user"]["$id"], member.id.as_str());
    watching.subscribe("s", &["presences"]).await?;
    let hidden = json!({"userId": user, "status": "hidden", "permissions": []});
    key.put("/v1/presences/p", &hidden).await?.expect_status(200)?;
    let heard = watching.wait_for(|frame| frame["type"] == "event", SOON).await?;
    assert_eq!(heard["data"]["payload"]["status"], "hidden");

    let path = format!("/v1/teams/{}/memberships/{membership}", owner.team);
    owner.console().patch(&path, &json!({"roles": ["admin"]})).await?.expect_status(200)?;
    watching.fence(SOON).await?;
    owner.console().patch(&path, &json!({"roles": ["bystander"]})).await?.expect_status(200)?;
    assert_eq!(watching.wait_for_close(SOON).await?.code, Some(1008));
    Ok(())
}

#[tokio::test]
async fn a_project_that_moves_to_another_team_closes_the_sockets_of_the_former() -> Result<()> {
    let mut server = server().await?;
    let (owner, member) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    admit(&mut server, &owner.team, &member, &["developer"]).await?;
    let (mut staying, _) = open(owner.socket(&id)).await?;
    let (mut leaving, _) = open(member.socket(&id)).await?;
    owner.console().post("/v1/teams", &json!({"teamId": "new", "name": "New"})).await?.expect_status(201)?;
    let path = format!("/v1/projects/{id}/team");
    owner.console().patch(&path, &json!({"teamId": "new"})).await?.expect_status(200)?;
    assert_eq!(leaving.wait_for_close(SOON).await?.code, Some(1008));
    staying.fence(SOON).await?;
    Ok(())
}

#[tokio::test]
async fn a_session_of_the_console_that_ends_takes_its_sockets_along() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let (mut socket, _) = open(owner.socket(&id)).await?;
    let path = format!("/v1/account/sessions/{}", owner.session);
    owner.console().delete(&path).await?.expect_status(204)?;
    assert_eq!(socket.wait_for_close(SOON).await?.code, Some(1001));
    Ok(())
}

#[tokio::test]
async fn a_presence_of_a_user_with_an_operators_id_is_left_alone_when_the_operator_goes() -> Result<()> {
    let mut server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    // Somebody has to stay.
    admit(&mut server, &owner.team, &other, &["owner"]).await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    key.post("/v1/users", &json!({"userId": owner.id})).await?.expect_status(201)?;
    let here = json!({"userId": owner.id, "status": "here"});
    key.put("/v1/presences/p", &here).await?.expect_status(200)?;
    owner.console().patch("/v1/account/status", &json!({})).await?.expect_status(200)?;
    key.get("/v1/presences/p").await?.expect_status(200)?;
    guest(&server, &id).get("/v1/ping").await?.expect_status(200)?;
    Ok(())
}
