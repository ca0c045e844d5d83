//! What a list has found so far: counted, and only so much of it kept as the page can need.

use std::sync::Arc;

use super::{Count, ListError, Page, Wish};
use crate::{
    Presence,
    query::{Attributes, page},
};

/// Fewer than this are never cut: a cut costs a pass.
const UNCUT: usize = 4_096;

/// Records that a list wants.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    total: usize,
    found: Vec<Arc<Presence>>,
}

impl Gathered {
    /// Takes up a record that the list wants, each only once; whether it may be of the page.
    pub(super) fn take(&mut self, wish: &Wish, presence: Arc<Presence>) -> bool {
        self.total += 1;
        let may_be = wish.is_on_the_way(&presence);
        if may_be {
            self.found.push(presence);
            if self.found.len() > wish.end().saturating_mul(2).max(UNCUT) {
                self.cut(wish);
            }
        }
        may_be
    }

    /// How many were taken.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Says how many there are, where not all were looked at.
    pub(super) fn set_total(&mut self, total: usize) {
        self.total = total;
    }

    /// Keeps those that come first.
    fn cut(&mut self, wish: &Wish) {
        let end = wish.end();
        if wish.query.random {
            self.found.select_nth_unstable_by_key(end, |presence| wish.random_place(presence));
        } else {
            self.found.select_nth_unstable_by(end, |left, right| wish.query.way(left, right));
        }
        self.found.truncate(end);
    }

    /// The page.
    pub(super) fn page(mut self, wish: &Wish) -> Result<Page, ListError> {
        if wish.query.random {
            self.found.sort_unstable_by_key(|presence| wish.random_place(presence));
        }
        let total = if wish.options.count == Count::All { self.total } else { 0 };
        let cursor = wish.cursor.as_ref().map(|cursor| cursor as &dyn Attributes);
        Ok(Page { total, presences: page(&wish.query, self.found, cursor)?, seq: wish.seq })
    }
}

impl Wish {
    /// Whether a record lies on the wanted side of the cursor.
    pub(super) fn is_on_the_way(&self, presence: &Presence) -> bool {
        self.cursor.as_ref().is_none_or(|cursor| self.query.way(presence, &**cursor).is_gt())
    }

    fn random_place(&self, presence: &Presence) -> u64 {
        scatter(presence.creation ^ self.options.seed)
    }
}

/// Spreads numbers evenly over all 64 bits (the finaliser of splitmix64).
fn scatter(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
