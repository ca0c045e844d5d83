//! `PATCH /v1/account/status`: block oneself.

use axum::response::Response;
use http::StatusCode;

use super::{account, owner};
use crate::{
    failure::Failure,
    http::{call::Call, session},
    ops::users::{self, Status},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let user = users::set_status(&call.app, &caller.project, &id, Status::Blocked).await?;
    session::take_away(&call, account(StatusCode::OK, &user))
}
