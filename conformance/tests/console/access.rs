//! Who may manage a project: every route by every kind of caller.

use anyhow::{Result, ensure};
use herenow_testkit::{Http, Server};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Operator, guest, refused, server, text, user};

/// What a key gets that has every scope there is for a project.
#[derive(Clone, Copy)]
enum ForKeys {
    /// The same as operators.
    Open,
    /// 403 `key_creation_denied`.
    NoKeys,
    /// 401: no scope of a key opens it.
    Closed,
}

use ForKeys::{Closed, NoKeys, Open};

/// Method, path, body, status for operators, what keys get.
fn routes() -> Vec<(Method, &'static str, Value, u16, ForKeys)> {
    let (get, post, put, patch) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::PATCH);
    let key = json!({"name": "x", "scopes": ["users.read"]});
    let web = json!({"name": "x", "hostname": "example.com"});
    let webhook = json!({"name": "x", "url": "http://example.com", "events": ["users.*"]});
    vec![
        (get(), "/v1/project", Value::Null, 200, Open),
        (patch(), "/v1/projects/{project}", json!({"name": "x"}), 200, Closed),
        (patch(), "/v1/projects/{project}/team", json!({"teamId": "{team}"}), 200, Closed),
        (get(), "{prefix}/keys", Value::Null, 200, Open),
        (post(), "{prefix}/keys", key.clone(), 201, NoKeys),
        (post(), "{prefix}/keys/ephemeral", json!({"scopes": []}), 201, NoKeys),
        (get(), "{prefix}/keys/{key}", Value::Null, 200, Open),
        (put(), "{prefix}/keys/{key}", key, 200, Open),
        (Method::DELETE, "{prefix}/keys/{key}", Value::Null, 204, Open),
        (get(), "{prefix}/platforms", Value::Null, 200, Open),
        (post(), "{prefix}/platforms", json!({"type": "web", "name": "x", "hostname": "a.test"}), 201, Open),
        (post(), "{prefix}/platforms/web", web.clone(), 201, Open),
        (post(), "{prefix}/platforms/android", json!({"name": "x", "applicationId": "com.x"}), 201, Open),
        (get(), "{prefix}/platforms/{platform}", Value::Null, 200, Open),
        (put(), "{prefix}/platforms/{platform}", web.clone(), 200, Open),
        (put(), "{prefix}/platforms/web/{platform}", web, 200, Open),
        (Method::DELETE, "{prefix}/platforms/{platform}", Value::Null, 204, Open),
        (get(), "{prefix}/policies", Value::Null, 200, Open),
        (get(), "{prefix}/policies/session-limit", Value::Null, 200, Open),
        (patch(), "{prefix}/policies/session-limit", json!({"total": 5}), 200, Open),
        (patch(), "{prefix}/policies/session-duration", json!({"duration": 60}), 200, Open),
        (patch(), "{prefix}/policies/session-invalidation", json!({"enabled": true}), 200, Open),
        (patch(), "{prefix}/policies/membership-privacy", json!({"userName": true}), 200, Open),
        (patch(), "{prefix}/auth/max-sessions", json!({"limit": 5}), 200, Open),
        (patch(), "{prefix}/auth/duration", json!({"duration": 60}), 200, Open),
        (patch(), "{prefix}/smtp", json!({"host": "mail.test"}), 200, Open),
        (get(), "{webhooks}", Value::Null, 200, Open),
        (post(), "{webhooks}", webhook.clone(), 201, Open),
        (get(), "{webhooks}/{webhook}", Value::Null, 200, Open),
        (put(), "{webhooks}/{webhook}", webhook, 200, Open),
        (patch(), "{webhooks}/{webhook}/secret", json!({}), 200, Open),
        (Method::DELETE, "{webhooks}/{webhook}", Value::Null, 204, Open),
    ]
}

/// Every scope that a key may have for managing its project.
const ALL: [&str; 12] = [
    "project.read",
    "project.write",
    "keys.read",
    "keys.write",
    "platforms.read",
    "platforms.write",
    "policies.read",
    "policies.write",
    "webhooks.read",
    "webhooks.write",
    "users.read",
    "users.write",
];

