//! A scrape: reads what others keep, and writes it all down.

use std::sync::{Arc, atomic::Ordering};

use prometheus_client::{encoding::text::encode, metrics::gauge::Gauge};

use super::{
    Metrics, Read,
    labels::{QueueLabels, TaskLabels},
    process::Process,
    text::{self, TextFormat},
};
use crate::{App, realtime::stream};

impl Metrics {
    /// All measures as text.
    #[must_use]
    pub fn encode(&self, app: &Arc<App>, format: TextFormat) -> String {
        self.read.look(app);
        let mut openmetrics = String::new();
        encode(&mut openmetrics, &self.registry).expect("writing to a string succeeds");
        match format {
            TextFormat::OpenMetrics => openmetrics,
            TextFormat::Plain => text::plain(&openmetrics),
        }
    }
}

impl Read {
    fn look(&self, app: &App) {
        let (counts, meter) = (app.hub.counts(), app.hub.meter());
        let set = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.ready, usize::from(app.is_ready()));
        set(&self.storage_writable, usize::from(app.broker.keeps()));
        set(&self.http_connections, app.tasks.count("http"));
        set(&self.rate_buckets, app.rates.len());
        set(&self.connections, counts.connections);
        set(&self.streams, app.tasks.count(stream::TASK));
        set(&self.connections_limit, app.max_sockets);
        set(&self.subscriptions, counts.subscriptions);
        set(&self.index_entries, counts.seats);
        set(&self.outbox_bytes, meter.waiting_bytes());
        set(&self.outbox_limit, app.config.limits.outbox_bytes);
        set(&self.projects, app.projects.ids().len());
        set(&self.presences, app.broker.records());
        // Counters that others keep: they only grow, and the last reader's value stands.
        self.sent_bytes.inner().store(meter.sent_bytes(), Ordering::Relaxed);
        self.conflated.inner().store(meter.conflated(), Ordering::Relaxed);
        self.events.inner().store(counts.events, Ordering::Relaxed);
        self.deliveries.inner().store(counts.deliveries, Ordering::Relaxed);
        let (hub, writer) = app.broker.waiting();
        for (queue, waiting) in [("hub", hub), ("writer", writer)] {
            set(&self.queues.get_or_create(&QueueLabels { queue }), waiting);
            set(&self.queue_limits.get_or_create(&QueueLabels { queue }), herenow_broker::QUEUE_PLACES);
        }
        for (task, running) in app.tasks.running() {
            set(&self.tasks.get_or_create(&TaskLabels { task }), running);
        }
        let process = Process::look();
        self.cpu.inner().store(process.cpu_seconds.to_bits(), Ordering::Relaxed);
        self.memory.set(process.resident_bytes);
        self.started.set(process.started_seconds);
        self.max_files.set(process.max_files);
    }
}
