//! `GET /v1/users`: all users of the project.

use axum::response::Response;
use herenow_core::tracker::Count;
use herenow_wire::model::{UserView, list_json, user_json};
use http::StatusCode;

use super::server;
use crate::{
    auth::{password::HASH_OPTIONS, scope},
    failure::Failure,
    http::{
        call::Call,
        params::{loose_bool, text},
        respond,
    },
    ops::{lists::ListRequest, user_list},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_READ]).await?;
    let app = call.app.clone();
    let queries = call.queries()?;
    let params = call.params()?;
    let search = params.optional("search", text(1, 256))?;
    let count = if params.optional("total", loose_bool)? == Some(false) { Count::Nothing } else { Count::All };
    let listed = user_list::list(&app, &caller.project, &ListRequest { queries, search, count }).await?;
    let view = UserView::Server(HASH_OPTIONS);
    let models = listed.items.iter().map(|row| user_json(row.user(), view)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("users", listed.total, models)))
}
