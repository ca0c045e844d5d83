//! `DELETE /v1/teams/:teamId`: end one, with its memberships.

use axum::response::Response;

use super::team_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::teams::delete,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let id = team_id(call.params()?)?;
    delete(&app, &caller, &id).await?;
    Ok(respond::no_content())
}
