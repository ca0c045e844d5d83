//! `GET /v1/account/sessions`: where the caller is signed in.

use axum::response::Response;
use herenow_wire::model::list_json;
use http::StatusCode;

use super::{owner, shown};
use crate::{
    failure::Failure,
    http::{call::Call, respond},
    ops::sessions,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let (caller, id) = owner(&call).await?;
    let sessions = sessions::list(&call.app, &caller.project, &id).await?;
    let models: Vec<_> = sessions.iter().map(|session| shown(&caller, session)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("sessions", models.len(), models)))
}
