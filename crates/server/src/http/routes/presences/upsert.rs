//! `PUT /v1/presences/:presenceId`: write a user's presence.

use axum::response::Response;
use herenow_core::{PresenceId, Source, UserId, tracker::SOCKET_EXPIRY};

use super::status;
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{future, parsed, permissions},
        respond,
    },
    ops::presences::{Upsert, upsert},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PRESENCES_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let project = call.project()?.clone();
    let params = call.params()?;
    let input = Upsert {
        id: params.required("presenceId", parsed(PresenceId::parse_new))?,
        user: params.optional("userId", parsed(UserId::parse))?,
        status: params.required("status", status)?,
        permissions: params.optional("permissions", permissions)?,
        expires_at: params.optional("expiresAt", future(now, SOCKET_EXPIRY))?,
        metadata: params.metadata()?,
        source: Source::Rest,
    };
    let presence = upsert(&app, &project, &caller, input).await?;
    Ok(respond::presence(&presence))
}
