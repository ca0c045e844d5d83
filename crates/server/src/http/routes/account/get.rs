//! `GET /v1/account`: who the caller is.

use axum::response::Response;
use http::StatusCode;

use super::{account, owner};
use crate::{failure::Failure, http::call::Call, ops::users};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let user = users::find(&call.app, &caller.project, &id).await?;
    Ok(account(StatusCode::OK, &user))
}
