//! `GET /v1/users/:userId/sessions`: where a user is signed in.

use axum::response::Response;
use herenow_wire::model::{SessionView, list_json, session_json};
use http::StatusCode;

use super::{server, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::loose_bool, respond},
    ops::{sessions, users},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_READ, scope::SESSIONS_READ]).await?;
    let id = user_id(&mut call)?;
    let counts = call.params()?.optional("total", loose_bool)? != Some(false);
    let user = users::find(&call.app, &caller.project, &id).await?;
    let sessions = sessions::list(&call.app, &caller.project, &user.id).await?;
    let models: Vec<_> = sessions.iter().map(|session| session_json(session, &SessionView::default())).collect();
    let total = if counts { models.len() } else { 0 };
    Ok(respond::json(StatusCode::OK, &list_json("sessions", total, models)))
}
