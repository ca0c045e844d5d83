//! `DELETE /v1/presences/:presenceId`: end one, with all its holders.

use axum::response::Response;

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
    let asker = call.authorized(&[scope::PRESENCES_WRITE]).await?;
    run(&asker, call.params()?).await?;
    Ok(respond::no_content())
}

/// The same over every interface.
pub(in crate::http) async fn run(asker: &Asker, params: &Params) -> Result<(), Failure> {
    presences::delete(&asker.app, &asker.caller, presence_id(params)?).await
}
