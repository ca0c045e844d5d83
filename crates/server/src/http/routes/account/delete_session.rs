//! `DELETE /v1/account/sessions/:sessionId`: sign out, here or elsewhere.

use axum::response::Response;

use super::{owner, which};
use crate::{
    failure::Failure,
    http::{call::Call, respond, session},
    ops::sessions,
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    call.limit(&caller, Rate::SessionDelete)?;
    let which = which(&mut call)?;
    let ended = sessions::own(&call.app, &caller, &which).await?;
    sessions::end(&call.app, &caller.project, &id, &ended.id).await?;
    let is_current = caller.session().is_some_and(|own| own.id == ended.id);
    let response = respond::no_content();
    if is_current { session::take_away(&call, response) } else { Ok(response) }
}
