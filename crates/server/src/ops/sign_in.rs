//! The ways in which a user signs in by themselves.
//!
//! Source: http-api, section B; decisions, HTTP and input (an unknown email costs the same as a wrong password).

use std::sync::Arc;

use herenow_core::{UserId, account::User};
use herenow_wire::ErrorType;

use super::{
    sessions::{Begun, Client, Way, begin},
    users,
};
use crate::{App, auth::secret, clock::random_u64, failure::Failure, projects::KnownProject};

/// Signs in with email and password.
///
/// # Errors
/// 401 `user_invalid_credentials`, the same for an unknown email, a user without a password and a wrong one; then
/// 403 `user_blocked`.
pub async fn with_email(
    app: &Arc<App>,
    project: &KnownProject,
    email: String,
    password: String,
    client: &Client,
) -> Result<Begun, Failure> {
    let user = app.accounts.user_by_email(&project.project.id, &email).await?;
    let kept = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = app.passwords.verify(password, kept).await?;
    let user = user.filter(|_| matches).ok_or(ErrorType::UserInvalidCredentials)?;
    refuse_blocked(&user)?;
    begin(app, project, &user.id, Way::Email(email), client).await
}

/// Makes a user of whom nothing is known, and signs them in.
///
/// # Errors
/// 401 `user_anonymous_console_prohibited`.
pub async fn anonymously(app: &Arc<App>, project: &KnownProject, client: &Client) -> Result<Begun, Failure> {
    let id = &project.project.id;
    if id.is_console() {
        return Err(ErrorType::UserAnonymousConsoleProhibited.into());
    }
    let now = app.clock.now();
    let user = User { accessed_at: Some(now), ..User::new(UserId::generate(now, random_u64()), now) };
    users::keep_new(app, id, &user).await?;
    begin(app, project, &user.id, Way::Anonymous, client).await
}

/// Signs in with a token that a server made, which is used up.
///
/// # Errors
/// 401 `user_invalid_token`, then 403 `user_blocked`.
pub async fn with_token(
    app: &Arc<App>,
    project: &KnownProject,
    user: &UserId,
    secret: &str,
    client: &Client,
) -> Result<Begun, Failure> {
    let id = &project.project.id;
    let taken = app.accounts.take_token(id, user, &secret::hash(secret), app.clock.now()).await?;
    taken.ok_or(ErrorType::UserInvalidToken)?;
    let user = app.accounts.user(id, user).await?.ok_or(ErrorType::UserInvalidToken)?;
    refuse_blocked(&user)?;
    begin(app, project, &user.id, Way::Token, client).await
}

fn refuse_blocked(user: &User) -> Result<(), Failure> {
    if user.status { Ok(()) } else { Err(ErrorType::UserBlocked.into()) }
}
