//! `GET /v1/presences`: one moment of all that the caller may read.

use axum::response::Response;
use herenow_core::tracker::Count;
use herenow_wire::model::presence_list_json;
use http::{HeaderValue, StatusCode};

use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::{Asker, Call},
        params::{Params, integer, loose_bool},
        respond::{JSON, typed},
    },
    ops::presences::{List, Listed, Served, list},
};

/// Longest age of a list from the cache, in seconds.
const MAX_TTL_SECONDS: u64 = 86_400;

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let asker = call.authorized(&[scope::PRESENCES_READ]).await?;
    answer(&run(&asker, call.params()?).await?)
}

/// The same over every interface.
pub(in crate::http) async fn run(asker: &Asker, params: &Params) -> Result<Listed, Failure> {
    let queries = params.queries()?;
    let count = if params.optional("total", loose_bool)? == Some(false) { Count::Nothing } else { Count::All };
    let ttl_seconds = params.optional("ttl", integer(0..=MAX_TTL_SECONDS))?.unwrap_or(0);
    list(&asker.app, &asker.caller, List { queries, count, ttl_seconds }).await
}

fn answer(listed: &Listed) -> Result<Response, Failure> {
    let page = &listed.page;
    let json = presence_list_json(page.total, page.presences.iter().map(|presence| &**presence));
    let mut response = typed(StatusCode::OK, JSON, json);
    let headers = response.headers_mut();
    headers.insert("x-herenow-seq", page.seq.into());
    headers.insert("x-herenow-epoch", HeaderValue::from_str(&listed.epoch).map_err(Failure::internal)?);
    match listed.served {
        Served::Fresh => None,
        Served::Miss => headers.insert("x-appwrite-cache", HeaderValue::from_static("miss")),
        Served::Hit => headers.insert("x-appwrite-cache", HeaderValue::from_static("hit")),
    };
    Ok(response)
}
