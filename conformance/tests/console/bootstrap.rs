//! The calls by which the original's own harness sets itself up, in their order, and what it does then.
//!
//! Source: http-api, section F.

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response, Server, unique_id};
use serde_json::{Value, json};

use crate::support::{server, text};

const ORIGIN: &str = "http://localhost";

/// The harness' client: what it sends with every call.
fn client(server: &Server, project: &str) -> Http {
    let client = Http::new(server.address()).with_header("x-sdk-version", "appwrite:php:v1.0.7");
    client.with_header("origin", ORIGIN).with_header("x-appwrite-project", project)
}

/// A cookie by its exact name, its value as it came.
fn cookie(response: &Response, name: &str) -> Result<String> {
    let found = response.cookies().into_iter().find(|cookie| cookie.name == name && !cookie.value.is_empty());
    Ok(found.with_context(|| format!("no cookie {name}"))?.value)
}

/// Some sixty scopes, some of them twice, as the harness asks for them.
const SCOPES: &str = "\
    users.read users.write teams.read teams.write databases.read databases.write collections.read \
    collections.write tables.read tables.write documents.read documents.write rows.read rows.write files.read \
    files.write buckets.read buckets.write functions.read functions.write sites.read sites.write log.read \
    log.write executions.read executions.write execution.read execution.write targets.read targets.write \
    providers.read providers.write messages.read messages.write topics.write topics.read subscribers.write \
    subscribers.read migrations.write migrations.read rules.read rules.write sessions.write tokens.read \
    tokens.write schedules.read schedules.write attributes.read attributes.write indexes.read indexes.write \
    columns.read columns.write locale.read avatars.read health.read presences.read presences.write \
    webhooks.read webhooks.write users.read documents.write rows.read";

/// A project as the harness has it.
struct Bootstrapped {
    root: String,
    project: String,
    key: String,
}

async fn sign_up(client: &Http) -> Result<(Value, Value)> {
    let (id, email) = (unique_id(), format!("{}@appwrite.io", unique_id()));
    let account = json!({"userId": id, "email": email, "password": "password", "name": "User Name"});
    let made = client.post("/v1/account", &account).await?.expect_status(201)?.json()?;
    ensure!(made["$id"] == id.as_str() && made["name"] == "User Name" && made["email"] == email.as_str(), "{made}");
    Ok((made, json!({"email": email, "password": "password"})))
}

/// Calls 1 to 8.
async fn bootstrap(server: &Server) -> Result<Bootstrapped> {
    let console = client(server, "console");
    let (_, credentials) = sign_up(&console).await?;
    let session = console.post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
    let root = cookie(&session, "a_session_console")?;
    let console = console.with_header("cookie", &format!("a_session_console={root}"));
    console.get("/v1/account").await?.expect_status(200)?;

    let team = json!({"teamId": unique_id(), "name": "Demo Project Team"});
    let team = console.post("/v1/teams", &team).await?.expect_status(201)?.json()?;
    ensure!(team["name"] == "Demo Project Team", "{team}");
    let id = unique_id();
    let project = json!({
        "projectId": id, "region": "default", "name": "Demo Project", "teamId": team["$id"],
        "description": "Demo Project Description", "url": "https://appwrite.io",
    });
    let project = console.post("/v1/projects", &project).await?.expect_status(201)?.json()?;
    ensure!(project["$id"] == id.as_str() && project["name"] == "Demo Project", "{project}");

    let key =
        json!({"keyId": unique_id(), "name": "Demo Project Key", "scopes": SCOPES.split(' ').collect::<Vec<_>>()});
    let key = console.post(&format!("/v1/projects/{id}/keys"), &key).await?.expect_status(201)?.json()?;
    let webhook = json!({
        "webhookId": "unique()", "name": "Webhook Test", "tls": false,
        "events": ["databases.*", "functions.*", "buckets.*", "teams.*", "users.*"],
        "url": "http://request-catcher-webhook:5000/",
    });
    let admin = client(server, &id).with_header("cookie", &format!("a_session_console={root}"));
    let admin = admin.with_header("x-appwrite-mode", "admin");
    let webhook = admin.post("/v1/webhooks", &webhook).await?.expect_status(201)?.json()?;
    ensure!(!text(&webhook, "$id")?.is_empty() && text(&webhook, "secret")?.len() == 128, "{webhook}");
    let smtp = json!({
        "enabled": true, "senderEmail": "mailer@appwrite.io", "senderName": "Mailer", "host": "maildev", "port": 1025,
        "username": "user", "password": "password",
    });
    console.patch(&format!("/v1/projects/{id}/smtp"), &smtp).await?.expect_status(200)?;
    Ok(Bootstrapped { root, project: id, key: text(&key, "secret")? })
}

