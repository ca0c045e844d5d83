//! A user's own account: signing up, and what only its owner does.
//!
//! Source: http-api, section B; decisions, Security (the first operator).

use std::sync::Arc;

use herenow_core::{ProjectId, account::User};
use herenow_wire::ErrorType;

use super::{
    sessions,
    users::{self, NewUser},
};
use crate::{App, auth::Caller, config::Signup, failure::Failure, projects::KnownProject};

/// From where somebody signs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// From the machine that the server runs on.
    ThisMachine,
    /// From anywhere else, or nobody knows.
    Elsewhere,
}

/// Signs up.
///
/// # Errors
/// 501 `user_console_count_exceeded` where nobody, or nobody from there, may become an operator; 409
/// `user_already_exists`.
pub async fn sign_up(app: &App, project: &ProjectId, place: Place, input: NewUser) -> Result<User, Failure> {
    let first_alone = project.is_console() && app.config.console_signup == Signup::First;
    if project.is_console() {
        admit_operator(app, place).await?;
    }
    let now = app.clock.now();
    let user = User { accessed_at: Some(now), ..input.into_user(app, now).await? };
    users::keep_new(app, project, &user).await?;
    // Two may have come at once and both found nobody: only one of them is the first in the store's order.
    if first_alone && app.accounts.users(project).await?.first().is_none_or(|first| first.user.id != user.id) {
        app.accounts.delete_user(project, &user.id).await?;
        return Err(ErrorType::UserConsoleCountExceeded.into());
    }
    Ok(user)
}

async fn admit_operator(app: &App, place: Place) -> Result<(), Failure> {
    let admitted = match app.config.console_signup {
        Signup::Open => true,
        Signup::Closed => false,
        // Whoever comes first over the network must not own the server.
        Signup::First => place == Place::ThisMachine && app.accounts.users(&ProjectId::console()).await?.is_empty(),
    };
    if admitted { Ok(()) } else { Err(ErrorType::UserConsoleCountExceeded.into()) }
}

/// The caller's account as it is now.
///
/// # Errors
/// 401 `general_unauthorized_scope` where no user calls.
pub async fn own(app: &App, caller: &Caller) -> Result<User, Failure> {
    let id = caller.user_id().ok_or(ErrorType::GeneralUnauthorizedScope)?;
    users::find(app, &caller.project, id).await
}

/// A new password, and the one that it replaces.
pub struct NewPassword {
    /// The new one.
    pub password: String,
    /// The former one; who never had any needs none.
    pub former: Option<String>,
}

/// Sets the caller's password; where the project says so, all other sessions end.
///
/// # Errors
/// 401 `user_invalid_credentials` where the former password is another.
pub async fn set_password(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    input: NewPassword,
) -> Result<User, Failure> {
    let user = own(app, caller).await?;
    if let Some(kept) = user.password_hash {
        let former = input.former.unwrap_or_default();
        if !app.passwords.verify(former, Some(kept)).await? {
            return Err(ErrorType::UserInvalidCredentials.into());
        }
    }
    let (hash, now) = (app.passwords.hash(input.password).await?, app.clock.now());
    let edit = move |user: &mut User| {
        user.password_hash = Some(hash.clone());
        user.password_update = Some(now);
    };
    let user = users::change(app, &caller.project, &user.id, edit).await?;
    users::changed(app, &caller.project, &user, "password").await;
    if project.project.invalidate_sessions {
        sessions::end_all(app, &caller.project, &user.id, caller.bound_session().as_ref()).await?;
    }
    Ok(user)
}
