//! `GET /v1/teams/:teamId`: read one.

use axum::response::Response;
use herenow_wire::model::team_json;
use http::StatusCode;

use super::team_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::teams,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_READ]).await?;
    let app = call.app.clone();
    let id = team_id(call.params()?)?;
    let team = teams::get(&app, &caller, &id).await?;
    Ok(respond::json(StatusCode::OK, &team_json(&team)))
}
