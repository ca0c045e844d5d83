//! Every measure with its name, type and meaning: what is registered, documented and drawn on the dashboard comes from
//! here. Names are stable, after Prometheus's conventions: base units, counters with `_total`.

/// What a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Kind {
    /// As it stands behind `# TYPE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One measure.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Its whole name, as it is queried.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says, without a full stop.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Histogram, labels, help }
}

/// All of them, in the order of the documentation.
pub const ALL: &[Measure] = &[
    gauge("herenow_build_info", &["version"], "1, with the version of the server"),
    gauge("herenow_ready", &[], "1 while the server takes writes, as /readyz says"),
    gauge("herenow_storage_writable", &[], "0 while presences cannot be kept, as on a full disk"),
    counter("herenow_http_requests_total", &["method", "route", "status"], "Answered requests"),
    histogram("herenow_http_request_duration_seconds", &["route"], "From the head of a request to its answer"),
    counter("herenow_http_errors_total", &["type"], "Refused requests, by the type of the error"),
    gauge("herenow_http_connections", &[], "Open connections that speak HTTP"),
    counter("herenow_rate_limited_total", &["limit"], "Requests over a rate limit, by its setting"),
    gauge("herenow_rate_limit_buckets", &[], "Windows of limited calls that are counted"),
    gauge("herenow_connections", &[], "Open sockets and event streams"),
    gauge("herenow_event_streams", &[], "Open event streams, which count as connections too"),
    gauge("herenow_connections_limit", &[], "Most connections that may be open"),
    counter("herenow_connections_opened_total", &[], "Connections that were opened"),
    counter(
        "herenow_connections_closed_total",
        &["reason"],
        "Connections that ended: clean, lost, or the name of the server's close code",
    ),
    counter(
        "herenow_connections_refused_total",
        &["reason"],
        "Connections that were refused or cut short, by the bound or rule",
    ),
    gauge("herenow_subscriptions", &[], "Subscriptions of open connections"),
    gauge("herenow_subscription_index_entries", &[], "Entries in the index of subscriptions"),
    counter("herenow_socket_messages_total", &[], "Messages from sockets"),
    counter("herenow_socket_errors_total", &["type"], "Messages that were refused, by the type of the error"),
    counter("herenow_sent_bytes_total", &[], "Bytes written to connections"),
    gauge("herenow_outbox_bytes", &[], "Bytes that wait for connections that cannot take more"),
    gauge("herenow_outbox_limit_bytes", &[], "Most bytes that wait for one connection"),
    counter("herenow_conflated_frames_total", &[], "Waiting frames that a newer one replaced"),
    counter("herenow_events_total", &[], "Events that somebody heard"),
    counter("herenow_deliveries_total", &[], "Frames that events became, one for each connection that heard"),
    gauge("herenow_projects", &[], "Projects"),
    gauge("herenow_presences", &[], "Live presences"),
    gauge("herenow_queue_entries", &["queue"], "Changes on their way, to the hub and to the store"),
    gauge("herenow_queue_limit_entries", &["queue"], "Most changes that may be on their way"),
    histogram("herenow_expiry_lateness_seconds", &[], "How late presences ended that were due"),
    histogram("herenow_commit_duration_seconds", &[], "How long a commit of presences took"),
    counter("herenow_commits_total", &["result"], "Commits of presences, by whether they were kept"),
    counter("herenow_committed_presences_total", &[], "Presences that commits kept"),
    counter("herenow_cache_requests_total", &["cache", "result"], "Questions to caches, by whether they knew"),
    counter("herenow_trace_spans_total", &["result"], "Spans for the collector: exported, failed or dropped"),
    gauge("herenow_tasks", &["task"], "Running tasks"),
    counter("process_cpu_seconds_total", &[], "Processor time of the server"),
    gauge("process_resident_memory_bytes", &[], "Memory of the server"),
    gauge("process_start_time_seconds", &[], "When the server started, in seconds since 1970"),
    gauge("process_max_fds", &[], "Most files and sockets that may be open"),
];

/// The measure of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Measure> {
    ALL.iter().find(|measure| measure.name == name)
}

/// The documentation of all measures.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(PREAMBLE);
    for Measure { name, kind, labels, help } in ALL {
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let labels = if labels.is_empty() { "-".to_owned() } else { labels };
        text.push_str(&format!("| `{name}` | {} | {labels} | {help} |\n", kind.as_str()));
    }
    text
}

const PREAMBLE: &str = "\
<!-- Made from crates/server/src/metrics/catalogue.rs: UPDATE_DOCS=1 cargo test -p herenow-server --test docs -->

# Metrics

`GET /metrics` answers in the Prometheus text format, and in OpenMetrics to who asks for it. Names, labels and units are
stable; new ones may come. A labelled counter appears with its first count. `deploy/grafana/herenow.json` is a dashboard
of them; [operating.md](operating.md) says which to watch.

| name | type | labels | meaning |
| --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        for Measure { name, kind, labels, help } in ALL {
            assert!(name.starts_with("herenow_") || name.starts_with("process_"), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(*kind != Kind::Histogram || name.ends_with("_seconds"), "{name} has no unit");
            assert!(!help.is_empty() && !help.ends_with('.'), "{name}");
            assert!(labels.iter().all(|label| !["le", "quantile", "job", "instance"].contains(label)), "{name}");
            assert_eq!(ALL.iter().filter(|other| other.name == *name).count(), 1, "{name} is there twice");
        }
    }
}
