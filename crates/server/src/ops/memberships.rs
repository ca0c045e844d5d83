//! Memberships: who is in a team, and as what.
//!
//! Source: http-api, section D; models, Membership (who sees whose name).

use std::sync::Arc;

use herenow_core::{
    MembershipId, ProjectId, TeamId, UserId,
    account::{MemberView, Membership, Team, User},
    query::Schema,
};
use herenow_store::{Found, KnownUsers, StoreError, TeamRule};
use herenow_wire::ErrorType;

use super::{
    lists::{self, ListRequest},
    teams::{self, Standing, is_owner, tell},
};
use crate::{
    App,
    auth::Caller,
    failure::Failure,
    projects::KnownProject,
    realtime::notices::{self, Deed, of_membership},
};

/// A membership as a caller sees it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership.
    pub membership: Membership,
    /// Its team.
    pub team: Team,
    /// Whose it is, where the caller may know anything of them.
    pub user: Option<User>,
    /// What of the user shows.
    pub view: MemberView,
}

/// What a caller may know of the members.
fn view_of(caller: &Caller, project: &KnownProject) -> MemberView {
    let all = caller.is_server() || caller.project.is_console();
    if all { MemberView::ALL } else { project.project.member_view }
}

async fn member(
    app: &App,
    caller: &Caller,
    view: MemberView,
    membership: Membership,
    team: Team,
) -> Result<Member, Failure> {
    let user =
        if view == MemberView::default() { None } else { app.accounts.user(&caller.project, &membership.user).await? };
    Ok(Member { membership, team, user, view })
}

/// The answer to a change: id, name and email of the user always show, the rest to servers alone.
pub(super) fn changed(caller: &Caller, membership: Membership, team: Team, user: User) -> Member {
    let named = MemberView { user_id: true, user_name: true, user_email: true, ..MemberView::default() };
    let view = if caller.is_server() { MemberView::ALL } else { named };
    Member { membership, team, user: Some(user), view }
}

/// One membership of a team that the caller may see.
///
/// # Errors
/// 404 `team_not_found`, `membership_not_found`.
pub async fn get(
    app: &App,
    project: &KnownProject,
    caller: &Caller,
    team: &TeamId,
    id: &MembershipId,
) -> Result<Member, Failure> {
    let team = teams::get(app, caller, team).await?;
    let found = app.accounts.membership(&caller.project, id).await?;
    let membership = found.filter(|found| found.team == team.id).ok_or(ErrorType::MembershipNotFound)?;
    member(app, caller, view_of(caller, project), membership, team).await
}

/// The members on a page of a list.
#[derive(Debug, Clone)]
pub struct Members {
    /// How many match, on all pages; 0 where nobody asked.
    pub total: usize,
    /// Those of this page.
    pub members: Vec<Member>,
}

/// Lists the memberships of a team that the caller may see.
///
/// # Errors
/// 404 `team_not_found`; queries that are not understood, cursors that lead nowhere.
pub async fn list(
    app: &App,
    project: &KnownProject,
    caller: &Caller,
    team: &TeamId,
    request: &ListRequest,
) -> Result<Members, Failure> {
    // A query that is not understood is said before whether the team is there, as with every other parameter.
    let search = lists::search(request, &Schema::MEMBERSHIPS)?;
    let team = teams::get(app, caller, team).await?;
    let view = view_of(caller, project);
    let known = known_users(caller, view);
    let found = app.accounts.search_memberships(&caller.project, &team.id, &known, &search).await?;
    let Found { total, items } = lists::found(found)?;
    let mut members = Vec::with_capacity(items.len());
    for (_, membership) in items {
        members.push(member(app, caller, view, membership, team.clone()).await?);
    }
    Ok(Members { total, members })
}

/// Of whom the caller may ask: a filter must not tell what the answer leaves blank.
fn known_users(caller: &Caller, view: MemberView) -> KnownUsers {
    match caller.user_id() {
        _ if view.user_id => KnownUsers::All,
        Some(user) => KnownUsers::Only(user.clone()),
        None => KnownUsers::Nobody,
    }
}

