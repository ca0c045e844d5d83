//! The changes that are not saved yet, in their order: put in under the project's lock, appended to the journal by
//! whoever needs one of them kept first, and taken out by the writer, which saves them.
//!
//! So what is kept is always a beginning of each project's order, and with a journal nobody waits for another thread.
//! Source: semantics 18 and 19; ADR 5.

use std::sync::Arc;

use herenow_core::tracker::Change;
use herenow_store::{Journal, Noted, Saved, StoreError};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::{
    QUEUE_PLACES,
    health::{Health, refusal},
    project::Project,
};
use crate::{
    Refusal,
    queue::{BACKGROUND_PART, Number, Queue},
};

/// With a journal nobody waits for the writer, which lets changes gather: a storm of ends needs room for that.
const BACKGROUND_PART_WITH_JOURNAL: usize = 2;

/// Tells of a change that it is kept, or why not.
pub(super) type Kept = oneshot::Sender<Result<(), Refusal>>;

/// One change to keep.
pub(super) struct Job {
    pub(super) project: Arc<Project>,
    pub(super) change: Arc<Change>,
    /// Who waits until the writer has saved it.
    pub(super) kept: Option<Kept>,
}

impl Job {
    pub(super) fn saved(&self) -> Saved {
        let Self { project, change, .. } = self;
        let (project, id) = (project.id.clone(), change.id().clone());
        Saved { project, seq: change.seq, id, record: change.after.clone() }
    }
}

/// The changes that are not saved yet, and the journal that has some of them.
pub(super) struct Log {
    /// Those that the writer has not taken.
    pub(super) jobs: Queue<Job>,
    /// None: a change is kept when the writer has saved it.
    journal: Option<Mutex<Appended>>,
    health: Arc<Health>,
}

struct Appended {
    file: Box<dyn Journal>,
    /// Everything up to here is kept.
    upto: Number,
    /// The last change of the journal's former part, while there is one.
    former: Option<Number>,
    /// Whether an append failed: nothing may follow it until everything is saved.
    stopped: bool,
    /// What is appended: empty between two appends, and kept for its memory.
    batch: Vec<(Arc<Project>, Arc<Change>)>,
}

impl Log {
    pub(super) fn new(journal: Option<Box<dyn Journal>>, health: Arc<Health>) -> Self {
        let part = if journal.is_some() { BACKGROUND_PART_WITH_JOURNAL } else { BACKGROUND_PART };
        let appended = |file| Appended { file, upto: 0, former: None, stopped: false, batch: Vec::new() };
        let journal = journal.map(|file| Mutex::new(appended(file)));
        Self { jobs: Queue::new(QUEUE_PLACES, part), journal, health }
    }

    /// Whether a change can be kept before the writer has saved it.
    pub(super) fn has_journal(&self) -> bool {
        self.journal.is_some()
    }

    fn journal(&self) -> Option<MutexGuard<'_, Appended>> {
        self.journal.as_ref().map(Mutex::lock)
    }

    /// Has the journal keep everything that was put so far.
    pub(super) fn keep_all(&self) -> Result<(), Refusal> {
        self.keep(self.jobs.last())
    }

    /// Has the journal keep everything up to this change, unless it does.
    pub(super) fn keep(&self, number: Number) -> Result<(), Refusal> {
        let Some(mut journal) = self.journal() else { return Ok(()) };
        if journal.upto >= number {
            return Ok(());
        }
        if journal.stopped {
            return self.health.check().and(Err(Refusal::StorageFailed));
        }
        let Appended { file, upto, stopped, batch, .. } = &mut *journal;
        self.jobs.look(*upto, |job| batch.push((job.project.clone(), job.change.clone())));
        let result = file.append(&mut batch.iter().map(|(project, change)| noted(project, change)));
        match &result {
            Ok(()) => *upto += batch.len() as Number,
            Err(_) => *stopped = true,
        }
        batch.clear();
        result.map_err(|error| {
            let refusal = refusal(&error);
            self.health.note(&Err(error));
            refusal
        })
    }

    /// Begins a new part of the journal, unless the former one is still there.
    pub(super) fn begin_part(&self) -> Result<(), StoreError> {
        let Some(mut journal) = self.journal() else { return Ok(()) };
        if journal.former.is_none() && !journal.stopped {
            journal.file.begin_part()?;
            journal.former = Some(journal.upto);
        }
        Ok(())
    }

    /// Takes at most so many changes out to be saved. Of a journal that works only those that it has: the others it still
    /// has to take.
    pub(super) fn take(&self, most: usize) -> Vec<Job> {
        let upto = self.journal().filter(|journal| !journal.stopped).map_or(Number::MAX, |journal| journal.upto);
        self.jobs.take(upto, most)
    }

    /// Everything that was taken out is saved: drops it from the journal, and tries that where it failed.
    pub(super) fn saved(&self) -> Result<(), StoreError> {
        let Some(mut journal) = self.journal() else { return Ok(()) };
        let saved = self.jobs.last_out();
        if journal.former.is_some_and(|last| last <= saved) {
            journal.file.drop_former()?;
            journal.former = None;
        }
        if journal.stopped {
            journal.file.probe()?;
            (journal.upto, journal.stopped) = (journal.upto.max(saved), false);
        }
        Ok(())
    }
}

fn noted<'a>(project: &'a Project, change: &'a Change) -> Noted<'a> {
    let (project, epoch) = (&project.id, &*project.epoch);
    Noted { project, epoch, seq: change.seq, id: change.id(), record: change.after.as_deref() }
}
