//! `POST /v1/users`: make a user.

use axum::response::Response;
use herenow_core::UserId;
use http::StatusCode;

use super::{server, user};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{email, parsed, password, phone, text},
    },
    ops::users::{NewUser, create},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    let input = NewUser {
        id: params.required("userId", parsed(|id| UserId::parse_custom(id, now, random_u64())))?,
        email: params.optional("email", email)?,
        phone: params.optional("phone", phone)?,
        password: params.optional("password", password)?,
        name: params.optional("name", text(0, 128))?.unwrap_or_default(),
    };
    let made = create(&app, &caller.project, input).await?;
    Ok(user(StatusCode::CREATED, &made))
}
