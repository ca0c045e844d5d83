//! The records of a tracker, and every way to find them: by id, user and socket, by deadline, and in the orders
//! that lists ask for. All of them change together. Knows no rule.

mod places;
mod slots;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use hashbrown::HashTable;

pub(crate) use self::{
    places::{Place, Places, text_key, time_key},
    slots::Slots,
};
use super::Record;
use crate::{Action, ConnectionId, PresenceId, Timestamp, UserId};

/// The records of a project and their indexes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: Slots,
    /// Slots that are empty.
    free: Vec<u32>,
    hasher: RandomState,
    ids: HashTable<u32>,
    users: HashTable<u32>,
    sockets: HashMap<ConnectionId, u32>,
    created: Places,
    /// Whether those created later also have a later time: not, where the clock was set back between two runs.
    unordered_times: bool,
    updated: Places,
    expiring: Places,
    /// By deadline, those that are due before what they show expires.
    early: Places,
    statuses: Places,
    /// By each role that may read.
    readers: Places,
}

impl Index {
    pub(crate) fn len(&self) -> usize {
        self.created.len()
    }

    /// The records of this moment.
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The record at a place.
    pub(crate) fn at(&self, place: Place) -> &Arc<Record> {
        self.record(place.slot())
    }

    fn record(&self, slot: u32) -> &Arc<Record> {
        self.slots.get(slot).expect("an indexed slot has a record")
    }

    fn slot_of_id(&self, id: &PresenceId) -> Option<u32> {
        self.ids.find(self.hasher.hash_one(id), |slot| self.record(*slot).presence.id == *id).copied()
    }

    fn slot_of_user(&self, user: &UserId) -> Option<u32> {
        self.users.find(self.hasher.hash_one(user), |slot| self.record(*slot).presence.user == *user).copied()
    }

    /// The record of this id.
    pub(crate) fn get(&self, id: &PresenceId) -> Option<&Arc<Record>> {
        self.slot_of_id(id).map(|slot| self.record(slot))
    }

    /// The record of this user.
    pub(crate) fn of_user(&self, user: &UserId) -> Option<&Arc<Record>> {
        self.slot_of_user(user).map(|slot| self.record(slot))
    }

    /// The record that this socket holds.
    pub(crate) fn of_socket(&self, connection: ConnectionId) -> Option<&Arc<Record>> {
        self.sockets.get(&connection).map(|slot| self.record(*slot))
    }

    /// How many sockets hold a record.
    pub(crate) fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// In the order of creation.
    pub(crate) fn created(&self) -> &Places {
        &self.created
    }

    /// Whether the order of creation is that of `$createdAt` too.
    pub(crate) fn is_ordered_by_time(&self) -> bool {
        !self.unordered_times
    }

    /// In the order of `$updatedAt`.
    pub(crate) fn updated(&self) -> &Places {
        &self.updated
    }

    /// In the order of `expiresAt`.
    pub(crate) fn expiring(&self) -> &Places {
        &self.expiring
    }

    /// By the keys of their statuses.
    pub(crate) fn statuses(&self) -> &Places {
        &self.statuses
    }

    /// By the keys of the roles that may read.
    pub(crate) fn readers(&self) -> &Places {
        &self.readers
    }

