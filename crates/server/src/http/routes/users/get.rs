//! `GET /v1/users/:userId`: one user.

use axum::response::Response;
use http::StatusCode;

use super::{server, user, user_id};
use crate::{auth::scope, failure::Failure, http::call::Call, ops::users};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_READ]).await?;
    let id = user_id(&mut call)?;
    let found = users::find(&call.app, &caller.project, &id).await?;
    Ok(user(StatusCode::OK, &found))
}
