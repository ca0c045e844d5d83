//! `POST /v1/account/sessions/token`: sign in with a token that a server made.

use axum::response::Response;
use herenow_core::UserId;

use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{parsed, text},
        session,
    },
    ops::{sessions::refuse_second, sign_in},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::SESSIONS_WRITE]).await?;
    call.limit(&caller, Rate::TokenSession)?;
    refuse_second(&caller)?;
    let (app, now, project) = (call.app.clone(), call.now, call.project()?.clone());
    let client = session::client(&call);
    let params = call.params()?;
    let user = params.required("userId", parsed(|id| UserId::parse_custom(id, now, random_u64())))?;
    let secret = params.required("secret", text(1, 256))?;
    let begun = sign_in::with_token(&app, &project, &user, &secret, &client).await?;
    session::created(&call, &caller, &begun)
}
