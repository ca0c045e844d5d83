//! What happens to open sockets when sessions end, users go, or roles change elsewhere: at once, and in the project's
//! order.
//!
//! Source: semantics 7, 9 and 13; decisions, Structure.

use std::sync::Arc;

use herenow_broker::{Broker, Refusal};
use herenow_core::{ConnectionId, ProjectId, SessionId, UserId, Viewer, account::Key, order::Ask, tracker::Command};
use herenow_hub::Wish;
use herenow_wire::{ErrorType, close::CloseCode};

use super::session::Session;
use crate::{
    App,
    auth::{Caller, operator, sign_ins::SignedIn},
    failure::Failure,
};

/// A session ended: its sockets close with 1001, what they held ends, and those of a former connection in grace too.
///
/// # Errors
/// Where the end could not be ordered.
pub async fn session_ended(
    app: &Arc<App>,
    project: &ProjectId,
    user: &UserId,
    session: &SessionId,
) -> Result<(), Failure> {
    app.sign_ins.forget_user(project, user);
    let _ending = app.sockets.ending().await;
    app.sockets.close(CloseCode::GoingAway, |known| known.is_of_session(project, session));
    end(app, project, Command::EndSession { user: user.clone(), session: session.clone() }).await
}

/// A user was deleted or blocked: their presence ends and their sockets close.
///
/// # Errors
/// Where the end could not be ordered.
pub async fn user_gone(app: &Arc<App>, project: &ProjectId, user: &UserId) -> Result<(), Failure> {
    app.gone_users.note(project, user, app.clock.now());
    app.sign_ins.forget_user(project, user);
    let _ending = app.sockets.ending().await;
    app.sockets.close(CloseCode::GoingAway, |known| known.is_of_user(project, user));
    end(app, project, Command::EndUser { user: user.clone() }).await
}

