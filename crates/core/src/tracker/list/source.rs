//! The smallest set of records that an index knows to hold all that a list can want.

use std::{collections::BinaryHeap, sync::Arc};

use super::Wish;
use crate::{
    PresenceId, UserId,
    query::Operand,
    tracker::{
        Record,
        index::{Index, Place, Places, text_key},
    },
};

/// Where a list looks.
pub(super) enum Source<'a> {
    /// At everything.
    All(&'a Places),
    /// At the records that its queries or the viewer's own id name, each once.
    Named(Vec<&'a Arc<Record>>),
    /// At those with one of these keys in an index.
    Keyed {
        /// The index.
        places: &'a Places,
        /// Each once.
        keys: Vec<u64>,
        /// How many places they have together; of many only about.
        len: usize,
        /// What the viewer owns, whatever its keys are.
        own: Option<&'a Arc<Record>>,
    },
}

impl<'a> Source<'a> {
    /// The smallest that holds all that `wish` can want, what is due aside.
    pub(super) fn smallest(index: &'a Index, wish: &Wish) -> Self {
        let mut smallest = Self::All(index.created());
        let users = ["userId", "userInternalId"].into_iter().find_map(|name| wish.query.equal_values(name));
        if let Some(users) = users {
            smallest.or(Self::named(users, |text| UserId::parse(text).ok().and_then(|user| index.of_user(&user))));
        }
        if let Some(ids) = wish.query.equal_values("$id") {
            smallest.or(Self::named(ids, |text| PresenceId::parse(text).ok().and_then(|id| index.get(&id))));
        }
        if let Some(statuses) = wish.query.equal_values("status") {
            smallest.or(Self::keyed(index.statuses(), statuses.iter().filter_map(text), None));
        }
        if !wish.viewer.is_privileged() {
            let own = wish.viewer.user().and_then(|user| index.of_user(user));
            let roles = wish.viewer.roles().iter().map(crate::Role::as_str);
            smallest.or(Self::keyed(index.readers(), roles, own));
        }
        smallest
    }

    fn or(&mut self, other: Self) {
        if other.len() < self.len() {
            *self = other;
        }
    }

    fn named(operands: &[Operand], find: impl Fn(&str) -> Option<&'a Arc<Record>>) -> Self {
        let mut found: Vec<_> = operands.iter().filter_map(text).filter_map(find).collect();
        found.sort_unstable_by_key(|record| record.presence.creation);
        found.dedup_by_key(|record| record.presence.creation);
        Self::Named(found)
    }

    fn keyed<'t>(places: &'a Places, texts: impl Iterator<Item = &'t str>, own: Option<&'a Arc<Record>>) -> Self {
        let mut keys: Vec<u64> = texts.map(text_key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut len = usize::from(own.is_some());
        keys.retain(|key| {
            let count = places.count(Place::first_of(*key), Place::last_of(*key));
            len += count;
            count > 0
        });
        Self::Keyed { places, keys, len, own }
    }

    /// How many places it has, of which a record may have several; of many only about.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::All(places) => places.len(),
            Self::Named(records) => records.len(),
            Self::Keyed { len, .. } => *len,
        }
    }

    /// Its records, each once, in the order of creation.
    pub(super) fn records(&'a self, index: &'a Index) -> Box<dyn Iterator<Item = &'a Arc<Record>> + 'a> {
        self.created(index, None, Way::Up)
    }

    /// Its records, each once, by their creation, from the number `start` on where one is given.
    pub(super) fn created(
        &'a self,
        index: &'a Index,
        start: Option<u64>,
        way: Way,
    ) -> Box<dyn Iterator<Item = &'a Arc<Record>> + 'a> {
        match self {
            Self::All(places) => Box::new(way.along(places, 0, start).map(|place| index.at(place))),
            Self::Named(records) => match way {
                Way::Up => Box::new(records.iter().copied()),
                Way::Down => Box::new(records.iter().rev().copied()),
            },
            Self::Keyed { places, keys, own, .. } => {
                let ranges = keys
                    .iter()
                    .map(|key| -> Run<'a> { Box::new(way.along(places, *key, start).map(|place| index.at(place))) });
                let own: Run<'a> = Box::new(own.iter().copied());
                Box::new(merged(ranges.chain([own]).collect(), way))
            }
        }
    }
}

fn text(operand: &Operand) -> Option<&str> {
    if let Operand::Text(text) = operand { Some(text) } else { None }
}

/// Which way an index is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Smallest first.
    Up,
    /// Greatest first.
    Down,
}

impl Way {
    pub(super) fn turned(self) -> Self {
        if self == Self::Up { Self::Down } else { Self::Up }
    }

    /// The places of one key, from the creation number `start` on where one is given.
    pub(super) fn along(self, places: &Places, key: u64, start: Option<u64>) -> Box<dyn Iterator<Item = Place> + '_> {
        match self {
            Self::Up => {
                let from = Place::new(key, start.unwrap_or(0), 0);
                Box::new(places.from(from).take_while(move |place| place.key() == key))
            }
            Self::Down => {
                let end = start.map_or(Place::last_of(key), |start| Place::new(key, start, u32::MAX));
                Box::new(places.before(end).take_while(move |place| place.key() == key))
            }
        }
    }
}

type Run<'a> = Box<dyn Iterator<Item = &'a Arc<Record>> + 'a>;

/// Runs in the order of creation as one, each record once.
fn merged<'a>(mut runs: Vec<Run<'a>>, way: Way) -> impl Iterator<Item = &'a Arc<Record>> {
    let rank = move |record: &Record| {
        let creation = record.presence.creation;
        if way == Way::Up { u64::MAX - creation } else { creation }
    };
    let mut heads: Vec<Option<&Arc<Record>>> = runs.iter_mut().map(Iterator::next).collect();
    let ranked = heads.iter().enumerate();
    let mut first: BinaryHeap<(u64, usize)> =
        ranked.filter_map(|(run, head)| head.map(|head| (rank(head), run))).collect();
    let mut last = None;
    std::iter::from_fn(move || {
        loop {
            let (at, run) = first.pop()?;
            let head = heads[run].take();
            heads[run] = runs[run].next();
            if let Some(next) = heads[run] {
                first.push((rank(next), run));
            }
            if last != Some(at) {
                last = Some(at);
                return head;
            }
        }
    })
}
