//! `PATCH /v1/teams/:teamId/memberships/:membershipId`: change the roles of a member.

use axum::response::Response;
use herenow_core::id::MAX_TEAM_ROLE_CHARS;
use http::StatusCode;

use super::{membership_id, model};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        respond,
        routes::teams::{roles, team_id},
    },
    ops::memberships::set_roles,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let (team, id) = (team_id(params)?, membership_id(params)?);
    let roles = params.required("roles", roles(MAX_TEAM_ROLE_CHARS))?;
    let member = set_roles(&app, &caller, &team, &id, roles).await?;
    Ok(respond::json(StatusCode::OK, &model(&member)))
}
