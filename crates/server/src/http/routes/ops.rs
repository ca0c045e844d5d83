//! `/healthz`, `/readyz` and `/metrics`, for those who run the server.

use std::sync::Arc;

use axum::response::Response;
use herenow_wire::ErrorType;
use http::StatusCode;

use crate::{
    App,
    auth::credentials::header,
    failure::Failure,
    http::{
        call::{Call, Reach},
        listed::{Router, get},
        respond,
    },
    metrics::TextFormat,
};

/// To whom `/metrics` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Metrics {
    /// To clients on this machine alone.
    ToLoopback,
    /// To all: they have an address of their own.
    ToAll,
}

pub(in crate::http) fn router(metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(move |call: Call| show_metrics(call, metrics)))
}

/// Alive: it answers.
async fn health(_: Call) -> Result<Response, Failure> {
    Ok(respond::typed(StatusCode::OK, respond::TEXT, "ok\n"))
}

/// Ready: it takes writes.
async fn ready(call: Call) -> Result<Response, Failure> {
    let (status, text) = if call.app.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    };
    Ok(respond::typed(status, respond::TEXT, text))
}

async fn show_metrics(call: Call, metrics: Metrics) -> Result<Response, Failure> {
    if metrics == Metrics::ToLoopback && call.peer.reach != Reach::Loopback {
        return Err(ErrorType::GeneralRouteNotFound.into());
    }
    let app: &Arc<App> = &call.app;
    let format = TextFormat::of(header(&call.headers, "accept"));
    Ok(respond::typed(StatusCode::OK, format.content_type(), app.metrics.encode(app, format)))
}
