//! Projects from the command line.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use herenow_broker::Broker;
use herenow_core::{
    ProjectId,
    account::{Origin, Project},
    id::is_project_id,
};
use herenow_store::StoreError;
use herenow_wire::close::CloseCode;

use super::{Answer, ProjectRow};
use crate::App;

pub(super) async fn create(app: &App, id: String, name: Option<String>, origins: Vec<String>) -> Result<Answer> {
    ensure!(
        is_project_id(&id) && id != "console",
        "the project id {id:?} is not valid: 1 to 36 of a-z, 0-9 and -, not starting with -, and not \"console\""
    );
    let name = name.unwrap_or_else(|| id.clone());
    ensure!((1..=128).contains(&name.chars().count()), "the name must have 1 to 128 characters");
    let id = ProjectId::parse(&id)?;
    let mut project = Project::new(id.clone(), &name, app.clock.now());
    project.allowed_origins = origins;
    match app.accounts.create_project(&project).await {
        Ok(()) => {}
        Err(StoreError::Taken(_)) => bail!("there is a project {id} already"),
        Err(error) => return Err(error.into()),
    }
    app.projects.refresh(&*app.accounts, &id).await?;
    app.broker.open(&id).await.with_context(|| format!("cannot open the presences of project {id}"))?;
    Ok(Answer::Project(row(project)))
}

pub(super) async fn list(app: &App) -> Result<Answer> {
    let projects = app.accounts.projects().await?;
    Ok(Answer::Projects(projects.into_iter().filter(|project| !project.id.is_console()).map(row).collect()))
}

/// Deletes a project: nobody gets in from the first step on, and its sockets, which come back, are told that it is
/// not there.
pub(super) async fn delete(app: &Arc<App>, id: &str) -> Result<Answer> {
    let project = find(app, id).await?;
    ensure!(!project.id.is_console(), "the project console is the operators' own: it stays");
    ensure!(
        project.origin == Origin::Api,
        "project {id} is declared in the configuration file: take it out there, restart, then delete it"
    );
    match app.accounts.delete_project(&project.id).await {
        Ok(()) => {}
        Err(StoreError::Missing) => bail!("there is no project {id}"),
        Err(error) => return Err(error.into()),
    }
    app.projects.refresh(&*app.accounts, &project.id).await?;
    app.sign_ins.forget_project(&project.id);
    app.sockets.close(CloseCode::GoingAway, |known| known.project == project.id);
    app.broker.forget(&project.id).await.context("the project is gone, but its presences could not be removed")?;
    Ok(Answer::Done)
}

/// The project of this id.
pub(super) async fn find(app: &App, id: &str) -> Result<Project> {
    let known = match ProjectId::parse(id) {
        Ok(id) => app.accounts.project(&id).await?,
        Err(_) => None,
    };
    known.with_context(|| format!("there is no project {id}: `herenow project list` shows those that are"))
}

fn row(project: Project) -> ProjectRow {
    ProjectRow {
        id: project.id.to_string(),
        name: project.name,
        created: project.created_at.to_string(),
        origins: project.allowed_origins,
        declared: project.origin.into(),
    }
}
