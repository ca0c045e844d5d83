//! A tracker under a clock that the case sets.

use std::time::Duration;

use anyhow::{Context, Result};
use herenow_core::{
    Metadata, Permissions, Presence, PresenceId, Rejection, Source, Timestamp, Tracker, UserId, Viewer,
    permission::Grants,
    tracker::{Command, Decision, HolderKey, Update, Upsert},
};
use serde_json::Value;

/// The expiry of a presence that names none.
pub(crate) const DEFAULT_EXPIRY: Duration = Duration::from_secs(900);

pub(crate) fn time(text: &Value) -> Result<Timestamp> {
    Ok(Timestamp::parse(text.as_str().context("a time as text")?)?)
}

pub(crate) fn presence_id(text: &str) -> PresenceId {
    PresenceId::parse(text).expect("an id")
}

pub(crate) fn user_id(text: &str) -> UserId {
    UserId::parse(text).expect("an id")
}

/// A write over REST that names only what every write must.
pub(crate) fn upsert(id: &str, user: &str) -> Upsert {
    Upsert {
        id: presence_id(id),
        user: user_id(user),
        holder: HolderKey::Rest,
        session: None,
        status: "online".into(),
        metadata: Some(Metadata::default()),
        permissions: None,
        expires_at: None,
        default_expiry: DEFAULT_EXPIRY,
        source: Source::Rest,
    }
}

/// A change by a key that names nothing yet.
pub(crate) fn update(id: &str) -> Update {
    Update {
        id: presence_id(id),
        viewer: Viewer::Privileged,
        grants: Grants::default(),
        user: None,
        status: None,
        metadata: None,
        permissions: None,
        expires_at: None,
    }
}

/// Decides and folds, having ended what is due, as a broker does.
pub(crate) fn apply(tracker: &mut Tracker, command: &Command, now: Timestamp) -> Result<Decision, Rejection> {
    for id in tracker.due_before(command, now) {
        if let Decision::Change(change) = tracker.decide(&Command::EndDue { id }, now)? {
            tracker.fold(&change);
        }
    }
    let decision = tracker.decide(command, now)?;
    if let Decision::Change(change) = &decision {
        tracker.fold(change);
    }
    Ok(decision)
}

/// The record of this id, whoever may read it.
pub(crate) fn seen(tracker: &Tracker, id: &str, now: Timestamp) -> Result<std::sync::Arc<Presence>, Rejection> {
    tracker.get(&presence_id(id), &Viewer::Privileged, now).ok_or(Rejection::NotFound)
}

/// A list of permissions as an answer shows it.
pub(crate) fn shown(permissions: &Permissions) -> Value {
    serde_json::to_value(permissions).expect("texts")
}
