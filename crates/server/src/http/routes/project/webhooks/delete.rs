//! `DELETE …/webhooks/:webhookId`: remove one.

use axum::response::Response;

use super::{manager, webhook_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::webhooks::delete,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::WEBHOOKS_WRITE]).await?;
    let app = call.app.clone();
    delete(&app, &caller.project, &webhook_id(call.params()?)?).await?;
    Ok(respond::no_content())
}
