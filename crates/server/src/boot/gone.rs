//! What a crash left behind of users and projects that had just gone: their end was kept with the accounts, and the ends
//! of their presences, which are kept elsewhere, were not.
//!
//! Source: semantics 4; the simulation's mutation `server-gone-users-return-after-a-crash`.

use anyhow::{Context, Result};
use herenow_broker::read;
use herenow_core::{ProjectId, UserId};

use crate::App;

/// So many users are looked up by one query of the accounts.
const BATCH: usize = 10_000;

/// Forgets the presences of projects that are no more, before one of the same id is made.
pub(super) async fn forget_projects(app: &App) -> Result<()> {
    let known: Vec<_> = app.accounts.projects().await?.into_iter().map(|project| project.id).collect();
    let gone = app.broker.forget_all_but(&known).await.context("cannot forget projects that are no more")?;
    for project in gone {
        tracing::info!(%project, "The presences of a project that is no more were forgotten.");
    }
    Ok(())
}

/// Ends the presences of users who are no more, or are blocked. Nobody can call yet, so that nobody sees them.
pub(super) async fn end_users(app: &App) -> Result<()> {
    for project in app.accounts.projects().await? {
        let gone = gone_users(app, &project.id).await?;
        let ended = app.broker.end_users(&project.id, &gone).await;
        let ended = ended.with_context(|| format!("cannot end who is gone from project {}", project.id))?;
        if ended > 0 {
            tracing::info!(project = %project.id, ended, "Presences of users who are gone were ended.");
        }
    }
    Ok(())
}

/// The users with a presence who may have none.
async fn gone_users(app: &App, project: &ProjectId) -> Result<Vec<UserId>> {
    let here = |moment: herenow_broker::Moment<'_>| {
        moment.tracker.records().map(|record| record.presence.user.clone()).collect::<Vec<_>>()
    };
    let mut users = read(&*app.broker, project, here).await?;
    // In the order of the index, and the same at every start.
    users.sort_unstable();
    let mut gone = Vec::new();
    for batch in users.chunks(BATCH) {
        let unwelcome = app.accounts.unwelcome_users(project, batch.to_vec()).await?;
        // An operator may have a presence in any project, as whom the console knows.
        gone.extend(app.accounts.unwelcome_users(&ProjectId::console(), unwelcome).await?);
    }
    Ok(gone)
}
