//! `GET /v1/console/variables`: what the server can do beside presences, which is nothing.

use axum::response::Response;
use herenow_wire::model::console_variables_json;
use http::StatusCode;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::PROJECTS_READ]).await?;
    Ok(respond::json(StatusCode::OK, &console_variables_json()))
}
