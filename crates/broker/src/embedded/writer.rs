//! Keeps what has changed: one thread, one transaction for all that has gathered, then the acknowledgements.
//!
//! Source: architecture, "Embedded"; decisions, Presences ("After a commit has failed …").

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
        mpsc::RecvTimeoutError,
    },
    time::Duration,
};

use herenow_core::{PresenceId, ProjectId};
use herenow_store::{PresenceStore, Saved, StoreError};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::project::Project;
use crate::{Refusal, queue};

/// At most so many changes in one transaction.
const MAX_BATCH: usize = 4_096;
/// How long after a failed commit it is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Tells the writer of a change that it is kept, or why not.
pub(super) type Kept = oneshot::Sender<Result<(), Refusal>>;

/// One change to keep.
pub(super) struct Job {
    pub(super) project: Arc<Project>,
    pub(super) saved: Saved,
    pub(super) kept: Option<Kept>,
}

/// Whether the last commit succeeded.
#[derive(Default)]
pub(super) struct Health(AtomicU8);

const WELL: u8 = 0;
const FULL: u8 = 1;
const FAILED: u8 = 2;

impl Health {
    /// Refuses writes while nothing can be kept.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self.0.load(Ordering::Acquire) {
            WELL => Ok(()),
            FULL => Err(Refusal::StorageFull),
            _ => Err(Refusal::StorageFailed),
        }
    }

    fn note(&self, result: &Result<(), StoreError>) {
        let health = match result {
            Ok(()) => WELL,
            Err(StoreError::Full) => FULL,
            Err(_) => FAILED,
        };
        let before = self.0.swap(health, Ordering::AcqRel);
        match result {
            Err(error) if before == WELL => {
                tracing::error!(%error, "presences cannot be kept; writes are refused until they can");
            }
            Ok(()) if before != WELL => tracing::info!("presences are kept again"),
            _ => {}
        }
    }
}

/// What a failure of the store means to a caller.
pub(super) fn refusal(error: &StoreError) -> Refusal {
    match error {
        StoreError::Full => Refusal::StorageFull,
        _ => Refusal::StorageFailed,
    }
}

/// Keeps what changes.
pub struct Writer {
    store: Arc<Mutex<Box<dyn PresenceStore>>>,
    jobs: queue::Receiver<Job>,
    health: Arc<Health>,
    /// The newest state of each record that is not kept yet: no more than there are records.
    pending: HashMap<(ProjectId, PresenceId), (Saved, Arc<Project>)>,
    waiting: Vec<Kept>,
}

impl Writer {
    pub(super) fn new(
        store: Arc<Mutex<Box<dyn PresenceStore>>>,
        jobs: queue::Receiver<Job>,
        health: Arc<Health>,
    ) -> Self {
        Self { store, jobs, health, pending: HashMap::new(), waiting: Vec::new() }
    }

    /// Works until the broker is gone, then once more for what is left.
    pub fn run(mut self) {
        loop {
            let failing = self.health.check().is_err();
            let first = if failing { self.jobs.recv_timeout(RETRY_AFTER) } else { self.next() };
            match first {
                Ok(job) => {
                    self.take(job);
                    // The first change wakes this thread, on a busy core before the next could be made: let it.
                    std::thread::yield_now();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.turn();
        }
        self.commit();
    }

    /// Keeps what has gathered, without waiting: for who drives it by hand.
    pub fn turn(&mut self) {
        // While nothing can be kept, all that has gathered is taken at once: each attempt tries everything again, and
        // must not be made anew for every change that comes.
        let failing = self.health.check().is_err();
        while (failing || self.pending.len() < MAX_BATCH)
            && let Some(job) = self.jobs.try_recv()
        {
            self.take(job);
        }
        self.commit();
    }

    fn next(&self) -> Result<Job, RecvTimeoutError> {
        self.jobs.recv().ok_or(RecvTimeoutError::Disconnected)
    }

    fn take(&mut self, job: Job) {
        let key = (job.saved.project.clone(), job.saved.id.clone());
        self.pending.insert(key, (job.saved, job.project));
        self.waiting.extend(job.kept);
    }

    fn commit(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let result = {
            let mut store = self.store.lock();
            // A project of the same id may have begun anew: the former one's records are no part of it.
            self.pending.retain(|_, (_, project)| !project.is_forgotten());
            let batch: Vec<Saved> = self.pending.values().map(|(saved, _)| saved.clone()).collect();
            store.save(&batch)
        };
        self.health.note(&result);
        for kept in self.waiting.drain(..) {
            // Who no longer waits for the answer has gone away.
            let answer = match &result {
                Ok(()) => Ok(()),
                Err(error) => Err(refusal(error)),
            };
            drop(kept.send(answer));
        }
        if result.is_ok() {
            self.pending.clear();
        }
    }
}
