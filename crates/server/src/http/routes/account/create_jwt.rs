//! `POST /v1/account/jwts`: a JWT that lives no longer than the caller's session.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::owner;
use crate::{
    failure::Failure,
    http::{call::Call, params::integer, respond},
    ops::jwts::{self, DEFAULT_SECONDS, MAX_SECONDS},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, _) = owner(&call).await?;
    call.limit(&caller, Rate::Jwt)?;
    let seconds = call.params()?.optional("duration", integer(1..=MAX_SECONDS))?.unwrap_or(DEFAULT_SECONDS);
    let jwt = jwts::of_caller(&call.app, &caller, seconds)?;
    Ok(respond::json(StatusCode::CREATED, &json!({ "jwt": jwt })))
}
