//! `GET …/webhooks`: all of them, without their secrets.

use axum::response::Response;
use herenow_wire::model::{Secrets, list_json, webhook_json};
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::webhooks::list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_READ]).await?;
    let app = call.app.clone();
    let listed = list(&app, &caller.project, &call.list_request()?).await?;
    let models = listed.items.iter().map(|row| webhook_json(&row.webhook, Secrets::Hidden)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("webhooks", listed.total, models)))
}
