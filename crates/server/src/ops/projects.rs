//! Projects: made by operators for a team of theirs, changed and ended by those who manage them.
//!
//! Source: http-api, section F; decisions, Operation (what the configuration file declares).

use std::sync::Arc;

use herenow_broker::Broker;
use herenow_core::{
    ProjectId, TeamId,
    account::{Origin, Project},
    query::{Attributes, Schema, Value},
};
use herenow_store::StoreError;
use herenow_wire::{ErrorType, model::Belongings};

use super::lists::{self, ListRequest, Listable, Listed};
use crate::{
    App,
    auth::{operator, sign_ins::SignedIn},
    failure::Failure,
    realtime::effects,
};

/// A project to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its id.
    pub id: ProjectId,
    /// For people.
    pub name: String,
    /// The team of operators that owns it.
    pub team: TeamId,
}

/// Makes a project.
///
/// # Errors
/// In this order: 400 `project_reserved_project`, 404 `team_not_found`, 401 `user_unauthorized` where the operator
/// has no role in the team that counts, 409 `project_already_exists`.
pub async fn create(app: &Arc<App>, operator: &SignedIn, input: NewProject) -> Result<Project, Failure> {
    if input.id.is_console() {
        return Err(ErrorType::ProjectReservedProject.into());
    }
    let mut project = Project::new(input.id, &input.name, app.clock.now());
    give_to_team(app, operator, &mut project, input.team).await?;
    keep_new(app, &project).await?;
    Ok(project)
}

/// Keeps a project that was made, and begins its order.
///
/// # Errors
/// 409 `project_already_exists`.
pub async fn keep_new(app: &App, project: &Project) -> Result<(), Failure> {
    app.accounts.create_project(project).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::ProjectAlreadyExists.into(),
        error => Failure::from(error),
    })?;
    // What a former project of the id left behind, should its end have failed halfway, is no part of this one.
    app.broker.forget(&project.id).await?;
    app.broker.open(&project.id).await?;
    Ok(app.projects.refresh(&*app.accounts, &project.id).await?)
}

async fn give_to_team(app: &App, operator: &SignedIn, project: &mut Project, team: TeamId) -> Result<(), Failure> {
    let team = app.accounts.team(&ProjectId::console(), &team).await?.ok_or(ErrorType::TeamNotFound)?;
    project.team = Some(team.id);
    operator::role_in(project, &operator.memberships).map(drop).map_err(|_| ErrorType::UserUnauthorized.into())
}

/// Changes a project; `$updatedAt` moves where anything did.
///
/// # Errors
/// 404 `project_not_found`.
pub(super) async fn change(
    app: &App,
    id: &ProjectId,
    edit: impl Fn(&mut Project) + Send + Sync + 'static,
) -> Result<Project, Failure> {
    let now = app.clock.now();
    let edit = move |project: &mut Project| {
        let before = project.clone();
        edit(project);
        if *project != before {
            project.updated_at = now;
        }
    };
    let project = app.accounts.change_project(id, Box::new(edit)).await.map_err(missing)?;
    app.projects.refresh(&*app.accounts, id).await?;
    Ok(project)
}

/// Renames a project.
///
/// # Errors
/// 409 `general_declared_in_file`, 404 `project_not_found`.
pub async fn rename(app: &App, project: &Project, name: String) -> Result<Project, Failure> {
    refuse_declared(project.origin, "projects.name")?;
    change(app, &project.id, move |project| project.name.clone_from(&name)).await
}

/// Gives a project to another team of the operator.
///
/// # Errors
/// 409 `general_declared_in_file`, 404 `team_not_found`, 401 `user_unauthorized`, 404 `project_not_found`.
pub async fn transfer(
    app: &Arc<App>,
    operator: &SignedIn,
    project: &Project,
    team: TeamId,
) -> Result<Project, Failure> {
    refuse_declared(project.origin, "projects.id")?;
    give_to_team(app, operator, &mut project.clone(), team.clone()).await?;
    let changed = change(app, &project.id, move |project| project.team = Some(team.clone())).await?;
    effects::operators_changed(app, &project.id).await?;
    Ok(changed)
}

/// Ends a project with everything in it: presences, users, keys and open sockets.
///
/// # Errors
/// 409 `general_declared_in_file`, 404 `project_not_found`.
pub async fn delete(app: &App, project: &Project) -> Result<(), Failure> {
    refuse_declared(project.origin, "projects.id")?;
    app.accounts.delete_project(&project.id).await.map_err(missing)?;
    app.projects.refresh(&*app.accounts, &project.id).await?;
    effects::project_gone(app, &project.id);
    Ok(app.broker.forget(&project.id).await?)
}

/// Ends all projects of a team of operators that is about to end: nobody could reach them any more. What the file
/// declares belongs to all operators and stays.
pub(super) async fn delete_of_team(app: &App, team: &TeamId) -> Result<(), Failure> {
    for project in app.accounts.projects().await? {
        if project.team.as_ref() == Some(team) && project.origin == Origin::Api {
            delete(app, &project).await?;
        }
    }
    Ok(())
}

/// Refuses to change what the configuration file declares under `key`.
pub(super) fn refuse_declared(origin: Origin, key: &str) -> Result<(), Failure> {
    match origin {
        Origin::Api => Ok(()),
        Origin::File => Err(Failure::new(
            ErrorType::GeneralDeclaredInFile,
            format!("The server's configuration file declares it ({key}): it can be changed only there."),
        )),
    }
}

/// Lists the projects that an operator manages.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, operator: &SignedIn, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let projects = app.accounts.projects().await?;
    let own = |project: &Project| !project.id.is_console() && operator::role_in(project, &operator.memberships).is_ok();
    let rows = (1..).zip(projects).filter(|(_, project)| own(project));
    lists::list(rows.map(|(sequence, project)| Row { sequence, project }).collect(), &Schema::PROJECTS, request).await
}

/// What belongs to a project, for clients whose form of the project holds it.
///
/// # Errors
/// Where the store fails.
pub async fn belongings(app: &App, id: &ProjectId) -> Result<Belongings, Failure> {
    Ok(Belongings {
        keys: app.accounts.keys(id).await?,
        platforms: app.accounts.platforms(id).await?,
        webhooks: app.accounts.webhooks(id).await?,
    })
}

/// A project in a list, with its place in the order of creation.
#[derive(Debug)]
pub struct Row {
    sequence: i64,
    /// The project.
    pub project: Project,
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.project.id.as_str()),
            "$createdAt" => Value::Time(self.project.created_at),
            "$updatedAt" => Value::Time(self.project.updated_at),
            "$sequence" => Value::Integer(self.sequence),
            "name" => Value::Text(&self.project.name),
            "teamId" => self.project.team.as_ref().map_or(Value::Null, |team| Value::Text(team.as_str())),
            _ => Value::Null,
        }
    }
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.project.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.project.id.as_str(), &self.project.name]
    }
}

fn missing(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::ProjectNotFound.into(),
        error => error.into(),
    }
}
