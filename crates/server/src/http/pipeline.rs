//! What happens around every handler: the body is read within its bound, the call gathered, the standard headers
//! added, the request logged and counted by its route.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use herenow_wire::ErrorType;
use http::{HeaderValue, Method, header::UPGRADE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::runtime::Handle;

use super::{
    call::{Call, Gathered, peer},
    cors::{Readable, add_headers},
    error::Failed,
    respond,
};
use crate::{
    App,
    auth::{credentials::Found, origin::Standing},
    clock::{Stopwatch, random_u64},
    failure::Failure,
    traces::Span,
};

/// Longest body of a request, in bytes. Source: decisions, HTTP and input.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The address of the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

/// Runs a request.
pub async fn run(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (started, watch) = (app.clock.now(), Stopwatch::start());
    let socket =
        request.extensions().get::<PeerAddress>().map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    let peer = peer(&app, &request, socket);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let scheme = peer.site.scheme;
    let (mut parts, body) = request.into_parts();
    let body = if parts.headers.contains_key(UPGRADE) { Ok(Bytes::new()) } else { read(body).await };
    let empty = Bytes::new();
    let bytes = body.as_ref().unwrap_or(&empty);
    let headers = std::mem::take(&mut parts.headers);
    let context = app.traces.context(&headers);
    let call = Call::gather(app.clone(), peer, &method, &parts.uri, headers, bytes);
    let (fallback, noted) = (call.used_fallback(), call.noted.clone());
    let origin = call.origin().map(|(origin, standing)| {
        let may = method == Method::OPTIONS || standing != Standing::Unknown;
        (origin.clone(), if may { Readable::Yes } else { Readable::No })
    });
    let mut response = match body {
        Err(failure) => failure.into_response(),
        Ok(_) if method == Method::OPTIONS => respond::no_content(),
        Ok(bytes) => {
            parts.extensions.insert(Gathered::new(call));
            let answer = next.run(Request::from_parts(parts, bytes.into()));
            if matches!(method, Method::GET | Method::HEAD) {
                answer.await
            } else {
                Whole::new(app.clone(), answer).await
            }
        }
    };
    noted.tell(&app, started, &mut response);
    let headers = response.headers_mut();
    add_headers(headers, origin.as_ref().map(|(origin, readable)| (origin, *readable)), scheme);
    let request_id = format!("{:016x}", random_u64());
    let took = watch.elapsed();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set("x-request-id", &request_id);
    set("x-debug-fallback", if fallback == Found::Fallback { "true" } else { "false" });
    set("x-debug-speed", &format!("{:.3}", took.as_secs_f64()));
    let status = response.status();
    tracing::debug!(%method, route, status = status.as_u16(), request_id, "answered a request");
    app.metrics.request(&method, &route, status, took);
    if let Some(context) = context {
        let request_id = request_id.clone();
        app.traces.record(Span {
            context,
            method: method.clone(),
            route: route.clone(),
            status,
            request_id,
            started,
            took,
        });
    }
    if let Some(Failed { kind, cause }) = response.extensions().get() {
        app.metrics.error(kind.as_str());
        if let Some(cause) = cause {
            tracing::error!(%method, route, request_id, kind = kind.as_str(), "a request failed: {cause:#}");
        }
    }
    response
}

/// A handler that runs to its end, also where the client hangs up meanwhile: a change that is kept is told of.
struct Whole {
    app: Arc<App>,
    /// None once it is done.
    handler: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
}

impl Whole {
    fn new(app: Arc<App>, handler: impl Future<Output = Response> + Send + 'static) -> Self {
        Self { app, handler: Some(Box::pin(handler)) }
    }
}

impl Future for Whole {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        let handler = self.handler.as_mut().expect("nobody asks again for what is done");
        let response = ready!(handler.as_mut().poll(context));
        self.handler = None;
        Poll::Ready(response)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // Without a runtime there is nothing left that could be told of.
        if let (Some(handler), Ok(_)) = (self.handler.take(), Handle::try_current()) {
            self.app.tasks.spawn("request", async move { drop(handler.await) });
        }
    }
}

async fn read(body: axum::body::Body) -> Result<Bytes, Failure> {
    match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ErrorType::GeneralPayloadTooLarge.into()),
        Err(_) => Err(Failure::new(ErrorType::GeneralBadRequest, "The body could not be read.")),
    }
}

/// What has no route.
pub async fn unmatched(call: Call) -> Result<Response, Failure> {
    call.authorize(&[crate::auth::scope::GLOBAL]).await?;
    Err(ErrorType::GeneralRouteNotFound.into())
}

/// A route that does not answer to the method.
pub async fn wrong_method(call: Call) -> Result<Response, Failure> {
    call.authorize(&[crate::auth::scope::GLOBAL]).await?;
    Err(ErrorType::GeneralMethodNotAllowed.into())
}
