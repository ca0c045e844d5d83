//! What clients believe: the list at the moment of subscribing, with what they were sent since applied in order.

use std::collections::BTreeMap;

use herenow_core::{ConnectionId, UserId, Viewer, tracker::Announcement};

use super::ear::{Base, Item};
use crate::model::{Seen, reads};

/// Whether a picture can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// Nothing was ever heard.
    #[default]
    Unknown,
    /// A snapshot is arriving.
    Filling,
    /// It is all that the client may see.
    Whole,
    /// It hears only some changes.
    Partial,
}

/// One subscription's picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mirror {
    pub(crate) state: State,
    items: BTreeMap<String, Seen>,
    /// The newest number that the client knows, and of which life of the server.
    pub(crate) seq: u64,
    pub(crate) run: u64,
    /// The connection on which it was last begun.
    pub(crate) connection: Option<ConnectionId>,
    /// The number that the hub had been told when it was begun anew.
    pub(super) begun_at: u64,
    /// Whether somebody else may have begun it since.
    taken: bool,
    /// As whom it was learned; none: as several.
    learned_as: Option<Option<UserId>>,
}

impl Mirror {
    /// What it shows, without what changes in silence.
    pub(super) fn told(&self) -> Vec<Seen> {
        self.items.values().cloned().map(Seen::told).collect()
    }

    /// Whether all of it was learned as this user, or guest.
    pub(crate) fn is_learned_as(&self, user: Option<&UserId>) -> bool {
        self.learned_as.as_ref().is_some_and(|learned_as| learned_as.as_ref() == user)
    }

    /// Whether nobody else has had it since.
    pub(super) fn may_resume(&self) -> bool {
        self.state != State::Unknown && !self.taken
    }
}

/// All pictures, by tab and subscription.
#[derive(Debug, Default)]
pub(crate) struct Mirrors {
    all: BTreeMap<(u64, String), Mirror>,
    /// The last connection that asked for each, heard or not.
    asked_by: BTreeMap<(u64, String), ConnectionId>,
}

impl Mirrors {
    pub(crate) fn get(&self, tab: u64, subscription: &str) -> Option<&Mirror> {
        self.all.get(&(tab, subscription.to_owned()))
    }

    pub(super) fn forget(&mut self, tab: u64, subscription: &str) {
        self.all.remove(&(tab, subscription.to_owned()));
    }

    /// The tab proves another session: from now on it learns as somebody else.
    pub(crate) fn mix(&mut self, tab: u64) {
        for (_, mirror) in self.all.iter_mut().filter(|((of, _), _)| *of == tab) {
            mirror.learned_as = None;
        }
    }

    /// A connection asks for it; answers with the last one that did.
    pub(super) fn ask(&mut self, tab: u64, subscription: &str, id: ConnectionId) -> Option<ConnectionId> {
        self.asked_by.insert((tab, subscription.to_owned()), id)
    }

    /// The connection that asked for it becomes somebody else, from whose point of view nothing is lost.
    pub(super) fn take(&mut self, tab: u64, subscription: &str) {
        if let Some(mirror) = self.all.get_mut(&(tab, subscription.to_owned())) {
            mirror.taken = true;
        }
    }

    /// The server takes it that the client lists anew: what it believed before is of no use, whether or not it hears
    /// of that.
    pub(super) fn doubt(&mut self, tab: u64, subscription: &str) {
        if let Some(mirror) = self.all.get_mut(&(tab, subscription.to_owned())) {
            mirror.state = State::Unknown;
        }
    }

    /// A client read `item`.
    pub(super) fn apply(&mut self, tab: u64, id: ConnectionId, run: u64, item: &Item) {
        match item {
            Item::Begin { rows, viewer, seq } => {
                for (row, base) in rows {
                    let mirror = self.all.entry((tab, row.id.clone())).or_default();
                    (mirror.connection, mirror.taken) = (Some(id), false);
                    match base {
                        Base::Kept => {}
                        Base::Empty => {
                            *mirror = begun(mirror, State::Filling, BTreeMap::new(), *seq, run, viewer);
                        }
                        Base::List(list) => {
                            let own = list.iter().map(|(_, seen)| seen).filter(|seen| reads(viewer, seen));
                            let items = own.map(|seen| (seen.id.clone(), seen.clone())).collect();
                            let state = if row.is_whole() { State::Whole } else { State::Partial };
                            *mirror = begun(mirror, state, items, *seq, run, viewer);
                        }
                    }
                }
            }
            Item::Event(event) => {
                for subscription in &event.subscriptions {
                    let Some(mirror) = self.all.get_mut(&(tab, subscription.clone())) else { continue };
                    mirror.seq = mirror.seq.max(event.seq);
                    match event.action {
                        Announcement::Delete => drop(mirror.items.remove(&event.seen.id)),
                        _ => drop(mirror.items.insert(event.seen.id.clone(), event.seen.clone())),
                    }
                }
            }
            Item::SnapshotEnd { subscription, .. } => {
                if let Some(mirror) = self.all.get_mut(&(tab, subscription.clone())) {
                    mirror.state = State::Whole;
                }
            }
        }
    }
}

fn begun(before: &Mirror, state: State, items: BTreeMap<String, Seen>, seq: u64, run: u64, viewer: &Viewer) -> Mirror {
    let learned_as = Some(viewer.user().cloned());
    Mirror { state, items, seq, run, connection: before.connection, begun_at: seq, taken: false, learned_as }
}
