//! How somebody gets into a team: put there by a server at once, or invited by an owner and accepting.
//!
//! Source: http-api, section D.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use herenow_core::{
    MembershipId, TeamId, UserId,
    account::{Membership, Team, User},
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;
use subtle::ConstantTimeEq;

use super::{
    memberships::{Member, changed, missing, user},
    sessions::{Begun, Client, Way, begin},
    teams::{self, tell},
    users::{self, NewUser},
};
use crate::{
    App,
    auth::{Caller, Identity, secret},
    clock::random_u64,
    failure::Failure,
    projects::KnownProject,
    realtime::notices::{self, Deed, of_membership},
};

/// Whom a team shall get.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Into which team.
    pub team: TeamId,
    /// In lower case.
    pub email: Option<String>,
    /// A user that exists.
    pub user: Option<UserId>,
    /// With its `+`.
    pub phone: Option<String>,
    /// Roles in the team.
    pub roles: Vec<String>,
    /// Where the link of the mail would lead. Its host is checked where a mail is sent, and none is yet.
    pub url: Option<String>,
    /// Display name of a user who has to be made.
    pub name: Option<String>,
}

/// Puts somebody into a team. Servers do so at once; for a user a mail would have to be sent, and no mail server can
/// be configured yet.
///
/// # Errors
/// In this order: 400 `general_argument_invalid`, 503 `general_smtp_disabled`, 404 `team_not_found`,
/// `user_not_found`, 409 `user_already_exists`, `membership_already_confirmed`.
pub async fn invite(app: &Arc<App>, caller: &Caller, input: Invitation) -> Result<Member, Failure> {
    if !caller.is_server() && input.url.is_none() {
        return Err(Failure::invalid_param("url", "An invitation by mail needs a URL to lead to"));
    }
    if input.user.is_none() && input.email.is_none() && input.phone.is_none() {
        let text = "At least one of userId, email and phone is required.";
        return Err(Failure::new(ErrorType::GeneralArgumentInvalid, text));
    }
    if !caller.is_server() {
        return Err(ErrorType::GeneralSmtpDisabled.into());
    }
    let team = teams::get(app, caller, &input.team).await?;
    let user = invitee(app, caller, &input).await?;
    let membership = confirm_now(app, caller, &team, &user, input.roles).await?;
    tell(app, &caller.project, [user.id.clone()]).await?;
    let notice = of_membership(app, &caller.project, (&membership, &team, &user), Deed::Create);
    notices::send(app, &caller.project, notice).await;
    Ok(changed(caller, membership, team, user))
}

/// The user whom an invitation names; one of whom nobody has heard is made.
async fn invitee(app: &App, caller: &Caller, input: &Invitation) -> Result<User, Failure> {
    let found = match (&input.user, &input.email, &input.phone) {
        (Some(id), ..) => Some(user(app, caller, id).await?),
        (None, Some(email), _) => app.accounts.user_by_email(&caller.project, email).await?,
        (None, None, Some(phone)) => app.accounts.user_by_phone(&caller.project, phone).await?,
        (None, None, None) => None,
    };
    let Some(found) = found else {
        let new = NewUser {
            id: UserId::generate(app.clock.now(), random_u64()),
            email: input.email.clone(),
            phone: input.phone.clone(),
            password: None,
            name: input.name.clone().or_else(|| input.email.clone()).unwrap_or_default(),
        };
        return users::create(app, &caller.project, new).await;
    };
    let other = |named: &Option<String>, own: &str| named.as_ref().is_some_and(|named| named != own);
    if other(&input.email, &found.email) || other(&input.phone, &found.phone) {
        return Err(ErrorType::UserAlreadyExists.into());
    }
    Ok(found)
}

/// Makes the membership, or confirms an open invitation with these roles.
async fn confirm_now(
    app: &App,
    caller: &Caller,
    team: &Team,
    user: &User,
    roles: Vec<String>,
) -> Result<Membership, Failure> {
    let now = app.clock.now();
    let memberships = app.accounts.memberships_of_user(&caller.project, &user.id).await?;
    match memberships.into_iter().find(|membership| membership.team == team.id) {
        Some(known) if known.confirm => Err(ErrorType::MembershipAlreadyConfirmed.into()),
        Some(known) => {
            let secret_hash = known.secret_hash.clone();
            let put = move |membership: &mut Membership| {
                membership.roles.clone_from(&roles);
                membership.invited = now;
            };
            confirm_open(app, caller, &known.id, secret_hash, put).await
        }
        None => {
            let membership = Membership {
                id: MembershipId::generate(now, random_u64()),
                created_at: now,
                updated_at: now,
                user: user.id.clone(),
                team: team.id.clone(),
                roles,
                invited: now,
                joined: Some(now),
                confirm: true,
                secret_hash: String::new(),
            };
            let created = app.accounts.create_membership(&caller.project, &membership).await;
            created.map_err(|error| match error {
                StoreError::Taken("user") => ErrorType::MembershipAlreadyConfirmed.into(),
                error => teams::missing_team(error),
            })?;
            Ok(membership)
        }
    }
}

