//! JWTs of users: made on behalf of a session, or by a server for anybody.
//!
//! Source: http-api, sections B and C; auth-and-permissions, section 4.4.

use herenow_core::{ProjectId, SessionId, Timestamp, UserId, id::InvalidId};
use herenow_wire::ErrorType;

use super::{sessions, users};
use crate::{
    App,
    auth::{Caller, Identity, caller::UserClaims, jwt, secret::Purpose},
    failure::Failure,
};

/// How long a JWT lives unless it is said, in seconds.
pub const DEFAULT_SECONDS: u64 = 900;
/// How long it lives at most, in seconds.
pub const MAX_SECONDS: u64 = 3600;

/// Makes a JWT that is bound to the caller's session.
///
/// # Errors
/// 403 `user_jwt_creation_denied` to a JWT, 404 `user_session_not_found` without a session.
pub fn of_caller(app: &App, caller: &Caller, seconds: u64) -> Result<String, Failure> {
    match &caller.identity {
        Identity::Session(known) => Ok(sign(app, &caller.project, &known.0.user, Some(&known.0.id), seconds)),
        Identity::Jwt(..) => Err(ErrorType::UserJwtCreationDenied.into()),
        Identity::Guest | Identity::Key(_) | Identity::Admin(_) => Err(ErrorType::UserSessionNotFound.into()),
    }
}

/// To which session of the user a server's JWT is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The one that began last.
    Recent,
    /// The one of this id.
    To(SessionId),
}

impl Bound {
    /// Parses an id, or `recent`.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text == "recent" { Ok(Self::Recent) } else { SessionId::parse(text).map(Self::To) }
    }
}

/// Makes a JWT for a user; where there is no such session it is bound to none.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn of_user(
    app: &App,
    project: &ProjectId,
    user: &UserId,
    bound: &Bound,
    seconds: u64,
) -> Result<String, Failure> {
    let user = users::find(app, project, user).await?;
    let sessions = sessions::list(app, project, &user.id).await?;
    let session = match bound {
        Bound::Recent => sessions.last(),
        Bound::To(id) => sessions.iter().find(|session| session.id == *id),
    };
    Ok(sign(app, project, &user.id, session.map(|session| &session.id), seconds))
}

fn sign(app: &App, project: &ProjectId, user: &UserId, session: Option<&SessionId>, seconds: u64) -> String {
    let claims = UserClaims {
        user: user.to_string(),
        session: session.map(ToString::to_string).unwrap_or_default(),
        exp: exp(app.clock.now(), seconds),
    };
    jwt::sign(&claims, &app.secret.signing_key(project, Purpose::UserJwt))
}

fn exp(now: Timestamp, seconds: u64) -> i64 {
    now.millis().div_euclid(1000).saturating_add_unsigned(seconds)
}
