//! `GET /v1/herenow/stats`: what a project does now and did in the last hour.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    ops::stats,
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::HERENOW_READ]).await?;
    let counters = stats::read(&call.app, &caller.project, call.now);
    let minute = |minute: &crate::stats::Minute| {
        json!({
            "timestamp": minute.began(),
            "presences": minute.presences,
            "connections": minute.connections,
            "events": minute.events,
        })
    };
    Ok(respond::json(
        StatusCode::OK,
        &json!({
            "presences": counters.presences,
            "connections": counters.tally.connections,
            "subscriptions": counters.tally.subscriptions,
            "eventsPerSecond": counters.events_per_second,
            "minutes": counters.minutes.iter().map(minute).collect::<Vec<_>>(),
        }),
    ))
}
