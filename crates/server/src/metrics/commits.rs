//! Measures what the store of presences does, around the store itself.

use herenow_core::ProjectId;
use herenow_store::{Journal, PresenceStore, Run, Saved, StoreError};
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};

use super::ResultLabels;
use crate::clock::Stopwatch;

/// The measures of commits.
#[derive(Debug, Clone)]
pub struct CommitMetrics {
    pub(super) duration: Histogram,
    pub(super) commits: Family<ResultLabels, Counter>,
    pub(super) presences: Counter,
}

/// A store whose commits are measured.
pub struct Measured {
    store: Box<dyn PresenceStore>,
    metrics: CommitMetrics,
}

impl Measured {
    /// Measures `store`.
    #[must_use]
    pub fn new(store: Box<dyn PresenceStore>, metrics: CommitMetrics) -> Self {
        Self { store, metrics }
    }
}

impl PresenceStore for Measured {
    fn journal(&mut self) -> Option<Box<dyn Journal>> {
        self.store.journal()
    }

    fn load(&mut self, project: &ProjectId) -> Result<Option<(Run, Vec<herenow_core::tracker::Record>)>, StoreError> {
        self.store.load(project)
    }

    fn projects(&mut self) -> Result<Vec<ProjectId>, StoreError> {
        self.store.projects()
    }

    fn begin(&mut self, project: &ProjectId, run: &Run) -> Result<(), StoreError> {
        self.store.begin(project, run)
    }

    fn save(&mut self, batch: &[Saved]) -> Result<(), StoreError> {
        let watch = Stopwatch::start();
        let result = self.store.save(batch);
        self.metrics.duration.observe(watch.elapsed().as_secs_f64());
        let kept = match &result {
            Ok(()) => "kept",
            Err(StoreError::Full) => "full",
            Err(_) => "failed",
        };
        self.metrics.commits.get_or_create(&ResultLabels { result: kept }).inc();
        if result.is_ok() {
            self.metrics.presences.inc_by(batch.len() as u64);
        }
        result
    }

    fn forget(&mut self, project: &ProjectId) -> Result<(), StoreError> {
        self.store.forget(project)
    }
}
