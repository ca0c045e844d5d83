//! One subscription of one connection, and the queries that many of them share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use herenow_core::{
    UserId,
    query::{Payload, RealtimeQueries},
};
use herenow_wire::realtime::{SubscribeRow, Subscribed, quoted_ids};
use smallvec::smallvec;

use crate::{channel, outbox::Reach};

/// What a client asked to hear.
#[derive(Debug)]
pub struct Subscription {
    /// Its number on the connection.
    pub(crate) number: u32,
    /// Its id for the client.
    pub id: Arc<str>,
    requested: Box<[String]>,
    /// The channels as rewritten for the user, where that changes them.
    bound: Option<Box<[String]>>,
    pub(crate) queries: Option<Arc<SharedQueries>>,
    pub(crate) reach: Arc<Reach>,
}

impl Subscription {
    pub(crate) fn new(
        number: u32,
        id: Arc<str>,
        requested: Vec<String>,
        queries: Option<Arc<SharedQueries>>,
        user: Option<&UserId>,
    ) -> Self {
        let reach = Reach { subscriptions: smallvec![number], quoted: quoted_ids(std::iter::once(&*id)) };
        let mut subscription =
            Self { number, id, requested: requested.into(), bound: None, queries, reach: Arc::new(reach) };
        subscription.rebind(user);
        subscription
    }

    /// The channels as rewritten for the user.
    #[must_use]
    pub fn channels(&self) -> &[String] {
        self.bound.as_deref().unwrap_or(&self.requested)
    }

    /// Binds the account channels to another user.
    pub(crate) fn rebind(&mut self, user: Option<&UserId>) {
        let effective = channel::effective(&self.requested, user);
        self.bound = (effective[..] != self.requested[..]).then(|| effective.into());
    }

    /// Whether an event with this payload is wanted, as [`SharedQueries::match_once`] says.
    pub(crate) fn wants(&self, payload: &impl Payload, look: u64) -> bool {
        self.queries.as_ref().is_none_or(|queries| queries.match_once(payload, look))
    }

    /// The row of the answer to `subscribe`.
    pub(crate) fn answer(&self) -> Subscribed {
        let queries = self.queries.as_ref().map_or_else(Vec::new, |queries| queries.queries.texts().to_vec());
        Subscribed { id: self.id.to_string(), channels: self.channels().to_vec(), queries }
    }
}

/// Queries with the last answer that they gave.
#[derive(Debug)]
pub(crate) struct SharedQueries {
    queries: RealtimeQueries,
    /// The number of the event last looked at, shifted left by one, and whether it matched.
    last: AtomicU64,
}

impl SharedQueries {
    /// Whether an event with this payload is wanted; `look` numbers the event, so that it is answered once for all who
    /// ask by these queries.
    pub(crate) fn match_once(&self, payload: &impl Payload, look: u64) -> bool {
        if self.queries.is_everything() {
            return true;
        }
        // The hub's lock orders these: atomics only for want of a cell that may be shared.
        let last = self.last.load(Ordering::Relaxed);
        if last >> 1 == look {
            return last & 1 == 1;
        }
        let matches = self.queries.matches(payload);
        self.last.store(look << 1 | u64::from(matches), Ordering::Relaxed);
        matches
    }

    /// The answer without the memory of it.
    #[cfg(test)]
    pub(crate) fn answer(&self, payload: &impl Payload) -> bool {
        self.queries.matches(payload)
    }

    /// An attribute that must be one of these texts, where the queries demand such a one.
    pub(crate) fn needed_texts(&self) -> Option<(&str, &[String])> {
        self.queries.needed_texts()
    }

    /// Whether every event is wanted.
    pub(crate) fn is_everything(&self) -> bool {
        self.queries.is_everything()
    }
}

/// All queries in use, each once.
#[derive(Default)]
pub(crate) struct Interner {
    known: HashMap<RealtimeQueries, Weak<SharedQueries>>,
    sweep_at: usize,
}

impl Interner {
    /// The shared form of a row's queries; none where there are none.
    pub(crate) fn intern(&mut self, row: &SubscribeRow) -> Option<Arc<SharedQueries>> {
        if row.queries.texts().is_empty() {
            return None;
        }
        if let Some(shared) = self.known.get(&row.queries).and_then(Weak::upgrade) {
            return Some(shared);
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, queries| queries.strong_count() > 0);
            self.sweep_at = 64.max(self.known.len() * 2);
        }
        let shared = Arc::new(SharedQueries { queries: row.queries.clone(), last: AtomicU64::new(0) });
        self.known.insert(row.queries.clone(), Arc::downgrade(&shared));
        Some(shared)
    }

    /// How many it remembers.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }
}
