//! When the roles of users last changed: what was missed since a moment before that cannot be told from the history of
//! changes alone.

use std::collections::BTreeMap;

use herenow_core::UserId;

#[derive(Default)]
struct Changed {
    underway: u32,
    at: Option<u64>,
}

/// The last changes of roles, by user.
#[derive(Default)]
pub(super) struct RoleChanges(BTreeMap<UserId, Changed>);

impl RoleChanges {
    pub(super) fn begin(&mut self, user: &UserId) {
        self.0.entry(user.clone()).or_default().underway += 1;
    }

    /// The change is in order before the number after `seq`.
    pub(super) fn end(&mut self, user: &UserId, seq: u64) {
        let changed = self.0.entry(user.clone()).or_default();
        changed.underway -= 1;
        changed.at = changed.at.max(Some(seq));
    }

    /// Whether the user's roles have been the same since `position`.
    pub(super) fn same_since(&self, user: Option<&UserId>, position: u64) -> bool {
        let changed = user.and_then(|user| self.0.get(user));
        changed.is_none_or(|changed| changed.underway == 0 && changed.at.is_none_or(|at| at < position))
    }
}