/// A project with everybody who may ask something of it.
struct Scene {
    server: Server,
    owner: Operator,
    project: String,
    callers: Vec<(&'static str, Http)>,
    wide: Http,
}

impl Scene {
    async fn start() -> Result<Self> {
        let server = server().await?;
        let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
        let project = owner.project().await?;
        let wide = owner.key(&project, &[&ALL[..], &["sessions.write"]].concat()).await?.client(&server, &project);
        let narrow = owner.key(&project, &["presences.read", "health.read"]).await?.client(&server, &project);
        let (_, token) = user(&wide).await?;
        let callers = vec![
            ("guest", guest(&server, &project)),
            ("user", guest(&server, &project).with_header("X-Appwrite-Session", &token)),
            ("key without scope", narrow),
            ("other project's operator", other.admin(&project)),
            ("operator without admin mode", owner.addressing(&project)),
        ];
        Ok(Self { server, owner, project, callers, wide })
    }

    /// The path with fresh things where it names some.
    async fn fill(&self, template: &str, prefix: &str, webhooks: &str) -> Result<String> {
        let admin = self.owner.admin(&self.project);
        let mut path = template.replace("{prefix}", prefix).replace("{webhooks}", webhooks);
        path = path.replace("{project}", &self.project);
        for (name, at, body) in [
            ("{key}", "/v1/project/keys", json!({"name": "fresh", "scopes": ["users.read"]})),
            ("{platform}", "/v1/project/platforms/web", json!({"name": "fresh", "hostname": "fresh.test"})),
            ("{webhook}", "/v1/webhooks", json!({"name": "fresh", "url": "http://x.test", "events": ["users.*"]})),
        ] {
            if path.contains(name) {
                let made = admin.post(at, &body).await?.expect_status(201)?.json()?;
                path = path.replace(name, &text(&made, "$id")?);
            }
        }
        Ok(path)
    }
}

async fn ask(client: &Http, method: &Method, path: &str, body: &Value) -> Result<herenow_testkit::Response> {
    let request = client.request(method.clone(), path);
    if body.is_null() { request.send().await } else { request.json(body).send().await }
}

/// Runs the table under one of the two families of paths.
async fn table(prefix: &str, webhooks: &str) -> Result<()> {
    let scene = Scene::start().await?;
    let with_project = |text: &str| text.replace("{project}", &scene.project);
    let (prefix, webhooks) = (with_project(prefix), with_project(webhooks));
    for (method, template, body, status, for_keys) in routes() {
        let body: Value = serde_json::from_str(&body.to_string().replace("{team}", &scene.owner.team))?;
        let what = format!("{method} {template}");
        for (caller, client) in &scene.callers {
            let path = scene.fill(template, &prefix, &webhooks).await?;
            let answer = ask(client, &method, &path, &body).await?;
            ensure!(answer.status == 401, "{what} as {caller}: {}: {}", answer.status, answer.text());
        }
        let path = scene.fill(template, &prefix, &webhooks).await?;
        let answer = ask(&scene.wide, &method, &path, &body).await?;
        let expected = match for_keys {
            Open => status,
            NoKeys => 403,
            Closed => 401,
        };
        ensure!(answer.status == expected, "{what} as key: {}: {}", answer.status, answer.text());
        let path = scene.fill(template, &prefix, &webhooks).await?;
        let answer = ask(&scene.owner.admin(&scene.project), &method, &path, &body).await?;
        ensure!(answer.status == status, "{what} as operator: {}: {}", answer.status, answer.text());
        // The console names the project in the path, or it names none.
        let path = scene.fill(template, &prefix, &webhooks).await?;
        let answer = ask(&scene.owner.console(), &method, &path, &body).await?;
        let expected = if path.starts_with("/v1/projects/") { status } else { 401 };
        ensure!(answer.status == expected, "{what} at the console: {}: {}", answer.status, answer.text());
    }
    ensure!(scene.server.logs().lines().all(|line| !line.contains("ERROR")), "the server logged an error");
    Ok(())
}

#[tokio::test]
async fn what_belongs_to_a_project_opens_to_its_operators_and_to_keys_with_the_scope() -> Result<()> {
    table("/v1/project", "/v1/webhooks").await
}

#[tokio::test]
async fn the_same_is_so_under_the_paths_of_the_console() -> Result<()> {
    table("/v1/projects/{project}", "/v1/projects/{project}/webhooks").await
}

#[tokio::test]
async fn a_path_that_names_another_project_than_the_header_is_refused() -> Result<()> {
    let scene = Scene::start().await?;
    let other = scene.owner.project().await?;
    let path = format!("/v1/projects/{other}/keys");
    refused(&scene.owner.admin(&scene.project).get(&path).await?, 401, "user_unauthorized")?;
    // A key is looked for in the project that is meant, which does not know it.
    refused(&scene.wide.get(&path).await?, 401, "user_unauthorized")?;
    scene.owner.console().get(&path).await?.expect_status(200)?;
    Ok(())
}
