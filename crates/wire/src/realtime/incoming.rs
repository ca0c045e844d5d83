//! Frames from a client: parsed and checked in the order that the protocol lays down.
//!
//! Source: realtime, section 3; the texts are those that clients and tests match.

use std::collections::HashMap;

use herenow_core::{
    Metadata, Permissions,
    id::{MAX_ID_CHARS, UNIQUE, is_uid},
    query::RealtimeQueries,
};
use serde_json::{Value, value::RawValue};

/// Longest session token in an `authentication` frame, in characters.
const MAX_SESSION_CHARS: usize = 2048;
/// Longest status that the frame's own check lets pass; the record's limit is shorter.
const MAX_FRAME_STATUS_CHARS: usize = 2048;

/// A frame that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// `ping`.
    Ping,
    /// `authentication`, with the encoded session token.
    Authentication(String),
    /// `subscribe`, one row a subscription.
    Subscribe(Vec<SubscribeRow>),
    /// `unsubscribe`, by ids.
    Unsubscribe(Vec<String>),
    /// `presence`.
    Presence(PresenceFrame),
}

/// One row of a `subscribe` frame.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscribeRow {
    /// The client's id for it.
    pub id: Option<String>,
    /// The channels asked for, each once.
    pub channels: Vec<String>,
    /// What events must match.
    pub queries: RealtimeQueries,
    /// Where the client's knowledge ends: epoch and sequence number. Source: semantics 24.
    pub since: Option<(String, u64)>,
}

/// A `presence` frame.
#[derive(Debug, Clone, PartialEq)]
pub struct PresenceFrame {
    /// 1 to 2048 characters; the record's own limit is checked later.
    pub status: String,
    /// The id asked for; none: the server makes one.
    pub id: Option<String>,
    /// The new metadata.
    pub metadata: Option<Metadata>,
    /// The new permissions.
    pub permissions: Option<Permissions>,
}

/// Why a frame was not understood: always code 1003, and the socket stays open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidFrame(pub String);

fn invalid<T>(text: impl Into<String>) -> Result<T, InvalidFrame> {
    Err(InvalidFrame(text.into()))
}

type Fields<'a> = HashMap<String, &'a RawValue>;

/// Parses one text message.
///
/// # Errors
/// [`InvalidFrame`] with the text that the client is told.
pub fn parse(text: &str) -> Result<Incoming, InvalidFrame> {
    let Ok(frame) = serde_json::from_str::<Fields<'_>>(text) else { return invalid("Message format is not valid.") };
    let data = frame.get("data").copied();
    let Some(kind) = frame.get("type") else {
        return invalid(match data {
            Some(_) => "Message type is not valid.",
            None => "Message format is not valid.",
        });
    };
    match serde_json::from_str::<String>(kind.get()).as_deref() {
        Ok("ping") => Ok(Incoming::Ping),
        Ok("authentication") => authentication(&fields(data)).map(Incoming::Authentication),
        Ok("subscribe") => {
            items(data)?.into_iter().map(subscribe_row).collect::<Result<_, _>>().map(Incoming::Subscribe)
        }
        Ok("unsubscribe") => unsubscribe(items(data)?).map(Incoming::Unsubscribe),
        Ok("presence") => presence(&fields(data)).map(Incoming::Presence),
        _ => invalid("Message type is not valid."),
    }
}

/// The fields of `data`; anything but an object has none.
fn fields(data: Option<&RawValue>) -> Fields<'_> {
    data.and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default()
}

fn items(data: Option<&RawValue>) -> Result<Vec<Value>, InvalidFrame> {
    match data.map(|data| serde_json::from_str::<Value>(data.get())) {
        None | Some(Ok(Value::Null)) => invalid("Payload is not valid. Items is required"),
        Some(Ok(Value::Array(rows))) => Ok(rows),
        Some(_) => invalid("items: Payload is not valid."),
    }
}

fn authentication(fields: &Fields<'_>) -> Result<String, InvalidFrame> {
    let Some(session) = fields.get("session") else { return invalid("Payload is not valid. Session is required") };
    bounded_text(session, "session", MAX_SESSION_CHARS)
}

fn bounded_text(raw: &RawValue, name: &str, max_chars: usize) -> Result<String, InvalidFrame> {
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) if (1..=max_chars).contains(&text.chars().count()) => Ok(text),
        _ => invalid(format!(
            "{name}: Value must be a valid string and at least 1 chars and no longer than {max_chars} chars"
        )),
    }
}

fn presence(fields: &Fields<'_>) -> Result<PresenceFrame, InvalidFrame> {
    let Some(status) = fields.get("status") else { return invalid("Payload is not valid. Status is required") };
    let status = bounded_text(status, "status", MAX_FRAME_STATUS_CHARS)?;
    let id = fields.get("presenceId").map(|id| bounded_text(id, "presenceId", MAX_ID_CHARS)).transpose()?;
    let metadata = match fields.get("metadata").map(|metadata| metadata.get()) {
        None | Some("null") => None,
        Some(json) => Some(Metadata::parse(json).map_err(|error| InvalidFrame(format!("metadata: {error}")))?),
    };
    let permissions = fields.get("permissions").map(|list| permissions(list)).transpose()?;
    Ok(PresenceFrame { status, id: id.filter(|id| id != UNIQUE), metadata, permissions })
}

