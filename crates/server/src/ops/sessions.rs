//! Sessions: how they begin, last and end, whoever asks for it.
//!
//! Source: http-api, sections B and C; auth-and-permissions, section 4; semantics 7 and 9.

use std::{net::IpAddr, sync::Arc, time::Duration};

use herenow_core::{ProjectId, SessionId, UserId, account::Session, id::InvalidId};
use herenow_store::StoreError;
use herenow_wire::{ErrorType, secret::SessionToken};

use crate::{
    App,
    auth::{Caller, Identity, secret},
    clock::random_u64,
    failure::Failure,
    projects::KnownProject,
    realtime::{
        effects,
        notices::{self, Deed, of_session},
    },
};

/// How many random bytes a session's secret has. Source: auth-and-permissions, section 4.1.
const SECRET_BYTES: usize = 128;
/// More of a user agent is not kept.
const MAX_USER_AGENT_CHARS: usize = 512;

/// Who begins a session, as far as it is kept.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address.
    pub ip: IpAddr,
    /// What it calls itself.
    pub user_agent: String,
}

/// How a user signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// With this email and a password.
    Email(String),
    /// With nothing: the user is new.
    Anonymous,
    /// With a token that a server made.
    Token,
    /// By accepting an invitation that went to this email.
    Invitation(String),
    /// Not at all: a server made the session.
    Server,
}

impl Way {
    const fn provider(&self) -> &'static str {
        match self {
            Self::Email(_) | Self::Invitation(_) => "email",
            Self::Anonymous => "anonymous",
            Self::Token => "token",
            Self::Server => "server",
        }
    }

    const fn factor(&self) -> &'static str {
        match self {
            Self::Email(_) => "password",
            Self::Invitation(_) => "email",
            Self::Anonymous | Self::Token | Self::Server => self.provider(),
        }
    }

    fn uid(&self) -> &str {
        match self {
            Self::Email(email) | Self::Invitation(email) => email,
            Self::Anonymous | Self::Token | Self::Server => "",
        }
    }
}

/// A session that has just begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The session.
    pub session: Session,
    /// The encoded token that proves it, known this once.
    pub token: String,
}

/// Begins a session of a user. Those beyond the project's limit end, the oldest first; a server's ends none.
///
/// # Errors
/// 404 `user_not_found` where the user has gone meanwhile.
pub async fn begin(
    app: &Arc<App>,
    project: &KnownProject,
    user: &UserId,
    way: Way,
    client: &Client,
) -> Result<Begun, Failure> {
    let (now, id) = (app.clock.now(), &project.project.id);
    let secret = secret::fresh::<SECRET_BYTES>();
    let session = Session {
        id: SessionId::generate(now, random_u64()),
        created_at: now,
        updated_at: now,
        user: user.clone(),
        secret_hash: secret::hash(&secret),
        expire: now.plus(Duration::from_secs(project.project.session_seconds)),
        provider: way.provider().to_owned(),
        provider_uid: way.uid().to_owned(),
        ip: client.ip.to_string(),
        user_agent: client.user_agent.chars().take(MAX_USER_AGENT_CHARS).collect(),
        factors: vec![way.factor().to_owned()],
    };
    let limit = (way != Way::Server).then_some(project.project.session_limit);
    let evicted = app.accounts.create_session(id, &session, limit).await.map_err(|error| match error {
        StoreError::Missing => ErrorType::UserNotFound.into(),
        error => Failure::from(error),
    })?;
    if let Err(failure) = announce_ends(app, id, user, &evicted).await {
        // They are gone and their sockets close; who signs in has no part in the rest.
        tracing::warn!("the end of a session beyond the limit was not announced: {failure}");
    }
    notices::send(app, id, of_session(&session, Deed::Create)).await;
    let token = SessionToken { id: user.to_string(), secret }.encode();
    Ok(Begun { session, token })
}

/// Refuses to begin a session for who has one.
///
/// # Errors
/// 401 `user_session_already_exists`.
pub fn refuse_second(caller: &Caller) -> Result<(), Failure> {
    match caller.identity {
        Identity::Session(_) | Identity::Jwt(..) | Identity::Admin(_) => {
            Err(ErrorType::UserSessionAlreadyExists.into())
        }
        Identity::Guest | Identity::Key(_) => Ok(()),
    }
}

