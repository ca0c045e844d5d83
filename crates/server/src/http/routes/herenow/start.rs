//! `GET /v1/herenow/start`: whether there is an operator, and what it takes to become the first one. For everybody: a
//! page asks before anybody can have signed in, and a sign-up that is refused tells as much.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::{
    failure::Failure,
    http::{call::Call, respond, routes::account::place},
    ops::account,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let start = account::start(&call.app, &place(&call)).await?;
    Ok(respond::json(
        StatusCode::OK,
        &json!({"operator": start.operator, "signUp": start.sign_up, "codeRequired": start.code_required}),
    ))
}
