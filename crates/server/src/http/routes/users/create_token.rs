//! `POST /v1/users/:userId/tokens`: a short secret that the user exchanges once for a session.

use std::time::Duration;

use axum::response::Response;
use herenow_wire::model::token_json;
use http::StatusCode;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::integer, respond},
    ops::tokens::{MAX_SECRET_CHARS, NewToken, create},
};

const DEFAULT_CHARS: u64 = 6;
const DEFAULT_SECONDS: u64 = 900;

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let params = call.params()?;
    let chars = params.optional("length", integer(4..=MAX_SECRET_CHARS as u64))?.unwrap_or(DEFAULT_CHARS);
    let seconds = params.optional("expire", integer(60..=31_536_000))?.unwrap_or(DEFAULT_SECONDS);
    let input = NewToken { secret_chars: chars as usize, life: Duration::from_secs(seconds) };
    let (token, secret) = create(&call.app, &caller.project, &id, input).await?;
    Ok(respond::json(StatusCode::CREATED, &token_json(&token, &secret)))
}
