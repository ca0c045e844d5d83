//! `GET /v1/herenow/presences/:presenceId/holders`: who holds a presence.

use axum::response::Response;
use herenow_wire::model::{holder_json, list_of_json};
use http::StatusCode;

use super::{limit, presence_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::integer, respond},
    ops::holders,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::HERENOW_READ]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let (id, limit) = (presence_id(params)?, limit(params)?);
    let offset = params.optional("offset", integer(0..=u64::from(u32::MAX)))?.unwrap_or(0);
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let page = holders::holders(&app, &caller.project, &id, offset, limit)?;
    let holders: Vec<_> = page.items.iter().map(|(holder, view)| holder_json(holder, view)).collect();
    Ok(respond::typed(StatusCode::OK, respond::JSON, list_of_json(page.total, "holders", &holders)))
}
