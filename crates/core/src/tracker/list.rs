//! Reads: one record, or one moment of all that somebody may see.
//!
//! Source: semantics 6, 20 and 21.

use std::sync::Arc;

use super::{Record, Tracker};
use crate::{
    Action, Presence, PresenceId, Timestamp, UserId, Viewer,
    query::{Attributes, ListQuery, Operand, PageError, page},
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

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The cursor names no record that the caller may read.
    #[error("Cursor '{0}' was not found.")]
    CursorNotFound(PresenceId),
    /// The page cannot be cut as asked.
    #[error(transparent)]
    Page(#[from] PageError),
}

impl Tracker {
    /// The record of this id, where it lives at `now` and `viewer` may read it.
    #[must_use]
    pub fn get(&self, id: &PresenceId, viewer: &Viewer, now: Timestamp) -> Option<Arc<Presence>> {
        let presence = self.live(self.records.get(id)?, now)?;
        presence.allows(Action::Read, viewer).then_some(presence)
    }

    /// The record of this id with its holders, also where some of them are due; for operators.
    #[must_use]
    pub fn record(&self, id: &PresenceId) -> Option<&Arc<Record>> {
        self.records.get(id)
    }

    /// The record of this user, whoever asks.
    #[must_use]
    pub fn of_user(&self, user: &UserId, now: Timestamp) -> Option<Arc<Presence>> {
        self.live(self.records.get(self.by_user.get(user)?)?, now)
    }

    /// All records that live at `now` and that `viewer` may read, in the order of their creation.
    pub fn readable<'a>(&'a self, viewer: &'a Viewer, now: Timestamp) -> impl Iterator<Item = Arc<Presence>> + 'a {
        self.in_order(now).filter(|presence| presence.allows(Action::Read, viewer))
    }

    /// One page of what `viewer` may read at `now`.
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
        let wanted = |presence: &Arc<Presence>| presence.allows(Action::Read, viewer) && query.matches(presence);
        let mut matching: Vec<_> = match query.equal_values("userId") {
            Some(users) => self.of_users(users, now).into_iter().filter(wanted).collect(),
            None => self.in_order(now).filter(wanted).collect(),
        };
        if query.random {
            matching.sort_unstable_by_key(|presence| scatter(presence.creation ^ options.seed));
        }
        let cursor = query.cursor.as_ref().map(|cursor| self.cursor(cursor.id(), viewer, now)).transpose()?;
        let total = if options.count == Count::All { matching.len() } else { 0 };
        let presences = page(query, matching, cursor.as_ref().map(|cursor| cursor as &dyn Attributes))?;
        Ok(Page { total, presences, seq: self.seq })
    }

    fn of_users(&self, users: &[Operand], now: Timestamp) -> Vec<Arc<Presence>> {
        let id = |user: &Operand| match user {
            Operand::Text(user) => UserId::parse(user).ok(),
            _ => None,
        };
        let mut found: Vec<_> = users.iter().filter_map(id).filter_map(|user| self.of_user(&user, now)).collect();
        found.sort_unstable_by_key(|presence| presence.creation);
        found.dedup_by_key(|presence| presence.creation);
        found
    }

    fn in_order(&self, now: Timestamp) -> impl Iterator<Item = Arc<Presence>> + '_ {
        self.by_creation.values().filter_map(move |id| self.live(self.records.get(id)?, now))
    }

    fn live(&self, record: &Arc<Record>, now: Timestamp) -> Option<Arc<Presence>> {
        if record.due_at() > now { Some(record.presence.clone()) } else { self.settled(record, now) }
    }

    /// The record that a cursor names, alive or ended a short while ago: paging through live data must not
    /// fail because somebody left. Source: decisions, Presences.
    fn cursor(&self, id: &str, viewer: &Viewer, now: Timestamp) -> Result<Arc<Presence>, ListError> {
        let id = PresenceId::parse(id).expect("the query's cursor was checked to be an id");
        let live = self.records.get(&id).and_then(|record| self.live(record, now));
        let remembered = || {
            let (at, presence) = self.ended.get(&id)?;
            (at.plus(super::CURSOR_MEMORY) > now).then(|| presence.clone())
        };
        let found = live.or_else(remembered).filter(|presence| presence.allows(Action::Read, viewer));
        found.ok_or(ListError::CursorNotFound(id))
    }
}

/// Spreads numbers evenly over all 64 bits (the finaliser of splitmix64).
fn scatter(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
