//! `PATCH …/policies/session-limit`, of old `…/auth/max-sessions`: how many sessions a user may have at once.

use axum::response::Response;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::integer, routes::projects::answer},
    ops::policies::set_session_limit,
};

/// More nobody needs, and each costs a row.
const MOST: u64 = 100;

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &scope::POLICIES_WRITE).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let limit = match params.optional("limit", integer(1..=MOST))? {
        Some(limit) => limit,
        None => params.required("total", integer(1..=MOST))?,
    };
    let limit = usize::try_from(limit).map_err(Failure::internal)?;
    let project = set_session_limit(&app, &caller.project, limit).await?;
    answer(&call, StatusCode::OK, &project).await
}
