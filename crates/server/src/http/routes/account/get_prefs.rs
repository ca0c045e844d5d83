//! `GET /v1/account/prefs`: what the app keeps about the caller.

use axum::response::Response;
use herenow_wire::model::prefs_json;
use http::StatusCode;

use super::owner;
use crate::{
    failure::Failure,
    http::{call::Call, respond},
    ops::users,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let user = users::find(&call.app, &caller.project, &id).await?;
    Ok(respond::json(StatusCode::OK, &prefs_json(&user.prefs)))
}
