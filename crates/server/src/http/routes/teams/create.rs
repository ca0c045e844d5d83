//! `POST /v1/teams`: make a team.

use axum::response::Response;
use herenow_core::{TeamId, id::MAX_ID_CHARS};
use herenow_wire::model::team_json;
use http::StatusCode;

use super::roles;
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{parsed, text},
        respond,
    },
    ops::teams::{NewTeam, OWNER, create},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    let input = NewTeam {
        id: params.required("teamId", parsed(|id| TeamId::parse_custom(id, now, random_u64())))?,
        name: params.required("name", text(1, 128))?,
        roles: params.optional("roles", roles(MAX_ID_CHARS))?.unwrap_or_else(|| vec![OWNER.to_owned()]),
    };
    let team = create(&app, &caller, input).await?;
    Ok(respond::json(StatusCode::CREATED, &team_json(&team)))
}
