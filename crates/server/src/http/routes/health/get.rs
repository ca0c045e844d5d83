//! `GET /v1/health`: whoever gets this answer has it.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::HEALTH_READ]).await?;
    Ok(respond::json(StatusCode::OK, &json!({"name": "http", "ping": 0, "status": "pass"})))
}
