//! `PATCH /v1/users/:userId/verification/phone`: whether the phone is known to be the user's own.

use axum::response::Response;
use http::StatusCode;

use super::{server, user, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::strict_bool},
    ops::users::{self, Verification},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let verified = call.params()?.required("phoneVerification", strict_bool)?;
    let verification = Verification { phone: Some(verified), ..Verification::default() };
    let changed = users::set_verification(&call.app, &caller.project, &id, verification).await?;
    Ok(user(StatusCode::OK, &changed))
}
