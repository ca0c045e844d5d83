//! Pings of projects: counted, kept now and then, and the first one announced to those who manage the project, whose
//! page waits for it.
//!
//! Source: http-api, section E.

use herenow_core::{
    ProjectId, Timestamp,
    account::{Pings, Project},
};
use herenow_store::StoreError;

use crate::{App, pings::Turn, realtime::notices};

/// Notes a ping.
pub async fn note(app: &App, project: &Project, now: Timestamp) {
    if app.pings.note(project, now) == Turn::First {
        let pinged = Project { pings: app.pings.of(project), ..project.clone() };
        notices::send(app, &ProjectId::console(), notices::of_first_ping(&pinged)).await;
        // At once, so that a crash does not make the next one the first again.
        flush(app).await;
    }
}

/// A project with the pings that are not kept yet.
#[must_use]
pub fn counted(app: &App, project: &Project) -> Project {
    Project { pings: app.pings.of(project), ..project.clone() }
}

/// Keeps what was counted: one write for each project that was pinged.
pub async fn flush(app: &App) {
    app.pings.retain(|project| app.projects.get(project.as_str()).is_some());
    for (project, made_at, pings) in app.pings.unkept() {
        match keep(app, &project, made_at, pings).await {
            Ok(()) => app.pings.kept(&project, made_at, pings.count),
            // The next time keeps more.
            Err(error) => tracing::warn!(%project, "the pings of a project could not be kept: {error}"),
        }
    }
}

async fn keep(app: &App, project: &ProjectId, made_at: Timestamp, pings: Pings) -> Result<(), StoreError> {
    let edit = Box::new(move |project: &mut Project| {
        if project.created_at == made_at {
            project.pings = pings;
        }
    });
    match app.accounts.change_project(project, edit).await {
        Ok(_) => app.projects.refresh(&*app.accounts, project).await,
        // It was deleted meanwhile.
        Err(StoreError::Missing) => Ok(()),
        Err(error) => Err(error),
    }
}
