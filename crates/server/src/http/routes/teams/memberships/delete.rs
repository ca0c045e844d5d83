//! `DELETE /v1/teams/:teamId/memberships/:membershipId`: leave a team, or remove a member.

use axum::response::Response;

use super::membership_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond, routes::teams::team_id},
    ops::memberships::delete,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let (team, id) = (team_id(params)?, membership_id(params)?);
    delete(&app, &caller, &team, &id).await?;
    Ok(respond::no_content())
}
