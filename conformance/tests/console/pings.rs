//! Pings are counted, kept across restarts, and the first one is heard at the console.

use anyhow::Result;
use herenow_testkit::{Server, Socket, SocketOptions};
use serde_json::Value;

use crate::support::{Operator, SOON, guest, server};

/// A socket at the console that listens to what happens to projects.
async fn listening(server: &Server, operator: &Operator) -> Result<Socket> {
    let options = SocketOptions::new(server.address(), "/v1/realtime").query("project", "console");
    let mut socket = Socket::open(options.header("Cookie", &operator.cookie_header())).await?;
    socket.expect_connected(SOON).await?;
    socket.subscribe("s", &["console"]).await?;
    Ok(socket)
}

async fn ping(server: &Server, project: &str) -> Result<()> {
    let answer = guest(server, project).get("/v1/ping").await?.expect_status(200)?;
    assert_eq!((answer.text().as_str(), answer.header("content-type")), ("Pong!", Some("text/plain; charset=UTF-8")));
    Ok(())
}

async fn shown(owner: &Operator, project: &str) -> Result<Value> {
    owner.admin(project).get("/v1/project").await?.expect_status(200)?.json()
}

/// Holds that the next first ping that this socket hears is that of `project`.
async fn hears_next(socket: &mut Socket, project: &str) -> Result<Value> {
    let event = socket.wait_for(|frame| frame["type"] == "event", SOON).await?;
    assert_eq!(event["data"]["events"][0], format!("projects.{project}.ping"), "{event}");
    Ok(event["data"].clone())
}

#[tokio::test]
async fn the_first_ping_of_a_project_is_heard_by_those_who_manage_it_alone() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let (mut hears, mut stranger) = (listening(&server, &owner).await?, listening(&server, &other).await?);
    let before = shown(&owner, &id).await?;
    assert_eq!((&before["pingCount"], &before["pingedAt"]), (&0.into(), &"".into()));
    ping(&server, &id).await?;
    let data = hears_next(&mut hears, &id).await?;
    assert_eq!(data["events"].as_array().map(Vec::len), Some(4), "{data}");
    assert_eq!((&data["payload"]["$id"], &data["payload"]["pingCount"]), (&id.as_str().into(), &1.into()), "{data}");
    ping(&server, &id).await?;
    let (second, foreign) = (owner.project().await?, other.project().await?);
    ping(&server, &second).await?;
    ping(&server, &foreign).await?;
    hears_next(&mut hears, &second).await?;
    hears_next(&mut stranger, &foreign).await?;
    let after = shown(&owner, &id).await?;
    assert_eq!((&after["pingCount"], &after["$updatedAt"]), (&2.into(), &before["$updatedAt"]), "{after}");
    assert!(after["pingedAt"].as_str() >= data["payload"]["pingedAt"].as_str(), "{after}");
    Ok(())
}

#[tokio::test]
async fn what_was_counted_outlives_a_restart_and_the_first_ping_a_crash() -> Result<()> {
    let mut server = server().await?;
    let owner = Operator::new(&server).await?;
    let (stopped, crashed) = (owner.project().await?, owner.project().await?);
    for _ in 0..3 {
        ping(&server, &stopped).await?;
    }
    let last = shown(&owner, &stopped).await?["pingedAt"].clone();
    server.restart().await?;
    let kept = shown(&owner, &stopped).await?;
    assert_eq!((&kept["pingCount"], &kept["pingedAt"]), (&3.into(), &last), "{kept}");

    ping(&server, &crashed).await?;
    server.kill().await?;
    server.restart().await?;
    assert_eq!(shown(&owner, &crashed).await?["pingCount"], 1);
    let mut hears = listening(&server, &owner).await?;
    ping(&server, &crashed).await?;
    ping(&server, &stopped).await?;
    let next = owner.project().await?;
    ping(&server, &next).await?;
    hears_next(&mut hears, &next).await?;
    assert_eq!(shown(&owner, &stopped).await?["pingCount"], 4);
    Ok(())
}
