//! `PATCH /v1/projects/:projectId`: rename it.

use axum::response::Response;
use http::StatusCode;

use super::{answer, manager};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::text},
    ops::projects::rename,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    manager(&call, &[scope::PROJECTS_WRITE]).await?;
    let (app, known) = (call.app.clone(), call.project()?.clone());
    let name = call.params()?.required("name", text(1, 128))?;
    let project = rename(&app, &known.project, name).await?;
    answer(&call, StatusCode::OK, &project).await
}
