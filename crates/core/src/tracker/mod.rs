//! The state of one project: who is here, who holds each record, and what ends when.
//!
//! [`Tracker::decide`] says what a command changes, [`Tracker::fold`] changes it. Both are deterministic
//! and synchronous. Only a broker folds. Knows nothing of sockets, queues or disks.

mod command;
mod decide;
pub(crate) mod index;
mod list;
mod record;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

pub use command::{Announcement, Change, Command, Decision, Rejection, SocketEnd, Update, Upsert};
pub use list::{Abandoned, Count, ListError, ListOptions, Listing, Page, Scan};
pub use record::{Holder, HolderKey, Holders, Lifetime, Record, SOCKET_EXPIRY};

use self::index::Index;
use crate::{Presence, PresenceId, Timestamp, UserId};

/// How long the place of an ended record in the order of lists is remembered, for cursors.
pub const CURSOR_MEMORY: Duration = Duration::from_secs(60);
/// At most so many places of ended records are remembered.
const MAX_ENDED: usize = 100_000;

/// The presences of one project.
#[derive(Debug, Default)]
pub struct Tracker {
    /// The number of the last change.
    pub(crate) seq: u64,
    pub(crate) index: Index,
    ended: HashMap<PresenceId, (Timestamp, Arc<Presence>)>,
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
            if record.sockets().next().is_some() {
                let mut holders = record.holders();
                for holder in &mut holders {
                    if matches!(holder.key, HolderKey::Socket(_)) && !holder.in_grace() {
                        holder.lifetime = Lifetime::Grace(grace);
                    }
                }
                record = Record::new(Presence::clone(&record.presence), holders);
            }
            tracker.index.insert(&Arc::new(record));
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
        self.index.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every record, in no order.
    pub fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.index.slots().iter()
    }

    /// When the next record is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.index.next_due()
    }

    /// Records that are due at `now`, the earliest first, at most `limit`.
    #[must_use]
    pub fn due(&self, now: Timestamp, limit: usize) -> Vec<PresenceId> {
        self.index.due(now).take(limit).map(|record| record.presence.id.clone()).collect()
    }

    /// Which records must end what is due of them before `command` is decided: two at the most.
    #[must_use]
    pub fn due_before(&self, command: &Command, now: Timestamp) -> Vec<PresenceId> {
        let (by_id, own) = (|id| self.index.get(id), |user: &UserId| self.index.of_user(user));
        let (first, second) = match command {
            Command::Upsert(upsert) => {
                let own = own(&upsert.user);
                // Nearly always it is one record.
                let other = own.is_none_or(|own| own.presence.id != upsert.id).then(|| by_id(&upsert.id)).flatten();
                (own, other)
            }
            Command::Update(update) => (by_id(&update.id), update.user.as_ref().and_then(own)),
            Command::Delete { id, .. } => (by_id(id), None),
            Command::EndSocket { connection, .. } => (self.index.of_socket(*connection), None),
            Command::EndSession { user, .. } | Command::EndUser { user } => (own(user), None),
            Command::EndDue { .. } => (None, None),
        };
        let due = |record: &&Arc<Record>| record.due_at() <= now;
        let first = first.filter(due).map(|record| &record.presence.id);
        let second = second.filter(due).map(|record| &record.presence.id).filter(|id| Some(*id) != first);
        first.into_iter().chain(second).cloned().collect()
    }

    /// Applies a decided change.
    ///
    /// # Panics
    /// Where the change is not the next one.
    pub fn fold(&mut self, change: &Change) {
        assert_eq!(change.seq, self.seq + 1, "changes are folded in the order in which they were decided");
        self.seq = change.seq;
        match (&change.before, &change.after) {
            (None, Some(after)) => self.index.insert(after),
            (Some(before), Some(after)) => self.index.replace(before, after),
            (Some(before), None) => self.index.remove(before),
            (None, None) => {}
        }
        if change.after.is_none() {
            self.remember_end(change);
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
