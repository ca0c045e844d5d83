//! `GET …/policies/…`: one of them.

use axum::response::Response;
use herenow_wire::model::policies_json;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call, id: &'static str) -> Result<Response, Failure> {
    manager(&call, &scope::POLICIES_READ).await?;
    let policies = policies_json(&call.project()?.project);
    let policy = policies.iter().find(|policy| policy["$id"] == id);
    let policy = policy.ok_or_else(|| Failure::internal(anyhow::anyhow!("there is no policy {id}")))?;
    Ok(respond::json(StatusCode::OK, policy))
}
