//! `GET /v1/presences/:presenceId`: read one.

use std::sync::Arc;

use axum::response::Response;
use herenow_core::Presence;

use super::presence_id;
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::{Asker, Call},
        params::Params,
        respond,
    },
    ops::presences,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let asker = call.authorized(&[scope::PRESENCES_READ]).await?;
    Ok(respond::presence(&*run(&asker, call.params()?).await?))
}

/// The same over every interface.
pub(in crate::http) async fn run(asker: &Asker, params: &Params) -> Result<Arc<Presence>, Failure> {
    presences::get(&asker.app, &asker.caller, &presence_id(params)?).await
}
