//! `POST /v1/users/:userId/sessions`: a session for a user, whose token the server passes on.

use axum::response::Response;
use herenow_wire::model::{SessionView, session_json};
use http::StatusCode;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond, session},
    ops::sessions::{Way, begin},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    server(&call, &[scope::USERS_WRITE, scope::SESSIONS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let begun = begin(&call.app, call.project()?, &id, Way::Server, &session::client(&call)).await?;
    let view = SessionView { current: false, secret: begun.token };
    Ok(respond::json(StatusCode::CREATED, &session_json(&begun.session, &view)))
}
