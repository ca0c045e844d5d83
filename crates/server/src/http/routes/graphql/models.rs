//! The types of the schema. `$` cannot begin a name in GraphQL, so `$id` is `_id`. Source: http-api, section G.

use std::sync::Arc;

use async_graphql::{InputValueResult, Object, Scalar, ScalarType, SimpleObject, Value};
use herenow_core::{Presence as Record, tracker::Page};

/// Any JSON value.
pub(super) struct Json(pub(super) Value);

#[Scalar(name = "Json")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// A presence.
pub(super) struct Presence(pub(super) Arc<Record>);

#[Object(name = "Presence")]
impl Presence {
    #[graphql(name = "_id")]
    async fn id(&self) -> Option<&str> {
        Some(self.0.id.as_str())
    }

    #[graphql(name = "_createdAt")]
    async fn created_at(&self) -> Option<String> {
        Some(self.0.created_at.to_string())
    }

    #[graphql(name = "_updatedAt")]
    async fn updated_at(&self) -> Option<String> {
        Some(self.0.updated_at.to_string())
    }

    #[graphql(name = "_permissions")]
    async fn permissions(&self) -> Option<Vec<Option<String>>> {
        Some(self.0.state.permissions.iter().map(|permission| Some(permission.to_string())).collect())
    }

    async fn user_id(&self) -> Option<&str> {
        Some(self.0.user.as_str())
    }

    async fn status(&self) -> Option<&str> {
        Some(&self.0.state.status)
    }

    async fn source(&self) -> Option<&str> {
        Some(self.0.state.source.as_str())
    }

    async fn expires_at(&self) -> Option<String> {
        Some(self.0.state.expires_at.to_string())
    }

    async fn metadata(&self) -> Option<Json> {
        serde_json::from_str(self.0.state.metadata.as_str()).ok().map(Json)
    }
}

/// A page of presences.
pub(super) struct PresenceList(pub(super) Page);

#[Object(name = "PresenceList")]
impl PresenceList {
    async fn total(&self) -> Option<usize> {
        Some(self.0.total)
    }

    async fn presences(&self) -> Option<Vec<Option<Presence>>> {
        Some(self.0.presences.iter().map(|record| Some(Presence(record.clone()))).collect())
    }
}

/// What there is to say of a thing that is gone.
#[derive(Default, SimpleObject)]
#[graphql(name = "None")]
pub(super) struct Nothing {
    status: Option<String>,
}
