//! `GET /v1/teams/:teamId/memberships/:membershipId`: read one.

use axum::response::Response;
use http::StatusCode;

use super::{membership_id, model};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond, routes::teams::team_id},
    ops::memberships,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_READ]).await?;
    let app = call.app.clone();
    let project = call.project()?.clone();
    let params = call.params()?;
    let (team, id) = (team_id(params)?, membership_id(params)?);
    let member = memberships::get(&app, &project, &caller, &team, &id).await?;
    Ok(respond::json(StatusCode::OK, &model(&member)))
}