#[tokio::test]
async fn the_harness_of_the_original_sets_itself_up_and_uses_presences_from_every_side() -> Result<()> {
    let server = server().await?;
    let Bootstrapped { root, project, key } = bootstrap(&server).await?;
    let console = client(&server, "console").with_header("cookie", &format!("a_session_console={root}"));

    // 9: a user.
    let guest = client(&server, &project);
    let (user, credentials) = sign_up(&guest).await?;
    let session = guest.post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
    ensure!(!text(&session.json()?, "$id")?.is_empty(), "a session has an id");
    let session = cookie(&session, &format!("a_session_{project}"))?;
    // 10: a key with scopes of its own; 11 and 12.
    let narrow = json!({"keyId": unique_id(), "name": "Key", "scopes": ["presences.read", "presences.write"]});
    let narrow = console.post(&format!("/v1/projects/{project}/keys"), &narrow).await?.expect_status(201)?.json()?;
    let path = format!("/v1/projects/{project}/auth/session-invalidation");
    console.patch(&path, &json!({"enabled": false})).await?.expect_status(200)?;
    let variables = console.get("/v1/console/variables").await?.expect_status(200)?.json()?;
    ensure!(variables["supportForRelationships"] == false, "{variables}");

    // Presences as client, as server and as console.
    let as_client = guest.clone().with_header("cookie", &format!("a_session_{project}={session}"));
    let as_server = client(&server, &project).with_header("x-appwrite-key", &text(&narrow, "secret")?);
    let as_console = client(&server, &project).with_header("cookie", &format!("a_session_console={root}"));
    let as_console = as_console.with_header("x-appwrite-mode", "admin");
    let id = unique_id();
    let path = format!("/v1/presences/{id}");
    let made = as_client.put(&path, &json!({"status": "online"})).await?.expect_status(200)?.json()?;
    ensure!(made["$id"] == id.as_str() && made["userId"] == user["$id"], "{made}");
    let on_behalf = json!({"status": "away", "userId": user["$id"]});
    for side in [&as_server, &as_console] {
        assert_eq!(side.get(&path).await?.expect_status(200)?.json()?["$id"], id.as_str());
        assert_eq!(side.get("/v1/presences?total=1").await?.expect_status(200)?.json()?["total"], 1);
        assert_eq!(side.put(&path, &on_behalf).await?.expect_status(200)?.json()?["status"], "away");
    }
    as_console.patch(&path, &json!({"status": "busy"})).await?.expect_status(200)?;
    assert_eq!(as_client.get(&path).await?.expect_status(200)?.json()?["status"], "busy");
    as_console.delete(&path).await?.expect_status(204)?;
    assert_eq!(as_server.get(&path).await?.status, 404);
    // The first key has everything.
    let wide = client(&server, &project).with_header("x-appwrite-key", &key);
    assert_eq!(wide.get("/v1/users").await?.expect_status(200)?.json()?["total"], 1);
    Ok(())
}

#[tokio::test]
async fn the_second_run_of_the_harness_finds_the_operator_and_the_team() -> Result<()> {
    let server = server().await?;
    let (first, second) = (bootstrap(&server).await?, bootstrap(&server).await?);
    let console = client(&server, "console").with_header("cookie", &format!("a_session_console={}", first.root));
    let own = console.get("/v1/projects").await?.expect_status(200)?.json()?;
    let own: Vec<_> = own["projects"].as_array().context("a list")?.iter().map(|project| &project["$id"]).collect();
    ensure!(own.contains(&&json!(first.project)) && !own.contains(&&json!(second.project)), "{own:?}");
    Ok(())
}
