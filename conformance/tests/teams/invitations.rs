//! Invitations: what users get who invite, and how one is accepted. No mail server can be configured yet, so an open
//! invitation is put into the store while the server is down.

use anyhow::{Context, Result};
use herenow_core::{MembershipId, ProjectId, TeamId, UserId, account::Membership};
use herenow_server::auth::secret::hash;
use herenow_store::{Accounts, sqlite::SqliteAccounts};
use herenow_testkit::{Response, Server};
use serde_json::{Value, json};

use crate::scene::{PATIENCE, Scene, refused, write_presence};

const SECRET: &str = "f00f";

#[tokio::test]
async fn without_a_mail_server_a_user_cannot_invite() -> Result<()> {
    let scene = Scene::start().await?;
    let body = json!({"email": "new@example.com", "roles": [], "url": "http://localhost:3000/join"});
    // It is said before the team is looked for.
    for (client, path) in [
        (scene.as_owner(), scene.path("/memberships")),
        (scene.as_member(), scene.path("/memberships")),
        (scene.as_stranger(), "/v1/teams/nowhere/memberships".to_owned()),
    ] {
        refused(&client.post(&path, &body).await?, 503, "general_smtp_disabled")?;
    }
    for (client, kind) in
        [(scene.server.guest(), "general_unauthorized_scope"), (scene.as_narrow_key(), "general_unauthorized_scope")]
    {
        refused(&client.post(&scene.path("/memberships"), &body).await?, 401, kind)?;
    }
    for body in [
        json!({"email": "new@example.com", "roles": []}),
        json!({"email": "new@example.com", "roles": [], "url": ""}),
        json!({"roles": [], "url": "http://localhost:3000/join"}),
    ] {
        let answer = scene.as_owner().post(&scene.path("/memberships"), &body).await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    let users = scene.server.as_key().get("/v1/users").await?.json()?;
    assert_eq!(users["total"], 3, "nobody was made");
    Ok(())
}

/// Puts an open invitation of the stranger into the store.
async fn invite(scene: &mut Scene) -> Result<String> {
    let stranger = scene.stranger.user_id.clone();
    invite_all(scene, &[("invitation".to_owned(), stranger)]).await?;
    Ok(scene.path("/memberships/invitation"))
}

/// Puts open invitations into the store: of each the id, and of whom.
async fn invite_all(scene: &mut Scene, invitations: &[(String, String)]) -> Result<()> {
    let server = &mut scene.server;
    anyhow::ensure!(server.stop().await?.success(), "the server stops");
    {
        let store = SqliteAccounts::open(&server.data_dir().join("accounts.db"))?;
        let project = ProjectId::parse(server.project())?;
        let team = TeamId::parse(&scene.team)?;
        let (_, model) = store.memberships_of_team(&project, &team).await?.pop().context("the member is there")?;
        for (id, user) in invitations {
            let invitation = Membership {
                id: MembershipId::parse(id)?,
                user: UserId::parse(user)?,
                joined: None,
                confirm: false,
                secret_hash: hash(SECRET),
                ..model.clone()
            };
            store.create_membership(&project, &invitation).await?;
        }
    }
    server.restart().await
}

/// So many times each race is run.
const RACES: usize = 12;

/// Invites as many people as there are races; of each the path of the membership and who they are.
async fn invite_many(scene: &mut Scene) -> Result<Vec<(String, Value)>> {
    let mut invitations = Vec::new();
    for number in 0..RACES {
        let user = scene.server.as_key().post("/v1/users", &json!({"userId": "unique()"})).await?.expect_status(201)?;
        let user = user.json()?["$id"].as_str().context("an id")?.to_owned();
        invitations.push((format!("invitation-{number}"), user));
    }
    invite_all(scene, &invitations).await?;
    let answer = |(id, user)| (scene.path(&format!("/memberships/{id}")), json!({"userId": user, "secret": SECRET}));
    Ok(invitations.into_iter().map(answer).collect())
}

#[tokio::test]
async fn roles_that_change_while_an_invitation_is_accepted_are_not_lost() -> Result<()> {
    let mut scene = Scene::start().await?;
    for (path, answer) in invite_many(&mut scene).await? {
        let (guest, key, status) = (scene.server.guest(), scene.server.as_key(), format!("{path}/status"));
        let roles = json!({"roles": ["helm"]});
        let (accepted, changed) = tokio::join!(guest.patch(&status, &answer), key.patch(&path, &roles));
        accepted?.expect_status(200)?;
        changed?.expect_status(200)?;
        let kept = key.get(&path).await?.expect_status(200)?.json()?;
        assert_eq!((&kept["confirm"], &kept["roles"]), (&json!(true), &json!(["helm"])), "{kept}");
        assert_ne!(kept["joined"], "");
    }
    Ok(())
}

#[tokio::test]
async fn of_two_who_confirm_an_invitation_at_once_one_does() -> Result<()> {
    let mut scene = Scene::start().await?;
    for (number, (path, answer)) in invite_many(&mut scene).await?.into_iter().enumerate() {
        let (guest, key, status) = (scene.server.guest(), scene.server.as_key(), format!("{path}/status"));
        let add = json!({"userId": answer["userId"], "roles": ["helm"]});
        let members = scene.path("/memberships");
        let one = guest.patch(&status, &answer);
        let other = async {
            if number % 2 == 0 { guest.patch(&status, &answer).await } else { key.post(&members, &add).await }
        };
        let (one, other) = tokio::join!(one, other);
        let mut answers = [one?, other?];
        answers.sort_by_key(|answer| answer.status);
        assert!(answers[0].status.is_success(), "{}", answers[0].text());
        refused(&answers[1], 409, "membership_already_confirmed")?;
    }
    Ok(())
}

fn answer(scene: &Scene) -> Value {
    json!({"userId": scene.stranger.user_id, "secret": SECRET})
}

#[tokio::test]
async fn who_is_only_invited_has_no_part_in_the_team() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await?;
    refused(&scene.as_stranger().get(&scene.path("")).await?, 404, "team_not_found")?;
    assert_eq!(scene.as_stranger().get("/v1/teams").await?.json()?["total"], 0);
    let team = scene.as_owner().get(&scene.path("")).await?.json()?;
    assert_eq!(team["total"], 2);
    let seen = scene.as_owner().get(&path).await?.expect_status(200)?.json()?;
    assert_eq!((&seen["confirm"], &seen["joined"]), (&json!(false), &json!("")));
    assert!(!seen.to_string().contains(&hash(SECRET)), "{seen}");
    Ok(())
}

