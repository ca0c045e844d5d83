//! What the store's journal has of the order: changes are noted under the project's lock and appended outside of it, in
//! the same order, by whoever needs one of them kept first.
//!
//! So what is kept is always a beginning of each project's order, and nobody waits for another thread. Source: semantics
//! 18 and 19; ADR 5.

use herenow_store::{Journal, Noted, StoreError};
use parking_lot::Mutex;

/// Which change was noted, counted from 1.
pub(super) type Ticket = u64;

/// The journal, and what is on its way there.
pub(super) struct Log {
    noted: Mutex<Queue>,
    /// Locked before `noted` where both are.
    file: Mutex<Appended>,
}

#[derive(Default)]
struct Queue {
    changes: Vec<Noted>,
    /// The ticket of the last of them.
    last: Ticket,
}

struct Appended {
    journal: Box<dyn Journal>,
    /// Everything up to here is kept.
    upto: Ticket,
    /// An empty vector, kept for its memory.
    spare: Vec<Noted>,
}

impl Log {
    pub(super) fn new(journal: Box<dyn Journal>) -> Self {
        Self { noted: Mutex::default(), file: Mutex::new(Appended { journal, upto: 0, spare: Vec::new() }) }
    }

    /// Notes a change. The project's lock is held.
    pub(super) fn note(&self, change: Noted) {
        let mut noted = self.noted.lock();
        noted.changes.push(change);
        noted.last += 1;
    }

    /// The ticket of the last change.
    pub(super) fn last(&self) -> Ticket {
        self.noted.lock().last
    }

    /// Keeps everything up to `ticket`, unless somebody has.
    pub(super) fn keep(&self, ticket: Ticket) -> Result<(), StoreError> {
        let mut file = self.file.lock();
        if file.upto >= ticket {
            return Ok(());
        }
        let spare = std::mem::take(&mut file.spare);
        let (mut batch, last) = {
            let mut noted = self.noted.lock();
            (std::mem::replace(&mut noted.changes, spare), noted.last)
        };
        let result = file.journal.append(&batch);
        if result.is_ok() {
            file.upto = last;
            batch.clear();
            file.spare = batch;
        } else {
            // They go before what has been noted meanwhile: nothing is appended out of order.
            self.noted.lock().changes.splice(..0, batch);
        }
        result
    }

    /// Begins a new part of the journal, and answers with the last change that is none of it.
    pub(super) fn begin_part(&self) -> Result<Ticket, StoreError> {
        let mut file = self.file.lock();
        file.journal.begin_part()?;
        Ok(self.last())
    }

    /// Forgets the part before: the store has saved everything up to `ticket`, also what was never appended.
    pub(super) fn saved(&self, ticket: Ticket) -> Result<(), StoreError> {
        let mut file = self.file.lock();
        if ticket > file.upto {
            let mut noted = self.noted.lock();
            let waiting = noted.last - ticket;
            let done = noted.changes.len().saturating_sub(usize::try_from(waiting).unwrap_or(usize::MAX));
            noted.changes.drain(..done);
            file.upto = ticket;
        }
        file.journal.drop_former()
    }

    /// Tries whether something could be kept.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        self.file.lock().journal.probe()
    }
}
