//! `PATCH /v1/presences/:presenceId`: change some fields of one.

use std::sync::Arc;

use axum::response::Response;
use herenow_core::{Presence, UserId, tracker::SOCKET_EXPIRY};

use super::{permissions, presence_id, status};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::{Asker, Call},
        params::{Params, future, loose_bool, parsed},
        respond,
    },
    ops::presences::{Purge, Update, update},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let asker = call.authorized(&[scope::PRESENCES_WRITE]).await?;
    Ok(respond::presence(&*run(&asker, call.params()?).await?))
}

/// The same over every interface.
pub(in crate::http) async fn run(asker: &Asker, params: &Params) -> Result<Arc<Presence>, Failure> {
    let input = Update {
        id: presence_id(params)?,
        user: params.optional("userId", parsed(UserId::parse))?,
        status: params.optional("status", status)?,
        expires_at: params.optional("expiresAt", future(asker.now, SOCKET_EXPIRY))?,
        metadata: params.metadata()?,
        permissions: params.optional("permissions", permissions(&asker.app))?,
        purge: if params.optional("purge", loose_bool)? == Some(true) { Purge::Yes } else { Purge::No },
    };
    update(&asker.app, &asker.project, &asker.caller, input).await
}
