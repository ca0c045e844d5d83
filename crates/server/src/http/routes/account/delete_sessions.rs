//! `DELETE /v1/account/sessions`: sign out everywhere.

use axum::response::Response;

use super::owner;
use crate::{
    failure::Failure,
    http::{call::Call, respond, session},
    ops::sessions,
    rates::Rate,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    call.limit(&caller, Rate::SessionsDelete)?;
    sessions::end_all(&call.app, &caller.project, &id, None).await?;
    session::take_away(&call, respond::no_content())
}
