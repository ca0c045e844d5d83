//! Writing, reading and ending presences.
//!
//! Source: http-api, section A; semantics 2, 3, 10 and 11.

use std::sync::Arc;

use herenow_broker::{Broker, Outcome, read};
use herenow_core::{
    ConnectionId, Metadata, Permissions, Presence, PresenceId, Source, Status, Timestamp, UserId,
    query::{Fault, ListQuery, Schema},
    tracker::{self, Command, Count, HolderKey, ListOptions, Listing, Page},
};
use herenow_wire::ErrorType;

use super::list_cache::Wanted;
use crate::{App, auth::Caller, clock::random_u64, failure::Failure, projects::KnownProject};

/// A write over HTTP.
#[derive(Debug, Clone)]
pub struct Upsert {
    /// The id that a new record gets.
    pub id: PresenceId,
    /// On whose behalf: keys must say, users must not.
    pub user: Option<UserId>,
    /// The new status.
    pub status: Status,
    /// The new permissions.
    pub permissions: Option<Permissions>,
    /// When the lease ends.
    pub expires_at: Option<Timestamp>,
    /// The new metadata.
    pub metadata: Option<Metadata>,
    /// Over which interface.
    pub source: Source,
}

/// Writes a user's presence.
///
/// # Errors
/// In the order of http-api, A1.
pub async fn upsert(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    input: Upsert,
) -> Result<Arc<Presence>, Failure> {
    let user = match (&input.user, caller.user_id()) {
        (Some(_), Some(_)) => return Err(ErrorType::GeneralUnauthorizedScope.into()),
        (None, Some(own)) => own.clone(),
        // An operator who says nothing means themselves.
        (None, None) => match caller.operator() {
            Some(operator) => operator.user.id.clone(),
            None => {
                return Err(Failure::new(ErrorType::GeneralBadRequest, "A key must say whose presence it is: userId."));
            }
        },
        (Some(user), None) => existing_user(app, caller, user).await?,
    };
    let write = tracker::Upsert {
        id: input.id,
        user,
        holder: HolderKey::Rest,
        session: None,
        status: input.status,
        metadata: input.metadata,
        permissions: input.permissions,
        expires_at: input.expires_at,
        default_expiry: app.config.default_expiry,
        source: input.source,
    };
    write_presence(app, project, caller, write).await
}

/// A write by a socket.
#[derive(Debug, Clone)]
pub struct SocketUpsert {
    /// Which socket.
    pub connection: ConnectionId,
    /// The id that a new record gets; none: one is made.
    pub id: Option<String>,
    /// The new status.
    pub status: String,
    /// The new permissions.
    pub permissions: Option<Permissions>,
    /// The new metadata.
    pub metadata: Option<Metadata>,
}

/// Writes the presence of a socket's user; the socket holds it from then on.
///
/// # Errors
/// In the order of realtime, section 3.6.
pub async fn upsert_by_socket(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    input: SocketUpsert,
) -> Result<Arc<Presence>, Failure> {
    let Some(user) = caller.user_id() else {
        return Err(Failure::new(ErrorType::UserUnauthorized, "User must be authorized"));
    };
    if input.status.chars().count() > herenow_core::presence::MAX_STATUS_CHARS {
        return Err(Failure::new(ErrorType::DocumentInvalidStructure, "status is longer than 255 characters."));
    }
    let id = match input.id {
        Some(id) => PresenceId::parse_new(&id).map_err(|rule| Failure::invalid_param("presenceId", rule))?,
        None => PresenceId::generate(app.clock.now(), random_u64()),
    };
    let write = tracker::Upsert {
        id,
        user: user.clone(),
        holder: HolderKey::Socket(input.connection),
        session: caller.bound_session(),
        status: input.status.into(),
        metadata: input.metadata,
        permissions: input.permissions.map(|list| app.permission_lists.shared(list)),
        expires_at: None,
        default_expiry: app.config.default_expiry,
        source: Source::Realtime,
    };
    write_presence(app, project, caller, write).await
}

async fn write_presence(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    write: tracker::Upsert,
) -> Result<Arc<Presence>, Failure> {
    if let Some(permissions) = &write.permissions
        && let Some(entry) = permissions.not_grantable(&caller.viewer(), project.project.grants)
    {
        return Err(Failure::not_grantable(&entry.to_string()));
    }
    let user = write.user.clone();
    let outcome = app.broker.apply(&caller.project, Command::Upsert(write)).await?;
    refuse_gone(app, caller, user).await?;
    presence_of(outcome)
}

/// Ends what was just written where the user was deleted or blocked since we looked: their end may have passed before
/// the write.
async fn refuse_gone(app: &App, caller: &Caller, user: UserId) -> Result<(), Failure> {
    if app.gone_users.has(&caller.project, &user) {
        app.broker.apply(&caller.project, Command::EndUser { user }).await?;
        return Err(ErrorType::UserNotFound.into());
    }
    Ok(())
}

/// Reads one.
///
/// # Errors
/// 404 `presence_not_found`.
pub async fn get(app: &App, caller: &Caller, id: &PresenceId) -> Result<Arc<Presence>, Failure> {
    let viewer = caller.viewer();
    let found = read(&*app.broker, &caller.project, |moment| moment.tracker.get(id, &viewer, moment.now)).await?;
    found.ok_or_else(|| ErrorType::PresenceNotFound.into())
}