#[tokio::test]
async fn accepting_signs_in_who_has_no_session() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await? + "/status";
    let accepted = scene.server.guest().patch(&path, &answer(&scene)).await?.expect_status(200)?;
    let membership = accepted.json()?;
    assert_eq!((&membership["confirm"], &membership["userName"]), (&json!(true), &json!("Sten")));
    assert_ne!(membership["joined"], "");
    let token = scene.server.session_token(&accepted)?;
    assert!(accepted.header("x-fallback-cookies").is_some_and(|cookies| cookies.contains(&token)));
    let client = scene.server.as_session(&token);
    assert_eq!(client.get(&scene.path("")).await?.expect_status(200)?.json()?["total"], 3);
    let user = format!("/v1/users/{}", scene.stranger.user_id);
    let user = scene.server.as_key().get(&user).await?.expect_status(200)?.json()?;
    assert_eq!(user["emailVerification"], true, "the secret came by mail");
    refused(&scene.server.guest().patch(&path, &answer(&scene)).await?, 409, "membership_already_confirmed")
}

#[tokio::test]
async fn accepting_with_a_session_makes_no_other() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await? + "/status";
    let (server, stranger) = (&scene.server, &scene.stranger);
    write_presence(server, &scene.owner.user_id, "for the team", &[&format!("read(\"team:{}\")", scene.team)]).await?;
    let mut socket = server.connect_as(&stranger.token).await?;
    socket.subscribe("s", &["presences"]).await?;
    let accepted = scene.as_stranger().patch(&path, &answer(&scene)).await?.expect_status(200)?;
    assert!(accepted.cookies().is_empty(), "{:?}", accepted.headers);
    let event = socket.wait_for(|frame| frame["type"] == "event", PATIENCE).await?;
    assert_eq!(event["data"]["payload"]["status"], "for the team");
    assert_eq!(sessions(server, &stranger.user_id).await?, 1);
    Ok(())
}

