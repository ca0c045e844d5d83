//! Stage one: the Rust SDK with an API key.

use anyhow::{Context, Result};
use appwrite::models::Presence;
use appwrite::permission::Permission;
use appwrite::query::Query;
use appwrite::role::Role;
use appwrite::services::{Presences, Users};
use serde_json::{Value, json};

use crate::checks::{Checks, Target, equal, fresh, refused};

struct Backend {
    presences: Presences,
    users: Users,
}

impl Backend {
    async fn new_user(&self) -> Result<String> {
        Ok(self.users.create(fresh("user"), None, None, None, None).await?.id)
    }

    async fn present(&self, status: &str, metadata: Option<Value>) -> Result<Presence> {
        let user = self.new_user().await?;
        Ok(self.presences.upsert(fresh("presence"), user, status, None, None, metadata).await?)
    }
}

/// Runs the checks of this stage.
pub(crate) async fn run(target: &Target, checks: &mut Checks) {
    let client = target.backend();
    let backend = Backend { presences: Presences::new(&client), users: Users::new(&client) };
    checks.check("upsert makes a presence with all its fields", upsert(&backend)).await;
    checks.check("get gives what upsert gave", get(&backend)).await;
    checks.check("list finds by query, counts and limits", list(&backend)).await;
    checks.check("update changes what it names and nothing else", update(&backend)).await;
    checks.check("a deleted presence is not found, nor deleted twice", delete(&backend)).await;
    checks.check("what is not valid is refused", invalid(&backend)).await;
    checks.check("a taken id and an unknown user are refused", taken(&backend)).await;
    checks.check("without a key nothing is listed", no_key(target)).await;
}

async fn upsert(backend: &Backend) -> Result<()> {
    let user = backend.new_user().await?;
    let permissions = vec![Permission::read(Role::users(None)).to_string()];
    let metadata = json!({"page": "/dashboard"});
    let made = backend
        .presences
        .upsert("rust-1", user.as_str(), "online", Some(permissions.clone()), None, Some(metadata.clone()))
        .await?;
    equal((made.id.as_str(), made.user_id), ("rust-1", user), "the ids")?;
    equal((made.status.as_deref(), made.source.as_str()), (Some("online"), "rest"), "status and source")?;
    equal((made.permissions, made.metadata), (permissions, Some(metadata)), "permissions and metadata")?;
    for moment in [made.created_at, made.updated_at, made.expires_at.context("expiresAt is there")?] {
        moment.parse::<jiff::Timestamp>().with_context(|| format!("{moment} is no time"))?;
    }
    Ok(())
}

async fn get(backend: &Backend) -> Result<()> {
    let made = backend.present("online", None).await?;
    same(&backend.presences.get(made.id.as_str()).await?, &made)
}

async fn list(backend: &Backend) -> Result<()> {
    let status = fresh("status");
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(backend.present(&status, None).await?.id);
    }
    let wanted = Query::equal("status", status.as_str()).to_string();
    let all = backend.presences.list(Some(vec![wanted.clone()]), None, None).await?;
    equal(all.presences.iter().map(|presence| &presence.id).collect(), made.iter().collect::<Vec<_>>(), "the list")?;
    equal(all.total, 3, "the total")?;
    let page = vec![wanted.clone(), Query::limit(1).to_string(), Query::cursor_after(made[0].as_str()).to_string()];
    let page = backend.presences.list(Some(page), None, None).await?;
    equal(page.presences.iter().map(|presence| &presence.id).collect(), vec![&made[1]], "the page after the first")?;
    let uncounted = backend.presences.list(Some(vec![wanted]), Some(false), None).await?;
    equal((uncounted.total, uncounted.presences.len()), (0, 3), "the list without a total")
}

async fn update(backend: &Backend) -> Result<()> {
    let made = backend.present("online", Some(json!({"page": "/a"}))).await?;
    let id = made.id.as_str();
    let changed = backend.presences.update(id, made.user_id.as_str(), Some("away"), None, None, None, None).await?;
    equal(changed.status.as_deref(), Some("away"), "the status")?;
    equal((changed.metadata, changed.created_at), (made.metadata, made.created_at), "the rest")
}

async fn delete(backend: &Backend) -> Result<()> {
    let made = backend.present("online", None).await?;
    backend.presences.delete(made.id.as_str()).await?;
    refused(404, "presence_not_found", backend.presences.get(made.id.as_str()).await)?;
    refused(404, "presence_not_found", backend.presences.delete(made.id.as_str()).await)
}

async fn invalid(backend: &Backend) -> Result<()> {
    let user = backend.new_user().await?;
    let long = "x".repeat(37);
    for id in ["unique()", "_under", long.as_str()] {
        let answer = backend.presences.upsert(id, user.as_str(), "online", None, None, None).await;
        refused(400, "general_argument_invalid", answer)?;
    }
    let permissions = Some(vec!["read(users)".to_owned()]);
    let answer = backend.presences.upsert(fresh("presence"), user.as_str(), "online", permissions, None, None).await;
    refused(400, "general_argument_invalid", answer)?;
    let past = Some("2020-01-01T00:00:00.000+00:00");
    let answer = backend.presences.upsert(fresh("presence"), user.as_str(), "online", None, past, None).await;
    refused(400, "general_argument_invalid", answer)
}

async fn taken(backend: &Backend) -> Result<()> {
    let made = backend.present("online", None).await?;
    let user = backend.new_user().await?;
    let answer = backend.presences.upsert(made.id.as_str(), user, "online", None, None, None).await;
    refused(409, "presence_already_exists", answer)?;
    let answer = backend.presences.upsert(fresh("presence"), "nobody", "online", None, None, None).await;
    refused(404, "user_not_found", answer)
}

async fn no_key(target: &Target) -> Result<()> {
    let answer = Presences::new(&target.client()).list(None, None, None).await;
    refused(401, "general_unauthorized_scope", answer)
}

/// The SDK's models cannot be compared; their JSON can.
pub(crate) fn same(actual: &Presence, expected: &Presence) -> Result<()> {
    equal(serde_json::to_value(actual)?, serde_json::to_value(expected)?, "the presence")
}
