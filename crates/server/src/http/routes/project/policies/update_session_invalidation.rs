//! `PATCH …/policies/session-invalidation`, of old `…/auth/session-invalidation`: whether a new password ends the
//! user's other sessions.

use axum::response::Response;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::loose_bool, routes::projects::answer},
    ops::policies::{OtherSessions, set_session_invalidation},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &scope::POLICIES_WRITE).await?;
    let app = call.app.clone();
    let others = if call.params()?.required("enabled", loose_bool)? { OtherSessions::End } else { OtherSessions::Stay };
    let project = set_session_invalidation(&app, &caller.project, others).await?;
    answer(&call, StatusCode::OK, &project).await
}
