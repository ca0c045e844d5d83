//! `PATCH /v1/projects/:projectId/team`: give it to another team of the operator.

use axum::response::Response;
use herenow_core::TeamId;
use http::StatusCode;

use super::{answer, manager, operator};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::parsed},
    ops::projects::transfer,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PROJECTS_WRITE]).await?;
    let operator = operator(&caller)?;
    let (app, known) = (call.app.clone(), call.project()?.clone());
    let team = call.params()?.required("teamId", parsed(TeamId::parse))?;
    let project = transfer(&app, operator, &known.project, team).await?;
    answer(&call, StatusCode::OK, &project).await
}
