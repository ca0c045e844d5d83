//! `PATCH …/policies/session-duration`, of old `…/auth/duration`: how long sessions live that begin from now on.

use axum::response::Response;
use herenow_core::account::DEFAULT_SESSION_SECONDS;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::integer, routes::projects::answer},
    ops::policies::set_session_duration,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &scope::POLICIES_WRITE).await?;
    let app = call.app.clone();
    let seconds = call.params()?.required("duration", integer(1..=DEFAULT_SESSION_SECONDS))?;
    let project = set_session_duration(&app, &caller.project, seconds).await?;
    answer(&call, StatusCode::OK, &project).await
}
