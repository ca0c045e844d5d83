//! `GET /v1/teams`: the teams that the caller may see.

use axum::response::Response;
use herenow_wire::model::{list_json, team_json};
use http::StatusCode;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::teams::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_READ]).await?;
    let app = call.app.clone();
    let request = call.list_request()?;
    let listed = list(&app, &caller, &request).await?;
    let teams = listed.items.iter().map(|team| team_json(team)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("teams", listed.total, teams)))
}
