//! What open sockets hear when memberships change: what came into sight and what went, at once.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use herenow_testkit::{Server, Socket, await_until};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::scene::{PATIENCE, Scene, add, refused, write_presence};

async fn listening(server: &Server, token: &str) -> Result<Socket> {
    let mut socket = server.connect_as(token).await?;
    socket.subscribe("s", &["presences"]).await?;
    Ok(socket)
}

/// The next event: what happened, and the status that it carries.
async fn heard(socket: &mut Socket) -> Result<(String, Value)> {
    let frame = socket.wait_for(|frame| frame["type"] == "event", PATIENCE).await?;
    let name = frame["data"]["events"][0].as_str().unwrap_or_default();
    let action = name.rsplit('.').next().unwrap_or_default().to_owned();
    Ok((action, frame["data"]["payload"]["status"].clone()))
}

fn news(action: &str, status: &str) -> (String, Value) {
    (action.to_owned(), json!(status))
}

fn to_team(scene: &Scene, role: &str) -> String {
    format!("read(\"team:{}{role}\")", scene.team)
}

#[tokio::test]
async fn who_joins_hears_what_the_team_may_read_and_who_leaves_hears_it_go() -> Result<()> {
    let scene = Scene::start().await?;
    let shown = write_presence(&scene.server, &scene.owner.user_id, "working", &[&to_team(&scene, "")]).await?;
    let presence = format!("/v1/presences/{}", shown["$id"].as_str().expect("an id"));
    let mut socket = listening(&scene.server, &scene.stranger.token).await?;
    refused(&scene.as_stranger().get(&presence).await?, 404, "presence_not_found")?;

    let membership = add(&scene.server, &scene.team, &scene.stranger.user_id, &[]).await?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "working"));
    scene.as_stranger().get(&presence).await?.expect_status(200)?;
    write_presence(&scene.server, &scene.owner.user_id, "resting", &[&to_team(&scene, "")]).await?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "resting"));

    let path = scene.path(&format!("/memberships/{membership}"));
    scene.as_stranger().delete(&path).await?.expect_status(204)?;
    assert_eq!(heard(&mut socket).await?, news("delete", "resting"));
    refused(&scene.as_stranger().get(&presence).await?, 404, "presence_not_found")?;

    // Whatever the team does from now on is not heard; what everybody may read comes next.
    write_presence(&scene.server, &scene.owner.user_id, "hidden", &[&to_team(&scene, "")]).await?;
    write_presence(&scene.server, &scene.member.user_id, "open", &["read(\"users\")"]).await?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "open"));
    Ok(())
}

#[tokio::test]
async fn everybody_hears_it_when_a_team_goes() -> Result<()> {
    let scene = Scene::start().await?;
    write_presence(&scene.server, &scene.stranger.user_id, "working", &[&to_team(&scene, "")]).await?;
    let mut sockets = Vec::new();
    for user in [&scene.owner, &scene.member] {
        sockets.push(listening(&scene.server, &user.token).await?);
    }
    let mut own = listening(&scene.server, &scene.stranger.token).await?;
    scene.as_owner().delete(&scene.path("")).await?.expect_status(204)?;
    for socket in &mut sockets {
        assert_eq!(heard(socket).await?, news("delete", "working"));
    }
    // Its owner still has it.
    write_presence(&scene.server, &scene.stranger.user_id, "alone", &[]).await?;
    assert_eq!(heard(&mut own).await?, news("upsert", "alone"));
    Ok(())
}

#[tokio::test]
async fn a_role_in_the_team_comes_and_goes() -> Result<()> {
    let scene = Scene::start().await?;
    write_presence(&scene.server, &scene.owner.user_id, "for admins", &[&to_team(&scene, "/admin")]).await?;
    let mut socket = listening(&scene.server, &scene.member.token).await?;
    let path = scene.membership_path("");
    scene.as_owner().patch(&path, &json!({"roles": ["admin"]})).await?.expect_status(200)?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "for admins"));
    scene.as_owner().patch(&path, &json!({"roles": ["editor"]})).await?.expect_status(200)?;
    assert_eq!(heard(&mut socket).await?, news("delete", "for admins"));
    Ok(())
}

#[tokio::test]
async fn a_presence_for_one_membership_is_heard_by_it() -> Result<()> {
    let scene = Scene::start().await?;
    let mut socket = listening(&scene.server, &scene.member.token).await?;
    let to_member = format!("read(\"member:{}\")", scene.membership);
    write_presence(&scene.server, &scene.owner.user_id, "for one", &[&to_member]).await?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "for one"));
    scene.as_owner().delete(&scene.membership_path("")).await?.expect_status(204)?;
    assert_eq!(heard(&mut socket).await?, news("delete", "for one"));
    Ok(())
}

#[tokio::test]
async fn who_makes_a_team_hears_what_was_meant_for_it() -> Result<()> {
    let scene = Scene::start().await?;
    let to_later = "read(\"team:later/owner\")";
    write_presence(&scene.server, &scene.owner.user_id, "for later", &[to_later]).await?;
    let mut socket = listening(&scene.server, &scene.stranger.token).await?;
    let body = json!({"teamId": "later", "name": "Later"});
    scene.as_stranger().post("/v1/teams", &body).await?.expect_status(201)?;
    assert_eq!(heard(&mut socket).await?, news("upsert", "for later"));
    Ok(())
}

