//! `POST /v1/account/sessions/email`: sign in with email and password.

use axum::response::Response;

use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{email, password},
        session,
    },
    ops::{sessions::refuse_second, sign_in},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::SESSIONS_WRITE]).await?;
    call.limit(&caller, Rate::EmailSession)?;
    refuse_second(&caller)?;
    let (app, project, client) = (call.app.clone(), call.project()?.clone(), session::client(&call));
    let params = call.params()?;
    let (email, password) = (params.required("email", email)?, params.required("password", password)?);
    let begun = sign_in::with_email(&app, &project, email, password, &client).await?;
    session::created(&call, &caller, &begun)
}
