//! What is counted with every request, found by its labels once.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use parking_lot::RwLock;
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};

use super::labels::CacheLabels;

/// The measure of a route.
#[derive(Debug)]
pub struct RouteMeter {
    name: Arc<str>,
    duration: OnceLock<Histogram>,
    /// By method and status: a few.
    answers: RwLock<Vec<(&'static str, u16, Counter)>>,
}

impl RouteMeter {
    /// The measure of the route of this name; nothing is counted yet.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), duration: OnceLock::new(), answers: RwLock::default() }
    }

    /// What the route is called.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn count(
        &self,
        method: &'static str,
        status: u16,
        took: Duration,
        answers: impl FnOnce() -> Counter,
        duration: impl FnOnce() -> Histogram,
    ) {
        self.duration.get_or_init(duration).observe(took.as_secs_f64());
        let known = |(m, s, _): &&(&str, u16, Counter)| (*m, *s) == (method, status);
        if let Some((_, _, counter)) = self.answers.read().iter().find(known) {
            counter.inc();
            return;
        }
        let counter = answers();
        counter.inc();
        self.answers.write().push((method, status, counter));
    }
}

/// The measure of a cache.
#[derive(Debug, Clone)]
pub struct CacheMeter {
    hits: Counter,
    misses: Counter,
}

impl CacheMeter {
    pub(super) fn of(caches: &Family<CacheLabels, Counter>, cache: &'static str) -> Self {
        let of = |result| caches.get_or_create(&CacheLabels { cache, result }).clone();
        Self { hits: of("hit"), misses: of("miss") }
    }

    /// Counts a question, and whether the cache knew the answer.
    pub fn asked(&self, known: bool) {
        let counter = if known { &self.hits } else { &self.misses };
        counter.inc();
    }
}
