//! Who hears what, told as plainly as the rules are: over the JSON that travels, one listener after the other.
//!
//! Source: semantics 10, 12 to 15, 22 to 24.

use std::{collections::BTreeMap, sync::Arc};

use herenow_core::{Presence, Timestamp, Viewer, query::RealtimeQueries, tracker::Change};
use herenow_wire::model::presence_json;
use serde_json::{Value, json};

pub(super) const EPOCH: &str = "epoch";

/// A subscription as its client knows it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) channels: Vec<String>,
    pub(super) queries: RealtimeQueries,
    /// Marks the answer to the frame that began it.
    pub(super) reply: u64,
    /// What its client knew then, for a subscription to everything.
    pub(super) start: Vec<Value>,
}

/// The JSON of a presence.
pub(super) fn payload(presence: &Presence) -> Value {
    serde_json::from_str(&presence_json(presence)).expect("a presence is JSON")
}

/// Semantics 10, by the texts alone.
pub(super) fn may_read(payload: &Value, viewer: &Viewer) -> bool {
    let holds = |permission: &Value| {
        viewer.roles().iter().any(|role| permission.as_str() == Some(format!("read(\"{role}\")").as_str()))
    };
    let is_owner = viewer.user().is_some_and(|user| payload["userId"] == user.as_str());
    viewer.is_privileged() || is_owner || payload["$permissions"].as_array().into_iter().flatten().any(holds)
}

impl Row {
    fn hears(&self, channels: &[String; 4]) -> bool {
        self.channels.iter().any(|channel| channels.contains(channel) || channel == "snapshot.presences")
    }

    /// Whether it follows everything that there is to see.
    pub(super) fn is_plain(&self) -> bool {
        self.queries.is_everything()
            && self.channels.iter().any(|channel| channel == "presences" || channel == "snapshot.presences")
    }
}

fn channels(id: &str, verb: &str) -> [String; 4] {
    ["presences".to_owned(), format!("presences.{id}"), format!("presences.{verb}"), format!("presences.{id}.{verb}")]
}

/// What an event tells, when, and whether it is part of a snapshot.
pub(super) struct Telling<'a> {
    pub(super) payload: &'a Value,
    pub(super) verb: &'a str,
    pub(super) at: Timestamp,
    pub(super) seq: u64,
    pub(super) is_snapshot: bool,
}

impl Telling<'_> {
    /// The frame for these of a client's subscriptions; none where none of them hears it.
    pub(super) fn frame<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> Option<Value> {
        let (id, verb) = (self.payload["$id"].as_str().expect("an id"), self.verb);
        let channels = channels(id, verb);
        let hearing = |row: &&Row| row.hears(&channels) && row.queries.matches(self.payload);
        let ids: Vec<&str> = rows.filter(hearing).map(|row| &*row.id).collect();
        if ids.is_empty() {
            return None;
        }
        let mut events = vec![
            format!("presences.{id}.{verb}"),
            format!("presences.*.{verb}"),
            format!("presences.{id}"),
            "presences.*".to_owned(),
        ];
        events.extend(self.is_snapshot.then(|| "presences.*.snapshot".to_owned()));
        Some(json!({"type": "event", "data": {
            "events": events, "channels": channels, "timestamp": self.at, "payload": self.payload,
            "epoch": EPOCH, "seq": self.seq, "subscriptions": ids,
        }}))
    }
}

/// What a change means to `viewer`: semantics 12.
pub(super) fn news(change: &Change, viewer: &Viewer) -> Option<(Value, &'static str)> {
    use herenow_core::tracker::Announcement::{Delete, Update, Upsert};
    let verb = match change.announcement? {
        Upsert => "upsert",
        Update => "update",
        Delete => "delete",
    };
    let readable = |record: &Option<Arc<herenow_core::tracker::Record>>| {
        record.as_ref().map(|record| payload(&record.presence)).filter(|payload| may_read(payload, viewer))
    };
    match (readable(&change.before), readable(&change.after)) {
        (_, Some(after)) => Some((after, verb)),
        (Some(before), None) => Some((before, "delete")),
        (None, None) => None,
    }
}

/// The end of a snapshot.
pub(super) fn end(total: usize, at: Timestamp, seq: u64, row: &str) -> Value {
    json!({"type": "event", "data": {
        "events": ["presences.snapshot.end"], "channels": ["snapshot.presences"], "timestamp": at,
        "payload": {"total": total}, "epoch": EPOCH, "seq": seq, "subscriptions": [row],
    }})
}

/// Who a client believes to be here: what it knew at the start, with what it was sent since applied in order.
pub(super) fn view(row: &Row, received: &[Value]) -> BTreeMap<String, Value> {
    let id_of = |payload: &Value| payload["$id"].as_str().map(str::to_owned);
    let mut here: BTreeMap<String, Value> =
        row.start.iter().filter_map(|payload| Some((id_of(payload)?, comparable(payload)))).collect();
    let since = received.iter().skip_while(|frame| frame["reply"] != row.reply);
    for data in since.map(|frame| &frame["data"]).filter(|data| names(data, &row.id)) {
        let (Some(id), Some(event)) = (id_of(&data["payload"]), data["events"][0].as_str()) else { continue };
        if event.ends_with(".delete") {
            here.remove(&id);
        } else {
            here.insert(id, comparable(&data["payload"]));
        }
    }
    here
}

fn names(data: &Value, id: &str) -> bool {
    data["subscriptions"].as_array().into_iter().flatten().any(|name| name == id)
}

/// Nobody is told of a `$updatedAt` that moves on alone, nor of an open socket's expiry that is pushed on.
pub(super) fn comparable(payload: &Value) -> Value {
    let mut payload = payload.clone();
    payload["$updatedAt"].take();
    if payload["source"] == "realtime" {
        payload["expiresAt"].take();
    }
    payload
}
