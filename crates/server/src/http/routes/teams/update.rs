//! `PUT /v1/teams/:teamId`: rename one.

use axum::response::Response;
use herenow_wire::model::team_json;
use http::StatusCode;

use super::team_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::text, respond},
    ops::teams::rename,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let id = team_id(params)?;
    let name = params.required("name", text(1, 128))?;
    let team = rename(&app, &caller, &id, name).await?;
    Ok(respond::json(StatusCode::OK, &team_json(&team)))
}
