//! What the configuration file declares is made or brought up to date; what it no longer declares becomes ordinary.
//!
//! Source: cli-and-config, "Settings"; decisions, Operation.

use anyhow::{Context, Result};
use herenow_core::{
    KeyId, ProjectId, Timestamp,
    account::{Key, Origin, Project},
};

use herenow_store::Accounts;

use crate::{Config, auth::secret::hash, clock::random_u64, config::DeclaredProject};

/// The project that is made where none is declared and only this machine can call.
const DEMO: &str = "demo";

/// Makes what a first start makes, and brings what is declared up to date.
pub(super) async fn apply(accounts: &dyn Accounts, config: &Config, now: Timestamp) -> Result<()> {
    let data = Data { accounts, now };
    data.ensure(ProjectId::console().as_str(), "Console", |project| project.allowed_origins = Vec::new()).await?;
    for declared in &config.projects {
        data.declare(declared).await?;
    }
    let only_console = accounts.projects().await?.iter().all(|project| project.id.is_console());
    if only_console && config.projects.is_empty() && config.listen.ip().is_loopback() {
        data.ensure(DEMO, "Demo", |project| project.allowed_origins = vec!["localhost".to_owned()]).await?;
    }
    Ok(())
}

/// Gives free what the file no longer declares. For `serve` alone: a command that was given no file must not take
/// away what another file declares.
pub(super) async fn release(accounts: &dyn Accounts, config: &Config, now: Timestamp) -> Result<()> {
    Data { accounts, now }.release(&config.projects).await
}

/// What is brought up to date, and when.
struct Data<'a> {
    accounts: &'a dyn Accounts,
    now: Timestamp,
}

impl Data<'_> {
    async fn declare(&self, declared: &DeclaredProject) -> Result<()> {
        let id = self
            .ensure(&declared.id, &declared.name, |project| {
                project.name.clone_from(&declared.name);
                project.allowed_origins.clone_from(&declared.allowed_origins);
                project.grants = declared.grants;
                project.origin = Origin::File;
            })
            .await?;
        let now = self.now;
        let mut kept = Vec::new();
        let known = self.accounts.keys(&id).await?;
        for key in &declared.keys {
            let secret_hash = hash(&key.secret);
            let same = known.iter().find(|known| known.secret_hash == secret_hash);
            let made = Key {
                id: same.map_or_else(|| KeyId::generate(now, random_u64()), |same| same.id.clone()),
                created_at: same.map_or(now, |same| same.created_at),
                updated_at: now,
                name: key.name.clone(),
                secret_hash,
                scopes: key.scopes.clone(),
                expire: None,
                accessed_at: same.and_then(|same| same.accessed_at),
                sdks: same.map(|same| same.sdks.clone()).unwrap_or_default(),
                origin: Origin::File,
            };
            kept.push(made.id.clone());
            let stored = match same {
                Some(_) => self.accounts.update_key(&id, &made).await,
                None => self.accounts.create_key(&id, &made).await,
            };
            stored.with_context(|| format!("cannot keep the key {} of project {id}", key.name))?;
        }
        for key in known.iter().filter(|key| key.origin == Origin::File && !kept.contains(&key.id)) {
            self.accounts.delete_key(&id, &key.id).await?;
        }
        Ok(())
    }

    /// Makes the project, or brings it up to date by `set`.
    async fn ensure(&self, id: &str, name: &str, set: impl Fn(&mut Project)) -> Result<ProjectId> {
        let id = ProjectId::parse(id)?;
        match self.accounts.project(&id).await? {
            None => {
                let mut project = Project::new(id.clone(), name, self.now);
                set(&mut project);
                self.accounts
                    .create_project(&project)
                    .await
                    .with_context(|| format!("cannot make the project {id}"))?;
            }
            Some(known) => {
                let mut project = known.clone();
                set(&mut project);
                if project != known {
                    project.updated_at = self.now;
                    self.accounts.update_project(&project).await?;
                }
            }
        }
        Ok(id)
    }

    /// Projects that the file no longer declares stay and become editable; their declared keys are revoked.
    async fn release(&self, declared: &[DeclaredProject]) -> Result<()> {
        let declared = |project: &Project| declared.iter().any(|declared| declared.id == project.id.as_str());
        for project in self.accounts.projects().await? {
            if project.origin == Origin::File && !declared(&project) {
                for key in self.accounts.keys(&project.id).await?.iter().filter(|key| key.origin == Origin::File) {
                    self.accounts.delete_key(&project.id, &key.id).await?;
                }
                self.accounts.update_project(&Project { origin: Origin::Api, ..project }).await?;
            }
        }
        Ok(())
    }
}
