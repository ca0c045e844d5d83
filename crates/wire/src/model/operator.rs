//! What operators alone see: who holds a presence, what happened to it of late. Times that are not known are `""`.

use herenow_core::{
    Metadata, Timestamp,
    tracker::{Announcement, Change, Holder, HolderKey, Lifetime},
};
use serde::Serialize;

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

/// A holder as it is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HolderModel<'a> {
    kind: &'a str,
    shows: bool,
    in_grace: bool,
    since: String,
    written_at: String,
    ends_at: String,
    connection_id: String,
    session_id: &'a str,
    ip: &'a str,
    user_agent: &'a str,
    status: &'a str,
    source: &'a str,
    expires_at: String,
    metadata: &'a Metadata,
    #[serde(rename = "$permissions")]
    permissions: Vec<String>,
}

/// The JSON of a holder; its metadata is passed through.
///
/// # Panics
/// Never: everything in it has a JSON form.
#[must_use]
pub fn holder_json(holder: &Holder, view: &HolderView) -> String {
    let time = |time: Option<Timestamp>| time.map_or_else(String::new, |time| time.to_string());
    let (kind, connection_id) = match holder.key {
        HolderKey::Rest => ("rest", String::new()),
        HolderKey::Socket(id) => ("socket", format!("{:016x}", id.0)),
    };
    let open = matches!(holder.lifetime, Lifetime::WhileOpen);
    let state = &holder.state;
    let model = HolderModel {
        kind,
        shows: view.shows,
        in_grace: holder.in_grace(),
        since: time(view.since),
        written_at: time(view.written_at),
        ends_at: time((!open).then(|| holder.ends_at())),
        connection_id,
        session_id: holder.session.as_ref().map_or("", |session| session.as_str()),
        ip: &view.ip,
        user_agent: &view.user_agent,
        status: &state.status,
        source: state.source.as_str(),
        expires_at: state.expires_at.to_string(),
        metadata: &state.metadata,
        permissions: state.permissions.iter().map(|granted| granted.to_string()).collect(),
    };
    serde_json::to_string(&model).expect("texts, times and JSON have a JSON form")
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
