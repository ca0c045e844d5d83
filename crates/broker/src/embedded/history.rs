//! The last changes of a project, for those who lost their connection for a moment.
//!
//! Source: semantics 24.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::tracker::Change;

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
