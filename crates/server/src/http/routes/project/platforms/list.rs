//! `GET …/platforms`: all of them.

use axum::response::Response;
use herenow_wire::model::{list_json, platform_json};
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::platforms::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PLATFORMS_READ]).await?;
    let (app, format) = (call.app.clone(), call.format());
    let listed = list(&app, &caller.project, &call.list_request()?).await?;
    let models = listed.items.iter().map(|row| platform_json(&row.platform, format)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("platforms", listed.total, models)))
}
