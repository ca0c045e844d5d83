//! `DELETE /v1/users/:userId/sessions`: sign a user out everywhere.

use axum::response::Response;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::{sessions, users},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE, scope::SESSIONS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let user = users::find(&call.app, &caller.project, &id).await?;
    sessions::end_all(&call.app, &caller.project, &user.id, None).await?;
    Ok(respond::no_content())
}
