//! What is measured, under stable names. Counters are kept where things happen; a scrape reads them and walks nothing
//! that clients fill.

pub mod catalogue;
mod commits;
mod labels;
mod meters;
mod process;
mod scrape;
mod text;

use std::{sync::atomic::AtomicU64, time::Duration};

use http::{Method, StatusCode};
use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Metric, Registry},
};

use self::labels::{
    CacheLabels, LimitLabels, QueueLabels, ReasonLabels, RequestLabels, ResultLabels, RouteLabels, TaskLabels,
    TypeLabels, VersionLabels,
};
pub use self::{
    commits::{CommitMetrics, Measured},
    meters::{CacheMeter, RouteMeter},
    text::TextFormat,
};

type Decimal = Gauge<f64, AtomicU64>;

/// The measures of a server.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    errors: Family<TypeLabels, Counter>,
    limited: Family<LimitLabels, Counter>,
    opened: Counter,
    closed: Family<ReasonLabels, Counter>,
    refused: Family<ReasonLabels, Counter>,
    messages: Counter,
    message_errors: Family<TypeLabels, Counter>,
    lateness: Histogram,
    caches: Family<CacheLabels, Counter>,
    lists: CacheMeter,
    commits: CommitMetrics,
    traces: TraceMetrics,
    read: Read,
}

/// The measure of spans.
#[derive(Debug, Clone, Default)]
pub struct TraceMetrics(Family<ResultLabels, Counter>);

impl TraceMetrics {
    /// Counts spans that were exported, failed or dropped.
    pub fn count(&self, result: &'static str, spans: u64) {
        self.0.get_or_create(&ResultLabels { result }).inc_by(spans);
    }
}

/// What is read at a scrape.
#[derive(Default)]
struct Read {
    ready: Gauge,
    storage_writable: Gauge,
    http_connections: Gauge,
    rate_buckets: Gauge,
    connections: Gauge,
    streams: Gauge,
    connections_limit: Gauge,
    subscriptions: Gauge,
    index_entries: Gauge,
    sent_bytes: Counter,
    outbox_bytes: Gauge,
    outbox_limit: Gauge,
    conflated: Counter,
    events: Counter,
    deliveries: Counter,
    projects: Gauge,
    presences: Gauge,
    queues: Family<QueueLabels, Gauge>,
    queue_limits: Family<QueueLabels, Gauge>,
    tasks: Family<TaskLabels, Gauge>,
    cpu: Counter<f64, AtomicU64>,
    memory: Decimal,
    started: Decimal,
    max_files: Decimal,
}

