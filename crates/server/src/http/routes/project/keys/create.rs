//! `POST …/keys`: make one. Its secret is in this answer and in no other.

use axum::response::Response;
use herenow_core::KeyId;
use herenow_wire::model::key_json;
use http::StatusCode;

use super::{input, manager};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{call::Call, params::parsed, respond},
    ops::keys::create,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    // Older clients name none.
    let id = params.optional("keyId", parsed(|id| KeyId::parse_custom(id, now, random_u64())))?;
    let id = id.unwrap_or_else(|| KeyId::generate(now, random_u64()));
    let made = create(&app, &caller, id, input(params)?).await?;
    Ok(respond::json(StatusCode::CREATED, &key_json(&made.key, &made.secret)))
}
