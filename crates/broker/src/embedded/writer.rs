//! Saves what has changed: one thread, one transaction for all that has gathered. Where there is a journal, changes are
//! kept before they come here, and saving is to keep the journal short; else the acknowledgements follow.
//!
//! Source: architecture, "Embedded"; decisions, Presences ("After a commit has failed …").

use std::{collections::HashMap, sync::Arc, time::Duration};

use herenow_core::{PresenceId, ProjectId};
use herenow_store::{PresenceStore, Saved, StoreError};
use parking_lot::Mutex;

use super::{
    health::{Health, refusal},
    log::{Job, Kept, Log},
};

/// At most so many changes in one transaction.
const MAX_BATCH: usize = 4_096;
/// How long after a failed commit it is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// How long changes gather that are in the journal already: a thread that sleeps need not be woken for each.
const GATHER: Duration = Duration::from_millis(20);
/// So often they do before they are saved: of those of one record the last is.
const ROUNDS: usize = 12;

/// Saves what changes.
pub struct Writer {
    store: Arc<Mutex<Box<dyn PresenceStore>>>,
    log: Arc<Log>,
    health: Arc<Health>,
    /// The newest change of each record that is not saved yet: no more than there are records.
    pending: HashMap<(ProjectId, PresenceId), Job>,
    waiting: Vec<Kept>,
}

impl Writer {
    pub(super) fn new(store: Arc<Mutex<Box<dyn PresenceStore>>>, log: Arc<Log>, health: Arc<Health>) -> Self {
        Self { store, log, health, pending: HashMap::new(), waiting: Vec::new() }
    }

    /// Works until the broker is gone, then once more for what is left.
    pub fn run(mut self) {
        while self.log.jobs.wait(self.is_failing().then_some(RETRY_AFTER)) {
            if !self.is_failing() {
                // The first change wakes this thread, on a busy core before the next could be made: let it.
                std::thread::yield_now();
                self.gather();
            }
            self.turn();
        }
        self.turn();
    }

    /// Saves what has gathered, without waiting: for who drives it by hand.
    pub fn turn(&mut self) {
        // What nobody waits for is to be kept soon all the same. Where that fails, health says so.
        drop(self.log.keep_all());
        if let Err(error) = self.log.begin_part() {
            self.health.note(&Err(error));
        }
        // While nothing can be saved, all that has gathered is taken at once: each attempt tries everything again, and
        // must not be made anew for every change that comes.
        self.take(if self.is_failing() { usize::MAX } else { MAX_BATCH });
        self.commit();
    }

    fn is_failing(&self) -> bool {
        self.health.check().is_err()
    }

    /// Lets changes come that the journal keeps.
    fn gather(&mut self) {
        if !self.log.has_journal() {
            return;
        }
        for _ in 0..ROUNDS {
            let is_kept = self.log.keep_all().is_ok();
            self.take(MAX_BATCH);
            if !is_kept || self.pending.len() >= MAX_BATCH || self.log.jobs.is_closed() {
                break;
            }
            rest();
        }
    }

    /// Takes what waits until so many records are pending.
    fn take(&mut self, most: usize) {
        while self.pending.len() < most {
            let jobs = self.log.take(most - self.pending.len());
            if jobs.is_empty() {
                break;
            }
            for mut job in jobs {
                self.waiting.extend(job.kept.take());
                self.pending.insert((job.project.id.clone(), job.change.id().clone()), job);
            }
        }
    }

    fn commit(&mut self) {
        if self.pending.is_empty() && !self.is_failing() {
            return;
        }
        let result = self.save().and_then(|()| self.log.saved());
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
        self.pending.retain(|_, job| !job.project.is_forgotten());
        let batch: Vec<Saved> = self.pending.values().map(Job::saved).collect();
        store.save(&batch)
    }
}

impl Drop for Writer {
    /// Nobody else would save what comes, or tell who waits for it.
    fn drop(&mut self) {
        self.log.jobs.close();
        drop(self.log.jobs.take(u64::MAX, usize::MAX));
    }
}

#[expect(clippy::disallowed_methods, reason = "what is waited for is that time has passed, and more has come")]
fn rest() {
    std::thread::sleep(GATHER);
}
