//! The caller: who it is, what it may do, what it sees.
//!
//! Source: auth-and-permissions, sections 1, 4 and 5.

use std::sync::Arc;

use herenow_core::{
    ProjectId, SessionId, Timestamp, UserId, Viewer,
    account::{Session, User},
};
use herenow_wire::ErrorType;
use serde::{Deserialize, Serialize};

use super::{
    Scope,
    credentials::Credentials,
    jwt,
    key::{self, Decoded, KeyInUse},
    operator::Operator,
    scope,
    secret::Purpose,
    sign_ins::{SignIn, SignedIn},
};
use crate::{App, failure::Failure};

/// What a caller turned out to be.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Nobody who signed in.
    Guest,
    /// A user by a session.
    Session(Arc<SignIn>),
    /// A user by a JWT, with the session that it is bound to.
    Jwt(Arc<SignedIn>, Option<SessionId>),
    /// An API key.
    Key(KeyInUse),
    /// An operator in admin mode.
    Admin(Arc<Operator>),
}

impl Identity {
    /// The user of the project with what they hold.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::Session(known) => Some(&known.1),
            Self::Jwt(signed_in, _) => Some(signed_in),
            Self::Guest | Self::Key(_) | Self::Admin(_) => None,
        }
    }

    /// The session whose end ends what the caller holds.
    #[must_use]
    pub fn bound_session(&self) -> Option<SessionId> {
        match self {
            Self::Session(known) => Some(known.0.id.clone()),
            Self::Jwt(_, session) => session.clone(),
            Self::Admin(operator) => operator.bound_session(),
            Self::Guest | Self::Key(_) => None,
        }
    }

    /// What a refusal calls it.
    fn word(&self) -> &'static str {
        match self {
            Self::Guest => "guests",
            Self::Session(_) | Self::Jwt(..) => "users",
            Self::Key(_) => "keys",
            Self::Admin(operator) => operator.role.as_str(),
        }
    }
}

/// Somebody who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// In which project.
    pub project: ProjectId,
    /// What they turned out to be.
    pub identity: Identity,
}

/// The claims of a user's JWT.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserClaims {
    /// Whose it is.
    #[serde(rename = "userId")]
    pub user: String,
    /// The session that it is bound to; empty: none.
    #[serde(rename = "sessionId", default)]
    pub session: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

impl Caller {
    /// Finds out who the credentials name.
    ///
    /// # Errors
    /// Where they contradict each other, or a JWT or key is not valid.
    pub async fn identify(
        app: &Arc<App>,
        project: &ProjectId,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let caller = |identity| Self { project: project.clone(), identity };
        if let Some(key) = &credentials.key {
            return Ok(caller(match key::decode(app, project, key, credentials.sdk.as_deref(), now).await? {
                Decoded::Key(key) => Identity::Key(key),
                Decoded::Guest => Identity::Guest,
            }));
        }
        let session = match &credentials.session {
            Some(token) => app.sign_ins.by_token(project, token, now).await?,
            None => None,
        };
        let Some(token) = &credentials.jwt else {
            return Ok(caller(session.map_or(Identity::Guest, Identity::Session)));
        };
        if session.is_some() {
            return Err(ErrorType::UserJwtAndCookieSet.into());
        }
        Ok(caller(by_jwt(app, project, token, now).await?))
    }

