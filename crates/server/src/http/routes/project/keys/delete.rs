//! `DELETE …/keys/:keyId`: revoke one.

use axum::response::Response;

use super::{key_id, manager};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::keys::delete,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_WRITE]).await?;
    let app = call.app.clone();
    delete(&app, &caller.project, &key_id(call.params()?)?).await?;
    Ok(respond::no_content())
}
