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
    pub(super) fn note(&self, change: Noted) -> Ticket {
        let mut noted = self.noted.lock();
        noted.changes.push(change);
        noted.last += 1;
        noted.last
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use herenow_core::{PresenceId, ProjectId};
    use herenow_store::Saved;

    use super::*;

    /// Numbers of changes, as a journal has them.
    #[derive(Default)]
    struct Files {
        fails: bool,
        active: Vec<u64>,
        former: Vec<u64>,
        appends: usize,
    }

    #[derive(Clone, Default)]
    struct FakeJournal(Arc<Mutex<Files>>);

    impl Journal for FakeJournal {
        fn append(&mut self, batch: &[Noted]) -> Result<(), StoreError> {
            let mut files = self.0.lock();
            if files.fails {
                return Err(StoreError::Full);
            }
            files.appends += 1;
            files.active.extend(batch.iter().map(|noted| noted.saved.seq));
            Ok(())
        }

        fn begin_part(&mut self) -> Result<(), StoreError> {
            let files = &mut *self.0.lock();
            assert!(files.former.is_empty());
            std::mem::swap(&mut files.active, &mut files.former);
            Ok(())
        }

        fn drop_former(&mut self) -> Result<(), StoreError> {
            self.0.lock().former.clear();
            Ok(())
        }

        fn probe(&mut self) -> Result<(), StoreError> {
            if self.0.lock().fails { Err(StoreError::Full) } else { Ok(()) }
        }
    }

    fn change(seq: u64) -> Noted {
        let (project, id) = (ProjectId::parse("p").expect("an id"), PresenceId::parse("a").expect("an id"));
        Noted { epoch: "e".into(), saved: Saved { project, seq, id, record: None } }
    }

    fn log() -> (Log, FakeJournal) {
        let journal = FakeJournal::default();
        (Log::new(Box::new(journal.clone())), journal)
    }

    #[test]
    fn one_append_keeps_all_that_was_noted() {
        let (log, journal) = log();
        let tickets = [1, 2, 3].map(|seq| log.note(change(seq)));
        assert_eq!((tickets, log.last()), ([1, 2, 3], 3));
        for ticket in tickets {
            log.keep(ticket).expect("kept");
        }
        let files = journal.0.lock();
        assert_eq!((files.appends, &files.active[..]), (1, &[1, 2, 3][..]));
    }

    #[test]
    fn what_could_not_be_appended_goes_before_what_comes_later() {
        let (log, journal) = log();
        let first = log.note(change(1));
        journal.0.lock().fails = true;
        assert!(matches!(log.keep(first), Err(StoreError::Full)));
        assert!(log.probe().is_err());
        let second = log.note(change(2));
        assert!(log.keep(second).is_err());
        journal.0.lock().fails = false;
        log.keep(second).expect("kept");
        log.keep(first).expect("it is among them");
        assert_eq!(journal.0.lock().active, [1, 2]);
    }

    #[test]
    fn what_was_saved_is_not_appended_any_more() {
        let (log, journal) = log();
        let first = log.note(change(1));
        log.keep(first).expect("kept");
        log.note(change(2));
        let upto = log.begin_part().expect("a new part");
        let third = log.note(change(3));
        log.saved(upto).expect("the former part goes");
        log.keep(upto).expect("it is saved");
        assert_eq!((upto, journal.0.lock().appends), (2, 1));
        log.keep(third).expect("kept");
        let files = journal.0.lock();
        assert_eq!((&files.active[..], files.former.len()), (&[3][..], 0));
    }

    #[test]
    fn what_was_appended_meanwhile_stays() {
        let (log, journal) = log();
        log.note(change(1));
        let upto = log.begin_part().expect("a new part");
        let second = log.note(change(2));
        log.keep(second).expect("kept");
        log.saved(upto).expect("the former part goes");
        log.keep(second).expect("still");
        assert_eq!(journal.0.lock().active, [1, 2], "what is appended is in order, saved or not");
    }
}
