//! API keys of a project: made, changed and revoked by operators.
//!
//! Source: http-api, section F; auth-and-permissions, section 4.5.

use std::time::Duration;

use herenow_core::{
    KeyId, ProjectId, Timestamp,
    account::{Key, Origin},
    query::{Attributes, Schema, Value},
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::{
    lists::{self, ListRequest, Listable, Listed},
    projects::refuse_declared,
};
use crate::{
    App,
    auth::{
        Caller, Identity, jwt,
        key::EphemeralClaims,
        secret::{self, Purpose},
    },
    clock::random_u64,
    failure::Failure,
    realtime::effects,
};

/// How many random bytes the secret of a key has.
const SECRET_BYTES: usize = 128;
/// Where the file declares keys.
const DECLARED: &str = "projects.keys";

/// A key as it was asked for.
#[derive(Debug, Clone)]
pub struct KeyInput {
    /// For people.
    pub name: String,
    /// What it may do; those named twice count once.
    pub scopes: Vec<String>,
    /// When it ends, if ever.
    pub expire: Option<Timestamp>,
}

/// A key that was just made, with its secret, known this once.
#[derive(Clone)]
pub struct Made {
    /// The key.
    pub key: Key,
    /// Its secret.
    pub secret: String,
}

/// Makes a key.
///
/// # Errors
/// 403 `key_creation_denied` to keys, 409 `key_already_exists`.
pub async fn create(app: &App, caller: &Caller, id: KeyId, input: KeyInput) -> Result<Made, Failure> {
    refuse_keys(caller)?;
    make(app, &caller.project, id, input).await
}

/// Makes a key, whoever wants it.
///
/// # Errors
/// 409 `key_already_exists`, 404 `project_not_found`.
pub async fn make(app: &App, project: &ProjectId, id: KeyId, input: KeyInput) -> Result<Made, Failure> {
    let now = app.clock.now();
    let secret = format!("standard_{}", secret::fresh::<SECRET_BYTES>());
    let key = Key {
        id,
        created_at: now,
        updated_at: now,
        name: input.name,
        secret_hash: secret::hash(&secret),
        scopes: once_each(input.scopes),
        expire: input.expire,
        accessed_at: None,
        sdks: Vec::new(),
        origin: Origin::Api,
    };
    app.accounts.create_key(project, &key).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::KeyAlreadyExists.into(),
        StoreError::Missing => ErrorType::ProjectNotFound.into(),
        error => Failure::from(error),
    })?;
    Ok(Made { key, secret })
}

/// A key that nobody keeps: it ends by itself.
#[derive(Clone)]
pub struct EphemeralKey {
    /// A name for it.
    pub id: KeyId,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expire: Timestamp,
    /// Its secret.
    pub secret: String,
}

/// Makes a key that ends by itself.
///
/// # Errors
/// 403 `key_creation_denied` to keys.
pub fn create_ephemeral(
    app: &App,
    caller: &Caller,
    scopes: Vec<String>,
    duration: Duration,
) -> Result<EphemeralKey, Failure> {
    refuse_keys(caller)?;
    let (now, scopes) = (app.clock.now(), once_each(scopes));
    let expire = now.plus(duration);
    let claims = EphemeralClaims {
        project: caller.project.to_string(),
        scopes: scopes.clone(),
        exp: expire.millis().div_euclid(1000),
    };
    let token = jwt::sign(&claims, &app.secret.signing_key(&caller.project, Purpose::EphemeralKey));
    let id = KeyId::generate(now, random_u64());
    Ok(EphemeralKey { id, scopes, expire, secret: format!("ephemeral_{token}") })
}

/// A key must not beget keys.
fn refuse_keys(caller: &Caller) -> Result<(), Failure> {
    if caller.is_key() { Err(ErrorType::KeyCreationDenied.into()) } else { Ok(()) }
}

/// One key.
///
/// # Errors
/// 404 `key_not_found`.
pub async fn find(app: &App, project: &ProjectId, id: &KeyId) -> Result<Key, Failure> {
    let keys = app.accounts.keys(project).await?;
    keys.into_iter().find(|key| key.id == *id).ok_or_else(|| ErrorType::KeyNotFound.into())
}

/// Changes a key, from its next use on.
///
/// # Errors
/// 404 `key_not_found`, 409 `general_declared_in_file`, 401 `general_unauthorized_scope` where a key would give more
/// than it has.
pub async fn update(app: &App, caller: &Caller, id: &KeyId, input: KeyInput) -> Result<Key, Failure> {
    let kept = find(app, &caller.project, id).await?;
    refuse_declared(kept.origin, DECLARED)?;
    if let Identity::Key(own) = &caller.identity {
        let given = |scope: &String| own.scopes.contains(scope) || kept.scopes.contains(scope);
        if !input.scopes.iter().all(given) {
            return Err(Failure::new(
                ErrorType::GeneralUnauthorizedScope,
                "A key cannot give scopes that it does not have.",
            ));
        }
    }
    let (now, scopes) = (app.clock.now(), once_each(input.scopes));
    let edit = move |key: &mut Key| {
        key.name.clone_from(&input.name);
        key.scopes.clone_from(&scopes);
        key.expire = input.expire;
        key.updated_at = now;
    };
    let key = app.accounts.change_key(&caller.project, id, Box::new(edit)).await.map_err(missing)?;
    effects::key_changed(app, &caller.project, &kept, Some(&key));
    Ok(key)
}

/// Revokes a key at once.
///
/// # Errors
/// 404 `key_not_found`, 409 `general_declared_in_file`.
pub async fn delete(app: &App, project: &ProjectId, id: &KeyId) -> Result<(), Failure> {
    let kept = find(app, project, id).await?;
    refuse_declared(kept.origin, DECLARED)?;
    app.accounts.delete_key(project, id).await.map_err(missing)?;
    effects::key_changed(app, project, &kept, None);
    Ok(())
}

/// Lists keys.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let keys = app.accounts.keys(project).await?;
    let rows = (1..).zip(keys).map(|(sequence, key)| Row { sequence, key });
    lists::list(rows.collect(), &Schema::KEYS, request).await
}

/// A key in a list, with its place in the order of creation.
#[derive(Debug)]
pub struct Row {
    sequence: i64,
    /// The key.
    pub key: Key,
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.key.id.as_str()),
            "$createdAt" => Value::Time(self.key.created_at),
            "$updatedAt" => Value::Time(self.key.updated_at),
            "$sequence" => Value::Integer(self.sequence),
            "name" => Value::Text(&self.key.name),
            "expire" => self.key.expire.map_or(Value::Null, Value::Time),
            "accessedAt" => self.key.accessed_at.map_or(Value::Null, Value::Time),
            "scopes" => Value::Texts(&self.key.scopes),
            _ => Value::Null,
        }
    }
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.key.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.key.id.as_str(), &self.key.name]
    }
}

fn once_each(scopes: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    scopes.into_iter().filter(|scope| seen.insert(scope.clone())).collect()
}

fn missing(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::KeyNotFound.into(),
        error => error.into(),
    }
}
