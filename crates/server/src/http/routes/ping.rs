//! `GET /v1/ping`: is anybody there?

use axum::response::Response;
use herenow_wire::ErrorType;
use http::StatusCode;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::pings,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::GLOBAL]).await?;
    let known = call.project()?;
    if known.project.id.is_console() {
        return Err(ErrorType::ProjectNotFound.into());
    }
    pings::note(&call.app, &known.project, call.now).await;
    Ok(respond::typed(StatusCode::OK, respond::TEXT, "Pong!"))
}
