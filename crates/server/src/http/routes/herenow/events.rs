//! `GET /v1/herenow/presences/:presenceId/events`: what happened to a presence of late, also to one that has ended.

use axum::response::Response;
use herenow_wire::model::{list_of_json, recent_event_json};
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
    let before = params.optional("before", integer(0..=u64::MAX))?;
    let page = holders::recent(&app, &caller.project, &id, before, limit)?;
    let events: Vec<_> = page.items.iter().map(|(change, holders)| recent_event_json(change, holders)).collect();
    Ok(respond::typed(StatusCode::OK, respond::JSON, list_of_json(page.total, "events", &events)))
}
