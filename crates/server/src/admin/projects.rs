//! Projects from the command line.

use anyhow::{Context, Result, anyhow, ensure};
use herenow_core::{
    ProjectId,
    account::{Origin, Project},
    id::is_project_id,
};
use herenow_wire::ErrorType;

use super::{Answer, ProjectRow, sentence};
use crate::{App, ops};

pub(super) async fn create(app: &App, id: String, name: Option<String>, origins: Vec<String>) -> Result<Answer> {
    ensure!(
        is_project_id(&id) && id != "console",
        "the project id {id:?} is not valid: 1 to 36 of a-z, 0-9 and -, not starting with -, and not \"console\""
    );
    let name = name.unwrap_or_else(|| id.clone());
    ensure!((1..=128).contains(&name.chars().count()), "the name must have 1 to 128 characters");
    let mut project = Project::new(ProjectId::parse(&id)?, &name, app.clock.now());
    project.allowed_origins = origins;
    ops::projects::keep_new(app, &project).await.map_err(|failure| match failure.kind {
        ErrorType::ProjectAlreadyExists => anyhow!("there is a project {} already", project.id),
        _ => sentence(&failure),
    })?;
    Ok(Answer::Project(row(project)))
}

pub(super) async fn list(app: &App) -> Result<Answer> {
    let projects = app.accounts.projects().await?;
    Ok(Answer::Projects(projects.into_iter().filter(|project| !project.id.is_console()).map(row).collect()))
}

pub(super) async fn delete(app: &App, id: &str) -> Result<Answer> {
    let project = find(app, id).await?;
    ensure!(!project.id.is_console(), "the project console is the operators' own: it stays");
    ensure!(
        project.origin == Origin::Api,
        "project {id} is declared in the configuration file: take it out there, restart, then delete it"
    );
    ops::projects::delete(app, &project).await.map_err(|failure| sentence(&failure))?;
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
