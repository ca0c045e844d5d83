//! `GET /v1/ping`: is anybody there?

use axum::response::Response;
use herenow_wire::ErrorType;
use http::StatusCode;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::GLOBAL]).await?;
    if call.project()?.project.id.is_console() {
        return Err(ErrorType::ProjectNotFound.into());
    }
    Ok(respond::typed(StatusCode::OK, respond::TEXT, "Pong!"))
}
