//! Where in a project's order a user's roles last changed: who comes back from before that may have missed what came
//! into sight and what went, which no change of a presence tells.
//!
//! Source: semantics 13 and 24. Bounded; lost with the process, as the history of changes is.

use std::collections::HashMap;

use herenow_core::{ProjectId, UserId};
use parking_lot::Mutex;

/// So many users are told apart; beyond, the last change of any of them counts for all of their project.
const MAX_USERS: usize = 65_536;
/// While roles are changing every place is too early.
const CHANGING: u64 = u64::MAX;

/// The last changes.
#[derive(Default)]
pub(crate) struct Shifts(Mutex<State>);

#[derive(Default)]
struct State {
    of_users: HashMap<(ProjectId, UserId), u64>,
    of_projects: HashMap<ProjectId, u64>,
}

impl Shifts {
    /// A user's roles begin to change.
    pub(super) fn begin(&self, project: &ProjectId, user: &UserId) {
        self.set(project, user, CHANGING);
    }

    /// They have changed, and everybody who listens had been told at the number `seq`.
    pub(super) fn end(&self, project: &ProjectId, user: &UserId, seq: u64) {
        self.set(project, user, seq);
    }

    /// Whether who knows everything up to `seq` may have missed a change of this user's roles.
    pub(super) fn may_have_missed(&self, project: &ProjectId, user: &UserId, seq: u64) -> bool {
        let state = self.0.lock();
        let of_user = state.of_users.get(&(project.clone(), user.clone()));
        let last = of_user.into_iter().chain(state.of_projects.get(project)).max();
        last.is_some_and(|last| seq <= *last)
    }

    fn set(&self, project: &ProjectId, user: &UserId, seq: u64) {
        let state = &mut *self.0.lock();
        let key = (project.clone(), user.clone());
        if state.of_users.len() >= MAX_USERS && !state.of_users.contains_key(&key) {
            for ((project, _), seq) in state.of_users.drain().filter(|(_, seq)| *seq != CHANGING) {
                let last = state.of_projects.entry(project).or_default();
                *last = seq.max(*last);
            }
        }
        state.of_users.insert(key, seq);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("an id")
    }

    #[test]
    fn who_comes_back_from_before_a_change_of_roles_may_have_missed_it() {
        let (shifts, project) = (Shifts::default(), ProjectId::console());
        let missed = |seq| shifts.may_have_missed(&project, &user("u"), seq);
        assert!(!missed(0));
        shifts.begin(&project, &user("u"));
        assert!(missed(1_000));
        shifts.end(&project, &user("u"), 7);
        assert!(missed(6) && missed(7) && !missed(8), "at its own number it may be half told");
        assert!(!shifts.may_have_missed(&project, &user("other"), 3));
    }

    #[test]
    fn beyond_the_bound_the_last_change_counts_for_all() {
        let (shifts, project) = (Shifts::default(), ProjectId::console());
        for number in 0..=MAX_USERS as u64 {
            shifts.end(&project, &user(&number.to_string()), number);
        }
        assert!(shifts.0.lock().of_users.len() <= MAX_USERS);
        assert!(shifts.may_have_missed(&project, &user("other"), MAX_USERS as u64 - 1));
        assert!(!shifts.may_have_missed(&project, &user("other"), MAX_USERS as u64));
    }
}
