//! `GET …/webhooks/:webhookId`: one of them, without its secrets.

use axum::response::Response;
use herenow_wire::model::{Secrets, webhook_json};
use http::StatusCode;

use super::{manager, webhook_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::webhooks::find,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_READ]).await?;
    let app = call.app.clone();
    let webhook = find(&app, &caller.project, &webhook_id(call.params()?)?).await?;
    Ok(respond::json(StatusCode::OK, &webhook_json(&webhook, Secrets::Hidden)))
}