/// Whether the list cache of the project is emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// It is.
    Yes,
    /// It stays.
    No,
}

/// A change of some fields.
#[derive(Debug, Clone)]
pub struct Update {
    /// Which record.
    pub id: PresenceId,
    /// The new owner: keys alone may say.
    pub user: Option<UserId>,
    /// The new status.
    pub status: Option<Status>,
    /// The new end.
    pub expires_at: Option<Timestamp>,
    /// The new metadata.
    pub metadata: Option<Metadata>,
    /// The new permissions.
    pub permissions: Option<Permissions>,
    /// Whether the list cache is emptied.
    pub purge: Purge,
}

/// Changes some fields of a record.
///
/// # Errors
/// In the order of http-api, A4.
pub async fn update(
    app: &Arc<App>,
    project: &KnownProject,
    caller: &Caller,
    input: Update,
) -> Result<Arc<Presence>, Failure> {
    if input.user.is_some() && !caller.is_server() {
        return Err(ErrorType::GeneralUnauthorizedScope.into());
    }
    get(app, caller, &input.id).await?;
    if let Some(user) = &input.user {
        existing_user(app, caller, user).await?;
    }
    let user = input.user.clone();
    let update = tracker::Update {
        id: input.id,
        viewer: caller.viewer(),
        grants: project.project.grants,
        user: input.user,
        status: input.status,
        metadata: input.metadata,
        permissions: input.permissions,
        expires_at: input.expires_at,
    };
    let outcome = app.broker.apply(&caller.project, Command::Update(update)).await?;
    if let Some(user) = user {
        refuse_gone(app, caller, user).await?;
    }
    if input.purge == Purge::Yes {
        app.lists.purge(&caller.project);
    }
    presence_of(outcome)
}

/// Ends a record, with all its holders.
///
/// # Errors
/// 404 `presence_not_found`, 401 `user_unauthorized`.
pub async fn delete(app: &App, caller: &Caller, id: PresenceId) -> Result<(), Failure> {
    let command = Command::Delete { id, viewer: caller.viewer() };
    app.broker.apply(&caller.project, command).await?;
    app.lists.purge(&caller.project);
    Ok(())
}

/// What a list was asked for.
#[derive(Debug, Clone)]
pub struct List {
    /// Its queries, as sent.
    pub queries: Vec<String>,
    /// Whether it counts.
    pub count: Count,
    /// How old it may be; 0: made anew.
    pub ttl_seconds: u64,
}

/// Where a list came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// The cache was not asked.
    Fresh,
    /// The cache did not have it.
    Miss,
    /// The cache had it.
    Hit,
}

/// A list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// One page.
    pub page: Page,
    /// The run of its number.
    pub epoch: String,
    /// Where it came from.
    pub served: Served,
}

/// Lists what the caller may read.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere, what takes too long.
pub async fn list(app: &App, caller: &Caller, input: List) -> Result<Listed, Failure> {
    let query = ListQuery::parse(&input.queries, &Schema::PRESENCES).map_err(|invalid| match invalid.fault() {
        Fault::Argument => Failure::invalid_param("queries", &invalid),
        Fault::Query => Failure::new(ErrorType::GeneralQueryInvalid, invalid.to_string()),
    })?;
    let (viewer, seed) = (caller.viewer(), random_u64());
    let wanted = Wanted { project: &caller.project, viewer: &viewer, queries: &input.queries, count: input.count };
    let (begun, epoch, at) = read(&*app.broker, &caller.project, |moment| {
        let cached = if input.ttl_seconds > 0 { app.lists.get(wanted, input.ttl_seconds, &moment) } else { None };
        let begun = match cached {
            Some(page) => {
                app.metrics.lists().asked(true);
                Ok((Listing::Page(page), Served::Hit))
            }
            None => {
                let options = ListOptions { count: input.count, seed };
                let served = if input.ttl_seconds > 0 { Served::Miss } else { Served::Fresh };
                moment.tracker.begin_list(&query, &viewer, moment.now, options).map(|listing| (listing, served))
            }
        };
        (begun, moment.epoch.to_owned(), moment.now)
    })
    .await?;
    let (page, served) = match begun? {
        (Listing::Page(page), served) => (page, served),
        (Listing::Scan(scan), served) => (app.scans.run(&app.clock, scan).await?, served),
    };
    if served == Served::Miss {
        app.metrics.lists().asked(false);
        app.lists.put(wanted, &page, at);
    }
    Ok(Listed { page, epoch, served })
}

async fn existing_user(app: &App, caller: &Caller, id: &UserId) -> Result<UserId, Failure> {
    match app.sign_ins.account(&caller.project, id).await? {
        Some(known) if known.user.status => Ok(id.clone()),
        Some(_) => Err(Failure::new(ErrorType::UserBlocked, "A blocked user has no presence.")),
        None => Err(ErrorType::UserNotFound.into()),
    }
}

fn presence_of(outcome: Outcome) -> Result<Arc<Presence>, Failure> {
    match outcome {
        Outcome::Changed(change) => Ok(change.subject().clone()),
        Outcome::Unchanged(presence) => Ok(presence),
        Outcome::Nothing => Err(ErrorType::PresenceNotFound.into()),
    }
}
