//! Responses: JSON, text, and the 204 that carries a type.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use herenow_core::Presence;
use herenow_wire::model::presence_json;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

/// The type of every JSON answer.
pub const JSON: &str = "application/json; charset=UTF-8";
/// The type of texts, and of the empty 204: without one the Python SDK fails, and with JSON others try to parse it.
pub const TEXT: &str = "text/plain; charset=UTF-8";

/// A body of this type.
pub fn typed(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A JSON model.
pub fn json(status: StatusCode, model: &Value) -> Response {
    typed(status, JSON, model.to_string())
}

/// A presence.
pub fn presence(presence: &Presence) -> Response {
    typed(StatusCode::OK, JSON, presence_json(presence))
}

/// Done, and nothing to say.
pub fn no_content() -> Response {
    typed(StatusCode::NO_CONTENT, TEXT, Body::empty())
}
