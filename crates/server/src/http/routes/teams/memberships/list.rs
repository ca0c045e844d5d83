//! `GET /v1/teams/:teamId/memberships`: who is in a team.

use axum::response::Response;
use herenow_wire::model::list_json;
use http::StatusCode;

use super::model;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond, routes::teams::team_id},
    ops::memberships::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_READ]).await?;
    let app = call.app.clone();
    let project = call.project()?.clone();
    let team = team_id(call.params()?)?;
    let request = call.list_request()?;
    let listed = list(&app, &project, &caller, &team, &request).await?;
    let memberships = listed.members.iter().map(model).collect();
    Ok(respond::json(StatusCode::OK, &list_json("memberships", listed.total, memberships)))
}
