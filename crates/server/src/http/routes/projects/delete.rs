//! `DELETE /v1/projects/:projectId`: end it, with everything in it. `DELETE /v1/project`: the one that is addressed.

use axum::response::Response;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::projects::delete,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    manager(&call, &[scope::PROJECTS_WRITE, scope::PROJECT_WRITE]).await?;
    delete(&call.app, &call.project()?.project).await?;
    Ok(respond::no_content())
}
