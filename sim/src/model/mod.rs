//! Who should be here: a naive model of the rules, which keeps nothing but holders and looks through all of them at
//! every step. Knows nothing of how the tracker decides, indexes or queues.
//!
//! Source: semantics, 1 to 8.

mod command;
mod compare;
mod holder;
mod sight;

use std::collections::BTreeMap;

use herenow_core::{
    PresenceId, Timestamp, UserId,
    tracker::{Announcement, HolderKey},
};

pub(crate) use self::{
    command::check_grants,
    holder::{Being, Hold},
    sight::{Seen, reads},
};

/// What one change should be.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) id: PresenceId,
    pub(crate) before: Option<Being>,
    pub(crate) after: Option<Being>,
    pub(crate) told: Option<Announcement>,
}

/// What a command should be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Changed,
    Unchanged,
    Nothing,
}

/// Everybody who is here, and how it came to be since the server began.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) beings: BTreeMap<PresenceId, Being>,
    pub(crate) seq: u64,
    /// The same as it was kept when the server began.
    first: BTreeMap<PresenceId, Being>,
    journal: Vec<(u64, PresenceId, Option<Being>)>,
}

impl Model {
    pub(crate) fn id_of(&self, user: &UserId) -> Option<PresenceId> {
        self.beings.iter().find(|(_, being)| being.user == *user).map(|(id, _)| id.clone())
    }

    fn id_held_by(&self, key: HolderKey) -> Option<PresenceId> {
        let holds = |being: &Being| being.holds.iter().any(|hold| hold.key == key);
        self.beings.iter().find(|(_, being)| holds(being)).map(|(id, _)| id.clone())
    }

    /// Puts `after` in place under the next number.
    fn put(&mut self, id: &PresenceId, after: Option<Being>, told: Option<Announcement>) -> Step {
        let before = self.beings.remove(id);
        if let Some(after) = &after {
            self.beings.insert(id.clone(), after.clone());
        }
        self.seq += 1;
        self.journal.push((self.seq, id.clone(), after.clone()));
        Step { id: id.clone(), before, after, told }
    }

    /// The first time at which something happens by itself.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.beings.values().map(Being::due_at).min()
    }

    /// All who are here at `now`, whether or not what is due has been ended, in the order of their creation.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<(u64, Seen)> {
        let alive = |(id, being): (&PresenceId, &Being)| {
            let being = being.settled(now)?;
            Some((being.creation, Seen::of(id, &being)))
        };
        let mut all: Vec<_> = self.beings.iter().filter_map(alive).collect();
        all.sort_unstable_by_key(|(creation, _)| *creation);
        all
    }

    /// The server died and begins anew with what was kept: everything up to the number `kept`. Sockets of the former
    /// process are in grace until `grace`.
    pub(crate) fn restart(&mut self, kept: u64, grace: Timestamp) {
        let mut beings = std::mem::take(&mut self.first);
        for (_, id, after) in self.journal.drain(..).take_while(|(seq, ..)| *seq <= kept) {
            match after {
                Some(after) => beings.insert(id, after),
                None => beings.remove(&id),
            };
        }
        // What a start grants is not kept: another start grants it anew.
        self.first = beings.clone();
        for hold in beings.values_mut().flat_map(|being| &mut being.holds) {
            if matches!(hold.key, HolderKey::Socket(_)) && hold.grace.is_none() {
                hold.grace = Some(grace);
                hold.renews = false;
            }
        }
        self.beings = beings;
        self.seq = kept;
    }
}
