//! `PATCH /v1/account/name`: change one's own name.

use axum::response::Response;
use http::StatusCode;

use super::{account, owner};
use crate::{
    failure::Failure,
    http::{call::Call, params::text},
    ops::users,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let name = call.params()?.required("name", text(1, 128))?;
    let user = users::set_name(&call.app, &caller.project, &id, name).await?;
    Ok(account(StatusCode::OK, &user))
}
