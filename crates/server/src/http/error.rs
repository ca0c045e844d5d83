//! The one place where failures become HTTP responses.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use herenow_wire::{ErrorType, error::ErrorBody};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA, RETRY_AFTER},
};

use super::respond::JSON;
use crate::failure::Failure;

/// After how many seconds who was refused for want of room may come again.
const ROOM_AFTER_SECONDS: &str = "1";
/// After how many seconds who came too often may come again, where nothing more precise is known: the limits of sockets
/// count by the minute.
const RATE_AFTER_SECONDS: &str = "60";

/// What the pipeline logs and counts of a failure; no client sees it.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    /// Its type.
    pub(super) kind: ErrorType,
    /// The whole chain, where the failure is ours.
    pub(super) cause: Option<Arc<anyhow::Error>>,
}

/// What the client sees of a failure.
pub(super) fn body(failure: &Failure) -> ErrorBody {
    ErrorBody::new(failure.kind, failure.message.as_deref().map(str::to_owned))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = body(&self);
        let status = StatusCode::from_u16(body.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::to_string(&body).expect("an error body serialises");
        let mut response = (status, json).into_response();
        response.extensions_mut().insert(Failed { kind: self.kind, cause: self.cause.map(Arc::new) });
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
        headers.insert(EXPIRES, HeaderValue::from_static("0"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE if self.kind != ErrorType::GeneralSmtpDisabled => Some(ROOM_AFTER_SECONDS),
            StatusCode::TOO_MANY_REQUESTS => Some(RATE_AFTER_SECONDS),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
