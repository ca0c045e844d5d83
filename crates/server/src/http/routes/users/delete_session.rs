//! `DELETE /v1/users/:userId/sessions/:sessionId`: sign a user out somewhere.

use axum::response::Response;
use herenow_core::SessionId;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::parsed, respond},
    ops::{sessions, users},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE, scope::SESSIONS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let session = call.params()?.required("sessionId", parsed(SessionId::parse))?;
    let user = users::find(&call.app, &caller.project, &id).await?;
    sessions::end(&call.app, &caller.project, &user.id, &session).await?;
    Ok(respond::no_content())
}
