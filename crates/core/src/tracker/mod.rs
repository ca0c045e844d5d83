//! The state of one project: who is here, who holds each record, and what ends when.
//!
//! [`Tracker::decide`] says what a command changes, [`Tracker::fold`] changes it. Both are deterministic
//! and synchronous. Only a broker folds. Knows nothing of sockets, queues or disks.

mod command;
mod decide;
mod list;
mod record;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

pub use command::{Announcement, Change, Command, Decision, Rejection, SocketEnd, Update, Upsert};
pub use list::{Count, ListError, ListOptions, Page};
pub use record::{Holder, HolderKey, Holders, Lifetime, Record, SOCKET_EXPIRY};

use crate::{ConnectionId, PresenceId, Timestamp, UserId};

/// How long the place of an ended record in the order of lists is remembered, for cursors.
pub const CURSOR_MEMORY: Duration = Duration::from_secs(60);
/// At most so many places of ended records are remembered.
const MAX_ENDED: usize = 100_000;

/// The presences of one project.
#[derive(Debug, Default)]
pub struct Tracker {
    /// The number of the last change.
    pub(crate) seq: u64,
    pub(crate) records: HashMap<PresenceId, Arc<Record>>,
    pub(crate) by_user: HashMap<UserId, PresenceId>,
    pub(crate) by_connection: HashMap<ConnectionId, PresenceId>,
    pub(crate) by_creation: BTreeMap<u64, PresenceId>,
    pub(crate) due: BTreeSet<(Timestamp, PresenceId)>,
    ended: HashMap<PresenceId, (Timestamp, Arc<crate::Presence>)>,
    ended_order: VecDeque<(Timestamp, PresenceId)>,
}

impl Tracker {
    /// A project whose last change had the number `seq`, with no records.
    #[must_use]
    pub fn new(seq: u64) -> Self {
        Self { seq, ..Self::default() }
    }

    /// Takes up what was kept before a stop or a crash. The sockets of that time are gone: their holders
    /// are in grace until `grace`.
    #[must_use]
    pub fn restore(seq: u64, records: impl IntoIterator<Item = Record>, grace: Timestamp) -> Self {
        let mut tracker = Self::new(seq);
        for mut record in records {
            for holder in &mut record.holders {
                if matches!(holder.key, HolderKey::Socket(_)) && !holder.in_grace() {
                    holder.lifetime = Lifetime::Grace(grace);
                }
            }
            tracker.insert(&Arc::new(record));
        }
        tracker
    }

    /// The number of the last change.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// How many records there are, those included that are due and not yet ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Every record, in no order.
    pub fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.records.values()
    }

    /// When the next record is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Records that are due at `now`, the earliest first, at most `limit`.
    #[must_use]
    pub fn due(&self, now: Timestamp, limit: usize) -> Vec<PresenceId> {
        self.due.iter().take_while(|(at, _)| *at <= now).take(limit).map(|(_, id)| id.clone()).collect()
    }

    /// Which records must end what is due of them before `command` is decided: two at the most.
    #[must_use]
    pub fn due_before(&self, command: &Command, now: Timestamp) -> Vec<PresenceId> {
        let own = |user| self.by_user.get(user);
        let (first, second) = match command {
            Command::Upsert(upsert) => (own(&upsert.user), Some(&upsert.id)),
            Command::Update(update) => (Some(&update.id), update.user.as_ref().and_then(own)),
            Command::Delete { id, .. } => (Some(id), None),
            Command::EndSocket { connection, .. } => (self.by_connection.get(connection), None),
            Command::EndSession { user, .. } | Command::EndUser { user } => (own(user), None),
            Command::EndDue { .. } => (None, None),
        };
        let due = |id: &&PresenceId| self.records.get(*id).is_some_and(|record| record.due_at() <= now);
        let first = first.filter(due);
        let second = second.filter(|id| Some(*id) != first).filter(due);
        first.into_iter().chain(second).cloned().collect()
    }

    /// Applies a decided change.
    ///
    /// # Panics
    /// Where the change is not the next one.
    pub fn fold(&mut self, change: &Change) {
        assert_eq!(change.seq, self.seq + 1, "changes are folded in the order in which they were decided");
        self.seq = change.seq;
        if let Some(before) = &change.before {
            self.remove(before);
        }
        match &change.after {
            Some(after) => self.insert(after),
            None => self.remember_end(change),
        }
    }

    fn insert(&mut self, record: &Arc<Record>) {
        let id = &record.presence.id;
        self.by_user.insert(record.presence.user.clone(), id.clone());
        self.by_creation.insert(record.presence.creation, id.clone());
        self.due.insert((record.due_at(), id.clone()));
        for holder in &record.holders {
            if let HolderKey::Socket(connection) = holder.key {
                self.by_connection.insert(connection, id.clone());
            }
        }
        self.records.insert(id.clone(), record.clone());
    }

    fn remove(&mut self, record: &Record) {
        let id = &record.presence.id;
        self.records.remove(id);
        self.by_user.remove(&record.presence.user);
        self.by_creation.remove(&record.presence.creation);
        self.due.remove(&(record.due_at(), id.clone()));
        for holder in &record.holders {
            if let HolderKey::Socket(connection) = holder.key {
                self.by_connection.remove(&connection);
            }
        }
    }

    fn remember_end(&mut self, change: &Change) {
        let forgotten_before = change.at.millis() - CURSOR_MEMORY.as_millis() as i64;
        while let Some((at, id)) = self.ended_order.front()
            && (at.millis() < forgotten_before || self.ended_order.len() >= MAX_ENDED)
        {
            if self.ended.get(id).is_some_and(|(ended_at, _)| ended_at == at) {
                self.ended.remove(id);
            }
            self.ended_order.pop_front();
        }
        let last = change.subject();
        self.ended.insert(last.id.clone(), (change.at, last.clone()));
        self.ended_order.push_back((change.at, last.id.clone()));
    }
}
