//! API keys from the command line.

use anyhow::{Result, ensure};
use herenow_core::{
    KeyId, ProjectId,
    account::{Key, Origin},
    time::Clock,
};
use herenow_store::Accounts;

use crate::{
    auth::{scope, secret},
    clock::{SystemClock, random_u64},
};

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 128;

/// Makes a key; answers with the key and its secret, which is shown this once.
///
/// # Errors
/// Where the project does not exist or a scope is unknown.
pub async fn create(accounts: &dyn Accounts, project: &str, name: &str, scopes: &[String]) -> Result<(Key, String)> {
    let project = ProjectId::parse(project)?;
    ensure!(accounts.project(&project).await?.is_some(), "there is no project {project}");
    for scope in scopes {
        ensure!(scope::is_known(scope), "{scope:?} is no scope; scopes are such as presences.read");
    }
    let now = SystemClock::new().now();
    let secret = format!("standard_{}", secret::fresh::<SECRET_BYTES>());
    let key = Key {
        id: KeyId::generate(now, random_u64()),
        created_at: now,
        updated_at: now,
        name: name.to_owned(),
        secret_hash: secret::hash(&secret),
        scopes: scopes.to_vec(),
        expire: None,
        accessed_at: None,
        sdks: Vec::new(),
        origin: Origin::Api,
    };
    accounts.create_key(&project, &key).await?;
    Ok((key, secret))
}