    /// The time at which the first record is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = |places: &Places| places.first().map(|place| self.at(place).due_at());
        // Whose end lies before what it shows expires is in both; its earlier place counts.
        [due(&self.early), due(&self.expiring)].into_iter().flatten().min()
    }

    /// What is due at `now`, the earliest first.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = &Arc<Record>> {
        let end = Place::last_of(time_key(now));
        let is_due = move |place: &Place| *place < end;
        let mut early = self.early.from(Place::first_of(0)).take_while(is_due).peekable();
        let expiring = self.expiring.from(Place::first_of(0)).take_while(is_due);
        let mut expiring = expiring.filter(|place| time_key(self.at(*place).due_at()) == place.key()).peekable();
        std::iter::from_fn(move || match (early.peek(), expiring.peek()) {
            (Some(first), Some(second)) if first < second => early.next(),
            (Some(_), None) => early.next(),
            _ => expiring.next(),
        })
        .map(|place| self.at(place))
        .filter(move |record| record.due_at() <= now)
    }

    /// Takes up a new record.
    pub(crate) fn insert(&mut self, record: &Arc<Record>) {
        let presence = &record.presence;
        let slot = self.free.pop().unwrap_or_else(|| u32::try_from(self.len()).expect("2^32 records do not fit"));
        self.slots.set(slot, Some(record.clone()));
        let Self { slots, hasher, ids, users, .. } = self;
        let presence_of = |slot: &u32| &slots.get(*slot).expect("an indexed slot has a record").presence;
        ids.insert_unique(hasher.hash_one(&presence.id), slot, |slot| hasher.hash_one(&presence_of(slot).id));
        users.insert_unique(hasher.hash_one(&presence.user), slot, |slot| hasher.hash_one(&presence_of(slot).user));
        self.sockets.extend(record.sockets().map(|connection| (connection, slot)));
        let place = Place::new(0, presence.creation, slot);
        let neighbours = [self.created.before(place).next(), self.created.from(place).next()]
            .map(|neighbour| neighbour.map(|place| self.at(place).presence.created_at));
        let [before, behind] = neighbours;
        self.unordered_times |= before.is_some_and(|before| before > presence.created_at);
        self.unordered_times |= behind.is_some_and(|behind| behind < presence.created_at);
        self.created.insert(place);
        for (index, key) in keys(record) {
            self.places(index).insert(Place::new(key, presence.creation, slot));
        }
    }

    /// Puts `after` in the place of `before`, the same record as it was.
    pub(crate) fn replace(&mut self, before: &Record, after: &Arc<Record>) {
        let slot = self.slot_of_id(&before.presence.id).expect("what changes is there");
        if before.presence.user != after.presence.user {
            self.forget_user(&before.presence.user, slot);
        }
        for connection in before.sockets() {
            self.sockets.remove(&connection);
        }
        self.sockets.extend(after.sockets().map(|connection| (connection, slot)));
        self.slots.set(slot, Some(after.clone()));
        if before.presence.user != after.presence.user {
            let Self { slots, hasher, users, .. } = self;
            let hash = |slot: &u32| hasher.hash_one(&slots.get(*slot).expect("it has a record").presence.user);
            users.insert_unique(hasher.hash_one(&after.presence.user), slot, hash);
        }
        let creation = after.presence.creation;
        for (kind, old, new) in moved(before, after) {
            if let Some(key) = old {
                self.places(kind).remove(Place::new(key, creation, slot));
            }
            if let Some(key) = new {
                self.places(kind).insert(Place::new(key, creation, slot));
            }
        }
        if before.presence.state.permissions != after.presence.state.permissions {
            let is_of = |record: &Record, key: u64| readers(record).any(|other| other == key);
            for key in readers(before).filter(|key| !is_of(after, *key)) {
                self.readers.remove(Place::new(key, creation, slot));
            }
            for key in readers(after).filter(|key| !is_of(before, *key)) {
                self.readers.insert(Place::new(key, creation, slot));
            }
        }
    }

    /// Forgets a record.
    pub(crate) fn remove(&mut self, record: &Record) {
        let presence = &record.presence;
        let slot = self.slot_of_id(&presence.id).expect("what goes is there");
        if let Ok(found) = self.ids.find_entry(self.hasher.hash_one(&presence.id), |other| *other == slot) {
            found.remove();
        }
        self.forget_user(&presence.user, slot);
        for connection in record.sockets() {
            self.sockets.remove(&connection);
        }
        self.created.remove(Place::new(0, presence.creation, slot));
        for (index, key) in keys(record) {
            self.places(index).remove(Place::new(key, presence.creation, slot));
        }
        self.slots.set(slot, None);
        self.free.push(slot);
    }

    fn forget_user(&mut self, user: &UserId, slot: u32) {
        if let Ok(found) = self.users.find_entry(self.hasher.hash_one(user), |other| *other == slot) {
            found.remove();
        }
    }

    fn places(&mut self, kind: Kind) -> &mut Places {
        match kind {
            Kind::Updated => &mut self.updated,
            Kind::Expiring => &mut self.expiring,
            Kind::Early => &mut self.early,
            Kind::Status => &mut self.statuses,
            Kind::Reader => &mut self.readers,
        }
    }

    /// Checks that the indexes hold exactly the records.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut places = [const { Vec::new() }; 6];
        let (mut sockets, mut records) = (0, 0);
        for place in self.created.from(Place::first_of(0)) {
            let (record, slot) = (self.at(place), place.slot());
            let id = &record.presence.id;
            let found = (self.slot_of_id(id), self.slot_of_user(&record.presence.user), record.presence.creation);
            if found != (Some(slot), Some(slot), place.creation()) {
                return Err(format!("{id} is found as {found:?} instead of slot {slot}"));
            }
            if record.sockets().any(|connection| self.sockets.get(&connection) != Some(&slot)) {
                return Err(format!("a socket of {id} is not indexed"));
            }
            sockets += record.sockets().count();
            records += 1;
            for (kind, key) in keys(record) {
                places[kind as usize].push(Place::new(key, record.presence.creation, slot));
            }
        }
        let found = [self.ids.len(), self.users.len(), self.slots.iter().count(), self.sockets.len()];
        if found != [records, records, records, sockets] {
            return Err(format!("{records} records and {sockets} sockets, but indexes of {found:?}"));
        }
        let kinds = [&self.updated, &self.expiring, &self.early, &self.statuses, &self.readers];
        for (number, (mut expected, found)) in places.into_iter().zip(kinds).enumerate() {
            expected.sort_unstable();
            expected.dedup();
            if !found.from(Place::first_of(0)).eq(expected) {
                return Err(format!("ordered index {number} does not hold exactly the records"));
            }
        }
        Ok(())
    }
}

