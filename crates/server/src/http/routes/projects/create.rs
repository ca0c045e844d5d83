//! `POST /v1/projects`: make one for a team of operators.

use axum::response::Response;
use herenow_core::{
    ProjectId, TeamId, Timestamp,
    id::{MAX_ID_CHARS, UNIQUE, is_project_id},
};
use http::StatusCode;

use super::{answer, operator};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{parsed, text},
    },
    ops::projects::{NewProject, create},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PROJECTS_WRITE]).await?;
    let operator = operator(&caller)?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    let input = NewProject {
        id: params.required("projectId", parsed(|id| project_id(id, now)))?,
        name: params.required("name", text(1, 128))?,
        team: params.required("teamId", parsed(TeamId::parse))?,
    };
    let project = create(&app, operator, input).await?;
    answer(&call, StatusCode::CREATED, &project).await
}

fn project_id(text: &str, now: Timestamp) -> Result<ProjectId, String> {
    match text {
        UNIQUE => Ok(ProjectId::generate(now, random_u64())),
        _ if is_project_id(text) => ProjectId::parse(text).map_err(|invalid| invalid.to_string()),
        _ => Err(format!(
            "Parameter must contain at most {MAX_ID_CHARS} chars. Valid chars are a-z, 0-9, and hyphen. Can't start with a hyphen"
        )),
    }
}
