//! `POST /v1/users/:userId/jwts`: a JWT by which a server lets a user, or itself as the user, call.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{integer, parsed},
        respond,
    },
    ops::jwts::{Bound, DEFAULT_SECONDS, MAX_SECONDS, of_user},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let params = call.params()?;
    let bound = params.optional("sessionId", parsed(Bound::parse))?.unwrap_or(Bound::Recent);
    let seconds = params.optional("duration", integer(1..=MAX_SECONDS))?.unwrap_or(DEFAULT_SECONDS);
    let jwt = of_user(&call.app, &caller.project, &id, &bound, seconds).await?;
    Ok(respond::json(StatusCode::CREATED, &json!({ "jwt": jwt })))
}
