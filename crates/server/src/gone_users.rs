//! Users that were deleted or blocked a moment ago: a write that was under way must not leave their ghost.

use std::{collections::HashMap, time::Duration};

use herenow_core::{ProjectId, Timestamp, UserId};
use parking_lot::Mutex;

/// No write is under way for longer than this: it waits 5 s for a place and is decided at once.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Users that are gone.
#[derive(Default)]
pub struct GoneUsers(Mutex<HashMap<(ProjectId, UserId), Timestamp>>);

impl GoneUsers {
    /// Notes that a user is gone, before their presence is ended.
    pub fn note(&self, project: &ProjectId, user: &UserId, now: Timestamp) {
        let mut gone = self.0.lock();
        gone.retain(|_, at| at.plus(REMEMBERED) > now);
        gone.insert((project.clone(), user.clone()), now);
    }

    /// Notes that a user is back.
    pub fn forget(&self, project: &ProjectId, user: &UserId) {
        self.0.lock().remove(&(project.clone(), user.clone()));
    }

    /// Whether a user is gone.
    #[must_use]
    pub fn has(&self, project: &ProjectId, user: &UserId) -> bool {
        let gone = self.0.lock();
        !gone.is_empty() && gone.contains_key(&(project.clone(), user.clone()))
    }
}
