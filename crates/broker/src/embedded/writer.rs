//! Saves what has changed: one thread, one transaction for all that has gathered. Where there is a journal, changes are
//! kept before they come here, and saving is to keep the journal short; else the acknowledgements follow.
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

use super::{
    log::{Log, Ticket},
    project::Project,
};
use crate::{Refusal, queue};

/// At most so many changes in one transaction.
const MAX_BATCH: usize = 4_096;
/// How long after a failed commit it is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// How long changes gather that are in the journal already: a thread that sleeps need not be woken for each.
const GATHER: Duration = Duration::from_millis(20);
/// So often they do before they are saved: of those of one record the last is.
const ROUNDS: usize = 12;

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

    pub(super) fn note(&self, result: &Result<(), StoreError>) {
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

/// Saves what changes.
pub struct Writer {
    store: Arc<Mutex<Box<dyn PresenceStore>>>,
    log: Option<Arc<Log>>,
    jobs: queue::Receiver<Job>,
    health: Arc<Health>,
    /// The newest state of each record that is not saved yet: no more than there are records.
    pending: HashMap<(ProjectId, PresenceId), (Saved, Arc<Project>)>,
    waiting: Vec<Kept>,
    /// What has to be saved before the journal's former part can go.
    owed: Option<Owed>,
}

/// The changes of a part of the journal.
struct Owed {
    /// The last of them.
    upto: Ticket,
    /// How many jobs may still wait that are among them.
    jobs: usize,
}

impl Writer {
    pub(super) fn new(
        store: Arc<Mutex<Box<dyn PresenceStore>>>,
        log: Option<Arc<Log>>,
        jobs: queue::Receiver<Job>,
        health: Arc<Health>,
    ) -> Self {
        Self { store, log, jobs, health, pending: HashMap::new(), waiting: Vec::new(), owed: None }
    }

    /// Works until the broker is gone, then once more for what is left.
    pub fn run(mut self) {
        loop {
            let failing = self.is_failing();
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
            if !failing {
                self.gather();
            }
            self.turn();
        }
        self.turn();
    }

    /// Saves what has gathered, without waiting: for who drives it by hand.
    pub fn turn(&mut self) {
        self.begin_part();
        // While nothing can be saved, all that has gathered is taken at once: each attempt tries everything again, and
        // must not be made anew for every change that comes.
        self.drain(if self.is_failing() { usize::MAX } else { MAX_BATCH });
        self.commit();
    }

    fn next(&self) -> Result<Job, RecvTimeoutError> {
        self.jobs.recv().ok_or(RecvTimeoutError::Disconnected)
    }

    fn is_failing(&self) -> bool {
        self.health.check().is_err()
    }

    /// Lets changes come that are in the journal already.
    fn gather(&mut self) {
        let Some(log) = self.log.clone() else { return };
        for _ in 0..ROUNDS {
            self.drain(MAX_BATCH);
            if self.pending.len() >= MAX_BATCH || self.jobs.is_closed() {
                break;
            }
            // What nobody waits for is to be kept soon all the same.
            if let Err(error) = log.keep(log.last()) {
                self.health.note(&Err(error));
                break;
            }
            rest();
        }
    }

    fn begin_part(&mut self) {
        if let (Some(log), None) = (&self.log, &self.owed) {
            match log.begin_part() {
                // What is among them was put before it was noted, so it waits or is pending by now.
                Ok(upto) => self.owed = Some(Owed { upto, jobs: self.jobs.taken() }),
                Err(error) => self.health.note(&Err(error)),
            }
        }
    }

    /// Takes what waits until so many records are pending.
    fn drain(&mut self, most: usize) {
        while self.pending.len() < most {
            let Some(job) = self.jobs.try_recv() else {
                self.owed.iter_mut().for_each(|owed| owed.jobs = 0);
                return;
            };
            self.take(job);
        }
    }

    fn take(&mut self, job: Job) {
        let key = (job.saved.project.clone(), job.saved.id.clone());
        self.pending.insert(key, (job.saved, job.project));
        self.waiting.extend(job.kept);
        if let Some(owed) = &mut self.owed {
            owed.jobs = owed.jobs.saturating_sub(1);
        }
    }

    fn commit(&mut self) {
        let failing = self.is_failing();
        if self.pending.is_empty() && !failing {
            return;
        }
        let result = self.save().and_then(|()| self.shorten_journal(failing));
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

    fn save(&mut self) -> Result<(), StoreError> {
        let mut store = self.store.lock();
        // A project of the same id may have begun anew: the former one's records are no part of it.
        self.pending.retain(|_, (_, project)| !project.is_forgotten());
        let batch: Vec<Saved> = self.pending.values().map(|(saved, _)| saved.clone()).collect();
        store.save(&batch)
    }

    /// Drops what is saved from the journal, and tries it where something failed.
    fn shorten_journal(&mut self, failing: bool) -> Result<(), StoreError> {
        let Some(log) = &self.log else { return Ok(()) };
        if let Some(Owed { upto, jobs: 0 }) = self.owed {
            log.saved(upto)?;
            self.owed = None;
        }
        if failing { log.probe() } else { Ok(()) }
    }
}

#[expect(clippy::disallowed_methods, reason = "what is waited for is that time has passed, and more has come")]
fn rest() {
    std::thread::sleep(GATHER);
}
