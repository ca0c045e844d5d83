//! `PATCH /v1/presences/:presenceId`: change some fields of one.

use axum::response::Response;
use herenow_core::{UserId, tracker::SOCKET_EXPIRY};

use super::{presence_id, status};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{future, loose_bool, parsed, permissions},
        respond,
    },
    ops::presences::{Purge, Update, update},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::PRESENCES_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let project = call.project()?.clone();
    let params = call.params()?;
    let input = Update {
        id: presence_id(params)?,
        user: params.optional("userId", parsed(UserId::parse))?,
        status: params.optional("status", status)?,
        expires_at: params.optional("expiresAt", future(now, SOCKET_EXPIRY))?,
        metadata: params.metadata()?,
        permissions: params.optional("permissions", permissions)?,
        purge: if params.optional("purge", loose_bool)? == Some(true) { Purge::Yes } else { Purge::No },
    };
    let presence = update(&app, &project, &caller, input).await?;
    Ok(respond::presence(&presence))
}
