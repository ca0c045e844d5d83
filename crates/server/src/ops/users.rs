//! Users: how they come, change and go, whoever asks for it.
//!
//! Source: http-api, sections B and C.

use std::sync::Arc;

use herenow_core::{
    ProjectId, Timestamp, UserId,
    account::{Prefs, User},
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::memberships::rule;
use crate::{
    App,
    failure::Failure,
    realtime::{
        effects,
        notices::{self, Deed, of_user},
    },
};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The id.
    pub id: UserId,
    /// In lower case.
    pub email: Option<String>,
    /// With its `+`.
    pub phone: Option<String>,
    /// In the clear: it is hashed here.
    pub password: Option<String>,
    /// Display name.
    pub name: String,
}

impl NewUser {
    /// The user, with the password hashed.
    ///
    /// # Errors
    /// 503 where too many passwords are being hashed.
    pub async fn into_user(self, app: &App, now: Timestamp) -> Result<User, Failure> {
        let mut user = User::new(self.id, now);
        if let Some(password) = self.password {
            user.password_hash = Some(app.passwords.hash(password).await?);
            user.password_update = Some(now);
        }
        user.email = self.email.unwrap_or_default();
        user.phone = self.phone.unwrap_or_default();
        user.name = self.name;
        Ok(user)
    }
}

/// Makes a user.
///
/// # Errors
/// 409 `user_already_exists`.
pub async fn create(app: &App, project: &ProjectId, input: NewUser) -> Result<User, Failure> {
    let user = input.into_user(app, app.clock.now()).await?;
    keep_new(app, project, &user).await?;
    Ok(user)
}

/// Keeps a user that was made.
///
/// # Errors
/// 409 `user_already_exists`.
pub(super) async fn keep_new(app: &App, project: &ProjectId, user: &User) -> Result<(), Failure> {
    app.accounts.create_user(project, user).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::UserAlreadyExists.into(),
        error => Failure::from(error),
    })?;
    app.gone_users.forget(project, &user.id);
    notices::send(app, project, of_user(user, Deed::Create)).await;
    Ok(())
}

/// The user of this id.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn find(app: &App, project: &ProjectId, id: &UserId) -> Result<User, Failure> {
    app.accounts.user(project, id).await?.ok_or_else(|| ErrorType::UserNotFound.into())
}

/// Changes a user; `$updatedAt` moves where anything did.
///
/// # Errors
/// 404 `user_not_found`.
pub(super) async fn change(
    app: &App,
    project: &ProjectId,
    id: &UserId,
    edit: impl Fn(&mut User) + Send + Sync + 'static,
) -> Result<User, Failure> {
    let now = app.clock.now();
    let edit = move |user: &mut User| {
        let before = user.clone();
        edit(user);
        if *user != before {
            user.updated_at = now;
        }
    };
    let changed = match rule(project) {
        Some(rule) => app.accounts.change_member(project, id, Box::new(edit), rule).await,
        None => app.accounts.change_user(project, id, Box::new(edit)).await,
    };
    let user = changed.map_err(|error| match error {
        StoreError::Refused => ErrorType::UserDeletionProhibited.into(),
        StoreError::Missing => ErrorType::UserNotFound.into(),
        StoreError::Taken(_) => ErrorType::UserAlreadyExists.into(),
        error => Failure::from(error),
    })?;
    app.sign_ins.forget_user(project, id);
    Ok(user)
}

/// Tells the user's sockets what of them has changed.
pub(super) async fn changed(app: &App, project: &ProjectId, user: &User, what: &'static str) {
    notices::send(app, project, of_user(user, Deed::Update(Some(what)))).await;
}

/// Sets the display name.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn set_name(app: &App, project: &ProjectId, id: &UserId, name: String) -> Result<User, Failure> {
    let user = change(app, project, id, move |user| user.name.clone_from(&name)).await?;
    changed(app, project, &user, "name").await;
    Ok(user)
}

/// Sets the free-form object of the app.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn set_prefs(app: &App, project: &ProjectId, id: &UserId, prefs: Prefs) -> Result<User, Failure> {
    let user = change(app, project, id, move |user| user.prefs.clone_from(&prefs)).await?;
    changed(app, project, &user, "prefs").await;
    Ok(user)
}

/// Sets the labels, each of which is a role; those named twice count once.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn set_labels(
    app: &Arc<App>,
    project: &ProjectId,
    id: &UserId,
    labels: Vec<String>,
) -> Result<User, Failure> {
    let mut seen = std::collections::HashSet::new();
    let labels: Vec<_> = labels.into_iter().filter(|label| seen.insert(label.clone())).collect();
    let user = change(app, project, id, move |user| user.labels.clone_from(&labels)).await?;
    effects::user_changed(app, project, id).await?;
    changed(app, project, &user, "labels").await;
    Ok(user)
}

/// Which addresses are known to be the user's own; none: as before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Verification {
    /// The email.
    pub email: Option<bool>,
    /// The phone.
    pub phone: Option<bool>,
}

/// Sets whether addresses are verified, on which roles depend.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn set_verification(
    app: &Arc<App>,
    project: &ProjectId,
    id: &UserId,
    verification: Verification,
) -> Result<User, Failure> {
    let edit = move |user: &mut User| {
        user.email_verification = verification.email.unwrap_or(user.email_verification);
        user.phone_verification = verification.phone.unwrap_or(user.phone_verification);
    };
    let user = change(app, project, id, edit).await?;
    effects::user_changed(app, project, id).await?;
    changed(app, project, &user, "verification").await;
    Ok(user)
}

/// Whether a user may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// They may.
    Active,
    /// They may not: their presence ends and their sockets close.
    Blocked,
}

/// Blocks a user, or lets them in again.
///
/// # Errors
/// 404 `user_not_found`; 400 `user_deletion_prohibited` where a team of operators would have no owner any more.
pub async fn set_status(app: &Arc<App>, project: &ProjectId, id: &UserId, status: Status) -> Result<User, Failure> {
    let user = change(app, project, id, move |user| user.status = status == Status::Active).await?;
    let notice = of_user(&user, Deed::Update(Some("status")));
    match status {
        Status::Active => {
            app.gone_users.forget(project, id);
            notices::send(app, project, notice).await;
        }
        Status::Blocked => {
            app.gone_users.note(project, id, app.clock.now());
            notices::send_first(app, project, [notice]).await;
            effects::user_gone(app, project, id).await?;
        }
    }
    Ok(user)
}

/// Deletes a user with everything that is theirs.
///
/// # Errors
/// 404 `user_not_found`; 400 `user_deletion_prohibited` where a team of operators would have no owner any more.
pub async fn delete(app: &Arc<App>, project: &ProjectId, id: &UserId) -> Result<(), Failure> {
    let user = find(app, project, id).await?;
    app.accounts.delete_user(project, id, rule(project)).await.map_err(|error| match error {
        StoreError::Refused => ErrorType::UserDeletionProhibited.into(),
        StoreError::Missing => ErrorType::UserNotFound.into(),
        error => Failure::from(error),
    })?;
    app.gone_users.note(project, id, app.clock.now());
    app.sign_ins.forget_user(project, id);
    notices::send_first(app, project, [of_user(&user, Deed::Delete)]).await;
    effects::user_gone(app, project, id).await
}
