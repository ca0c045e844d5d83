//! `GET …/policies`: all of them.

use axum::response::Response;
use herenow_wire::model::{list_json, policies_json};
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    manager(&call, &scope::POLICIES_READ).await?;
    let policies = policies_json(&call.project()?.project);
    Ok(respond::json(StatusCode::OK, &list_json("policies", policies.len(), policies)))
}
