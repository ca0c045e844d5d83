//! `PATCH /v1/users/:userId/prefs`: replace what the app keeps about a user.

use axum::response::Response;
use herenow_wire::model::prefs_json;
use http::StatusCode;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::prefs, respond},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let prefs = call.params()?.required("prefs", prefs)?;
    let user = users::set_prefs(&call.app, &caller.project, &id, prefs).await?;
    Ok(respond::json(StatusCode::OK, &prefs_json(&user.prefs)))
}
