//! `POST …/webhooks`: make one. Its secrets are in this answer and in no other.

use axum::response::Response;
use herenow_core::WebhookId;
use herenow_wire::model::{Secrets, webhook_json};
use http::StatusCode;

use super::{input, manager, secret};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{call::Call, params::parsed, respond},
    ops::webhooks::create,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    // Older clients name none.
    let id = params.optional("webhookId", parsed(|id| WebhookId::parse_custom(id, now, random_u64())))?;
    let id = id.unwrap_or_else(|| WebhookId::generate(now, random_u64()));
    let webhook = create(&app, &caller.project, id, input(params)?, secret(params)?).await?;
    Ok(respond::json(StatusCode::CREATED, &webhook_json(&webhook, Secrets::Shown)))
}
