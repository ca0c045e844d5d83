//! `POST /v1/account`: sign up. It begins no session.

use axum::response::Response;
use herenow_core::UserId;
use http::StatusCode;

use super::{account, place};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{email, parsed, password, text},
    },
    ops::{account::sign_up, users::NewUser},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::SESSIONS_WRITE]).await?;
    call.limit(&caller, Rate::SignUp)?;
    let (app, now) = (call.app.clone(), call.now);
    let place = place(&call);
    let params = call.params()?;
    let input = NewUser {
        id: params.required("userId", parsed(|id| UserId::parse_custom(id, now, random_u64())))?,
        email: Some(params.required("email", email)?),
        phone: None,
        password: Some(params.required("password", password)?),
        name: params.optional("name", text(1, 128))?.unwrap_or_default(),
    };
    let user = sign_up(&app, &caller.project, place, input).await?;
    Ok(account(StatusCode::CREATED, &user))
}
