//! `PATCH /v1/account/sessions/:sessionId`: make a session last longer.

use axum::response::Response;
use http::StatusCode;

use super::{owner, shown, which};
use crate::{
    failure::Failure,
    http::{call::Call, respond},
    ops::sessions,
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, _) = owner(&call).await?;
    call.limit(&caller, Rate::SessionUpdate)?;
    let which = which(&mut call)?;
    let session = sessions::own(&call.app, &caller, &which).await?;
    let session = sessions::extend(&call.app, call.project()?, session).await?;
    Ok(respond::json(StatusCode::OK, &shown(&caller, &session)))
}
