//! `PUT …/keys/:keyId`: change name, scopes and end of one. The secret stays.

use axum::response::Response;
use herenow_wire::model::key_json;
use http::StatusCode;

use super::{input, key_id, manager};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::keys::update,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let key = update(&app, &caller, &key_id(params)?, input(params)?).await?;
    Ok(respond::json(StatusCode::OK, &key_json(&key, "")))
}
