//! What ends by itself: sleeps until the earliest deadline of all projects, then ends what is due in batches.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use herenow_core::{
    Timestamp,
    tracker::{Command, Decision},
};

use super::{Embedded, earliest, project::Project};

/// How many records end under one hold of a project's lock.
const BATCH: u32 = 256;
/// The longest sleep: a bound, not a period.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

impl Embedded {
    /// Ends what is due, for ever; `lateness` is told how late each batch was.
    pub async fn run_expiry(&self, lateness: impl Fn(Duration) + Send) {
        loop {
            let next = self.end_due(&lateness).await;
            self.wakes_at.store(next.map_or(i64::MAX, Timestamp::millis), Ordering::Release);
            // What was put between the look and the store is seen here.
            let now = self.clock.now();
            if self.next_due().is_some_and(|due| next.is_none_or(|next| due < next) || due <= now) {
                continue;
            }
            let sleep = next.map_or(LONGEST_SLEEP, |next| now.until(next)).min(LONGEST_SLEEP);
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.earlier.notified() => {}
            }
        }
    }

    /// Ends everything that is due now; answers when the next record is due.
    pub async fn end_due(&self, lateness: &(impl Fn(Duration) + Send)) -> Option<Timestamp> {
        for project in self.all() {
            while self.end_batch(&project, lateness).await == BATCH as usize {
                tokio::task::yield_now().await;
            }
        }
        self.next_due()
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.all().iter().map(|project| project.state.lock().tracker.next_due()).fold(None, earliest)
    }

    async fn end_batch(&self, project: &Arc<Project>, lateness: &(impl Fn(Duration) + Send)) -> usize {
        if project.state.lock().tracker.next_due().is_none_or(|due| due > self.clock.now()) {
            return 0;
        }
        // Full queues are no reason to give up: the next round tries again.
        let Some((mut entries, mut jobs)) = self.places_in_background(BATCH).await else {
            return if self.entries.is_closed() { 0 } else { BATCH as usize };
        };
        let Ok(mut state) = project.enter() else { return 0 };
        let now = self.clock.now();
        let earliest_due = state.tracker.next_due();
        let due = state.tracker.due(now, BATCH as usize);
        for id in &due {
            let decision = state.tracker.decide(&Command::EndDue { id: id.clone() }, now);
            if let Ok(Decision::Change(ended)) = decision {
                self.commit(project, &mut state, ended, &mut entries, None, &mut jobs);
            }
        }
        if let Some(earliest_due) = earliest_due.filter(|_| !due.is_empty()) {
            lateness(earliest_due.until(now));
        }
        due.len()
    }
}
