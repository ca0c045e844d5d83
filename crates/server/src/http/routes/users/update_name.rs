//! `PATCH /v1/users/:userId/name`: change a user's name.

use axum::response::Response;
use http::StatusCode;

use super::{server, user, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::text},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let name = call.params()?.required("name", text(0, 128))?;
    let changed = users::set_name(&call.app, &caller.project, &id, name).await?;
    Ok(user(StatusCode::OK, &changed))
}
