//! One span for each request, sent to an OpenTelemetry collector as OTLP over HTTP with JSON. Off unless a collector is
//! named. Tracing never holds a request up: what the queue cannot take is dropped and counted.
//!
//! Source: OTLP specification 1.x, "OTLP/HTTP"; W3C Trace Context, `traceparent`.

mod context;
mod export;
mod json;

use std::{sync::Arc, time::Duration};

use herenow_core::Timestamp;
use http::{HeaderMap, Method, StatusCode};
use parking_lot::Mutex;
use tokio::sync::mpsc;

pub use self::context::Context;
use crate::{config::OtlpEndpoint, metrics::TraceMetrics};

/// So many spans wait to be sent at most.
const MAX_WAITING: usize = 4_096;

/// What is told of one request.
#[derive(Debug, Clone)]
pub struct Span {
    /// Where it belongs.
    pub context: Context,
    /// Its method.
    pub method: Method,
    /// The route that it took.
    pub route: Arc<str>,
    /// Its outcome.
    pub status: StatusCode,
    /// The id that the client was told, and that is in the log.
    pub request_id: String,
    /// When it came.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
}

/// The spans of a server.
#[derive(Default)]
pub struct Traces(Option<Sending>);

struct Sending {
    endpoint: OtlpEndpoint,
    metrics: TraceMetrics,
    spans: mpsc::Sender<Span>,
    /// Taken by the task that sends them.
    waiting: Mutex<Option<mpsc::Receiver<Span>>>,
}

impl Traces {
    /// To this collector, if to any.
    #[must_use]
    pub fn new(endpoint: Option<OtlpEndpoint>, metrics: TraceMetrics) -> Self {
        Self(endpoint.map(|endpoint| {
            let (spans, waiting) = mpsc::channel(MAX_WAITING);
            Sending { endpoint, metrics, spans, waiting: Mutex::new(Some(waiting)) }
        }))
    }

    /// Where a request with these headers belongs; none where it is not traced.
    #[must_use]
    pub fn context(&self, headers: &HeaderMap) -> Option<Context> {
        self.0.as_ref().and_then(|_| Context::of(headers))
    }

    /// Hands a span on, or counts that there was no room for it.
    pub fn record(&self, span: Span) {
        if let Some(sending) = &self.0
            && sending.spans.try_send(span).is_err()
        {
            sending.metrics.count("dropped", 1);
        }
    }

    /// Sends spans, for ever; ends at once where there is nowhere to send them.
    pub async fn run(&self) {
        let Some(sending) = &self.0 else { return };
        let waiting = sending.waiting.lock().take();
        if let Some(waiting) = waiting {
            export::run(&sending.endpoint, &sending.metrics, waiting).await;
        }
    }
}
