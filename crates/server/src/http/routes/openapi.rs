//! `GET /v1/openapi.json`: the description of the API, for everybody.

use axum::response::Response;
use http::StatusCode;

use crate::{
    failure::Failure,
    http::{call::Call, openapi, respond},
};

pub(in crate::http) async fn handle(_: Call) -> Result<Response, Failure> {
    Ok(respond::typed(StatusCode::OK, respond::JSON, openapi::text()))
}
