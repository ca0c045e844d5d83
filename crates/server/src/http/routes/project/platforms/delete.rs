//! `DELETE …/platforms/:platformId`: let a page or an app call no longer.

use axum::response::Response;

use super::{manager, platform_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::platforms::delete,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PLATFORMS_WRITE]).await?;
    let app = call.app.clone();
    delete(&app, &caller.project, &platform_id(call.params()?)?).await?;
    Ok(respond::no_content())
}
