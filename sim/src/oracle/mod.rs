//! What must hold: everything that the server does passes by here and is compared with what the rules say.
//!
//! Sees every command and change as it is committed, every entry as the hub gets it, every frame as a client reads
//! it. The first difference is kept; the simulation ends with it.

mod commits;
mod delivery;
mod ear;
mod frames;
mod mirror;
mod quiet;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use herenow_core::{ConnectionId, Presence, Timestamp, UserId, Viewer, order::Ticket, tracker::Change};
use herenow_hub::outbox::Outbox;

use self::{ear::Ear, mirror::Mirrors};
pub(crate) use self::{
    ear::{AskedFor, Heard},
    mirror::State,
};
use crate::model::{Model, Seen};

/// Everybody who is here at one moment, in the order of creation.
pub(crate) type List = Arc<Vec<(u64, Seen)>>;

/// What shall happen to a connection when a mark comes by.
pub(crate) enum Awaited {
    Subscribe(Vec<Heard>),
    Become(Viewer),
}

/// Where a connection comes from.
pub(crate) struct Arrival {
    pub(crate) tab: u64,
    pub(crate) viewer: Viewer,
    pub(crate) outbox: Arc<Outbox>,
}

/// All that is known of how things should be.
#[derive(Default)]
pub(crate) struct Oracle {
    failure: Option<String>,
    pub(crate) model: Model,
    /// The number of this life of the server.
    run: u64,
    /// The newest change that was acknowledged as kept.
    acknowledged: u64,
    /// What the hub has been told, by creation.
    view: BTreeMap<u64, Arc<Presence>>,
    /// The number up to which it has.
    view_seq: u64,
    /// The changes that the hub has been told in this run.
    log: Vec<Arc<Change>>,
    awaited: HashMap<Ticket, (ConnectionId, Awaited)>,
    lists: HashMap<Ticket, List>,
    ears: BTreeMap<ConnectionId, Ear>,
    roles: BTreeMap<UserId, RoleChanges>,
    pub(crate) mirrors: Mirrors,
    pub(crate) counts: Counts,
}

/// How often a user's roles have changed, and how many changes are still on their way to the sockets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RoleChanges {
    underway: u32,
    done: u64,
    /// The number of the last change before the last of them had been told.
    at: u64,
}

/// How much happened: a simulation in which nothing does proves nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) changes: u64,
    pub(crate) frames: u64,
    pub(crate) conflated: u64,
    pub(crate) resumed: u64,
    pub(crate) snapshots: u64,
    pub(crate) shifts: u64,
    pub(crate) crashes: u64,
    pub(crate) behind: u64,
    pub(crate) mirrors: u64,
}

impl Oracle {
    pub(crate) fn fail(&mut self, difference: impl Into<String>) {
        if self.failure.is_none() {
            self.failure = Some(difference.into());
        }
    }

    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// A connection is known to the hub.
    pub(crate) fn registered(&mut self, id: ConnectionId, arrival: Arrival) {
        let roles = self.role_changes(&arrival.viewer);
        let told = self.view_seq;
        self.ears.insert(id, Ear::new(arrival, roles, told));
    }

    pub(crate) fn roles_change(&mut self, user: &UserId) {
        self.roles.entry(user.clone()).or_default().underway += 1;
    }

    pub(crate) fn roles_changed(&mut self, user: &UserId) {
        let at = self.model.seq;
        let changes = self.roles.entry(user.clone()).or_default();
        *changes = RoleChanges { underway: changes.underway.saturating_sub(1), done: changes.done + 1, at };
    }

    fn role_changes(&self, viewer: &Viewer) -> RoleChanges {
        viewer.user().and_then(|user| self.roles.get(user)).copied().unwrap_or_default()
    }

    /// The hub no longer knows the connection; `at` where it counts as lost. What was sent may still arrive.
    pub(crate) fn unregistered(&mut self, id: ConnectionId, lost: Option<Timestamp>) {
        let Some(ear) = self.ears.get_mut(&id) else { return };
        ear.listens = false;
        ear.left = lost.map_or(ear::Left::Closed, ear::Left::LostAt);
    }

    pub(crate) fn unsubscribed(&mut self, id: ConnectionId, subscription: &str) {
        if let Some(ear) = self.ears.get_mut(&id) {
            ear.subscriptions.retain(|known| known.id != subscription);
            self.mirrors.forget(ear.tab, subscription);
        }
    }

    /// The client reads nothing more from this connection.
    pub(crate) fn deaf(&mut self, id: ConnectionId) {
        if let Some(ear) = self.ears.get_mut(&id) {
            self.counts.conflated += ear.skipped;
            ear.deaf = true;
            ear.expected.clear();
        }
    }

    /// Something is wished for, and will come by.
    pub(crate) fn awaits(&mut self, ticket: Ticket, id: ConnectionId, awaited: Awaited) {
        let tab = self.ears.get(&id).map_or(0, |ear| ear.tab);
        let mine = |mirror: &mirror::Mirror, viewer: &Viewer| {
            let before = mirror.connection.and_then(|before| self.ears.get(&before));
            before.is_none_or(|before| before.viewer == *viewer)
        };
        match (&awaited, self.ears.get(&id)) {
            (Awaited::Subscribe(rows), Some(ear)) => {
                let strange =
                    |row: &&Heard| self.mirrors.get(tab, &row.id).is_some_and(|known| !mine(known, &ear.viewer));
                let taken: Vec<_> = rows.iter().filter(strange).map(|row| row.id.clone()).collect();
                taken.iter().for_each(|id| self.mirrors.doubt(tab, id));
                for row in rows {
                    let before = self.mirrors.ask(tab, &row.id, id);
                    self.ears.entry(id).and_modify(|ear| {
                        ear.asked.push(row.id.clone());
                        ear.before.extend(before.map(|before| (row.id.clone(), before)));
                    });
                }
            }
            (Awaited::Become(viewer), Some(ear)) if ear.viewer != *viewer => {
                ear.asked.iter().for_each(|id| self.mirrors.take(tab, id));
            }
            _ => {}
        }
        self.awaited.insert(ticket, (id, awaited));
    }

    /// The server's process is gone with everything that it had not kept.
    pub(crate) fn crashed(&mut self, kept: u64, grace: Timestamp) {
        if kept < self.acknowledged {
            self.fail(format!("change {} was acknowledged, and only {kept} are kept", self.acknowledged));
        }
        self.counts.crashes += 1;
        self.model.restart(kept, grace);
        self.run += 1;
        self.acknowledged = kept;
        self.log.clear();
        self.awaited.clear();
        self.lists.clear();
        self.view.clear();
        self.view_seq = kept;
        self.roles.clear();
        for ear in self.ears.values_mut() {
            ear.listens = false;
        }
    }

    /// The new process has these records.
    pub(crate) fn restored<'a>(&mut self, records: impl Iterator<Item = &'a Arc<Presence>>) {
        self.view = records.map(|presence| (presence.creation, presence.clone())).collect();
    }
}
