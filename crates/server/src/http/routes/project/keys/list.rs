//! `GET …/keys`: all of them, without their secrets.

use axum::response::Response;
use herenow_wire::model::{key_json, list_json};
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::keys::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_READ]).await?;
    let app = call.app.clone();
    let listed = list(&app, &caller.project, &call.list_request()?).await?;
    let models = listed.items.iter().map(|row| key_json(&row.key, "")).collect();
    Ok(respond::json(StatusCode::OK, &list_json("keys", listed.total, models)))
}