/// The ordered indexes in which a record stands by what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Updated,
    Expiring,
    Early,
    Status,
    Reader,
}

/// Where a record stands.
fn keys(record: &Record) -> impl Iterator<Item = (Kind, u64)> {
    let (presence, state) = (&record.presence, &record.presence.state);
    let always = [
        (Kind::Updated, time_key(presence.updated_at)),
        (Kind::Expiring, time_key(state.expires_at)),
        (Kind::Status, text_key(&state.status)),
    ];
    let early = early(record).map(|key| (Kind::Early, key));
    always.into_iter().chain(early).chain(readers(record).map(|key| (Kind::Reader, key)))
}

/// Its key among those that are due before what they show expires, where it is one of them.
fn early(record: &Record) -> Option<u64> {
    let (due, expires) = (time_key(record.due_at()), time_key(record.presence.state.expires_at));
    (due < expires).then_some(due)
}

/// Its keys by the roles that may read it.
fn readers(record: &Record) -> impl Iterator<Item = u64> {
    record.presence.state.permissions.roles(Action::Read).map(|role| text_key(role.as_str()))
}

/// The keys that differ between two states of a record, those of readers aside.
fn moved(before: &Record, after: &Record) -> impl Iterator<Item = (Kind, Option<u64>, Option<u64>)> {
    let (old, new) = (&before.presence, &after.presence);
    let statuses = if old.state.status == new.state.status {
        (None, None)
    } else {
        (Some(text_key(&old.state.status)), Some(text_key(&new.state.status)))
    };
    let times = |old, new| (Some(time_key(old)), Some(time_key(new)));
    let all = [
        (Kind::Updated, times(old.updated_at, new.updated_at)),
        (Kind::Expiring, times(old.state.expires_at, new.state.expires_at)),
        (Kind::Status, statuses),
        (Kind::Early, (early(before), early(after))),
    ];
    all.into_iter().filter(|(_, (old, new))| old != new).map(|(kind, (old, new))| (kind, old, new))
}