/// Which of their sessions a user means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one that authenticated the call.
    Current,
    /// The one of this id.
    Id(SessionId),
}

impl Which {
    /// Parses an id, or `current`.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text == "current" { Ok(Self::Current) } else { SessionId::parse(text).map(Self::Id) }
    }
}

/// The caller's session that is meant.
///
/// # Errors
/// 404 `user_session_not_found`.
pub async fn own(app: &App, caller: &Caller, which: &Which) -> Result<Session, Failure> {
    let id = match which {
        Which::Current => caller.session().map(|session| &session.id),
        Which::Id(id) => Some(id),
    };
    let (Some(id), Some(user)) = (id, caller.user_id()) else { return Err(ErrorType::UserSessionNotFound.into()) };
    let found = list(app, &caller.project, user).await?.into_iter().find(|session| session.id == *id);
    found.ok_or_else(|| ErrorType::UserSessionNotFound.into())
}

/// The sessions of a user that have not ended, oldest first.
///
/// # Errors
/// Where the store fails.
pub async fn list(app: &App, project: &ProjectId, user: &UserId) -> Result<Vec<Session>, Failure> {
    let now = app.clock.now();
    let sessions = app.accounts.sessions(project, user).await?;
    Ok(sessions.into_iter().filter(|session| session.expire >= now).collect())
}

/// Makes a session last for as long as a new one would.
///
/// # Errors
/// 404 `user_session_not_found` where it has ended meanwhile.
pub async fn extend(app: &App, project: &KnownProject, session: Session) -> Result<Session, Failure> {
    let now = app.clock.now();
    let expire = now.plus(Duration::from_secs(project.project.session_seconds));
    let session = Session { expire, updated_at: now, ..session };
    app.accounts.update_session(&project.project.id, &session).await.map_err(no_session)?;
    app.sign_ins.forget_user(&project.project.id, &session.user);
    notices::send(app, &project.project.id, of_session(&session, Deed::Update(None))).await;
    Ok(session)
}

/// Ends one session of a user.
///
/// # Errors
/// 404 `user_session_not_found`.
pub async fn end(app: &Arc<App>, project: &ProjectId, user: &UserId, id: &SessionId) -> Result<(), Failure> {
    let known = app.accounts.sessions(project, user).await?;
    app.accounts.delete_session(project, user, id).await.map_err(no_session)?;
    tell_of_ends(app, project, user, &known, std::slice::from_ref(id)).await;
    effects::session_ended(app, project, user, id).await
}

/// Ends all sessions of a user but `keep`.
///
/// # Errors
/// Where the store fails or an end could not be ordered.
pub async fn end_all(
    app: &Arc<App>,
    project: &ProjectId,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Result<(), Failure> {
    let known = app.accounts.sessions(project, user).await?;
    let ended = app.accounts.delete_sessions(project, user, keep).await?;
    tell_of_ends(app, project, user, &known, &ended).await;
    announce_ends(app, project, user, &ended).await
}

/// Tells the user's sockets which of the sessions that were known are no more, before those of them close.
async fn tell_of_ends(app: &App, project: &ProjectId, user: &UserId, known: &[Session], ended: &[SessionId]) {
    app.sign_ins.forget_user(project, user);
    let ended = known.iter().filter(|session| ended.contains(&session.id));
    let notices: Vec<_> = ended.map(|session| of_session(session, Deed::Delete)).collect();
    notices::send_first(app, project, notices).await;
}

/// Ends every session whose time has come.
///
/// # Errors
/// Where the store fails or an end could not be ordered.
pub async fn sweep(app: &Arc<App>) -> Result<(), Failure> {
    let mut outcome = Ok(());
    for (project, user, session) in app.accounts.sweep_sessions(app.clock.now()).await? {
        outcome = outcome.and(effects::session_ended(app, &project, &user, &session).await);
    }
    outcome
}

/// Tells of every end, also where telling of one fails: each closes sockets of its own.
async fn announce_ends(app: &Arc<App>, project: &ProjectId, user: &UserId, ended: &[SessionId]) -> Result<(), Failure> {
    let mut outcome = Ok(());
    for session in ended {
        outcome = outcome.and(effects::session_ended(app, project, user, session).await);
    }
    outcome
}

fn no_session(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::UserSessionNotFound.into(),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests;