fn permissions(raw: &RawValue) -> Result<Permissions, InvalidFrame> {
    let Ok(texts) = serde_json::from_str::<Vec<String>>(raw.get()) else {
        return invalid("permissions: Permissions must be an array of strings, such as read(\"users\").");
    };
    Permissions::parse(texts.iter().map(String::as_str)).map_err(|error| InvalidFrame(format!("permissions: {error}")))
}

fn subscribe_row(row: Value) -> Result<SubscribeRow, InvalidFrame> {
    let Value::Object(mut row) = row else { return invalid("items: Each subscribe payload must be an object.") };
    let id = match row.remove("subscriptionId") {
        None => None,
        Some(Value::String(id)) if id == UNIQUE || is_uid(&id, MAX_ID_CHARS) => Some(id),
        Some(_) => return invalid("items: subscriptionId is not a valid id."),
    };
    let mut channels = match row.remove("channels") {
        None => return invalid("items: channels is not present in payload."),
        Some(Value::Array(channels)) => strings(channels, "items: channels must contain only strings.")?,
        Some(_) => return invalid("items: channels is not a valid array."),
    };
    let mut seen = std::collections::HashSet::new();
    channels.retain(|channel| seen.insert(channel.clone()));
    let queries = match row.remove("queries") {
        None => Vec::new(),
        Some(Value::Array(queries)) => strings(queries, "Invalid query: queries must contain only strings.")?,
        Some(_) => return invalid("items: queries is not a valid array."),
    };
    let queries = RealtimeQueries::parse(&queries).map_err(|error| InvalidFrame(format!("Invalid query: {error}")))?;
    Ok(SubscribeRow { id, channels, queries, since: row.get("since").and_then(since) })
}

fn since(value: &Value) -> Option<(String, u64)> {
    Some((value.get("epoch")?.as_str()?.to_owned(), value.get("seq")?.as_u64()?))
}

fn strings(values: Vec<Value>, otherwise: &str) -> Result<Vec<String>, InvalidFrame> {
    let text = |value| match value {
        Value::String(text) => Ok(text),
        _ => invalid(otherwise),
    };
    values.into_iter().map(text).collect()
}

fn unsubscribe(rows: Vec<Value>) -> Result<Vec<String>, InvalidFrame> {
    let id = |row: Value| match row.get("subscriptionId") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        _ => invalid("items: Each unsubscribe payload must include a non-empty subscriptionId."),
    };
    rows.into_iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(frame: &str) -> String {
        parse(frame).expect_err(frame).0
    }

    #[test]
    fn frames_that_are_no_frames_are_told_apart() {
        for frame in ["", "null", "1", "[]", "\"ping\"", "{", r#"{"test":"123"}"#, "{}"] {
            assert_eq!(refused(frame), "Message format is not valid.", "{frame}");
        }
        for frame in [r#"{"data":{}}"#, r#"{"type":1}"#, r#"{"type":"unknown","data":{"session":"x"}}"#] {
            assert_eq!(refused(frame), "Message type is not valid.", "{frame}");
        }
    }

    #[test]
    fn a_missing_field_and_a_wrong_one_are_told_apart() {
        assert_eq!(refused(r#"{"type":"authentication","data":[]}"#), "Payload is not valid. Session is required");
        assert!(refused(r#"{"type":"authentication","data":{"session":""}}"#).starts_with("session: "));
        assert_eq!(
            refused(r#"{"type":"presence","data":{"metadata":{}}}"#),
            "Payload is not valid. Status is required"
        );
        assert!(
            refused(r#"{"type":"presence","data":{"status":"x","permissions":null}}"#)
                .starts_with("permissions: Permissions must be an array of strings")
        );
        assert_eq!(refused(r#"{"type":"subscribe"}"#), "Payload is not valid. Items is required");
        assert_eq!(refused(r#"{"type":"subscribe","data":{}}"#), "items: Payload is not valid.");
        assert_eq!(
            refused(r#"{"type":"subscribe","data":[{"channels":["a"]},{}]}"#),
            "items: channels is not present in payload."
        );
    }

    #[test]
    fn duplicate_channels_collapse_and_keep_their_order() {
        let frame = parse(r#"{"type":"subscribe","data":[{"channels":["b","a","b"]}]}"#).expect("valid");
        let Incoming::Subscribe(rows) = frame else { panic!("not a subscribe: {frame:?}") };
        assert_eq!(rows[0].channels, ["b", "a"]);
    }

    #[test]
    fn an_absent_or_null_metadata_is_none_and_unique_asks_for_an_id() {
        let frame = r#"{"type":"presence","data":{"status":"x","presenceId":"unique()","metadata":null}}"#;
        let Incoming::Presence(presence) = parse(frame).expect("valid") else { panic!("not a presence") };
        assert_eq!((presence.id, presence.metadata), (None, None));
    }
}
