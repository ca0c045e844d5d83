//! `GET /v1/users`: all users of the project.

use axum::response::Response;
use herenow_wire::model::{UserView, list_json, user_json};
use http::StatusCode;

use super::server;
use crate::{
    auth::{password::HASH_OPTIONS, scope},
    failure::Failure,
    http::{call::Call, respond},
    ops::user_list,
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = server(&call, &[scope::USERS_READ]).await?;
    let app = call.app.clone();
    let request = call.list_request()?;
    let listed = user_list::list(&app, &caller.project, &request).await?;
    let view = UserView::Server(HASH_OPTIONS);
    let models = listed.items.iter().map(|user| user_json(user, view)).collect();
    Ok(respond::json(StatusCode::OK, &list_json("users", listed.total, models)))
}