#[tokio::test]
async fn who_joins_and_leaves_in_one_breath_hears_nothing_more() -> Result<()> {
    let scene = Scene::start().await?;
    write_presence(&scene.server, &scene.owner.user_id, "before", &[&to_team(&scene, "")]).await?;
    let mut socket = listening(&scene.server, &scene.stranger.token).await?;
    for round in 0..20 {
        let membership = add(&scene.server, &scene.team, &scene.stranger.user_id, &[]).await?;
        let path = scene.path(&format!("/memberships/{membership}"));
        scene.server.as_key().delete(&path).await?.expect_status(204)?;
        let (hidden, open) = (format!("hidden {round}"), format!("open {round}"));
        write_presence(&scene.server, &scene.owner.user_id, &hidden, &[&to_team(&scene, "")]).await?;
        write_presence(&scene.server, &scene.member.user_id, &open, &["read(\"users\")"]).await?;
        let status = |frame: &Value| frame["data"]["payload"]["status"].clone();
        let unwanted = |frame: &Value| status(frame) == hidden.as_str();
        socket.expect_none_until(unwanted, |frame| status(frame) == open.as_str(), PATIENCE).await?;
    }
    Ok(())
}

#[tokio::test]
async fn teams_joined_and_left_at_the_same_time_come_and_go_whole() -> Result<()> {
    const TEAMS: [&str; 4] = ["t0", "t1", "t2", "t3"];
    let scene = Scene::start().await?;
    let (server, stranger) = (&scene.server, scene.stranger.user_id.as_str());
    for team in TEAMS {
        server.as_key().post("/v1/teams", &json!({"teamId": team, "name": team})).await?.expect_status(201)?;
        let writer = server.create_user(team).await?;
        write_presence(server, &writer, team, &[&format!("read(\"team:{team}\")")]).await?;
    }
    let mut socket = listening(server, &scene.stranger.token).await?;
    for _ in 0..25 {
        let join = |team| add(server, team, stranger, &[]);
        let ids = tokio::try_join!(join("t0"), join("t1"), join("t2"), join("t3"))?;
        each_heard(&mut socket, "upsert", &TEAMS).await?;
        let leave = async |team: &str, id: &str| {
            let path = format!("/v1/teams/{team}/memberships/{id}");
            server.as_key().delete(&path).await?.expect_status(204)
        };
        tokio::try_join!(leave("t0", &ids.0), leave("t1", &ids.1), leave("t2", &ids.2), leave("t3", &ids.3))?;
        each_heard(&mut socket, "delete", &TEAMS).await?;
    }
    Ok(())
}

/// Waits until the socket has heard this of each of them, once each and nothing else.
async fn each_heard(socket: &mut Socket, action: &str, statuses: &[&str]) -> Result<()> {
    let mut left: Vec<_> = statuses.iter().map(|status| news(action, status)).collect();
    while !left.is_empty() {
        let next = heard(socket).await?;
        let place = left.iter().position(|expected| *expected == next);
        left.remove(place.with_context(|| format!("{next:?} is not among {left:?}"))?);
    }
    Ok(())
}

#[tokio::test]
async fn a_removal_whose_caller_hangs_up_is_heard_all_the_same() -> Result<()> {
    let scene = Scene::start().await?;
    write_presence(&scene.server, &scene.owner.user_id, "working", &[&to_team(&scene, "")]).await?;
    let mut socket = listening(&scene.server, &scene.member.token).await?;
    let request = format!(
        "DELETE {} HTTP/1.1\r\nhost: localhost\r\nx-appwrite-project: {}\r\nx-appwrite-key: {}\r\n\r\n",
        scene.membership_path(""),
        scene.server.project(),
        scene.server.key()
    );
    // A request may be lost whole with its connection, so it is sent until one was done.
    let is_gone = async || {
        hang_up_after(scene.server.address(), &request).await.expect("the server takes connections");
        let seen = scene.server.as_key().get(&scene.membership_path("")).await;
        seen.is_ok_and(|seen| seen.status == 404)
    };
    await_until("the membership is gone", PATIENCE, is_gone).await?;
    assert_eq!(heard(&mut socket).await?, news("delete", "working"));
    Ok(())
}

async fn hang_up_after(address: SocketAddr, request: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    Ok(())
}

#[tokio::test]
async fn a_snapshot_shows_what_the_roles_of_the_moment_may_read() -> Result<()> {
    let scene = Scene::start().await?;
    let (server, member) = (&scene.server, &scene.member);
    write_presence(server, &scene.owner.user_id, "working", &[&to_team(&scene, "")]).await?;
    let mut socket = server.connect_as(&member.token).await?;
    scene.as_owner().delete(&scene.membership_path("")).await?.expect_status(204)?;
    assert_eq!(snapshot(&mut socket, "out").await?, [""; 0]);
    add(server, &scene.team, &member.user_id, &[]).await?;
    assert_eq!(snapshot(&mut socket, "in").await?, ["working"]);
    Ok(())
}

/// The statuses in the snapshot that a subscription of this id begins with.
async fn snapshot(socket: &mut Socket, id: &str) -> Result<Vec<String>> {
    socket.subscribe(id, &["presences", "snapshot.presences"]).await?;
    let is_end = |frame: &Value| frame["data"]["events"][0] == "presences.snapshot.end";
    let mut frames = socket.collect_until(is_end, PATIENCE).await?;
    frames.pop();
    let of_snapshot = |frame: &&Value| frame["data"]["subscriptions"] == json!([id]);
    let status = |frame: &Value| frame["data"]["payload"]["status"].as_str().unwrap_or_default().to_owned();
    Ok(frames.iter().filter(of_snapshot).map(status).collect())
}
