//! `POST /v1/teams/:teamId/memberships`: put somebody into a team.

use axum::response::Response;
use herenow_core::{UserId, id::MAX_TEAM_ROLE_CHARS};
use http::StatusCode;

use super::model;
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{email, parsed, phone, text},
        respond,
        routes::teams::{roles, team_id},
    },
    ops::invitations::{Invitation, invite},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    call.limit(&caller, Rate::Invitation)?;
    let app = call.app.clone();
    let params = call.params()?;
    let input = Invitation {
        team: team_id(params)?,
        email: params.optional("email", email)?,
        user: params.optional("userId", parsed(UserId::parse))?,
        phone: params.optional("phone", phone)?,
        roles: params.required("roles", roles(MAX_TEAM_ROLE_CHARS))?,
        url: params.optional("url", text(0, 2048))?.filter(|url| !url.is_empty()),
        name: params.optional("name", text(1, 128))?,
    };
    let member = invite(&app, &caller, input).await?;
    Ok(respond::json(StatusCode::CREATED, &model(&member)))
}
