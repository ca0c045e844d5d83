//! `PUT /v1/teams/:teamId/prefs`: replace the free-form object of a team.

use axum::response::Response;
use herenow_wire::model::prefs_json;
use http::StatusCode;

use super::team_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::prefs, respond},
    ops::teams::set_prefs,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let id = team_id(params)?;
    let prefs = params.required("prefs", prefs)?;
    let team = set_prefs(&app, &caller, &id, prefs).await?;
    Ok(respond::json(StatusCode::OK, &prefs_json(&team.prefs)))
}
