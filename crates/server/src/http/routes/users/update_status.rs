//! `PATCH /v1/users/:userId/status`: block a user, or let them in again.

use axum::response::Response;
use http::StatusCode;

use super::{server, user, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::loose_bool},
    ops::users::{self, Status},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let status = if call.params()?.required("status", loose_bool)? { Status::Active } else { Status::Blocked };
    let changed = users::set_status(&call.app, &caller.project, &id, status).await?;
    Ok(user(StatusCode::OK, &changed))
}
