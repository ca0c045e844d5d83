//! Teams: made by anybody who has signed in, seen by their members, changed by their owners.
//!
//! Source: http-api, section D.

use std::sync::Arc;

use herenow_core::{
    MembershipId, ProjectId, TeamId, Timestamp, UserId,
    account::{Membership, Prefs, Team},
    query::Schema,
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::{
    lists::{self, ListRequest, Listed},
    projects,
};
use crate::{
    App,
    auth::Caller,
    clock::random_u64,
    failure::Failure,
    realtime::{
        effects,
        notices::{self, Deed, of_team},
    },
};

/// The role in a team that may change it.
pub const OWNER: &str = "owner";

/// How a caller stands to a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It must not know of it.
    Outsider,
    /// It may see it.
    Member,
    /// It may change it.
    Owner,
}

impl Standing {
    /// How `caller` stands to `team`. A key may do everything.
    pub(super) fn of(caller: &Caller, team: &TeamId) -> Self {
        if caller.is_server() {
            return Self::Owner;
        }
        let memberships = caller.signed_in().map_or(&[][..], |signed_in| &signed_in.memberships);
        match memberships.iter().find(|membership| membership.team == *team && membership.confirm) {
            Some(membership) if is_owner(membership) => Self::Owner,
            Some(_) => Self::Member,
            None => Self::Outsider,
        }
    }
}

/// Whether this membership gives the right to change the team.
pub(super) fn is_owner(membership: &Membership) -> bool {
    membership.roles.iter().any(|role| role == OWNER)
}

/// A team that the caller may see.
///
/// # Errors
/// 404 `team_not_found`.
pub async fn get(app: &App, caller: &Caller, id: &TeamId) -> Result<Team, Failure> {
    if Standing::of(caller, id) == Standing::Outsider {
        return Err(ErrorType::TeamNotFound.into());
    }
    app.accounts.team(&caller.project, id).await?.ok_or_else(|| ErrorType::TeamNotFound.into())
}

/// A team that the caller may change.
async fn get_own(app: &App, caller: &Caller, id: &TeamId) -> Result<Team, Failure> {
    let team = get(app, caller, id).await?;
    if Standing::of(caller, id) == Standing::Owner { Ok(team) } else { Err(ErrorType::UserUnauthorized.into()) }
}

/// A team to be made.
#[derive(Debug, Clone)]
pub struct NewTeam {
    /// Its id.
    pub id: TeamId,
    /// For people.
    pub name: String,
    /// What whoever makes it is in it, beside owner.
    pub roles: Vec<String>,
}

/// Makes a team; a user who makes one is its first member and owner.
///
/// # Errors
/// 409 `team_already_exists`.
pub async fn create(app: &Arc<App>, caller: &Caller, input: NewTeam) -> Result<Team, Failure> {
    let now = app.clock.now();
    let first = caller.user_id().map(|user| first_member(user, &input, now));
    let total = u64::from(first.is_some());
    let team = Team { id: input.id, created_at: now, updated_at: now, name: input.name, total, prefs: Prefs::new() };
    let created = app.accounts.create_team(&caller.project, &team, first.as_ref()).await;
    created.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::TeamAlreadyExists.into(),
        StoreError::Missing => ErrorType::UserNotFound.into(),
        error => Failure::from(error),
    })?;
    tell(app, &caller.project, first.map(|membership| membership.user)).await?;
    notices::send(app, &caller.project, of_team(&team, Deed::Create)).await;
    Ok(team)
}

fn first_member(user: &UserId, team: &NewTeam, now: Timestamp) -> Membership {
    let mut roles = team.roles.clone();
    if !roles.iter().any(|role| role == OWNER) {
        roles.push(OWNER.to_owned());
    }
    Membership {
        id: MembershipId::generate(now, random_u64()),
        created_at: now,
        updated_at: now,
        user: user.clone(),
        team: team.id.clone(),
        roles,
        invited: now,
        joined: Some(now),
        confirm: true,
        secret_hash: String::new(),
    }
}

/// Renames a team.
///
/// # Errors
/// 404 `team_not_found`, 401 `user_unauthorized`.
pub async fn rename(app: &App, caller: &Caller, id: &TeamId, name: String) -> Result<Team, Failure> {
    let team = get_own(app, caller, id).await?;
    let changed = Team { name, ..team.clone() };
    update(app, caller, team, changed, None).await
}

/// Replaces the free-form object of a team.
///
/// # Errors
/// 404 `team_not_found`, 401 `user_unauthorized`.
pub async fn set_prefs(app: &App, caller: &Caller, id: &TeamId, prefs: Prefs) -> Result<Team, Failure> {
    let team = get_own(app, caller, id).await?;
    let changed = Team { prefs, ..team.clone() };
    update(app, caller, team, changed, Some("prefs")).await
}

async fn update(
    app: &App,
    caller: &Caller,
    before: Team,
    after: Team,
    what: Option<&'static str>,
) -> Result<Team, Failure> {
    if before == after {
        return Ok(before);
    }
    let team = Team { updated_at: app.clock.now(), ..after };
    app.accounts.update_team(&caller.project, &team).await.map_err(missing_team)?;
    notices::send(app, &caller.project, of_team(&team, Deed::Update(what))).await;
    Ok(team)
}

/// Ends a team with its memberships; a team of operators with its projects.
///
/// # Errors
/// 404 `team_not_found`, 401 `user_unauthorized`.
pub async fn delete(app: &Arc<App>, caller: &Caller, id: &TeamId) -> Result<(), Failure> {
    let team = get_own(app, caller, id).await?;
    if caller.project.is_console() {
        projects::delete_of_team(app, id).await?;
    }
    let removed = app.accounts.delete_team(&caller.project, id).await.map_err(missing_team)?;
    // Before the members are none any more, in the same order.
    notices::send(app, &caller.project, of_team(&team, Deed::Delete)).await;
    tell(app, &caller.project, removed.into_iter().map(|membership| membership.user)).await
}

/// Lists the teams that the caller may see.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere, lists that would look at too much.
pub async fn list(app: &App, caller: &Caller, request: &ListRequest) -> Result<Listed<Team>, Failure> {
    let search = lists::search(request, &Schema::TEAMS)?;
    let of = match caller.user_id() {
        _ if caller.is_server() => None,
        Some(user) => Some(user),
        None => return Ok(Listed::of(0, std::iter::empty())),
    };
    let found = lists::found(app.accounts.search_teams(&caller.project, of, &search).await?)?;
    Ok(Listed::of(found.total, found.items.into_iter().map(|(_, team)| team)))
}

/// The failure where a team went while it was being changed.
pub(super) fn missing_team(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::TeamNotFound.into(),
        error => error.into(),
    }
}

/// Tells the open sockets of `users` that their memberships changed: of all of them, whatever happens to one.
pub(super) async fn tell(
    app: &Arc<App>,
    project: &ProjectId,
    users: impl IntoIterator<Item = UserId>,
) -> Result<(), Failure> {
    let mut outcome = Ok(());
    for user in users {
        let told = effects::user_changed(app, project, &user).await;
        outcome = outcome.and(told);
    }
    outcome
}
