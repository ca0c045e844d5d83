//! One connection as the rules see it: who it is, what it listens to, and what it is still to be sent.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use herenow_core::{ConnectionId, PresenceId, Timestamp, Viewer, tracker::Announcement};
use herenow_hub::outbox::Outbox;

use super::{Arrival, List, RoleChanges};
use crate::model::Seen;

/// How long a lost subscription is remembered by the server. Source: decisions, Presences.
const REMEMBERED: Duration = Duration::from_secs(60);

/// What a subscription was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) id: String,
    pub(crate) channels: Vec<String>,
    /// Only presences of this status.
    pub(crate) status: Option<String>,
    /// The number after which the server was asked for what was missed.
    pub(crate) since: Option<u64>,
    pub(crate) asked_for: AskedFor,
}

/// Who asks for what was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedFor {
    /// The client names a number: it keeps its picture unless it gets a snapshot.
    ByClient,
    /// The server knows of a loss, or nobody does.
    ByServer,
}

impl Heard {
    pub(super) fn wants_snapshot(&self) -> bool {
        self.channels.iter().any(|channel| channel == "snapshot.presences")
    }

    /// Whether it hears every change of every presence.
    pub(super) fn is_whole(&self) -> bool {
        self.status.is_none() && (self.wants_snapshot() || self.channels.iter().any(|channel| channel == "presences"))
    }

    pub(super) fn hears(&self, seen: &Seen, action: Announcement) -> bool {
        self.is_about(seen, action) && self.status.as_ref().is_none_or(|status| *status == seen.status)
    }

    pub(super) fn is_about(&self, seen: &Seen, action: Announcement) -> bool {
        let (id, verb) = (&seen.id, verb(action));
        let names = ["presences".to_owned(), format!("presences.{id}"), format!("presences.{verb}")];
        let full = format!("presences.{id}.{verb}");
        self.channels.iter().any(|name| names.contains(name) || *name == full || name == "snapshot.presences")
    }
}

pub(super) const fn verb(action: Announcement) -> &'static str {
    match action {
        Announcement::Upsert => "upsert",
        Announcement::Update => "update",
        Announcement::Delete => "delete",
    }
}

/// What a client's own picture begins with when a subscription begins.
#[derive(Debug, Clone)]
pub(super) enum Base {
    /// What it lists at that moment.
    List(List),
    /// What it has: what it missed follows.
    Kept,
    /// Nothing: a snapshot follows.
    Empty,
}

/// An event that is to be sent.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) seq: u64,
    pub(super) key: (PresenceId, u64),
    pub(super) action: Announcement,
    pub(super) seen: Seen,
    pub(super) updated_at: Option<String>,
    /// Sorted.
    pub(super) subscriptions: Vec<String>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A later one of the same presence may take its place.
    Change,
    /// One of a run that goes out whole.
    Shift,
    Snapshot,
}

/// What is to be sent, in order.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Event(Expected),
    /// The answer to a subscribe.
    Begin {
        rows: Vec<(Heard, Base)>,
        viewer: Viewer,
        seq: u64,
    },
    SnapshotEnd {
        total: usize,
        subscription: String,
        seq: u64,
    },
}

/// Whether the server is done with a connection.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left {
    No,
    LostAt(Timestamp),
    Closed,
}

/// One connection.
pub(super) struct Ear {
    pub(super) tab: u64,
    pub(super) viewer: Viewer,
    pub(super) outbox: Arc<Outbox>,
    /// The user's changes of roles when it was opened.
    pub(super) role_changes: RoleChanges,
    /// The number that the hub had been told by then.
    pub(super) opened_at: u64,
    /// Whether it has been the same since it was opened.
    pub(super) steady: bool,
    pub(super) listens: bool,
    pub(super) deaf: bool,
    pub(super) subscriptions: Vec<Heard>,
    /// What it has asked for, whether or not that has begun.
    pub(super) asked: Vec<String>,
    /// Which connection had asked for the same before.
    pub(super) before: BTreeMap<String, ConnectionId>,
    pub(super) left: Left,
    pub(super) expected: VecDeque<Item>,
    pub(super) skipped: u64,
    /// The newest number of each subscription.
    pub(super) newest: BTreeMap<String, u64>,
}

impl Ear {
    pub(super) fn new(arrival: Arrival, role_changes: RoleChanges, opened_at: u64) -> Self {
        let Arrival { tab, viewer, outbox } = arrival;
        Self {
            tab,
            viewer,
            outbox,
            role_changes,
            opened_at,
            steady: true,
            listens: true,
            deaf: false,
            subscriptions: Vec::new(),
            asked: Vec::new(),
            before: BTreeMap::new(),
            left: Left::No,
            expected: VecDeque::new(),
            skipped: 0,
            newest: BTreeMap::new(),
        }
    }

    /// Whether the server still remembers at `at` what it listened to.
    pub(super) fn is_remembered(&self, at: Timestamp) -> bool {
        match self.left {
            Left::No => true,
            Left::LostAt(lost) => lost.plus(REMEMBERED) > at,
            Left::Closed => false,
        }
    }

    pub(super) fn expect(&mut self, item: Item) {
        if !self.deaf {
            self.expected.push_back(item);
        }
    }
}
