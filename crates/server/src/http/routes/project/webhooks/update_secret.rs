//! `PATCH …/webhooks/:webhookId/secret`, of old `…/signature`: give one a new secret. It is in this answer and in no
//! other.

use axum::response::Response;
use herenow_core::account::Webhook;
use herenow_wire::model::{Secrets, webhook_json};
use http::StatusCode;

use super::{manager, secret, webhook_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::webhooks::set_secret,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let webhook = set_secret(&app, &caller.project, &webhook_id(params)?, secret(params)?).await?;
    // The password is not what this answer makes.
    let shown = Webhook { auth_password: String::new(), ..webhook };
    Ok(respond::json(StatusCode::OK, &webhook_json(&shown, Secrets::Shown)))
}
