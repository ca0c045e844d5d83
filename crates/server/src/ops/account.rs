//! A user's own account: signing up, and what only its owner does.
//!
//! Source: http-api, section B; decisions, Security (the first operator).

use std::sync::Arc;

use herenow_core::{ProjectId, account::User};
use herenow_store::{Search, StoreError};
use herenow_wire::ErrorType;

use super::{
    sessions,
    users::{self, NewUser},
};
use crate::{
    App,
    auth::{Caller, sign_up_code::Guess},
    config::Signup,
    failure::Failure,
    projects::KnownProject,
};

/// From where somebody signs up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// From the machine that the server runs on.
    ThisMachine,
    /// From anywhere else, or nobody knows; with the code that they sent, if any.
    Elsewhere(Option<String>),
}

/// How far the server is with its operators, for who comes from some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Whether there is an operator.
    pub operator: bool,
    /// Whether the caller may become one by signing up.
    pub sign_up: bool,
    /// Whether it takes the code that the start printed.
    pub code_required: bool,
}

/// Makes the code for the first operator, where one is still to sign up.
///
/// # Errors
/// Where the store fails.
pub async fn offer_sign_up_code(app: &App) -> Result<(), StoreError> {
    if app.config.console_signup == Signup::First && !has_operator(app).await? {
        app.sign_up_code.offer();
    }
    Ok(())
}

/// Says how far the server is with its operators.
///
/// # Errors
/// Where the store fails.
pub async fn start(app: &App, place: &Place) -> Result<Start, Failure> {
    let operator = has_operator(app).await?;
    let first = app.config.console_signup == Signup::First && !operator;
    let sign_up = first || app.config.console_signup == Signup::Open;
    Ok(Start { operator, sign_up, code_required: first && *place != Place::ThisMachine })
}

/// Signs up.
///
/// # Errors
/// 501 `user_console_count_exceeded` where nobody, or nobody from there, may become an operator; 401
/// `user_invalid_token` where the code is wrong; 409 `user_already_exists`.
pub async fn sign_up(app: &App, project: &ProjectId, place: Place, input: NewUser) -> Result<User, Failure> {
    let first_alone = project.is_console() && app.config.console_signup == Signup::First;
    if project.is_console() {
        admit_operator(app, place).await?;
    }
    let now = app.clock.now();
    let user = User { accessed_at: Some(now), ..input.into_user(app, now).await? };
    users::keep_new(app, project, &user).await?;
    if first_alone {
        // Two may have come at once and both found nobody: only one of them is the first in the store's order.
        let first = app.accounts.search_users(project, &Search::first(1)).await?;
        if first.ok().and_then(|first| first.items.into_iter().next()).is_none_or(|first| first.user.id != user.id) {
            app.accounts.delete_user(project, &user.id, None).await?;
            return Err(ErrorType::UserConsoleCountExceeded.into());
        }
        app.sign_up_code.withdraw();
    }
    Ok(user)
}

async fn has_operator(app: &App) -> Result<bool, StoreError> {
    Ok(app.accounts.count_users(&ProjectId::console()).await? > 0)
}

async fn admit_operator(app: &App, place: Place) -> Result<(), Failure> {
    let closed = match app.config.console_signup {
        Signup::Open => return Ok(()),
        Signup::Closed => true,
        Signup::First => has_operator(app).await?,
    };
    if closed {
        return Err(ErrorType::UserConsoleCountExceeded.into());
    }
    // Whoever comes first over the network must not own the server.
    match place {
        Place::ThisMachine => Ok(()),
        Place::Elsewhere(code) => check_code(app, code.as_deref()),
    }
}

fn check_code(app: &App, code: Option<&str>) -> Result<(), Failure> {
    match code.map(|code| app.sign_up_code.check(code)) {
        Some(Guess::Right) => Ok(()),
        Some(Guess::Wrong) => Err(Failure::new(ErrorType::UserInvalidToken, "The sign-up code is wrong.")),
        Some(Guess::TooMany) => Err(Failure::new(
            ErrorType::UserConsoleCountExceeded,
            "Too many wrong sign-up codes were sent. Start the server again for a new one.",
        )),
        Some(Guess::NoCode) | None => Err(Failure::new(
            ErrorType::UserConsoleCountExceeded,
            "The first operator signs up from the server's own machine, or with the code that its start prints.",
        )),
    }
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
