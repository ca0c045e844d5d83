//! `POST …/keys/ephemeral`, of old `POST …/jwts`: make a key that ends by itself.

use std::time::Duration;

use axum::response::Response;
use herenow_wire::model::ephemeral_key_json;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{integer, scopes},
        respond,
    },
    ops::{jwts, keys::create_ephemeral},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::KEYS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    let scopes = params.required("scopes", scopes)?;
    let seconds = params.optional("duration", integer(1..=jwts::MAX_SECONDS))?.unwrap_or(jwts::DEFAULT_SECONDS);
    let key = create_ephemeral(&app, &caller, scopes, Duration::from_secs(seconds))?;
    let model = ephemeral_key_json(key.id.as_str(), now, key.expire, &key.scopes, &key.secret);
    Ok(respond::json(StatusCode::CREATED, &model))
}
