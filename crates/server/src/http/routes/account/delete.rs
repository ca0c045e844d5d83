//! `DELETE /v1/account`: delete oneself.

use axum::response::Response;

use super::owner;
use crate::{
    failure::Failure,
    http::{call::Call, respond, session},
    ops::users,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    users::delete(&call.app, &caller.project, &id).await?;
    session::take_away(&call, respond::no_content())
}
