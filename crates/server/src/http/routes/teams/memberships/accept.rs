//! `PATCH /v1/teams/:teamId/memberships/:membershipId/status`: accept an invitation.

use axum::response::Response;
use herenow_core::UserId;
use http::StatusCode;

use super::{membership_id, model};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{parsed, text},
        respond,
        routes::teams::team_id,
        session,
    },
    ops::invitations::{Acceptance, accept},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PUBLIC]).await?;
    let (app, client) = (call.app.clone(), session::client(&call));
    let project = call.project()?.clone();
    let params = call.params()?;
    let input = Acceptance {
        team: team_id(params)?,
        membership: membership_id(params)?,
        user: params.required("userId", parsed(UserId::parse))?,
        secret: params.required("secret", text(1, 256))?,
    };
    let accepted = accept(&app, &project, &caller, &input, &client).await?;
    let mut response = respond::json(StatusCode::OK, &model(&accepted.member));
    if let Some(begun) = &accepted.begun {
        session::give(&call, &mut response, begun)?;
    }
    Ok(response)
}
