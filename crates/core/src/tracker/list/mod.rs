//! Reads: one record, or one moment of all that somebody may see.
//!
//! A list comes from the index that leaves the fewest records to look at (`plan`), or, where too many are left for
//! somebody who holds a lock, from a look at all of one moment (`scan`), which needs no lock.
//!
//! Source: semantics 6, 20 and 21.

mod gather;
mod plan;
mod scan;
mod source;
mod walk;

use std::sync::Arc;

pub use self::scan::{Abandoned, Scan};
use self::{gather::Gathered, plan::Planned};
use super::{Tracker, decide::live, index::Place};
use crate::{
    Action, Presence, PresenceId, Timestamp, UserId, Viewer,
    query::{ListQuery, PageError},
};

/// Whether a list counts all that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly.
    All,
    /// Not at all: `total` is 0.
    Nothing,
}

/// How a list is made, beside what its queries ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOptions {
    /// Whether to count.
    pub count: Count,
    /// Random bits, for lists in random order.
    pub seed: u64,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many match, on all pages.
    pub total: usize,
    /// Those of this page.
    pub presences: Vec<Arc<Presence>>,
    /// The number of the last change that the page knows.
    pub seq: u64,
}

/// A list, or what is left to do for it.
#[derive(Debug)]
pub enum Listing {
    /// It is made.
    Page(Page),
    /// Many records have to be looked at: to be done without a lock, and not where others wait for the thread.
    Scan(Scan),
}

/// What a list is made for.
#[derive(Debug, Clone)]
struct Wish {
    query: ListQuery,
    viewer: Viewer,
    now: Timestamp,
    options: ListOptions,
    /// The record that the query's cursor names.
    cursor: Option<Arc<Presence>>,
    seq: u64,
}

impl Wish {
    fn wants(&self, presence: &Presence) -> bool {
        presence.allows(Action::Read, &self.viewer) && self.query.matches(presence)
    }

    /// How many records in order make the page.
    fn end(&self) -> usize {
        self.query.offset.saturating_add(self.query.limit)
    }
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The cursor names no record that the caller may read.
    #[error("Cursor '{0}' was not found.")]
    CursorNotFound(PresenceId),
    /// It took too long.
    #[error(transparent)]
    Abandoned(#[from] Abandoned),
    /// The page cannot be cut as asked.
    #[error(transparent)]
    Page(#[from] PageError),
}

impl Tracker {
    /// The record of this id, where it lives at `now` and `viewer` may read it.
    #[must_use]
    pub fn get(&self, id: &PresenceId, viewer: &Viewer, now: Timestamp) -> Option<Arc<Presence>> {
        let presence = live(self.index.get(id)?, now)?;
        presence.allows(Action::Read, viewer).then_some(presence)
    }

    /// The record of this id with its holders, also where some of them are due; for operators.
    #[must_use]
    pub fn record(&self, id: &PresenceId) -> Option<&Arc<super::Record>> {
        self.index.get(id)
    }

    /// The record of this user, whoever asks.
    #[must_use]
    pub fn of_user(&self, user: &UserId, now: Timestamp) -> Option<Arc<Presence>> {
        live(self.index.of_user(user)?, now)
    }

    /// All records that live at `now` and that `viewer` may read, in the order of their creation.
    pub fn readable<'a>(&'a self, viewer: &'a Viewer, now: Timestamp) -> impl Iterator<Item = Arc<Presence>> + 'a {
        self.in_order(now).filter(|presence| presence.allows(Action::Read, viewer))
    }

    /// One page of what `viewer` may read at `now`, whatever it costs: see [`Tracker::begin_list`].
    ///
    /// # Errors
    /// [`ListError`] where the cursor or the order cannot be followed.
    pub fn list(
        &self,
        query: &ListQuery,
        viewer: &Viewer,
        now: Timestamp,
        options: ListOptions,
    ) -> Result<Page, ListError> {
        match self.begin_list(query, viewer, now, options)? {
            Listing::Page(page) => Ok(page),
            Listing::Scan(scan) => scan.run(|| true),
        }
    }

    /// One page of what `viewer` may read at `now`, where that takes a look at some thousand records at the most;
    /// else this moment of all records, to be looked through elsewhere.
    ///
    /// # Errors
    /// [`ListError`] where the cursor or the order cannot be followed.
    pub fn begin_list(
        &self,
        query: &ListQuery,
        viewer: &Viewer,
        now: Timestamp,
        options: ListOptions,
    ) -> Result<Listing, ListError> {
        let cursor = query.cursor.as_ref().map(|cursor| self.cursor(cursor.id(), viewer, now)).transpose()?;
        let (query, viewer) = (query.clone(), viewer.clone());
        let wish = Wish { query, viewer, now, options, cursor, seq: self.seq };
        match plan::gather(&self.index, &wish) {
            Planned::Gathered(gathered) => Ok(Listing::Page(gathered.page(&wish)?)),
            Planned::TooMany => Ok(Listing::Scan(Scan::new(self.index.slots().clone(), wish))),
        }
    }

    fn in_order(&self, now: Timestamp) -> impl Iterator<Item = Arc<Presence>> + '_ {
        self.index.created().from(Place::first_of(0)).filter_map(move |place| live(self.index.at(place), now))
    }

    /// The record that a cursor names, alive or ended a short while ago: paging through live data must not
    /// fail because somebody left. Source: decisions, Presences.
    fn cursor(&self, id: &str, viewer: &Viewer, now: Timestamp) -> Result<Arc<Presence>, ListError> {
        let id = PresenceId::parse(id).expect("the query's cursor was checked to be an id");
        let live = self.index.get(&id).and_then(|record| live(record, now));
        let remembered = || {
            let (at, presence) = self.ended.get(&id)?;
            (at.plus(super::CURSOR_MEMORY) > now).then(|| presence.clone())
        };
        let found = live.or_else(remembered).filter(|presence| presence.allows(Action::Read, viewer));
        found.ok_or(ListError::CursorNotFound(id))
    }
}