/// Confirms an invitation that is still open with this secret, as it is kept by then: of two who do so at once one
/// does, and what others change meanwhile stays.
async fn confirm_open(
    app: &App,
    caller: &Caller,
    id: &MembershipId,
    secret_hash: String,
    edit: impl Fn(&mut Membership) + Send + Sync + 'static,
) -> Result<Membership, Failure> {
    let now = app.clock.now();
    // The store may ask twice; the last answer counts.
    let open = Arc::new(AtomicBool::new(false));
    let found = open.clone();
    let confirm = move |membership: &mut Membership| {
        let is_open = !membership.confirm && membership.secret_hash == secret_hash;
        found.store(is_open, Ordering::Release);
        if is_open {
            membership.confirm = true;
            membership.joined = Some(now);
            membership.updated_at = now;
            edit(membership);
        }
    };
    let changed = app.accounts.change_membership(&caller.project, id, Box::new(confirm), None).await;
    let membership = changed.map_err(missing)?;
    match (open.load(Ordering::Acquire), membership.confirm) {
        (true, _) => Ok(membership),
        (false, true) => Err(ErrorType::MembershipAlreadyConfirmed.into()),
        // It was sent again meanwhile.
        (false, false) => Err(ErrorType::TeamInvalidSecret.into()),
    }
}

/// The answer to an invitation.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The team that the link names.
    pub team: TeamId,
    /// The membership that it names.
    pub membership: MembershipId,
    /// The user that it names.
    pub user: UserId,
    /// The secret in it.
    pub secret: String,
}

/// What accepting an invitation led to.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The membership.
    pub member: Member,
    /// The session of who had none.
    pub begun: Option<Begun>,
}

/// Accepts an invitation. The secret came by mail, so it proves the address and signs in who has not.
///
/// # Errors
/// In this order: 404 `membership_not_found`, `team_not_found`, `team_membership_mismatch`, 401
/// `team_invalid_secret`, `team_invite_mismatch`, 409 `membership_already_confirmed`, 403 `user_blocked`.
pub async fn accept(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    input: &Acceptance,
    client: &Client,
) -> Result<Accepted, Failure> {
    let id = &caller.project;
    let (membership, team) = open_invitation(app, caller, input).await?;
    let mut user = user(app, caller, &membership.user).await?;
    if !user.status {
        return Err(ErrorType::UserBlocked.into());
    }
    // The secret stays: who follows the link again hears that the membership is confirmed.
    let membership = confirm_open(app, caller, &membership.id, membership.secret_hash, |_| {}).await?;
    if !user.email_verification && !user.email.is_empty() {
        user = users::change(app, id, &user.id, |user| user.email_verification = true).await?;
    }
    tell(app, id, [user.id.clone()]).await?;
    let notice = of_membership(app, id, (&membership, &team, &user), Deed::Update(Some("status")));
    notices::send(app, id, notice).await;
    let begun = match caller.identity {
        Identity::Guest => Some(begin(app, project, &user.id, Way::Invitation(user.email.clone()), client).await?),
        Identity::Session(_) | Identity::Jwt(..) | Identity::Key(_) | Identity::Admin(_) => None,
    };
    Ok(Accepted { member: changed(caller, membership, team, user), begun })
}

/// The invitation that the secret opens, for whom it was meant.
async fn open_invitation(app: &App, caller: &Caller, input: &Acceptance) -> Result<(Membership, Team), Failure> {
    let found = app.accounts.membership(&caller.project, &input.membership).await?;
    let membership = found.ok_or(ErrorType::MembershipNotFound)?;
    let team = app.accounts.team(&caller.project, &input.team).await?.ok_or(ErrorType::TeamNotFound)?;
    if membership.team != team.id {
        return Err(ErrorType::TeamMembershipMismatch.into());
    }
    let sent = secret::hash(&input.secret);
    if !bool::from(sent.as_bytes().ct_eq(membership.secret_hash.as_bytes())) {
        return Err(ErrorType::TeamInvalidSecret.into());
    }
    if membership.user != input.user || caller.user_id().is_some_and(|user| *user != membership.user) {
        return Err(ErrorType::TeamInviteMismatch.into());
    }
    if membership.confirm {
        return Err(ErrorType::MembershipAlreadyConfirmed.into());
    }
    Ok((membership, team))
}