impl Default for Metrics {
    fn default() -> Self {
        let caches = Family::default();
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 4.0, 8))),
            errors: Family::default(),
            limited: Family::default(),
            opened: Counter::default(),
            closed: Family::default(),
            refused: Family::default(),
            messages: Counter::default(),
            message_errors: Family::default(),
            lateness: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            lists: CacheMeter::of(&caches, "lists"),
            caches,
            commits: CommitMetrics {
                duration: Histogram::new(exponential_buckets(0.0001, 2.0, 16)),
                commits: Family::default(),
                presences: Counter::default(),
            },
            traces: TraceMetrics::default(),
            read: Read::default(),
        };
        metrics.register();
        metrics.traces.count("dropped", 0);
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let version = Family::<VersionLabels, Gauge>::default();
        version.get_or_create(&VersionLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        let mut put = Put(&mut self.registry);
        put.it("herenow_build_info", version);
        put.it("herenow_http_requests_total", self.requests.clone());
        put.it("herenow_http_request_duration_seconds", self.durations.clone());
        put.it("herenow_http_errors_total", self.errors.clone());
        put.it("herenow_rate_limited_total", self.limited.clone());
        put.it("herenow_connections_opened_total", self.opened.clone());
        put.it("herenow_connections_closed_total", self.closed.clone());
        put.it("herenow_connections_refused_total", self.refused.clone());
        put.it("herenow_socket_messages_total", self.messages.clone());
        put.it("herenow_socket_errors_total", self.message_errors.clone());
        put.it("herenow_expiry_lateness_seconds", self.lateness.clone());
        put.it("herenow_commit_duration_seconds", self.commits.duration.clone());
        put.it("herenow_commits_total", self.commits.commits.clone());
        put.it("herenow_committed_presences_total", self.commits.presences.clone());
        put.it("herenow_cache_requests_total", self.caches.clone());
        put.it("herenow_trace_spans_total", self.traces.0.clone());
        self.read.register(&mut put);
    }

    /// Counts a request and how long it took.
    pub fn request(&self, method: &Method, route: &RouteMeter, status: StatusCode, took: Duration) {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];
        let method = known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        let status = status.as_u16();
        let duration = || self.durations.get_or_create(&RouteLabels { route: route.name().clone() }).clone();
        let answers =
            || self.requests.get_or_create(&RequestLabels { method, route: route.name().clone(), status }).clone();
        route.count(method, status, took, answers, duration);
    }

    /// Counts a refused request by the type of its error.
    pub fn error(&self, kind: &'static str) {
        self.errors.get_or_create(&TypeLabels { r#type: kind }).inc();
    }

    /// Counts a request over the limit of this setting.
    pub fn limited(&self, setting: &'static str) {
        self.limited.get_or_create(&LimitLabels { limit: setting }).inc();
    }

    /// Counts a socket that was opened.
    pub fn opened(&self) {
        self.opened.inc();
    }

    /// Counts a socket that ended.
    pub fn closed(&self, reason: &'static str) {
        self.closed.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Counts a socket that was refused or cut short by the server.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Counts a message from a socket.
    pub fn message(&self) {
        self.messages.inc();
    }

    /// Counts a refused message by the type of its error.
    pub fn message_error(&self, kind: &'static str) {
        self.message_errors.get_or_create(&TypeLabels { r#type: kind }).inc();
    }

    /// The measure of this cache.
    #[must_use]
    pub fn cache(&self, cache: &'static str) -> CacheMeter {
        CacheMeter::of(&self.caches, cache)
    }

    /// The measure of the cache of lists.
    #[must_use]
    pub fn lists(&self) -> &CacheMeter {
        &self.lists
    }

    /// Notes how late records ended.
    pub fn lateness(&self, late: Duration) {
        self.lateness.observe(late.as_secs_f64());
    }

    /// The measure of spans, for those who send them.
    #[must_use]
    pub fn traces(&self) -> TraceMetrics {
        self.traces.clone()
    }

    /// The measures of commits, for the store that is measured.
    #[must_use]
    pub fn commits(&self) -> CommitMetrics {
        self.commits.clone()
    }
}

impl Read {
    fn register(&self, put: &mut Put<'_>) {
        put.it("herenow_ready", self.ready.clone());
        put.it("herenow_storage_writable", self.storage_writable.clone());
        put.it("herenow_http_connections", self.http_connections.clone());
        put.it("herenow_rate_limit_buckets", self.rate_buckets.clone());
        put.it("herenow_connections", self.connections.clone());
        put.it("herenow_event_streams", self.streams.clone());
        put.it("herenow_connections_limit", self.connections_limit.clone());
        put.it("herenow_subscriptions", self.subscriptions.clone());
        put.it("herenow_subscription_index_entries", self.index_entries.clone());
        put.it("herenow_sent_bytes_total", self.sent_bytes.clone());
        put.it("herenow_outbox_bytes", self.outbox_bytes.clone());
        put.it("herenow_outbox_limit_bytes", self.outbox_limit.clone());
        put.it("herenow_conflated_frames_total", self.conflated.clone());
        put.it("herenow_events_total", self.events.clone());
        put.it("herenow_deliveries_total", self.deliveries.clone());
        put.it("herenow_projects", self.projects.clone());
        put.it("herenow_presences", self.presences.clone());
        put.it("herenow_queue_entries", self.queues.clone());
        put.it("herenow_queue_limit_entries", self.queue_limits.clone());
        put.it("herenow_tasks", self.tasks.clone());
        put.it("process_cpu_seconds_total", self.cpu.clone());
        put.it("process_resident_memory_bytes", self.memory.clone());
        put.it("process_start_time_seconds", self.started.clone());
        put.it("process_max_fds", self.max_files.clone());
    }
}

/// Registers measures with what the catalogue says of them.
struct Put<'r>(&'r mut Registry);

impl Put<'_> {
    fn it(&mut self, name: &str, metric: impl Metric) {
        let measure = catalogue::find(name).expect("every measure stands in the catalogue");
        // The registry adds the ending of a counter and the full stop itself.
        self.0.register(name.trim_end_matches("_total"), measure.help, metric);
    }
}
