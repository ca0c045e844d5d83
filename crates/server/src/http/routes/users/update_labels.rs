//! `PUT /v1/users/:userId/labels`: replace a user's labels.

use axum::response::Response;
use herenow_core::id::is_label;
use http::StatusCode;

use super::{server, user, user_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{Raw, texts},
    },
    ops::users,
};

const MAX_LABELS: usize = 1000;

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_WRITE]).await?;
    let id = user_id(&mut call)?;
    let labels = call.params()?.required("labels", labels)?;
    let changed = users::set_labels(&call.app, &caller.project, &id, labels).await?;
    Ok(user(StatusCode::OK, &changed))
}

fn labels(raw: Raw<'_>) -> Result<Vec<String>, String> {
    let labels = texts(MAX_LABELS)(raw)?;
    if labels.iter().all(|label| is_label(label)) {
        return Ok(labels);
    }
    Err("Value must be an array of labels: 1 to 36 letters and digits each".to_owned())
}
