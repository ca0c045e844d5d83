//! `PUT …/webhooks/:webhookId`: change one. Its secret stays.

use axum::response::Response;
use herenow_wire::model::{Secrets, webhook_json};
use http::StatusCode;

use super::{input, manager, webhook_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::webhooks::update,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let webhook = update(&app, &caller.project, &webhook_id(params)?, input(params)?).await?;
    Ok(respond::json(StatusCode::OK, &webhook_json(&webhook, Secrets::Hidden)))
}
