//! `GET /v1/projects/:projectId`: one of them. `GET /v1/project`: the one that is addressed.

use axum::response::Response;
use http::StatusCode;

use super::{answer, manager};
use crate::{auth::scope, failure::Failure, http::call::Call};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    manager(&call, &[scope::PROJECTS_READ, scope::PROJECT_READ]).await?;
    answer(&call, StatusCode::OK, &call.project()?.project).await
}
