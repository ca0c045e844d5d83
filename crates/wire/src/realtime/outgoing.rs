//! Frames from the server: each is one JSON text.

use std::fmt::Write;

use herenow_core::{Presence, Timestamp, order::Notice};
use serde::Serialize;
use serde_json::{Value, json};

use crate::model::write_presence;

/// What happened to a presence, as events name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresenceAction {
    /// A write.
    Upsert,
    /// A change of fields.
    Update,
    /// The end, or the end of being able to read it.
    Delete,
}

impl PresenceAction {
    /// The word in event and channel names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Whether an event tells of a change or of a state that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Something happened.
    Change,
    /// Part of a snapshot: marked with the event name `presences.*.snapshot`.
    Snapshot,
}

/// An event without its subscription ids, which differ between receivers: `head` + ids + `tail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFrame {
    /// All up to the bracket that opens `subscriptions`.
    pub head: String,
}

impl EventFrame {
    /// What follows the subscription ids.
    pub const TAIL: &'static str = "]}}";

    /// The event of a change of `presence`. `kind` says whether it is news or a present state.
    #[must_use]
    pub fn presence(
        presence: &Presence,
        action: PresenceAction,
        at: Timestamp,
        epoch: &str,
        seq: u64,
        kind: EventKind,
    ) -> Self {
        let mut head = String::with_capacity(768);
        let (id, verb) = (presence.id.as_str(), action.as_str());
        let written = write!(
            head,
            "{{\"type\":\"event\",\"data\":{{\"events\":[\"presences.{id}.{verb}\",\"presences.*.{verb}\",\
             \"presences.{id}\",\"presences.*\"{}],\"channels\":[\"presences\",\"presences.{id}\",\
             \"presences.{verb}\",\"presences.{id}.{verb}\"],\"timestamp\":\"{at}\",\"payload\":",
            if kind == EventKind::Snapshot { ",\"presences.*.snapshot\"" } else { "" },
        );
        written.expect("writing to a string succeeds");
        write_presence(&mut head, presence);
        write!(head, ",\"epoch\":\"{epoch}\",\"seq\":{seq},\"subscriptions\":[").expect("writing to a string succeeds");
        Self { head }
    }

    /// The event of something that happened to a user, a session, a team or a membership.
    #[must_use]
    pub fn notice(notice: &Notice, at: Timestamp) -> Self {
        let mut head = String::with_capacity(1024);
        let Notice { events, channels, payload, .. } = notice;
        write!(
            head,
            "{{\"type\":\"event\",\"data\":{{\"events\":{},\"channels\":{},\"timestamp\":\"{at}\",\
             \"payload\":{},\"subscriptions\":[",
            json!(events),
            json!(channels),
            json!(payload),
        )
        .expect("writing to a string succeeds");
        Self { head }
    }

    /// The whole frame for these subscription ids.
    #[must_use]
    pub fn text(&self, ids: &[&str]) -> String {
        format!("{}{}{}", self.head, quoted_ids(ids.iter().copied()), Self::TAIL)
    }
}

/// Subscription ids as they stand between the brackets: quoted, with commas.
///
/// Ids are of letters, digits and `._-`, or the literal `unique()`: nothing to escape.
#[must_use]
pub fn quoted_ids<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for id in ids {
        if !out.is_empty() {
            out.push(',');
        }
        out.push('"');
        out.push_str(id);
        out.push('"');
    }
    out
}

/// The end of a snapshot of `total` presences.
#[must_use]
pub fn snapshot_end(total: usize, at: Timestamp, epoch: &str, seq: u64, subscription: &str) -> String {
    json!({"type": "event", "data": {
        "events": ["presences.snapshot.end"],
        "channels": ["snapshot.presences"],
        "timestamp": at,
        "payload": {"total": total},
        "epoch": epoch,
        "seq": seq,
        "subscriptions": [subscription],
    }})
    .to_string()
}

/// The first frame of every socket.
#[must_use]
pub fn connected(channels: &[String], subscriptions: &Value, user: Option<&Value>) -> String {
    json!({"type": "connected", "data": {"channels": channels, "subscriptions": subscriptions, "user": user}})
        .to_string()
}

/// One row of the answer to `subscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subscribed {
    /// The client's id, or the one that the server made.
    #[serde(rename = "subscriptionId")]
    pub id: String,
    /// The effective channels.
    pub channels: Vec<String>,
    /// The queries, as understood.
    pub queries: Vec<String>,
}

/// The answer to `subscribe`.
#[must_use]
pub fn subscribe_response(rows: &[Subscribed]) -> String {
    json!({"type": "response", "data": {"to": "subscribe", "success": true, "subscriptions": rows}}).to_string()
}

/// The answer to `unsubscribe`: each id, and whether it was there.
#[must_use]
pub fn unsubscribe_response<'a>(rows: impl IntoIterator<Item = (&'a str, bool)>) -> String {
    let row = |(id, removed): (&str, bool)| json!({"subscriptionId": id, "removed": removed});
    let rows: Vec<Value> = rows.into_iter().map(row).collect();
    json!({"type": "response", "data": {"to": "unsubscribe", "success": true, "subscriptions": rows}}).to_string()
}

/// The answer to `authentication`.
#[must_use]
pub fn authenticated(user: &Value) -> String {
    json!({"type": "response", "data": {"to": "authentication", "success": true, "user": user}}).to_string()
}

/// The answer to `presence`.
#[must_use]
pub fn presence_response(presence: &Presence) -> String {
    let mut out = String::from("{\"type\":\"response\",\"data\":{\"to\":\"presence\",\"presence\":");
    write_presence(&mut out, presence);
    out.push_str("}}");
    out
}

/// An error. Codes 0 and 500 to 599 are masked.
#[must_use]
pub fn error(code: u16, message: &str) -> String {
    let message = if code == 0 || (500..600).contains(&code) { "Error: Server Error" } else { message };
    json!({"type": "error", "data": {"code": code, "message": message}}).to_string()
}

/// The answer to `ping`.
#[must_use]
pub const fn pong() -> &'static str {
    r#"{"type":"pong"}"#
}
