//! The last changes of a project, for those who lost their connection for a moment.
//!
//! Source: semantics 24.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::{PresenceId, tracker::Change};

/// At most so many changes of a project are remembered.
const MAX_CHANGES: usize = 8_192;

pub(super) struct History {
    /// The number of the last change that is no longer, or was never, remembered.
    forgotten: u64,
    changes: VecDeque<Arc<Change>>,
}

impl History {
    pub(super) fn new(seq: u64) -> Self {
        Self { forgotten: seq, changes: VecDeque::new() }
    }

    pub(super) fn push(&mut self, change: &Arc<Change>) {
        if self.changes.len() == MAX_CHANGES
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.seq;
        }
        self.changes.push_back(change.clone());
    }

    /// What is remembered of one record, the newest first.
    pub(super) fn of<'a>(&'a self, id: &'a PresenceId) -> impl Iterator<Item = &'a Arc<Change>> {
        self.changes.iter().rev().filter(move |change| change.id() == id)
    }

    /// The changes after `seq`; none where some of them are forgotten, or `seq` lies ahead.
    pub(super) fn since(&self, seq: u64) -> Option<Vec<Arc<Change>>> {
        let last = self.changes.back().map_or(self.forgotten, |change| change.seq);
        if seq < self.forgotten || seq > last {
            return None;
        }
        let first = usize::try_from(seq - self.forgotten).ok()?;
        Some(self.changes.iter().skip(first).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use herenow_core::Timestamp;

    use super::*;

    fn history(after: u64, changes: u64) -> History {
        let mut history = History::new(after);
        for seq in after + 1..=after + changes {
            let at = Timestamp::from_millis(0);
            history.push(&Arc::new(Change { seq, at, before: None, after: None, announcement: None }));
        }
        history
    }

    fn numbers(history: &History, since: u64) -> Option<Vec<u64>> {
        history.since(since).map(|changes| changes.iter().map(|change| change.seq).collect())
    }

    #[test]
    fn what_was_before_the_start_is_not_known() {
        let history = history(7, 2);
        assert_eq!(numbers(&history, 6), None);
        assert_eq!(numbers(&history, 7), Some(vec![8, 9]));
        assert_eq!(numbers(&history, 9), Some(vec![]));
        assert_eq!(numbers(&history, 10), None, "what lies ahead belongs to another run");
    }

    #[test]
    fn the_oldest_are_forgotten_at_the_limit() {
        let full = history(0, MAX_CHANGES as u64);
        assert_eq!(full.since(0).map(|changes| changes.len()), Some(MAX_CHANGES));
        let over = history(0, MAX_CHANGES as u64 + 1);
        assert!(over.since(0).is_none());
        assert_eq!(over.since(1).map(|changes| (changes.len(), changes[0].seq)), Some((MAX_CHANGES, 2)));
    }
}
