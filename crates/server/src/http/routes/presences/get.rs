//! `GET /v1/presences/:presenceId`: read one.

use axum::response::Response;

use super::presence_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::presences,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PRESENCES_READ]).await?;
    let app = call.app.clone();
    let id = presence_id(call.params()?)?;
    Ok(respond::presence(&*presences::get(&app, &caller, &id).await?))
}
