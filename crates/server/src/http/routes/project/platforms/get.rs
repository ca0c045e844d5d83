//! `GET …/platforms/:platformId`: one of them.

use axum::response::Response;
use http::StatusCode;

use super::{answer, manager, platform_id};
use crate::{auth::scope, failure::Failure, http::call::Call, ops::platforms::find};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PLATFORMS_READ]).await?;
    let app = call.app.clone();
    let platform = find(&app, &caller.project, &platform_id(call.params()?)?).await?;
    Ok(answer(&call, StatusCode::OK, &platform))
}
