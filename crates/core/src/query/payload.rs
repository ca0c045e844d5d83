//! The payloads that realtime queries look at, read key by key without building a JSON tree.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::Presence;

/// The value under one key of a payload.
#[derive(Debug, Clone, PartialEq)]
pub enum PayloadValue<'a> {
    /// JSON null.
    Null,
    /// A JSON string.
    Text(Cow<'a, str>),
    /// Any JSON value.
    Json(Cow<'a, Value>),
}

/// What an event carries, as a flat map.
pub trait Payload {
    /// The value under `key`; none where there is no such key.
    fn get(&self, key: &str) -> Option<PayloadValue<'_>>;
}

/// The text under `key`; none where there is something else or nothing.
pub fn text_of<'a>(payload: &'a impl Payload, key: &str) -> Option<Cow<'a, str>> {
    match payload.get(key)? {
        PayloadValue::Text(text) => Some(text),
        PayloadValue::Json(Cow::Borrowed(Value::String(text))) => Some(Cow::Borrowed(text)),
        PayloadValue::Json(Cow::Owned(Value::String(text))) => Some(Cow::Owned(text)),
        PayloadValue::Json(_) | PayloadValue::Null => None,
    }
}

impl Payload for Map<String, Value> {
    fn get(&self, key: &str) -> Option<PayloadValue<'_>> {
        self.get(key).map(|value| PayloadValue::Json(Cow::Borrowed(value)))
    }
}

impl Payload for Value {
    fn get(&self, key: &str) -> Option<PayloadValue<'_>> {
        self.as_object().and_then(|object| Payload::get(object, key))
    }
}

impl Payload for Presence {
    fn get(&self, key: &str) -> Option<PayloadValue<'_>> {
        let borrowed = |text| PayloadValue::Text(Cow::Borrowed(text));
        let json = |value| PayloadValue::Json(Cow::Owned(value));
        Some(match key {
            "$id" => borrowed(self.id.as_str()),
            "$createdAt" => PayloadValue::Text(self.created_at.to_string().into()),
            "$updatedAt" => PayloadValue::Text(self.updated_at.to_string().into()),
            "$permissions" => json(self.state.permissions.iter().map(|granted| granted.to_string()).collect()),
            "userId" => borrowed(self.user.as_str()),
            "status" => borrowed(&*self.state.status),
            "source" => borrowed(self.state.source.as_str()),
            "expiresAt" => PayloadValue::Text(self.state.expires_at.to_string().into()),
            "metadata" => {
                json(serde_json::from_str(self.state.metadata.as_str()).expect("metadata is JSON: its parser read it"))
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Metadata, Permissions, PresenceId, Source, State, Timestamp, UserId,
        query::{Attributes, RealtimeQueries, Schema, Value as Attribute},
    };

    fn presence() -> Presence {
        let user = UserId::parse("u1").expect("valid");
        Presence {
            id: PresenceId::parse("p1").expect("valid"),
            created_at: Timestamp::from_millis(1000),
            updated_at: Timestamp::from_millis(2000),
            creation: 7,
            state: State {
                status: "online".into(),
                metadata: Metadata::parse(r#"{"b":1,"a":2.5}"#).expect("valid"),
                permissions: Permissions::default_for(&user),
                expires_at: Timestamp::from_millis(3000),
                source: Source::Rest,
            },
            user,
        }
    }

    #[test]
    fn a_presence_answers_to_the_keys_of_its_payload() {
        let matches = |attribute: &str, value: Value| {
            let text = json!({"method": "equal", "attribute": attribute, "values": [value]}).to_string();
            RealtimeQueries::parse(&[text]).expect("valid").matches(&presence())
        };
        assert!(matches("$id", json!("p1")));
        assert!(matches("$createdAt", json!("1970-01-01T00:00:01.000+00:00")));
        assert!(matches("$updatedAt", json!("1970-01-01T00:00:02.000+00:00")));
        assert!(matches("expiresAt", json!("1970-01-01T00:00:03.000+00:00")));
        assert!(matches("userId", json!("u1")));
        assert!(matches("status", json!("online")));
        assert!(matches("source", json!("rest")));
        assert!(matches("metadata", json!({"b": 1, "a": 2.5})));
        assert!(!matches("metadata", json!({"a": 2.5, "b": 1})));
        let permissions = serde_json::to_value(Permissions::default_for(&presence().user)).expect("serialises");
        assert!(matches("$permissions", permissions));
        for key in ["$sequence", "metadata.a", "userInternalId", ""] {
            assert_eq!(Payload::get(&presence(), key), None, "{key}");
        }
    }

    #[test]
    fn a_presence_has_a_value_for_every_attribute_of_its_list() {
        let names = Schema::PRESENCES.attributes.iter().map(|(name, _)| *name);
        for name in names.chain(["$id", "$createdAt", "$updatedAt", "$sequence"]) {
            assert_ne!(presence().attribute(name), Attribute::Null, "{name}");
        }
        assert_eq!(presence().attribute("$sequence"), Attribute::Integer(7));
    }
}
