//! One row for each kind of change of a user, a team and a membership, over each way to make it: what it is called when
//! it is heard, by whom it concerns, in the order in which it was made.

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Server, ServerOptions, SignedIn, Socket};
use http::Method;
use serde_json::{Value, json};

use crate::support::{heard, listening, texts};

/// Who makes the change.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Whom it concerns; of a team its owner.
    Own,
    /// A server.
    Key,
}

/// By whom, how, where, with what, and the name under which it is heard.
struct Row(By, Method, &'static str, Value, &'static str);

fn of_users() -> Vec<Row> {
    use By::{Key, Own};
    let (post, put, patch, delete) = (Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let name = |name: &str| json!({"name": name});
    let prefs = |theme: &str| json!({"prefs": {"theme": theme}});
    vec![
        Row(Own, patch.clone(), "/v1/account/name", name("Own"), "users.{user}.update.name"),
        Row(Key, patch.clone(), "/v1/users/{user}/name", name("Key"), "users.{user}.update.name"),
        Row(Own, patch.clone(), "/v1/account/prefs", prefs("own"), "users.{user}.update.prefs"),
        Row(Key, patch.clone(), "/v1/users/{user}/prefs", prefs("key"), "users.{user}.update.prefs"),
        Row(Key, put, "/v1/users/{user}/labels", json!({"labels": ["vip"]}), "users.{user}.update.labels"),
        Row(
            Key,
            patch.clone(),
            "/v1/users/{user}/verification",
            json!({"emailVerification": true}),
            "users.{user}.update.verification",
        ),
        Row(
            Key,
            patch.clone(),
            "/v1/users/{user}/verification/phone",
            json!({"phoneVerification": true}),
            "users.{user}.update.verification",
        ),
        Row(Key, patch.clone(), "/v1/users/{user}/status", json!({"status": true}), "users.{user}.update.status"),
        Row(Key, post, "/v1/users/{user}/sessions", json!({}), "users.{user}.sessions.*.create"),
        Row(Own, patch, "/v1/account/sessions/current", json!({}), "users.{user}.sessions.{session}.update"),
        Row(
            Key,
            delete.clone(),
            "/v1/users/{user}/sessions/{session}",
            json!({}),
            "users.{user}.sessions.{session}.delete",
        ),
        // The one that the server has made above goes with the user, and so does this socket.
        Row(Key, delete, "/v1/users/{user}", json!({}), "users.{user}.delete"),
    ]
}

fn of_teams() -> Vec<Row> {
    use By::{Key, Own};
    let (post, put, patch, delete) = (Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let add = json!({"userId": "{member}", "roles": ["helm"]});
    vec![
        Row(Own, post.clone(), "/v1/teams", json!({"teamId": "crew", "name": "Crew"}), "teams.crew.create"),
        Row(Own, put.clone(), "/v1/teams/crew", json!({"name": "Own"}), "teams.crew.update"),
        Row(Key, put.clone(), "/v1/teams/crew", json!({"name": "Key"}), "teams.crew.update"),
        Row(Own, put.clone(), "/v1/teams/crew/prefs", json!({"prefs": {"a": 1}}), "teams.crew.update.prefs"),
        Row(Key, put, "/v1/teams/crew/prefs", json!({"prefs": {"a": 2}}), "teams.crew.update.prefs"),
        Row(Key, post, "/v1/teams/crew/memberships", add, "teams.crew.memberships.*.create"),
        Row(
            Own,
            patch.clone(),
            "/v1/teams/crew/memberships/{membership}",
            json!({"roles": ["oar"]}),
            "teams.crew.memberships.*.update",
        ),
        Row(
            Key,
            patch,
            "/v1/teams/crew/memberships/{membership}",
            json!({"roles": []}),
            "teams.crew.memberships.*.update",
        ),
        Row(
            Own,
            delete.clone(),
            "/v1/teams/crew/memberships/{membership}",
            json!({}),
            "teams.crew.memberships.*.delete",
        ),
        Row(Own, delete, "/v1/teams/crew", json!({}), "teams.crew.delete"),
    ]
}

/// What the placeholders of paths and bodies stand for.
struct Names(Vec<(&'static str, String)>);

impl Names {
    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

async fn run(row: &Row, names: &mut Names, (own, key): (&Http, &Http), socket: &mut Socket) -> Result<()> {
    let Row(by, method, path, body, name) = row;
    let client = match by {
        By::Own => own,
        By::Key => key,
    };
    let request = client.request(method.clone(), &names.fill(path));
    let body: Value = serde_json::from_str(&names.fill(&body.to_string()))?;
    let request = if *method == Method::DELETE { request } else { request.json(&body) };
    let answer = request.send().await?;
    ensure!(answer.status.is_success(), "{} {}", answer.status, answer.text());
    if path.ends_with("/memberships") {
        names.0.push(("{membership}", answer.json()?["$id"].as_str().context("an id")?.to_owned()));
    }
    let data = heard(socket).await?;
    let name = names.fill(name);
    ensure!(texts(&data["events"]).contains(&name.as_str()), "heard {}", data["events"]);
    Ok(())
}

async fn run_all(rows: Vec<Row>, server: &Server, own: &SignedIn, mut names: Names) -> Result<()> {
    let channels = ["account", "teams", "memberships"];
    // A session of its own, so that the one whose end is heard is not the listener's.
    let listener = server.create_session(&own.user_id).await?;
    let mut socket = listening(server, &listener.token, &channels).await?;
    let clients = (server.as_session(&own.token), server.as_key());
    for row in rows {
        let what = format!("{:?}: {} {} {}", row.0, row.1, row.2, row.3);
        run(&row, &mut names, (&clients.0, &clients.1), &mut socket).await.context(what)?;
    }
    Ok(())
}

#[tokio::test]
async fn each_change_of_a_user_is_heard_by_them() -> Result<()> {
    // A new password, which would end the session that listens, is heard in `accounts`.
    let server = Server::start(ServerOptions::new()).await?;
    let ada = server.new_user("Ada").await?;
    let names = Names(vec![("{user}", ada.user_id.clone()), ("{session}", ada.session_id.clone())]);
    run_all(of_users(), &server, &ada, names).await
}

#[tokio::test]
async fn each_change_of_a_team_and_its_members_is_heard_by_its_owner() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let (owner, member) = (server.new_user("Olga").await?, server.new_user("Mika").await?);
    run_all(of_teams(), &server, &owner, Names(vec![("{member}", member.user_id)])).await
}
