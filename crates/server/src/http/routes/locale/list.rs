//! `GET /v1/locale/countries` and the other lists of the world, whatever language is asked for: names are English.

use axum::response::Response;
use http::StatusCode;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
    locale::List,
};

pub(in crate::http) async fn handle(call: Call, list: List) -> Result<Response, Failure> {
    call.authorize(&[scope::LOCALE_READ]).await?;
    Ok(respond::typed(StatusCode::OK, respond::JSON, list.json()))
}