async fn end(app: &Arc<App>, project: &ProjectId, command: Command) -> Result<(), Failure> {
    match app.broker.apply(project, command).await {
        Ok(_) | Err(Refusal::UnknownProject) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Labels, verification, teams or memberships of a user changed: their open sockets hear what came into sight and
/// what went, and hear by their new roles from then on.
///
/// # Errors
/// Where the store fails or the change could not be ordered.
pub async fn user_changed(app: &Arc<App>, project: &ProjectId, user: &UserId) -> Result<(), Failure> {
    app.sockets.shifts.begin(project, user);
    let told = tell_sockets(app, project, user).await;
    if let Some((_, seq)) = app.broker.position(project) {
        app.sockets.shifts.end(project, user, seq);
    }
    told
}

async fn tell_sockets(app: &Arc<App>, project: &ProjectId, user: &UserId) -> Result<(), Failure> {
    app.sign_ins.forget_user(project, user);
    for id in app.sockets.of_user(project, user) {
        // The roles are read within the turn: of several changes at once the last that was kept must stay.
        let _turn = app.sockets.turn(id).await;
        if app.sockets.user(id).as_ref() != Some(user) {
            continue;
        }
        let Some(signed_in) = app.sign_ins.user(project, user).await? else { return Ok(()) };
        match app.sockets.managed(id) {
            Some(managed) => keep_operator(app, id, &managed, &signed_in),
            None => become_viewer(app, project, id, signed_in.viewer).await?,
        }
    }
    Ok(())
}

/// A project has another team, or none: the sockets of who no longer manages it close.
///
/// # Errors
/// Where the store fails.
pub async fn operators_changed(app: &Arc<App>, project: &ProjectId) -> Result<(), Failure> {
    for (id, user) in app.sockets.of_operators(project) {
        match app.sign_ins.user(&ProjectId::console(), &user).await? {
            Some(signed_in) => keep_operator(app, id, project, &signed_in),
            None => app.sockets.close_one(id, CloseCode::Policy),
        }
    }
    Ok(())
}

/// Closes the socket of an operator who no longer manages the project: as such there is nothing to come back for.
fn keep_operator(app: &App, id: ConnectionId, project: &ProjectId, signed_in: &SignedIn) {
    let known = app.projects.get(project.as_str());
    let still = known.is_some_and(|known| operator::role_in(&known.project, &signed_in.memberships).is_ok());
    if !still || !signed_in.user.status {
        app.sockets.close_one(id, CloseCode::Policy);
    }
}

/// A project is gone for good: its sockets close so that nobody comes back, and its sign-ins and keys are worth
/// nothing from now on.
pub fn project_gone(app: &App, project: &ProjectId) {
    app.sign_ins.forget_project(project);
    app.lists.purge(project);
    app.sockets.close(CloseCode::Policy, |known| known.project == *project);
}

/// A key was changed or revoked: a stream that it opened ends, where it is worth less than before. One that may still
/// listen comes back and is looked at anew.
pub fn key_changed(app: &App, project: &ProjectId, before: &Key, after: Option<&Key>) {
    app.sign_ins.forget_project_keys(project);
    let keeps =
        |after: &Key| after.expire == before.expire && before.scopes.iter().all(|scope| after.scopes.contains(scope));
    if !after.is_some_and(keeps) {
        app.sockets
            .close(CloseCode::Policy, |known| known.project == *project && known.key.as_ref() == Some(&before.id));
    }
}

/// A project lets other pages in than before: what those opened that it no longer does closes for good.
pub fn origins_changed(app: &App, project: &ProjectId) {
    app.sockets.close(CloseCode::Policy, |known| {
        let page = known.from.page.as_ref().filter(|_| known.project == *project);
        page.is_some_and(|page| !page.is_allowed(app, project))
    });
}

/// Makes a socket, whose turn is held, see by other roles, and waits until it does: a second change must start from
/// the first.
async fn become_viewer(app: &App, project: &ProjectId, id: ConnectionId, after: Viewer) -> Result<(), Failure> {
    let Some(before) = app.hub.viewer(id).filter(|before| *before != after) else { return Ok(()) };
    let (ticket, came_by) = app.sockets.ticket();
    app.hub.wish(ticket, id, Wish::Become { viewer: after.clone(), reply: None });
    if let Err(refusal) = app.broker.ask(project, ticket, Ask::Shift { before, after }).await {
        app.hub.forget_wish(ticket);
        app.sockets.came_by(ticket);
        return Err(refusal.into());
    }
    // The other end is dropped only when the server stops.
    drop(came_by.await);
    Ok(())
}

/// Looks once more at who a socket is, after it was registered: what changed between its sign-in and its registration
/// found no socket to tell.
///
/// # Errors
/// Where the store fails or the change could not be ordered.
pub(super) async fn look_again(app: &Arc<App>, session: &Session) -> Result<(), Failure> {
    let _turn = app.sockets.turn(session.id).await;
    if app.projects.get(session.project_id().as_str()).is_none() {
        session.close(CloseCode::Policy);
        return Ok(());
    }
    match session.present_caller().await {
        Ok(caller) if is_still(&caller, session) => {
            become_viewer(app, session.project_id(), session.id, caller.viewer()).await
        }
        Ok(_) => {
            session.close(CloseCode::GoingAway);
            Ok(())
        }
        Err(failure) if failure.kind == ErrorType::UserNotFound => {
            session.close(CloseCode::GoingAway);
            Ok(())
        }
        Err(failure) if matches!(failure.kind, ErrorType::UserUnauthorized | ErrorType::ProjectNotFound) => {
            session.close(CloseCode::Policy);
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// Whether the same account calls, and may.
fn is_still(caller: &Caller, session: &Session) -> bool {
    let account = caller.account().map(|(_, user)| user);
    account.map(|user| &user.id) == session.account_id().as_ref() && account.is_none_or(|user| user.status)
}
