//! Projects, for the operators who own them. Source: http-api, section F.

pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;
pub(in crate::http) mod update_team;

use axum::response::Response;
use herenow_core::account::Project;
use herenow_wire::{
    ErrorType,
    model::{Format, project_json},
};
use http::StatusCode;
use serde_json::Value;

use crate::{
    App,
    auth::{Caller, Scope, sign_ins::SignedIn},
    failure::Failure,
    http::{call::Call, respond},
    ops::{pings::counted, projects::belongings},
};

/// Whoever has one of `scopes` in the project that the path names.
async fn manager(call: &Call, scopes: &[Scope]) -> Result<Caller, Failure> {
    let caller = call.authorize(scopes).await?;
    if caller.project.is_console() { Err(ErrorType::GeneralAccessForbidden.into()) } else { Ok(caller) }
}

/// The operator who calls.
fn operator(caller: &Caller) -> Result<&SignedIn, Failure> {
    caller.operator().ok_or_else(|| ErrorType::GeneralUnauthorizedScope.into())
}

/// A project, in the form that the client wants.
async fn model(app: &App, project: &Project, format: Format) -> Result<Value, Failure> {
    let legacy = match format {
        Format::Current => None,
        Format::Legacy => Some(belongings(app, &project.id).await?),
    };
    Ok(project_json(&counted(app, project), legacy.as_ref()))
}

/// A project, as an answer.
pub(in crate::http::routes) async fn answer(
    call: &Call,
    status: StatusCode,
    project: &Project,
) -> Result<Response, Failure> {
    Ok(respond::json(status, &model(&call.app, project, call.format()).await?))
}
