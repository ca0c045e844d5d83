//! API keys from the command line.

use anyhow::{Context, Result, bail, ensure};
use herenow_core::{
    KeyId,
    account::{Key, Origin},
};
use herenow_store::StoreError;

use super::{Answer, KeyRow, projects::find};
use crate::{
    App,
    auth::{scope, secret},
    clock::random_u64,
};

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 128;

/// Makes a key; its secret is in the answer and nowhere else.
pub(super) async fn create(app: &App, project: &str, name: String, scopes: Vec<String>) -> Result<Answer> {
    let project = find(app, project).await?.id;
    for scope in &scopes {
        ensure!(scope::is_known(scope), "{scope:?} is no scope; scopes are such as presences.read");
    }
    let now = app.clock.now();
    let secret = format!("standard_{}", secret::fresh::<SECRET_BYTES>());
    let key = Key {
        id: KeyId::generate(now, random_u64()),
        created_at: now,
        updated_at: now,
        name,
        secret_hash: secret::hash(&secret),
        scopes,
        expire: None,
        accessed_at: None,
        sdks: Vec::new(),
        origin: Origin::Api,
    };
    app.accounts.create_key(&project, &key).await?;
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
    match app.accounts.delete_key(&project, &key.id).await {
        Ok(()) => {}
        Err(StoreError::Missing) => bail!(missing()),
        Err(error) => return Err(error.into()),
    }
    app.sign_ins.forget_project_keys(&project);
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
