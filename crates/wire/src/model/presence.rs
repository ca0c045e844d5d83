//! The presence model, written by hand: every event, answer and list carries it.

use herenow_core::{Presence, Timestamp};

/// Appends the JSON of `presence` to `out`.
pub fn write_presence(out: &mut String, presence: &Presence) {
    // Ids and roles are of letters, digits and `._-:/`, so only the status needs escaping.
    let state = &presence.state;
    out.push_str("{\"$id\":\"");
    out.push_str(presence.id.as_str());
    write_time(out, "\",\"$createdAt\":\"", presence.created_at);
    write_time(out, "\",\"$updatedAt\":\"", presence.updated_at);
    out.push_str("\",\"$permissions\":[");
    for (index, permission) in state.permissions.iter().enumerate() {
        out.push_str(if index == 0 { "\"" } else { ",\"" });
        out.push_str(permission.action.as_str());
        out.push_str("(\\\"");
        out.push_str(permission.role.as_str());
        out.push_str("\\\")\"");
    }
    out.push_str("],\"userId\":\"");
    out.push_str(presence.user.as_str());
    out.push_str("\",\"status\":");
    write_text(out, &state.status);
    out.push_str(",\"source\":\"");
    out.push_str(state.source.as_str());
    write_time(out, "\",\"expiresAt\":\"", state.expires_at);
    out.push_str("\",\"metadata\":");
    out.push_str(state.metadata.as_str());
    out.push('}');
}

fn write_time(out: &mut String, before: &str, time: Timestamp) {
    out.push_str(before);
    time.write(out).expect("writing to a string succeeds");
}

/// Appends the JSON string of `text` to `out`; nearly all stand there as they are.
pub fn write_text(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        out.push_str(&serde_json::to_string(text).expect("a string serialises"));
    } else {
        out.extend(["\"", text, "\""]);
    }
}

/// The JSON of one presence.
#[must_use]
pub fn presence_json(presence: &Presence) -> String {
    let mut out = String::with_capacity(512);
    write_presence(&mut out, presence);
    out
}

/// The JSON of a page of presences.
#[must_use]
pub fn presence_list_json<'a>(total: usize, presences: impl IntoIterator<Item = &'a Presence>) -> String {
    let mut out = format!("{{\"total\":{total},\"presences\":[");
    for (index, presence) in presences.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_presence(&mut out, presence);
    }
    out.push_str("]}");
    out
}