#[tokio::test]
async fn members_hear_that_an_invitation_was_accepted() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await? + "/status";
    let mut of_owner = scene.server.connect_as(&scene.owner.token).await?;
    of_owner.subscribe("s", &["memberships"]).await?;
    let mut of_stranger = scene.server.connect_as(&scene.stranger.token).await?;
    of_stranger.subscribe("s", &["memberships"]).await?;
    scene.as_stranger().patch(&path, &answer(&scene)).await?.expect_status(200)?;
    let name = format!("teams.{}.memberships.invitation.update.status", scene.team);
    for socket in [&mut of_owner, &mut of_stranger] {
        let event = socket.wait_for(|frame| frame["type"] == "event", PATIENCE).await?;
        let events = event["data"]["events"].as_array().context("events")?;
        for name in [name.as_str(), "teams.*.memberships.*.update.status"] {
            assert!(events.contains(&json!(name)), "{events:?}");
        }
        let payload = &event["data"]["payload"];
        assert_eq!((&payload["$id"], &payload["confirm"]), (&json!("invitation"), &json!(true)));
        assert!(!payload.to_string().contains(&hash(SECRET)), "{payload}");
    }
    Ok(())
}

async fn sessions(server: &Server, user: &str) -> Result<Value> {
    let list = server.as_key().get(&format!("/v1/users/{user}/sessions")).await?.expect_status(200)?;
    Ok(list.json()?["total"].clone())
}

#[tokio::test]
async fn an_invitation_opens_for_whom_it_was_meant_alone() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await? + "/status";
    let (guest, right) = (scene.server.guest(), answer(&scene));
    let refuse = |response: Response, status, kind| refused(&response, status, kind);
    let nowhere = scene.path("/memberships/nowhere/status");
    refuse(guest.patch(&nowhere, &right).await?, 404, "membership_not_found")?;
    refuse(guest.patch("/v1/teams/nowhere/memberships/invitation/status", &right).await?, 404, "team_not_found")?;
    scene.as_member().post("/v1/teams", &json!({"teamId": "other", "name": "x"})).await?.expect_status(201)?;
    let other = "/v1/teams/other/memberships/invitation/status";
    refuse(guest.patch(other, &right).await?, 404, "team_membership_mismatch")?;
    let wrong = json!({"userId": scene.stranger.user_id, "secret": "f00d"});
    refuse(guest.patch(&path, &wrong).await?, 401, "team_invalid_secret")?;
    let wrong = json!({"userId": scene.member.user_id, "secret": SECRET});
    refuse(guest.patch(&path, &wrong).await?, 401, "team_invite_mismatch")?;
    refuse(scene.as_member().patch(&path, &right).await?, 401, "team_invite_mismatch")?;
    refuse(scene.server.as_key().patch(&path, &right).await?, 401, "general_unauthorized_scope")?;
    for body in [json!({"secret": SECRET}), json!({"userId": scene.stranger.user_id, "secret": ""})] {
        refuse(guest.patch(&path, &body).await?, 400, "general_argument_invalid")?;
    }
    // One that a key confirmed has no secret that could be guessed.
    let own = json!({"userId": scene.member.user_id, "secret": "x"});
    refuse(guest.patch(&scene.membership_path("/status"), &own).await?, 401, "team_invalid_secret")?;
    guest.patch(&path, &right).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn a_blocked_user_does_not_get_in_by_an_invitation() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await? + "/status";
    let status = format!("/v1/users/{}/status", scene.stranger.user_id);
    scene.server.as_key().patch(&status, &json!({"status": false})).await?.expect_status(200)?;
    refused(&scene.server.guest().patch(&path, &answer(&scene)).await?, 403, "user_blocked")?;
    assert_eq!(scene.as_owner().get(&scene.path("")).await?.json()?["total"], 2);
    Ok(())
}

#[tokio::test]
async fn a_key_confirms_an_open_invitation() -> Result<()> {
    let mut scene = Scene::start().await?;
    invite(&mut scene).await?;
    let body = json!({"userId": scene.stranger.user_id, "roles": ["viewer"]});
    let added = scene.server.as_key().post(&scene.path("/memberships"), &body).await?.expect_status(201)?.json()?;
    assert_eq!((&added["$id"], &added["confirm"]), (&json!("invitation"), &json!(true)));
    assert_eq!(added["roles"], json!(["viewer"]));
    scene.as_stranger().get(&scene.path("")).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_declined_by_whom_it_was_meant_for() -> Result<()> {
    let mut scene = Scene::start().await?;
    let path = invite(&mut scene).await?;
    scene.as_stranger().delete(&path).await?.expect_status(204)?;
    refused(&scene.as_owner().get(&path).await?, 404, "membership_not_found")
}
