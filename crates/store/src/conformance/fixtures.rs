//! Things to keep, with nothing said but what a check looks at.

use std::sync::Arc;

use herenow_core::{
    KeyId, MembershipId, Metadata, Permissions, PlatformId, Presence, PresenceId, ProjectId, SessionId, Source, State,
    TeamId, Timestamp, TokenId, UserId, WebhookId,
    account::{Key, Membership, Origin, Platform, Prefs, Project, Session, Team, Token, User, Webhook},
    tracker::{Holder, HolderKey, Lifetime, Record},
};

use crate::{Accounts, Saved, StoreError, accounts::Kept};

/// When everything here was made.
pub(super) const THEN: Timestamp = Timestamp::from_millis(1_785_578_400_000);
/// A time at which nothing here has ended yet, unless its check says so.
pub(super) const LATER: Timestamp = Timestamp::from_millis(1_985_578_400_000);

/// Fails unless `result` is [`StoreError::Taken`] with this name.
#[track_caller]
pub(super) fn assert_taken<T: std::fmt::Debug>(result: Kept<T>, name: &str) {
    match result {
        Err(StoreError::Taken(taken)) => assert_eq!(taken, name),
        other => panic!("{name} should be taken, but: {other:?}"),
    }
}

/// Fails unless `result` is [`StoreError::Missing`].
#[track_caller]
pub(super) fn assert_missing<T: std::fmt::Debug>(result: Kept<T>) {
    assert!(matches!(result, Err(StoreError::Missing)), "it should be missing, but: {result:?}");
}

pub(super) fn project_id(id: &str) -> ProjectId {
    ProjectId::parse(id).expect("a project id")
}

pub(super) fn user_id(id: &str) -> UserId {
    UserId::parse(id).expect("a user id")
}

pub(super) fn session_id(id: &str) -> SessionId {
    SessionId::parse(id).expect("a session id")
}

pub(super) fn team_id(id: &str) -> TeamId {
    TeamId::parse(id).expect("a team id")
}

pub(super) fn membership_id(id: &str) -> MembershipId {
    MembershipId::parse(id).expect("a membership id")
}

/// Makes a project in the store.
pub(super) async fn new_project(store: &dyn Accounts, id: &str) -> ProjectId {
    let project = Project::new(project_id(id), "A project", THEN);
    store.create_project(&project).await.expect("the project is kept");
    project.id
}

/// Makes a user in the store, with neither email nor phone.
pub(super) async fn new_user(store: &dyn Accounts, project: &ProjectId, id: &str) -> UserId {
    let user = User::new(user_id(id), THEN);
    store.create_user(project, &user).await.expect("the user is kept");
    user.id
}

/// Makes a team in the store, without memberships.
pub(super) async fn new_team(store: &dyn Accounts, project: &ProjectId, id: &str) -> TeamId {
    let team = team(id);
    store.create_team(project, &team, None).await.expect("the team is kept");
    team.id
}

pub(super) fn user(id: &str, email: &str, phone: &str) -> User {
    User { email: email.to_owned(), phone: phone.to_owned(), ..User::new(user_id(id), THEN) }
}

pub(super) fn key(id: &str, secret_hash: &str) -> Key {
    Key {
        id: KeyId::parse(id).expect("a key id"),
        created_at: THEN,
        updated_at: THEN,
        name: "A key".to_owned(),
        secret_hash: secret_hash.to_owned(),
        scopes: vec!["presences.read".to_owned()],
        expire: None,
        accessed_at: None,
        sdks: Vec::new(),
        origin: Origin::Api,
    }
}

pub(super) fn platform(id: &str, hostname: &str) -> Platform {
    Platform {
        id: PlatformId::parse(id).expect("a platform id"),
        created_at: THEN,
        updated_at: THEN,
        name: "A platform".to_owned(),
        kind: "web".to_owned(),
        hostname: hostname.to_owned(),
        key: String::new(),
    }
}

pub(super) fn webhook(id: &str, url: &str) -> Webhook {
    Webhook {
        id: WebhookId::parse(id).expect("a webhook id"),
        created_at: THEN,
        updated_at: THEN,
        name: "A webhook".to_owned(),
        url: url.to_owned(),
        events: vec!["users.*".to_owned()],
        tls: true,
        auth_username: "user".to_owned(),
        auth_password: "password".to_owned(),
        secret: "a secret".to_owned(),
        enabled: true,
    }
}

pub(super) fn session(id: &str, user: &UserId, secret_hash: &str) -> Session {
    Session {
        id: session_id(id),
        created_at: THEN,
        updated_at: THEN,
        user: user.clone(),
        secret_hash: secret_hash.to_owned(),
        expire: LATER,
        provider: "email".to_owned(),
        provider_uid: "a@example.com".to_owned(),
        ip: "127.0.0.1".to_owned(),
        user_agent: "a browser".to_owned(),
        factors: vec!["password".to_owned()],
    }
}

pub(super) fn token(id: &str, user: &UserId, secret_hash: &str) -> Token {
    Token {
        id: TokenId::parse(id).expect("a token id"),
        created_at: THEN,
        user: user.clone(),
        secret_hash: secret_hash.to_owned(),
        expire: LATER,
    }
}

pub(super) fn team(id: &str) -> Team {
    let (name, prefs) = ("A team".to_owned(), Prefs::new());
    Team { id: team_id(id), created_at: THEN, updated_at: THEN, name, total: 0, prefs }
}

/// A confirmed membership.
pub(super) fn member(id: &str, team: &TeamId, user: &UserId) -> Membership {
    Membership {
        id: membership_id(id),
        created_at: THEN,
        updated_at: THEN,
        user: user.clone(),
        team: team.clone(),
        roles: vec!["owner".to_owned()],
        invited: THEN,
        joined: Some(THEN),
        confirm: true,
        secret_hash: String::new(),
    }
}

/// A membership that is not confirmed yet.
pub(super) fn invited(id: &str, team: &TeamId, user: &UserId) -> Membership {
    Membership { joined: None, confirm: false, secret_hash: "hash".to_owned(), ..member(id, team, user) }
}

/// A record whose creation number is `creation`.
pub(crate) fn record(id: &str, creation: u64, status: &str) -> Arc<Record> {
    let user = UserId::parse(&format!("user-{id}")).expect("a user id");
    let state = State {
        status: status.into(),
        metadata: Metadata::parse(r#"{"z":1,"a":"é \" 1.50"}"#).expect("metadata"),
        permissions: Permissions::default_for(&user),
        expires_at: LATER,
        source: Source::Rest,
    };
    let holder = Holder {
        key: HolderKey::Rest,
        session: None,
        state: state.clone(),
        written: creation,
        lifetime: Lifetime::Fixed,
    };
    let id = PresenceId::parse(id).expect("a presence id");
    let presence = Presence { id, user, created_at: THEN, updated_at: THEN, creation, state };
    Arc::new(Record::new(presence, std::iter::once(holder).collect()))
}

/// A change that makes or changes `record`.
pub(crate) fn written(project: &ProjectId, seq: u64, record: &Arc<Record>) -> Saved {
    Saved { project: project.clone(), seq, id: record.presence.id.clone(), record: Some(Arc::clone(record)) }
}
