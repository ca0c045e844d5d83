//! What operators alone see: who holds a presence, what happened to it of late. Times that are not known are `""`.

use herenow_core::{
    Timestamp,
    tracker::{Announcement, Change, Holder, HolderKey, Lifetime},
};
use serde_json::{Value, json};

use super::presence_json;

/// What is known of a holder beside what it keeps.
#[derive(Debug, Clone, Default)]
pub struct HolderView {
    /// Since when it holds the presence.
    pub since: Option<Timestamp>,
    /// When it last wrote.
    pub written_at: Option<Timestamp>,
    /// Whether the presence shows its state.
    pub shows: bool,
    /// The address of the socket's client.
    pub ip: String,
    /// What the socket's client calls itself.
    pub user_agent: String,
}

/// A holder.
#[must_use]
pub fn holder_json(holder: &Holder, view: &HolderView) -> Value {
    let time = |time: Option<Timestamp>| time.map_or_else(String::new, |time| time.to_string());
    let (kind, connection) = match holder.key {
        HolderKey::Rest => ("rest", String::new()),
        HolderKey::Socket(id) => ("socket", format!("{:016x}", id.0)),
    };
    let open = matches!(holder.lifetime, Lifetime::WhileOpen);
    let state = &holder.state;
    let metadata: Value = serde_json::from_str(state.metadata.as_str()).unwrap_or_default();
    let permissions: Vec<String> = state.permissions.iter().map(|granted| granted.to_string()).collect();
    json!({
        "kind": kind,
        "shows": view.shows,
        "inGrace": holder.in_grace(),
        "since": time(view.since),
        "writtenAt": time(view.written_at),
        "endsAt": time((!open).then(|| holder.ends_at())),
        "connectionId": connection,
        "sessionId": holder.session.as_ref().map_or("", |session| session.as_str()),
        "ip": view.ip,
        "userAgent": view.user_agent,
        "status": &*state.status,
        "source": state.source.as_str(),
        "expiresAt": state.expires_at.to_string(),
        "metadata": metadata,
        "$permissions": permissions,
    })
}

/// A change of a presence. `event` is `none` where nobody was told of it, since nothing that can be seen changed.
#[must_use]
pub fn recent_event_json(change: &Change, holders: &[Holder]) -> String {
    let event = match change.announcement {
        Some(Announcement::Upsert) => "upsert",
        Some(Announcement::Update) => "update",
        Some(Announcement::Delete) => "delete",
        None => "none",
    };
    let in_grace = holders.iter().filter(|holder| holder.in_grace()).count();
    format!(
        "{{\"seq\":{},\"timestamp\":\"{}\",\"event\":\"{event}\",\"holders\":{},\"holdersInGrace\":{in_grace},\"presence\":{}}}",
        change.seq,
        change.at,
        holders.len(),
        presence_json(change.subject()),
    )
}

/// A page of what is JSON already.
#[must_use]
pub fn list_of_json(total: usize, key: &str, items: &[String]) -> String {
    format!("{{\"total\":{total},\"{key}\":[{}]}}", items.join(","))
}
