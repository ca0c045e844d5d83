//! What members hear of their teams and of each other.

use anyhow::{Context, Result};
use herenow_testkit::{Server, ServerOptions, SignedIn};
use serde_json::{Value, json};

use crate::support::{heard, heard_of, listening, texts};

const TEAM: &str = "/v1/teams/crew";

/// A server with a team `crew` that has an owner.
async fn crew() -> Result<(Server, SignedIn)> {
    let server = Server::start(ServerOptions::new()).await?;
    let owner = server.new_user("Olga").await?;
    let body = json!({"teamId": "crew", "name": "Crew"});
    server.as_session(&owner.token).post("/v1/teams", &body).await?.expect_status(201)?;
    Ok((server, owner))
}

async fn add(server: &Server, user: &SignedIn, roles: &[&str]) -> Result<Value> {
    let body = json!({"userId": user.user_id, "roles": roles});
    server.as_key().post(&format!("{TEAM}/memberships"), &body).await?.expect_status(201)?.json()
}

#[tokio::test]
async fn who_makes_a_team_hears_of_it_and_of_what_it_becomes() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let owner = server.new_user("Olga").await?;
    let own = server.as_session(&owner.token);
    let mut socket = listening(&server, &owner.token, &["teams"]).await?;
    let body = json!({"teamId": "crew", "name": "Crew"});
    let made = own.post("/v1/teams", &body).await?.expect_status(201)?.json()?;
    let data = heard(&mut socket).await?;
    assert_eq!(texts(&data["events"]), ["teams.crew.create", "teams.*.create", "teams.crew", "teams.*"]);
    assert_eq!(texts(&data["channels"]), ["teams", "teams.crew", "teams.create", "teams.crew.create"]);
    assert_eq!(data["payload"]["name"], made["name"]);

    own.put(TEAM, &json!({"name": "The crew"})).await?.expect_status(200)?;
    assert_eq!(heard_of(&mut socket, "teams.crew.update").await?["payload"]["name"], "The crew");
    let prefs = json!({"prefs": {"colour": "blue"}});
    own.put(&format!("{TEAM}/prefs"), &prefs).await?.expect_status(200)?;
    assert_eq!(heard_of(&mut socket, "teams.crew.update.prefs").await?["payload"], prefs["prefs"]);
    own.delete(TEAM).await?.expect_status(204)?;
    assert_eq!(heard_of(&mut socket, "teams.crew.delete").await?["payload"]["$id"], "crew");
    Ok(())
}

#[tokio::test]
async fn members_hear_who_comes_and_who_goes_and_who_goes_does_not() -> Result<()> {
    let (server, owner) = crew().await?;
    let (mika, sten) = (server.new_user("Mika").await?, server.new_user("Sten").await?);
    let mut of_owner = listening(&server, &owner.token, &["memberships"]).await?;
    let mut of_mika = listening(&server, &mika.token, &["memberships", "account"]).await?;
    let mut of_sten = listening(&server, &sten.token, &["memberships", "teams", "account"]).await?;

    let membership = add(&server, &mika, &["editor"]).await?;
    let id = membership["$id"].as_str().context("an id")?;
    let name = |rest: &str| format!("teams.crew.memberships.{id}.{rest}");
    for socket in [&mut of_owner, &mut of_mika] {
        let data = heard(socket).await?;
        assert_eq!(data["events"][0], name("create").as_str(), "the most precise comes first");
        let channels = ["memberships", &format!("memberships.{id}"), "memberships.create"];
        assert_eq!(texts(&data["channels"])[..3], channels);
        assert_eq!(data["payload"]["roles"], json!(["editor"]));
    }
    let path = format!("{TEAM}/memberships/{id}");
    let roles = json!({"roles": ["admin"]});
    server.as_session(&owner.token).patch(&path, &roles).await?.expect_status(200)?;
    for socket in [&mut of_owner, &mut of_mika] {
        assert_eq!(heard_of(socket, &name("update")).await?["payload"]["roles"], json!(["admin"]));
    }
    server.as_session(&owner.token).delete(&path).await?.expect_status(204)?;
    heard_of(&mut of_owner, &name("delete")).await?;

    // Neither who was removed nor who never was a member has heard anything of it.
    for (user, socket) in [(&mika, &mut of_mika), (&sten, &mut of_sten)] {
        let body = json!({"name": "Next"});
        server.as_session(&user.token).patch("/v1/account/name", &body).await?.expect_status(200)?;
        heard_of(socket, &format!("users.{}.update.name", user.user_id)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_member_hears_the_end_of_a_team() -> Result<()> {
    let (server, owner) = crew().await?;
    let mika = server.new_user("Mika").await?;
    add(&server, &mika, &[]).await?;
    let mut sockets = Vec::new();
    for user in [&owner, &mika] {
        sockets.push(listening(&server, &user.token, &["teams.crew"]).await?);
    }
    server.as_session(&owner.token).delete(TEAM).await?.expect_status(204)?;
    for socket in &mut sockets {
        heard_of(socket, "teams.crew.delete").await?;
    }
    Ok(())
}
