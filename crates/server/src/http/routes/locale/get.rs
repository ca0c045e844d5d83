//! `GET /v1/locale`: where the caller is. Nothing but the address is known: there is no map of addresses.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, respond},
};

pub(in crate::http) async fn handle(call: Call) -> Result<Response, Failure> {
    call.authorize(&[scope::LOCALE_READ]).await?;
    let locale = json!({
        "ip": call.peer.ip,
        "countryCode": "--",
        "country": "Unknown",
        "continentCode": "--",
        "continent": "Unknown",
        "eu": false,
        "currency": "",
    });
    Ok(respond::json(StatusCode::OK, &locale))
}
