//! `PATCH /v1/account/password`: change one's own password.

use axum::response::Response;
use http::StatusCode;

use super::{account, owner};
use crate::{
    failure::Failure,
    http::{
        call::Call,
        params::{password, text},
    },
    ops::account::{NewPassword, set_password},
    rates::Rate,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, _) = owner(&call).await?;
    call.limit(&caller, Rate::PasswordChange)?;
    let params = call.params()?;
    let input = NewPassword {
        password: params.required("password", password)?,
        former: params.optional("oldPassword", text(0, 256))?,
    };
    let user = set_password(&call.app, call.project()?, &caller, input).await?;
    Ok(account(StatusCode::OK, &user))
}
