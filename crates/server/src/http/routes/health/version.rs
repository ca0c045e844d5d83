//! `GET /v1/health/version`: which version of the API is spoken.

use axum::response::Response;
use herenow_wire::API_VERSION;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::PUBLIC]).await?;
    Ok(respond::json(StatusCode::OK, &json!({"version": API_VERSION})))
}
