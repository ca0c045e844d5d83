//! `PUT /v1/presences/:presenceId`: write a user's presence.

use std::sync::Arc;

use axum::response::Response;
use herenow_core::{Presence, PresenceId, Source, UserId, tracker::SOCKET_EXPIRY};

use super::{permissions, status};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::{Asker, Call},
        params::{Params, future, parsed},
        respond,
    },
    ops::presences::{Upsert, upsert},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let asker = call.authorized(&[scope::PRESENCES_WRITE]).await?;
    Ok(respond::presence(&*run(&asker, call.params()?, Source::Rest).await?))
}

/// The same over every interface.
pub(in crate::http) async fn run(asker: &Asker, params: &Params, source: Source) -> Result<Arc<Presence>, Failure> {
    let input = Upsert {
        id: params.required("presenceId", parsed(PresenceId::parse_new))?,
        user: params.optional("userId", parsed(UserId::parse))?,
        status: params.required("status", status)?,
        permissions: params.optional("permissions", permissions(&asker.app))?,
        expires_at: params.optional("expiresAt", future(asker.now, SOCKET_EXPIRY))?,
        metadata: params.metadata()?,
        source,
    };
    upsert(&asker.app, &asker.project, &asker.caller, input).await
}
