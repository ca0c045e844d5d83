//! What clients believe: the list at the moment of subscribing, with what they were sent since applied in order.

use std::{collections::BTreeMap, time::Duration};

use herenow_core::{ConnectionId, Timestamp, tracker::Announcement};

use super::ear::{Base, Item};
use crate::model::{Seen, reads};

/// How long a lost subscription is remembered by the server. Source: decisions, Presences.
const REMEMBERED: Duration = Duration::from_secs(60);

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
    lost: Lost,
}

#[derive(Debug, Clone, Copy, Default)]
enum Lost {
    /// As far as the server knows it is open.
    #[default]
    No,
    At(Timestamp),
    Closed,
}

impl Mirror {
    /// What it shows, without what changes in silence.
    pub(super) fn told(&self) -> Vec<Seen> {
        self.items.values().cloned().map(Seen::told).collect()
    }

    pub(super) fn may_resume(&self, at: Timestamp) -> bool {
        let remembered = match self.lost {
            Lost::No => true,
            Lost::At(lost) => lost.plus(REMEMBERED) > at,
            Lost::Closed => false,
        };
        self.state != State::Unknown && remembered
    }
}

/// All pictures, by tab and subscription.
#[derive(Debug, Default)]
pub(crate) struct Mirrors(BTreeMap<(u64, String), Mirror>);

impl Mirrors {
    pub(crate) fn get(&self, tab: u64, subscription: &str) -> Option<&Mirror> {
        self.0.get(&(tab, subscription.to_owned()))
    }

    pub(super) fn forget(&mut self, tab: u64, subscription: &str) {
        self.0.remove(&(tab, subscription.to_owned()));
    }

    /// The server takes it that the client lists anew: what it believed before is of no use, whether or not it hears
    /// of that.
    pub(super) fn doubt(&mut self, tab: u64, subscription: &str) {
        if let Some(mirror) = self.0.get_mut(&(tab, subscription.to_owned())) {
            mirror.state = State::Unknown;
        }
    }

    /// The server is done with a connection.
    pub(super) fn left(&mut self, tab: u64, id: ConnectionId, lost: Option<Timestamp>) {
        for ((_, _), mirror) in self.0.iter_mut().filter(|((of, _), _)| *of == tab) {
            if mirror.connection == Some(id) {
                mirror.lost = lost.map_or(Lost::Closed, Lost::At);
            }
        }
    }

    /// A client read `item`.
    pub(super) fn apply(&mut self, tab: u64, id: ConnectionId, run: u64, item: &Item) {
        match item {
            Item::Begin { rows, viewer, seq } => {
                for (row, base) in rows {
                    let mirror = self.0.entry((tab, row.id.clone())).or_default();
                    (mirror.connection, mirror.lost) = (Some(id), Lost::No);
                    match base {
                        Base::Kept => {}
                        Base::Empty => *mirror = begun(mirror, State::Filling, BTreeMap::new(), *seq, run),
                        Base::List(list) => {
                            let own = list.iter().map(|(_, seen)| seen).filter(|seen| reads(viewer, seen));
                            let items = own.map(|seen| (seen.id.clone(), seen.clone())).collect();
                            let state = if row.is_whole() { State::Whole } else { State::Partial };
                            *mirror = begun(mirror, state, items, *seq, run);
                        }
                    }
                }
            }
            Item::Event(event) => {
                for subscription in &event.subscriptions {
                    let Some(mirror) = self.0.get_mut(&(tab, subscription.clone())) else { continue };
                    mirror.seq = mirror.seq.max(event.seq);
                    match event.action {
                        Announcement::Delete => drop(mirror.items.remove(&event.seen.id)),
                        _ => drop(mirror.items.insert(event.seen.id.clone(), event.seen.clone())),
                    }
                }
            }
            Item::SnapshotEnd { subscription, .. } => {
                if let Some(mirror) = self.0.get_mut(&(tab, subscription.clone())) {
                    mirror.state = State::Whole;
                }
            }
        }
    }
}

fn begun(before: &Mirror, state: State, items: BTreeMap<String, Seen>, seq: u64, run: u64) -> Mirror {
    Mirror { state, items, seq, run, connection: before.connection, lost: before.lost }
}
