//! API keys from the command line.

use anyhow::{Context, Result, anyhow, ensure};
use herenow_core::{
    KeyId,
    account::{Key, Origin},
};
use herenow_wire::ErrorType;

use super::{Answer, KeyRow, projects::find, sentence};
use crate::{
    App,
    auth::scope,
    clock::random_u64,
    ops::{
        self,
        keys::{KeyInput, Made},
    },
};

/// Makes a key; its secret is in the answer and nowhere else.
pub(super) async fn create(app: &App, project: &str, name: String, scopes: Vec<String>) -> Result<Answer> {
    let project = find(app, project).await?.id;
    for scope in &scopes {
        ensure!(scope::is_known(scope), "{scope:?} is no scope; scopes are such as presences.read");
    }
    ensure!((1..=128).contains(&name.chars().count()), "the name must have 1 to 128 characters");
    let id = KeyId::generate(app.clock.now(), random_u64());
    let made = ops::keys::make(app, &project, id, KeyInput { name, scopes, expire: None }).await;
    let Made { key, secret } = made.map_err(|failure| sentence(&failure))?;
    Ok(Answer::Key { key: row(key), secret })
}

pub(super) async fn list(app: &App, project: &str) -> Result<Answer> {
    let project = find(app, project).await?.id;
    Ok(Answer::Keys(app.accounts.keys(&project).await?.into_iter().map(row).collect()))
}

/// Revokes a key: the next request with it is refused.
pub(super) async fn delete(app: &App, project: &str, id: &str) -> Result<Answer> {
    let project = find(app, project).await?.id;
    let keys = app.accounts.keys(&project).await?;
    let missing = || format!("project {project} has no key {id}: `herenow key list` shows those that it has");
    let key = keys.into_iter().find(|key| key.id.as_str() == id).with_context(missing)?;
    ensure!(
        key.origin == Origin::Api,
        "key {id} ({}) is declared in the configuration file: take it out there and restart",
        key.name
    );
    ops::keys::delete(app, &project, &key.id).await.map_err(|failure| match failure.kind {
        ErrorType::KeyNotFound => anyhow!(missing()),
        _ => sentence(&failure),
    })?;
    Ok(Answer::Done)
}

fn row(key: Key) -> KeyRow {
    KeyRow {
        id: key.id.to_string(),
        name: key.name,
        created: key.created_at.to_string(),
        expires: key.expire.map(|time| time.to_string()),
        used: key.accessed_at.map(|time| time.to_string()),
        scopes: key.scopes,
        declared: key.origin.into(),
    }
}
