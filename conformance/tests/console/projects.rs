//! Projects: made, seen, changed and ended.

use anyhow::Result;
use herenow_testkit::{ServerOptions, unique_id};
use serde_json::{Value, json};

use crate::support::{Operator, SCOPES, admit, guest, refused, server, text, user};

#[tokio::test]
async fn a_project_is_the_teams_that_it_was_made_for() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let path = format!("/v1/projects/{id}");
    let project = owner.console().get(&path).await?.expect_status(200)?.json()?;
    assert_eq!((&project["$id"], &project["name"]), (&json!(id), &json!("A project")));
    assert_eq!((&project["teamId"], &project["status"]), (&json!(owner.team), &json!("active")));
    assert_eq!(owner.admin(&id).get(&path).await?.expect_status(200)?.json()?, project);
    assert_eq!(owner.admin(&id).get("/v1/project").await?.expect_status(200)?.json()?, project);
    refused(&other.console().get(&path).await?, 401, "user_unauthorized")?;
    refused(&other.admin(&id).get("/v1/project").await?, 401, "user_unauthorized")?;

    let listed = |list: Value| list["projects"].as_array().is_some_and(|all| all.iter().any(|one| one["$id"] == id));
    assert!(listed(owner.console().get("/v1/projects").await?.json()?));
    assert!(!listed(other.console().get("/v1/projects").await?.json()?));
    let query = json!({"method": "equal", "attribute": "teamId", "values": [owner.team]}).to_string();
    let found = owner.console().request(http::Method::GET, "/v1/projects").query("queries[0]", &query).send().await?;
    assert_eq!(found.json()?["total"], 1);
    Ok(())
}

#[tokio::test]
async fn a_project_needs_an_id_that_is_free_and_a_team_of_the_operators_own() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let taken = owner.project().await?;
    for (id, name, team, status, kind) in [
        (taken.as_str(), "x", owner.team.as_str(), 409, "project_already_exists"),
        ("console", "x", &owner.team, 400, "project_reserved_project"),
        ("Upper", "x", &owner.team, 400, "general_argument_invalid"),
        ("-x", "x", &owner.team, 400, "general_argument_invalid"),
        ("fine", "", &owner.team, 400, "general_argument_invalid"),
        ("fine", "x", "nowhere", 404, "team_not_found"),
        ("fine", "x", &other.team, 401, "user_unauthorized"),
    ] {
        let body = json!({"projectId": id, "name": name, "teamId": team});
        refused(&owner.console().post("/v1/projects", &body).await?, status, kind)?;
    }
    let body = json!({"projectId": "unique()", "name": "Made up", "teamId": owner.team});
    let made = owner.console().post("/v1/projects", &body).await?.expect_status(201)?.json()?;
    assert_eq!(text(&made, "$id")?.len(), 20);
    guest(&server, &text(&made, "$id")?).get("/v1/ping").await?.expect_status(200)?;
    refused(&guest(&server, "fine").get("/v1/ping").await?, 404, "project_not_found")
}

#[tokio::test]
async fn a_project_is_renamed_and_moved_to_another_team_of_the_operator() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let path = format!("/v1/projects/{id}");
    let renamed = owner.console().patch(&path, &json!({"name": "New", "url": "x"})).await?.expect_status(200)?;
    assert_eq!(renamed.json()?["name"], "New");
    refused(&other.console().patch(&path, &json!({"name": "Mine"})).await?, 401, "user_unauthorized")?;
    let to = |team: &str| json!({"teamId": team});
    let path = format!("{path}/team");
    refused(&owner.console().patch(&path, &to(&other.team)).await?, 401, "user_unauthorized")?;
    let team = unique_id();
    owner.console().post("/v1/teams", &json!({"teamId": team, "name": "New"})).await?.expect_status(201)?;
    let moved = owner.console().patch(&path, &to(&team)).await?.expect_status(200)?.json()?;
    assert_eq!(moved["teamId"], team.as_str());
    Ok(())
}

#[tokio::test]
async fn a_project_that_ends_leaves_nothing_behind() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?;
    let (user, token) = user(&key.client(&server, &id)).await?;
    let session = guest(&server, &id).with_header("X-Appwrite-Session", &token);
    session.put("/v1/presences/p", &json!({"status": "here"})).await?.expect_status(200)?;
    owner.console().delete(&format!("/v1/projects/{id}")).await?.expect_status(204)?;
    for caller in [&key.client(&server, &id), &session, &owner.admin(&id)] {
        refused(&caller.get("/v1/presences").await?, 404, "project_not_found")?;
    }
    refused(&owner.console().delete(&format!("/v1/projects/{id}")).await?, 404, "project_not_found")?;

    let again = json!({"projectId": id, "name": "Again", "teamId": owner.team});
    owner.console().post("/v1/projects", &again).await?.expect_status(201)?;
    let admin = owner.admin(&id);
    assert_eq!(admin.get("/v1/presences").await?.expect_status(200)?.json()?["total"], 0);
    assert_eq!(admin.get("/v1/project/keys").await?.expect_status(200)?.json()?["total"], 0);
    refused(&admin.get(&format!("/v1/users/{user}")).await?, 404, "user_not_found")?;
    refused(&key.client(&server, &id).get("/v1/presences").await?, 401, "user_unauthorized")?;
    refused(&session.get("/v1/presences").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn older_clients_get_the_project_in_its_older_form() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    owner.key(&id, &["users.read"]).await?;
    let older = owner.console().with_header("X-Appwrite-Response-Format", "1.8.0");
    let project = older.get(&format!("/v1/projects/{id}")).await?.expect_status(200)?.json()?;
    assert_eq!((&project["authDuration"], &project["authSessionsLimit"]), (&json!(31_536_000), &json!(10)));
    assert_eq!((&project["authInvalidateSessions"], &project["authAnonymous"]), (&json!(true), &json!(true)));
    assert_eq!((&project["keys"][0]["name"], &project["keys"][0]["secret"]), (&json!("A key"), &json!("")));
    let newer = owner.console().get(&format!("/v1/projects/{id}")).await?.json()?;
    assert!(newer["authDuration"].is_null() && newer["authMethods"].is_array());
    Ok(())
}

#[tokio::test]
async fn what_was_made_over_the_api_is_there_after_a_restart() -> Result<()> {
    let mut server = herenow_testkit::Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await?;
    let (owner, member) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?;
    admit(&mut server, &owner.team, &member, &["developer"]).await?;
    key.client(&server, &id).get("/v1/users").await?.expect_status(200)?;
    let body = json!({"projectId": unique_id(), "name": "Ours", "teamId": owner.team});
    let client = herenow_testkit::Http::new(server.address()).with_header("X-Appwrite-Project", "console");
    client.with_header("Cookie", &member.cookie_header()).post("/v1/projects", &body).await?.expect_status(201)?;
    Ok(())
}