    /// The user of the project, where one calls; an operator is none.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.signed_in().map(|signed_in| &signed_in.user)
    }

    /// The user's id, where one calls.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user().map(|user| &user.id)
    }

    /// The user with what they hold.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.identity.signed_in()
    }

    /// Who has signed in to the console, where they call in admin mode or address the console itself.
    #[must_use]
    pub fn operator(&self) -> Option<&SignedIn> {
        match &self.identity {
            Identity::Admin(operator) => operator.signed_in(),
            identity if self.project.is_console() => identity.signed_in(),
            _ => None,
        }
    }

    /// The project whose account calls, and that account, of a user or of an operator.
    #[must_use]
    pub fn account(&self) -> Option<(ProjectId, &User)> {
        match &self.identity {
            Identity::Admin(operator) => Some((ProjectId::console(), &operator.signed_in()?.user)),
            _ => Some((self.project.clone(), self.user()?)),
        }
    }

    /// The session that authenticated the call; a JWT has none of its own.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match &self.identity {
            Identity::Session(known) => Some(&known.0),
            Identity::Guest | Identity::Jwt(..) | Identity::Key(_) | Identity::Admin(_) => None,
        }
    }

    /// The session whose end ends what the caller holds.
    #[must_use]
    pub fn bound_session(&self) -> Option<SessionId> {
        self.identity.bound_session()
    }

    /// The API key, where one calls.
    #[must_use]
    pub fn key(&self) -> Option<&KeyInUse> {
        match &self.identity {
            Identity::Key(key) => Some(key),
            _ => None,
        }
    }

    /// Whether an API key calls.
    #[must_use]
    pub fn is_key(&self) -> bool {
        matches!(self.identity, Identity::Key(_))
    }

    /// Whether a server calls, or an operator, who may do all that a server may.
    #[must_use]
    pub fn is_server(&self) -> bool {
        matches!(self.identity, Identity::Key(_) | Identity::Admin(_))
    }

    /// What the caller sees.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        match &self.identity {
            Identity::Key(_) | Identity::Admin(_) => Viewer::Privileged,
            Identity::Guest => Viewer::guest(),
            Identity::Session(_) | Identity::Jwt(..) => {
                self.signed_in().map_or_else(Viewer::guest, |signed_in| signed_in.viewer.clone())
            }
        }
    }

    /// Checks that the caller has one of `scopes`, and is not blocked.
    ///
    /// # Errors
    /// 401 `general_unauthorized_scope`, then 403 `user_blocked`.
    pub fn check(&self, scopes: &[Scope]) -> Result<(), Failure> {
        let has = |scope: &Scope| match &self.identity {
            Identity::Guest => scope::OF_GUESTS.contains(scope),
            Identity::Session(_) | Identity::Jwt(..) => {
                let console = if self.project.is_console() { scope::OF_CONSOLE_USERS } else { &[] };
                scope::OF_USERS.contains(scope) || console.contains(scope)
            }
            Identity::Key(key) => scope::OF_KEYS.contains(scope) || key.scopes.iter().any(|own| own == scope),
            Identity::Admin(operator) => operator.role.has(scope),
        };
        if !scopes.iter().any(has) {
            let text = format!("{} missing scopes ([{}])", self.identity.word(), scopes.join(", "));
            return Err(Failure::new(ErrorType::GeneralUnauthorizedScope, text));
        }
        match self.account() {
            Some((_, user)) if !user.status => Err(ErrorType::UserBlocked.into()),
            _ => Ok(()),
        }
    }
}

async fn by_jwt(app: &Arc<App>, project: &ProjectId, token: &str, now: Timestamp) -> Result<Identity, Failure> {
    let keys = app.secret.verifying_keys(project, Purpose::UserJwt, now);
    let Some(claims) = jwt::verify::<UserClaims>(token, &keys, now) else {
        return Err(Failure::new(ErrorType::UserJwtInvalid, "Failed to verify JWT. It is invalid or has expired."));
    };
    let Ok(id) = UserId::parse(&claims.user) else { return Ok(Identity::Guest) };
    let Some(signed_in) = app.sign_ins.user(project, &id).await? else { return Ok(Identity::Guest) };
    if claims.session.is_empty() {
        return Ok(Identity::Jwt(Arc::new(signed_in), None));
    }
    let sessions = app.accounts.sessions(project, &id).await?;
    let bound = sessions.into_iter().find(|session| session.id.as_str() == claims.session && session.expire >= now);
    Ok(bound.map_or(Identity::Guest, |session| Identity::Jwt(Arc::new(signed_in), Some(session.id))))
}
