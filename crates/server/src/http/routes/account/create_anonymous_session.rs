//! `POST /v1/account/sessions/anonymous`: sign in as a new user of whom nothing is known.

use axum::response::Response;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, session},
    ops::{sessions::refuse_second, sign_in},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::SESSIONS_WRITE]).await?;
    call.limit(&caller, Rate::AnonymousSession)?;
    refuse_second(&caller)?;
    call.params()?;
    let begun = sign_in::anonymously(&call.app, call.project()?, &session::client(&call)).await?;
    session::created(&call, &caller, &begun)
}
