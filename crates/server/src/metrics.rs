//! What is measured, under stable names.

use std::{fmt::Write, sync::Arc, time::Duration};

use http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::{App, realtime::stream};

/// By what requests are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// By what refused sockets are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// The measures of a server.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    refused: Family<ReasonLabels, Counter>,
    messages: Counter,
    lateness: Histogram,
    connections: Gauge,
    streams: Gauge,
    subscriptions: Gauge,
    index_seats: Gauge,
    records: Gauge,
    hub_queue: Gauge,
    writer_queue: Gauge,
    events: Gauge,
    deliveries: Gauge,
    conflated: Counter,
    projects: Gauge,
    tasks: Gauge,
    rate_buckets: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let lateness = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let mut metrics = Self {
            registry: Registry::with_prefix("herenow"),
            requests: Family::default(),
            refused: Family::default(),
            messages: Counter::default(),
            lateness,
            connections: Gauge::default(),
            streams: Gauge::default(),
            subscriptions: Gauge::default(),
            index_seats: Gauge::default(),
            records: Gauge::default(),
            hub_queue: Gauge::default(),
            writer_queue: Gauge::default(),
            events: Gauge::default(),
            deliveries: Gauge::default(),
            conflated: Counter::default(),
            projects: Gauge::default(),
            tasks: Gauge::default(),
            rate_buckets: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests, by route and status", self.requests.clone());
        registry.register("sockets_refused", "Sockets that were refused or closed, by reason", self.refused.clone());
        registry.register("socket_messages", "Messages from sockets", self.messages.clone());
        registry.register("expiry_lateness_seconds", "How late records ended", self.lateness.clone());
        registry.register("connections", "Open sockets and event streams", self.connections.clone());
        registry.register("event_streams", "Open event streams, which count as connections too", self.streams.clone());
        registry.register("subscriptions", "Subscriptions of open sockets", self.subscriptions.clone());
        registry.register("index_seats", "Entries in the index of subscriptions", self.index_seats.clone());
        registry.register("presences", "Live presences", self.records.clone());
        registry.register("hub_queue", "Entries on their way to the hub", self.hub_queue.clone());
        registry.register("writer_queue", "Changes on their way to the store", self.writer_queue.clone());
        registry.register("events", "Events that somebody heard", self.events.clone());
        registry.register("deliveries", "Frames that events became", self.deliveries.clone());
        registry.register("conflated_frames", "Frames that a newer one replaced", self.conflated.clone());
        registry.register("projects", "Projects", self.projects.clone());
        registry.register("tasks", "Running tasks", self.tasks.clone());
        registry.register("rate_buckets", "Counters of limited calls", self.rate_buckets.clone());
    }

    /// Counts a request.
    pub fn request(&self, method: &Method, route: &str, status: StatusCode) {
        let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a socket that was refused or closed by the server.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Counts a message from a socket.
    pub fn message(&self) {
        self.messages.inc();
    }

    /// Counts frames that a closed socket's outbox had conflated.
    pub fn conflated(&self, frames: u64) {
        self.conflated.inc_by(frames);
    }

    /// Notes how late records ended.
    pub fn lateness(&self, late: Duration) {
        self.lateness.observe(late.as_secs_f64());
    }

    /// All measures as OpenMetrics text.
    #[must_use]
    pub fn encode(&self, app: &Arc<App>) -> String {
        let counts = app.hub.counts();
        let (hub_queue, writer_queue) = app.broker.waiting();
        let set = |gauge: &Gauge, value: usize| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.connections, counts.connections);
        set(&self.streams, app.tasks.count(stream::TASK));
        set(&self.subscriptions, counts.subscriptions);
        set(&self.index_seats, counts.seats);
        set(&self.records, app.broker.records());
        set(&self.hub_queue, hub_queue);
        set(&self.writer_queue, writer_queue);
        set(&self.events, usize::try_from(counts.events).unwrap_or(usize::MAX));
        set(&self.deliveries, usize::try_from(counts.deliveries).unwrap_or(usize::MAX));
        set(&self.projects, app.projects.ids().len());
        set(&self.rate_buckets, app.rates.len());
        set(&self.tasks, app.tasks.running().iter().map(|(_, count)| count).sum());
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
            write!(text, "# EOF").expect("writing to a string succeeds");
        }
        text
    }
}
