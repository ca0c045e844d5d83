//! `DELETE /v1/users/:userId`: delete a user with everything that is theirs.

use axum::response::Response;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    users::delete(&call.app, &caller.project, &id).await?;
    Ok(respond::no_content())
}
