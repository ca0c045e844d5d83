//! `GET /v1/projects`: the projects that the operator manages.

use axum::response::Response;
use herenow_wire::model::list_json;
use http::StatusCode;

use super::{model, operator};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::projects::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PROJECTS_READ]).await?;
    let operator = operator(&caller)?;
    let (app, format) = (call.app.clone(), call.format());
    let listed = list(&app, operator, &call.list_request()?).await?;
    let mut models = Vec::with_capacity(listed.items.len());
    for row in listed.items {
        models.push(model(&app, &row.project, format).await?);
    }
    Ok(respond::json(StatusCode::OK, &list_json("projects", listed.total, models)))
}
