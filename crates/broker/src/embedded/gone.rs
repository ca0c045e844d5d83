//! Ends what should no longer be there when a server starts: a crash may have come between the end of a user or a
//! project and the ends of their presences.

use herenow_core::{
    ProjectId, UserId,
    tracker::{Command, Decision},
};

use super::{CHANGES_PER_COMMAND, Embedded};
use crate::Refusal;

/// So many users end under one hold of the project's lock.
const BATCH: usize = 64;

impl Embedded {
    /// Ends the presences of `users`, in their order, and answers with how many there were. It does not wait until
    /// they are kept: after another crash they are found again.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] or [`Refusal::UnknownProject`].
    pub async fn end_users(&self, project: &ProjectId, users: &[UserId]) -> Result<usize, Refusal> {
        let project = self.project(project)?;
        let mut ended = 0;
        for batch in users.chunks(BATCH) {
            let most = CHANGES_PER_COMMAND * batch.len() as u32;
            let (mut entries, mut jobs) = self.places_in_background(most).await.ok_or(Refusal::Overloaded)?;
            let mut state = project.enter()?;
            let now = self.clock.now();
            for user in batch {
                let end = Command::EndUser { user: user.clone() };
                let due = state.tracker.due_before(&end, now).into_iter().map(|id| Command::EndDue { id });
                for command in due.chain([end]) {
                    if let Decision::Change(change) = state.tracker.decide(&command, now)? {
                        ended += usize::from(change.after.is_none());
                        self.commit(&project, &mut state, change, &mut entries, None, &mut jobs);
                    }
                }
            }
        }
        Ok(ended)
    }

    /// Forgets what is kept of projects that are not among `known`; answers with which they were.
    ///
    /// # Errors
    /// A storage refusal.
    pub async fn forget_all_but(&self, known: &[ProjectId]) -> Result<Vec<ProjectId>, Refusal> {
        let kept = self.store.lock().projects().map_err(|error| super::refusal(&error))?;
        let unknown: Vec<_> = kept.into_iter().filter(|project| !known.contains(project)).collect();
        for project in &unknown {
            crate::Broker::forget(self, project).await?;
        }
        Ok(unknown)
    }
}
