//! `GET /v1/users/:userId/prefs`: what the app keeps about a user.

use axum::response::Response;
use herenow_wire::model::prefs_json;
use http::StatusCode;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_READ]).await?;
    let id = user_id(&mut call)?;
    let user = users::find(&call.app, &caller.project, &id).await?;
    Ok(respond::json(StatusCode::OK, &prefs_json(&user.prefs)))
}
