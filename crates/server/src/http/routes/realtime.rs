//! `GET /v1/realtime`: becomes a WebSocket, or is answered with an event stream where none is asked for. On sockets
//! what would be policy is said after the upgrade, as the SDKs expect;
//! what is overload is said before it, where their back-off works.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use herenow_hub::frame::{
    deflate::{Agreement, negotiate},
    handshake::{HandshakeError, UpgradeRequest, VERSION},
};
use herenow_wire::ErrorType;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT, CACHE_CONTROL, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    App,
    auth::credentials::header,
    config::{Compression, RateLimits},
    failure::Failure,
    http::{call::Call, params::pairs, respond},
    realtime::{Opening, Seat, StreamRequest, open, open_stream},
};

/// The type of a stream.
const EVENT_STREAM: &str = "text/event-stream";
/// The tasks between the answer 101 and `connected`.
const OPENING: &str = "opening";
/// So many sockets may be opening at once; in a storm the rest is told to come again.
const MAX_OPENING: usize = 4_096;

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    if wants_stream(&call) {
        return stream(call).await;
    }
    let accept = accept(&call.headers)?;
    let seat = admit(&call.app, &call)?;
    let upgrade = call.upgrade.take();
    let upgrade =
        upgrade.ok_or_else(|| Failure::new(ErrorType::GeneralBadRequest, "This connection cannot upgrade."))?;
    let app = call.app.clone();
    let agreement = agree(&app, &call.headers);
    let compression = agreement.as_ref().map(|agreement| agreement.compression).unwrap_or_default();
    let opening =
        Opening { app: call.app, peer: call.peer, headers: call.headers, query: call.query, compression, seat };
    app.tasks.spawn(OPENING, async move {
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else { return };
        Box::pin(open(opening, parts.io.into_inner(), parts.read_buf.to_vec())).await;
    });
    let mut response = (StatusCode::SWITCHING_PROTOCOLS, Body::empty()).into_response();
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_str(&accept).map_err(Failure::internal)?);
    if let Some(agreement) = agreement {
        let answer = HeaderValue::from_str(&agreement.answer).map_err(Failure::internal)?;
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, answer);
    }
    Ok(response)
}

/// Whether an event stream is asked for: by its type, or by naming channels where any type will do, as curl does.
fn wants_stream(call: &Call) -> bool {
    if call.headers.contains_key(UPGRADE) {
        return false;
    }
    let accepted = texts(&call.headers, &ACCEPT);
    let mut kinds = accepted.iter().flat_map(|list| list.split(',')).filter_map(|kind| kind.split(';').next());
    let named = pairs(&call.query).any(|(name, _)| name.starts_with("channels["));
    kinds.any(|kind| {
        let kind = kind.trim();
        kind.eq_ignore_ascii_case(EVENT_STREAM) || (named && kind == "*/*")
    }) || (accepted.is_empty() && named)
}

async fn stream(call: Call) -> Result<Response, Failure> {
    let generation = call.app.sign_ins.generation();
    let seat = admit(&call.app, &call)?;
    let (caller, token) = call.authorize_listener().await?;
    let (project, last_event_id) = (call.project()?.clone(), header(&call.headers, "last-event-id").map(str::to_owned));
    // A key that was verified excuses from where it is used.
    let page = call.page().filter(|_| !caller.is_key());
    let Call { app, query, .. } = call;
    let request = StreamRequest { app, project, caller, token, query, last_event_id, generation, seat, page };
    let body = open_stream(request)?;
    let mut response = respond::typed(StatusCode::OK, EVENT_STREAM, body);
    let headers = response.headers_mut();
    // No proxy shall keep it, compress it, or gather it before it passes it on.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, no-transform, must-revalidate"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Chooses among the extensions that the client offers.
fn agree(app: &App, headers: &HeaderMap) -> Option<Agreement> {
    match app.config.compression {
        Compression::On => negotiate(&texts(headers, &SEC_WEBSOCKET_EXTENSIONS)),
        Compression::Off => None,
    }
}

fn texts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

fn accept(headers: &HeaderMap) -> Result<String, Failure> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (upgrade, connection) = (texts(headers, &UPGRADE), texts(headers, &CONNECTION));
    let request = UpgradeRequest {
        upgrade: &upgrade,
        connection: &connection,
        version: text(SEC_WEBSOCKET_VERSION),
        key: text(SEC_WEBSOCKET_KEY),
    };
    request.accept().map_err(|error: HandshakeError| {
        Failure::new(ErrorType::GeneralBadRequest, format!("{error}; the version spoken is {VERSION}."))
    })
}

/// Refuses what is too much.
fn admit(app: &App, call: &Call) -> Result<Seat, Failure> {
    let limits = &app.config.limits;
    let Some(seat) = app.sockets.seats.take(app.max_sockets) else {
        app.metrics.refused("full");
        return Err(ErrorType::GeneralOverloaded.into());
    };
    if app.tasks.count(OPENING) >= MAX_OPENING {
        app.metrics.refused("too_many_opening");
        return Err(ErrorType::GeneralOverloaded.into());
    }
    let limited = app.config.rate_limits == RateLimits::On;
    if limited && !app.sockets.admit(call.peer.ip, call.now, limits.connections_per_minute) {
        app.metrics.refused("too_many_opens");
        return Err(ErrorType::GeneralRateLimitExceeded.into());
    }
    Ok(seat)
}