/// Changes the roles of a member.
///
/// # Errors
/// In this order: 404 `team_not_found`, `membership_not_found`, `team_membership_mismatch`, 401
/// `user_unauthorized`, 400 `membership_downgrade_prohibited`.
pub async fn set_roles(
    app: &Arc<App>,
    caller: &Caller,
    team: &TeamId,
    id: &MembershipId,
    roles: Vec<String>,
) -> Result<Member, Failure> {
    let team = teams::get(app, caller, team).await?;
    let found = app.accounts.membership(&caller.project, id).await?;
    let before = found.ok_or(ErrorType::MembershipNotFound)?;
    if before.team != team.id {
        return Err(ErrorType::TeamMembershipMismatch.into());
    }
    if Standing::of(caller, &team.id) != Standing::Owner {
        return Err(ErrorType::UserUnauthorized.into());
    }
    let user = user(app, caller, &before.user).await?;
    let now = app.clock.now();
    let edit = move |membership: &mut Membership| {
        if membership.roles != roles {
            membership.roles.clone_from(&roles);
            membership.updated_at = now;
        }
    };
    let changed_to = app.accounts.change_membership(&caller.project, id, Box::new(edit), rule(&caller.project)).await;
    let membership = changed_to.map_err(|error| match error {
        StoreError::Refused => ErrorType::MembershipDowngradeProhibited.into(),
        error => missing(error),
    })?;
    if membership != before {
        tell(app, &caller.project, [membership.user.clone()]).await?;
        let notice = of_membership(app, &caller.project, (&membership, &team, &user), Deed::Update(None));
        notices::send(app, &caller.project, notice).await;
    }
    Ok(changed(caller, membership, team, user))
}

/// Ends a membership: an owner removes a member, or a user leaves or declines.
///
/// # Errors
/// 404 `team_invite_not_found`, `team_not_found`, `team_membership_mismatch`, 401 `user_unauthorized`, 400
/// `membership_deletion_prohibited`.
pub async fn delete(app: &Arc<App>, caller: &Caller, team: &TeamId, id: &MembershipId) -> Result<(), Failure> {
    let found = app.accounts.membership(&caller.project, id).await?;
    let membership = found.ok_or(ErrorType::TeamInviteNotFound)?;
    let own = caller.user_id() == Some(&membership.user) && membership.team == *team;
    if !own {
        // Who is only invited does not see the team yet, and may decline all the same.
        teams::get(app, caller, team).await?;
    }
    if membership.team != *team {
        return Err(ErrorType::TeamMembershipMismatch.into());
    }
    if !own && Standing::of(caller, team) != Standing::Owner {
        return Err(ErrorType::UserUnauthorized.into());
    }
    app.accounts.delete_membership(&caller.project, id, rule(&caller.project)).await.map_err(|error| match error {
        StoreError::Refused => ErrorType::MembershipDeletionProhibited.into(),
        StoreError::Missing => ErrorType::TeamInviteNotFound.into(),
        error => Failure::from(error),
    })?;
    // Who was removed is no member any more when those who stay hear of it.
    tell(app, &caller.project, [membership.user.clone()]).await?;
    let team = app.accounts.team(&caller.project, team).await?;
    let user = app.accounts.user(&caller.project, &membership.user).await?;
    if let (Some(team), Some(user)) = (team, user) {
        let notice = of_membership(app, &caller.project, (&membership, &team, &user), Deed::Delete);
        notices::send(app, &caller.project, notice).await;
    }
    Ok(())
}

/// What a change must leave of a team: one of operators that has an owner keeps one, else nobody could change it any
/// more. The store asks it within the transaction, so that of two owners who go at once one stays.
pub(super) fn rule(project: &ProjectId) -> Option<TeamRule> {
    let is_owned = |team: &[Membership]| team.iter().any(|membership| membership.confirm && is_owner(membership));
    let rule: TeamRule = Box::new(move |before, after| !is_owned(before) || is_owned(after));
    project.is_console().then_some(rule)
}

/// The user of a membership.
pub(super) async fn user(app: &App, caller: &Caller, id: &UserId) -> Result<User, Failure> {
    app.accounts.user(&caller.project, id).await?.ok_or_else(|| ErrorType::UserNotFound.into())
}

/// The failure where a membership went while it was being changed.
pub(super) fn missing(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::MembershipNotFound.into(),
        error => error.into(),
    }
}
