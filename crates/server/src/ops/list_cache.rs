//! The cache of lists that clients ask for with `ttl`: bounded, and never showing what has ended or may no longer be
//! read.
//!
//! Source: http-api, A3; spec README ("The list cache …").

use std::sync::Arc;

use herenow_broker::Moment;
use herenow_core::{
    Presence, ProjectId, Timestamp, Viewer,
    tracker::{Count, Page},
};
use quick_cache::sync::Cache;

/// How many lists are kept at most.
const MAX_LISTS: usize = 1_000;
/// A longer page is not kept.
const MAX_PAGE: usize = 500;

/// What makes two lists the same.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The project.
    pub project: &'a ProjectId,
    /// Who asks.
    pub viewer: &'a Viewer,
    /// The queries, as sent.
    pub queries: &'a [String],
    /// Whether it counts.
    pub count: Count,
}

type Key = (ProjectId, String);

/// A list as it was.
struct Kept {
    at: Timestamp,
    total: usize,
    seq: u64,
    presences: Vec<Arc<Presence>>,
}

/// The cache.
pub struct ListCache(Cache<Key, Arc<Kept>>);

impl Default for ListCache {
    fn default() -> Self {
        Self(Cache::new(MAX_LISTS))
    }
}

impl ListCache {
    /// The list as it was less than `ttl_seconds` ago, without what has ended since or may no longer be read.
    #[must_use]
    pub fn get(&self, wanted: Wanted<'_>, ttl_seconds: u64, moment: &Moment<'_>) -> Option<Page> {
        let kept = self.0.get(&key(wanted))?;
        let whole_seconds = |time: Timestamp| time.millis().div_euclid(1000);
        let ttl = i64::try_from(ttl_seconds).ok()?;
        if whole_seconds(kept.at).saturating_add(ttl) <= whole_seconds(moment.now) {
            return None;
        }
        let still_here = |presence: &&Arc<Presence>| {
            let now = moment.tracker.get(&presence.id, wanted.viewer, moment.now);
            now.is_some_and(|now| now.creation == presence.creation)
        };
        let presences: Vec<_> = kept.presences.iter().filter(still_here).cloned().collect();
        let gone = kept.presences.len() - presences.len();
        Some(Page { total: kept.total.saturating_sub(gone), presences, seq: kept.seq })
    }

    /// Keeps a list.
    pub fn put(&self, wanted: Wanted<'_>, page: &Page, at: Timestamp) {
        if page.presences.len() <= MAX_PAGE {
            let kept = Kept { at, total: page.total, seq: page.seq, presences: page.presences.clone() };
            self.0.insert(key(wanted), Arc::new(kept));
        }
    }

    /// Forgets the lists of a project.
    pub fn purge(&self, project: &ProjectId) {
        self.0.retain(|(of, _), _| of != project);
    }
}

fn key(wanted: Wanted<'_>) -> Key {
    let text = format!("{:?} {:?} {:?}", wanted.viewer, wanted.queries, wanted.count);
    (wanted.project.clone(), text)
}
