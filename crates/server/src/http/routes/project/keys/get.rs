//! `GET …/keys/:keyId`: one of them, without its secret.

use axum::response::Response;
use herenow_wire::model::key_json;
use http::StatusCode;

use super::{key_id, manager};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::keys::find,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_READ]).await?;
    let app = call.app.clone();
    let key = find(&app, &caller.project, &key_id(call.params()?)?).await?;
    Ok(respond::json(StatusCode::OK, &key_json(&key, "")))
}
