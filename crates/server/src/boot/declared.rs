//! What the configuration file declares is made or brought up to date; what it no longer declares becomes ordinary.
//!
//! Source: cli-and-config, "Settings"; decisions, Operation.

use std::sync::Arc;

use anyhow::{Context, Result};
use herenow_core::{
    KeyId, ProjectId,
    account::{Key, Origin, Project},
};

use crate::{App, auth::secret::hash, clock::random_u64, config::DeclaredProject};

/// The project that is made where none is declared and only this machine can call.
const DEMO: &str = "demo";

pub(super) async fn apply(app: &Arc<App>) -> Result<()> {
    ensure(app, ProjectId::console().as_str(), "Console", |project| project.allowed_origins = Vec::new()).await?;
    for declared in &app.config.projects {
        project(app, declared).await?;
    }
    release(app).await?;
    let projects = app.accounts.projects().await?;
    let only_console = projects.iter().all(|project| project.id.is_console());
    if only_console && app.config.projects.is_empty() && app.config.listen.ip().is_loopback() {
        ensure(app, DEMO, "Demo", |project| project.allowed_origins = vec!["localhost".to_owned()]).await?;
    }
    Ok(())
}

async fn project(app: &Arc<App>, declared: &DeclaredProject) -> Result<()> {
    let id = ensure(app, &declared.id, &declared.name, |project| {
        project.name.clone_from(&declared.name);
        project.allowed_origins.clone_from(&declared.allowed_origins);
        project.grants = declared.grants;
        project.origin = Origin::File;
    })
    .await?;
    let now = app.clock.now();
    let mut kept = Vec::new();
    let known = app.accounts.keys(&id).await?;
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
            Some(_) => app.accounts.update_key(&id, &made).await,
            None => app.accounts.create_key(&id, &made).await,
        };
        stored.with_context(|| format!("cannot keep the key {} of project {id}", key.name))?;
    }
    for key in known.iter().filter(|key| key.origin == Origin::File && !kept.contains(&key.id)) {
        app.accounts.delete_key(&id, &key.id).await?;
    }
    Ok(())
}

/// Makes the project, or brings it up to date by `set`.
async fn ensure(app: &Arc<App>, id: &str, name: &str, set: impl Fn(&mut Project)) -> Result<ProjectId> {
    let id = ProjectId::parse(id)?;
    let now = app.clock.now();
    match app.accounts.project(&id).await? {
        None => {
            let mut project = Project::new(id.clone(), name, now);
            set(&mut project);
            app.accounts.create_project(&project).await.with_context(|| format!("cannot make the project {id}"))?;
        }
        Some(known) => {
            let mut project = known.clone();
            set(&mut project);
            if project != known {
                project.updated_at = now;
                app.accounts.update_project(&project).await?;
            }
        }
    }
    Ok(id)
}

/// Projects that the file no longer declares stay and become editable; their declared keys are revoked.
async fn release(app: &Arc<App>) -> Result<()> {
    let declared = |project: &Project| app.config.projects.iter().any(|declared| declared.id == project.id.as_str());
    for project in app.accounts.projects().await? {
        if project.origin == Origin::File && !declared(&project) {
            for key in app.accounts.keys(&project.id).await?.iter().filter(|key| key.origin == Origin::File) {
                app.accounts.delete_key(&project.id, &key.id).await?;
            }
            app.accounts.update_project(&Project { origin: Origin::Api, ..project }).await?;
        }
    }
    Ok(())
}
