//! What happens around every handler: the body is read within its bound, the call gathered, the standard headers
//! added, the request logged and counted by its route.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use herenow_core::Timestamp;
use herenow_wire::ErrorType;
use http::{
    HeaderName, HeaderValue, Method, Request,
    header::{ALLOW, CONTENT_LENGTH, UPGRADE},
};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::runtime::Handle;

use super::{
    call::{Call, peer},
    cors::{Readable, Reader, add_headers},
    error::Failed,
    listed::{Answering, Found, Table},
    respond,
};
use crate::{
    App,
    auth::{credentials::Found as FoundIn, origin::Standing},
    clock::{Stopwatch, passing_u64},
    failure::Failure,
    metrics::RouteMeter,
    traces::Span,
};

/// Longest body of a request, in bytes. Source: decisions, HTTP and input.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const USED_FALLBACK: HeaderName = HeaderName::from_static("x-debug-fallback");
const SPEED: HeaderName = HeaderName::from_static("x-debug-speed");

/// The way of every request through the server.
pub struct Pipeline {
    /// The server.
    pub app: Arc<App>,
    /// What it answers to.
    pub routes: Table,
}

/// What is told of a request once it is answered.
struct Told {
    method: Method,
    route: Arc<RouteMeter>,
    started: Timestamp,
    watch: Stopwatch,
    context: Option<crate::traces::Context>,
}

impl Pipeline {
    /// Answers a request that came from `socket`.
    pub async fn run(&self, socket: IpAddr, request: Request<Incoming>) -> Response {
        let (app, started, watch) = (&self.app, self.app.clock.now(), Stopwatch::start());
        let (parts, body) = request.into_parts();
        let Found { meter, placeholders, handler, allowed } = self.routes.find(&parts.method, parts.uri.path());
        let peer = peer(app, &parts, socket);
        let (method, scheme) = (parts.method.clone(), peer.site.scheme);
        let route = meter.clone();
        let told = Told { method: method.clone(), route, started, watch, context: app.traces.context(&parts.headers) };
        let body = if parts.headers.contains_key(UPGRADE) { Ok(Bytes::new()) } else { read(body).await };
        let (body, unread) = body.map_or_else(|failure| (Bytes::new(), Some(failure)), |body| (body, None));
        let call = Call::gather(app.clone(), peer, started, parts, placeholders, body);
        let (fallback, noted) = (call.used_fallback(), call.noted.clone());
        let origin = call.origin().map(|(origin, standing)| {
            let may = method == Method::OPTIONS || standing != Standing::Unknown;
            (origin.clone(), if may { Readable::Yes } else { Readable::No })
        });
        let answer = match unread {
            Some(failure) => Err(failure),
            None if method == Method::OPTIONS => Ok(respond::no_content()),
            None if matches!(method, Method::GET | Method::HEAD) => handler(call).await,
            None => Whole { app: app.clone(), handler: Some(handler(call)) }.await,
        };
        let mut response = answer.unwrap_or_else(IntoResponse::into_response);
        noted.tell(app, started, &mut response);
        let headers = response.headers_mut();
        if let Some(allowed) = allowed {
            headers.entry(ALLOW).or_insert_with(|| allowed.clone());
        }
        let reader = match &origin {
            Some((origin, readable)) => Reader::Page(origin, *readable),
            None if method == Method::OPTIONS => Reader::Preflight,
            None => Reader::Plain,
        };
        add_headers(headers, reader, scheme);
        headers.insert(
            USED_FALLBACK,
            HeaderValue::from_static(if fallback == FoundIn::Fallback { "true" } else { "false" }),
        );
        self.tell(told, &mut response);
        if method == Method::HEAD {
            without_body(&mut response);
        }
        response
    }

    /// Tells the client how its request is called and how long it took, and the log, the metrics and the traces of it.
    fn tell(&self, told: Told, response: &mut Response) {
        let Told { method, route, started, watch, context } = told;
        let (took, status) = (watch.elapsed(), response.status());
        let request_id = request_id();
        response.headers_mut().insert(SPEED, speed(took));
        response.headers_mut().insert(REQUEST_ID, request_id.clone());
        let request_id = request_id.to_str().unwrap_or_default();
        self.app.metrics.request(&method, &route, status, took);
        let route = route.name();
        tracing::debug!(%method, %route, status = status.as_u16(), request_id, "answered a request");
        if let Some(Failed { kind, cause }) = response.extensions().get() {
            self.app.metrics.error(kind.as_str());
            if let Some(cause) = cause {
                tracing::error!(%method, %route, request_id, kind = kind.as_str(), "a request failed: {cause:#}");
            }
        }
        if let Some(context) = context {
            let (route, request_id) = (route.clone(), request_id.to_owned());
            self.app.traces.record(Span { context, method, route, status, request_id, started, took });
        }
    }
}

/// An id for a request: nothing is proven by it.
fn request_id() -> HeaderValue {
    let mut digits = [0; 16];
    hex::encode_to_slice(passing_u64().to_be_bytes(), &mut digits).expect("two digits for each of eight bytes");
    HeaderValue::from_bytes(&digits).expect("digits are text")
}

/// Seconds with three places.
fn speed(took: Duration) -> HeaderValue {
    match (took.as_micros() + 500) / 1_000 {
        // Nearly every request.
        0 => HeaderValue::from_static("0.000"),
        millis => HeaderValue::try_from(format!("{}.{:03}", millis / 1_000, millis % 1_000)).expect("digits are text"),
    }
}

/// What `HEAD` is answered with: all but the body, and how long that would be.
fn without_body(response: &mut Response) {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    *response.body_mut() = Body::empty();
}

/// A handler that runs to its end, also where the client hangs up meanwhile: a change that is kept is told of.
struct Whole {
    app: Arc<App>,
    /// None once it is done.
    handler: Option<Answering>,
}

impl Future for Whole {
    type Output = Result<Response, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let handler = self.handler.as_mut().expect("nobody asks again for what is done");
        let answer = ready!(handler.as_mut().poll(context));
        self.handler = None;
        Poll::Ready(answer)
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

/// Reads a body within its bound. Nearly all come in one piece, which is taken as it is.
async fn read(mut body: Incoming) -> Result<Bytes, Failure> {
    let (mut first, mut whole) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::new(ErrorType::GeneralBadRequest, "The body could not be read."))?;
        let Ok(piece) = frame.into_data() else { continue };
        if first.len().max(whole.len()) + piece.len() > MAX_BODY_BYTES {
            return Err(ErrorType::GeneralPayloadTooLarge.into());
        }
        if first.is_empty() {
            first = piece;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_took_is_told_in_seconds_with_three_places() {
        for (micros, told) in
            [(0, "0.000"), (499, "0.000"), (500, "0.001"), (1_234_567, "1.235"), (60_000_000, "60.000")]
        {
            assert_eq!(speed(Duration::from_micros(micros)), told, "{micros}");
        }
    }
}
