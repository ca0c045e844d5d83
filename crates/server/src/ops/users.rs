//! Users, managed by servers.
//!
//! Source: http-api, section C.

use herenow_core::{ProjectId, UserId, account::User};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use crate::{App, failure::Failure};

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

/// Makes a user.
///
/// # Errors
/// 409 `user_already_exists`.
pub async fn create(app: &App, project: &ProjectId, input: NewUser) -> Result<User, Failure> {
    let now = app.clock.now();
    let mut user = User::new(input.id, now);
    if let Some(password) = input.password {
        user.password_hash = Some(app.passwords.hash(password).await?);
        user.password_update = Some(now);
    }
    user.email = input.email.unwrap_or_default();
    user.phone = input.phone.unwrap_or_default();
    user.name = input.name;
    app.accounts.create_user(project, &user).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::UserAlreadyExists.into(),
        error => Failure::from(error),
    })?;
    app.gone_users.forget(project, &user.id);
    Ok(user)
}
