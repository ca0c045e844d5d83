//! `GET /v1/account/sessions/:sessionId`: one of the caller's sessions.

use axum::response::Response;
use http::StatusCode;

use super::{owner, shown, which};
use crate::{
    failure::Failure,
    http::{call::Call, respond},
    ops::sessions,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, _) = owner(&call).await?;
    let which = which(&mut call)?;
    let session = sessions::own(&call.app, &caller, &which).await?;
    Ok(respond::json(StatusCode::OK, &shown(&caller, &session)))
}
