//! The seats of one role in a channel: those that hear everything, and those behind queries, which are asked once for
//! all that stand behind them, and only where they can match.

use std::{collections::HashMap, sync::Arc};

use herenow_core::query::{Payload, text_of};
use indexmap::{IndexMap, IndexSet};

use super::{Audience, Seat};
use crate::subscription::SharedQueries;

/// Seats by what they want.
#[derive(Default)]
pub(super) struct Seats {
    open: IndexSet<Seat>,
    /// Boxed: most roles of most channels have none.
    sifted: Option<Box<Sifted>>,
}

/// Seats behind queries.
#[derive(Default)]
struct Sifted {
    groups: IndexMap<QueriesId, Group>,
    /// The groups that hear nothing unless an attribute has a certain text, by attribute and text.
    by_text: HashMap<Arc<str>, HashMap<Arc<str>, IndexSet<QueriesId>>>,
    /// All others.
    always: IndexSet<QueriesId>,
}

struct Group {
    queries: Arc<SharedQueries>,
    seats: IndexSet<Seat>,
}

/// Equal queries are one value in memory, which their group keeps there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct QueriesId(usize);

impl From<&Arc<SharedQueries>> for QueriesId {
    fn from(queries: &Arc<SharedQueries>) -> Self {
        Self(Arc::as_ptr(queries).addr())
    }
}

/// An event, as those behind queries are asked about it.
pub(crate) struct Asked<'a, P> {
    /// What it carries.
    pub(crate) payload: &'a P,
    /// Its number, by which queries remember their answer.
    pub(crate) look: u64,
}

impl Seats {
    /// Adds a seat; whether it is new.
    pub(super) fn insert(&mut self, seat: Seat, queries: Option<&Arc<SharedQueries>>) -> bool {
        match queries.filter(|queries| !queries.is_everything()) {
            None => self.open.insert(seat),
            Some(queries) => self.sifted.get_or_insert_default().insert(seat, queries),
        }
    }

    /// Takes a seat out; whether it was there. The queries are those that it was added with.
    pub(super) fn remove(&mut self, seat: Seat, queries: Option<&Arc<SharedQueries>>) -> bool {
        match (queries.filter(|queries| !queries.is_everything()), &mut self.sifted) {
            (None, _) => self.open.swap_remove(&seat),
            (Some(_), None) => false,
            (Some(queries), Some(sifted)) => {
                let removed = sifted.remove(seat, queries);
                if sifted.groups.is_empty() {
                    self.sifted = None;
                }
                removed
            }
        }
    }

    /// Adds those that want the event to `audience`.
    pub(super) fn collect<'a, P: Payload>(&'a self, asked: &Asked<'_, P>, audience: &mut Audience<'a>) {
        audience.add(&self.open);
        if let Some(sifted) = &self.sifted {
            sifted.collect(asked, audience);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.sifted.is_none()
    }
}

impl Sifted {
    fn insert(&mut self, seat: Seat, queries: &Arc<SharedQueries>) -> bool {
        let id = QueriesId::from(queries);
        if let Some(group) = self.groups.get_mut(&id) {
            return group.seats.insert(seat);
        }
        self.groups.insert(id, Group { queries: queries.clone(), seats: IndexSet::from([seat]) });
        match queries.needed_texts() {
            None => {
                self.always.insert(id);
            }
            Some((attribute, texts)) => {
                let by_text = self.by_text.entry(attribute.into()).or_default();
                for text in texts {
                    by_text.entry(text.as_str().into()).or_default().insert(id);
                }
            }
        }
        true
    }

    fn remove(&mut self, seat: Seat, queries: &Arc<SharedQueries>) -> bool {
        let id = QueriesId::from(queries);
        let Some(group) = self.groups.get_mut(&id) else { return false };
        let removed = group.seats.swap_remove(&seat);
        if group.seats.is_empty() {
            self.forget(id, queries);
        }
        removed
    }

    fn forget(&mut self, id: QueriesId, queries: &SharedQueries) {
        self.groups.swap_remove(&id);
        self.always.swap_remove(&id);
        let Some((attribute, texts)) = queries.needed_texts() else { return };
        let Some(by_text) = self.by_text.get_mut(attribute) else { return };
        for text in texts {
            if let Some(ids) = by_text.get_mut(text.as_str()) {
                ids.swap_remove(&id);
                if ids.is_empty() {
                    by_text.remove(text.as_str());
                }
            }
        }
        if by_text.is_empty() {
            self.by_text.remove(attribute);
        }
    }

    fn collect<'a, P: Payload>(&'a self, asked: &Asked<'_, P>, audience: &mut Audience<'a>) {
        for (attribute, by_text) in &self.by_text {
            if let Some(ids) = text_of(asked.payload, attribute).and_then(|text| by_text.get(&*text)) {
                self.ask(ids, asked, audience);
            }
        }
        self.ask(&self.always, asked, audience);
    }

    fn ask<'a, P: Payload>(&'a self, ids: &IndexSet<QueriesId>, asked: &Asked<'_, P>, audience: &mut Audience<'a>) {
        for group in ids.iter().filter_map(|id| self.groups.get(id)) {
            if group.queries.match_once(asked.payload, asked.look) {
                audience.add(&group.seats);
            }
        }
    }
}
