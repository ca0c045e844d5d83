//! `PATCH /v1/account/prefs`: replace what the app keeps about the caller.

use axum::response::Response;
use http::StatusCode;

use super::{account, owner};
use crate::{
    failure::Failure,
    http::{call::Call, params::prefs},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let prefs = call.params()?.required("prefs", prefs)?;
    let user = users::set_prefs(&call.app, &caller.project, &id, prefs).await?;
    Ok(account(StatusCode::OK, &user))
}
