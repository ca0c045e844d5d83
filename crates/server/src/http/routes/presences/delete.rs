//! `DELETE /v1/presences/:presenceId`: end one, with all its holders.

use axum::response::Response;

use super::presence_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::presences,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PRESENCES_WRITE]).await?;
    let app = call.app.clone();
    let id = presence_id(call.params()?)?;
    presences::delete(&app, &caller, id).await?;
    Ok(respond::no_content())
}
