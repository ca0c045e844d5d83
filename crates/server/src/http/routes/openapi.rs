//! `GET /v1/openapi.json`: the description of the API, for everybody.

use axum::response::Response;
use http::StatusCode;

use crate::http::{openapi, respond};

pub(in crate::http) async fn handle() -> Response {
    respond::typed(StatusCode::OK, respond::JSON, openapi::text())
}
