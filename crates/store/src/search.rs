//! What a list of users, teams or memberships is asked for, and what is found.

use herenow_core::{
    UserId,
    query::{Direction, ListQuery, Order},
    tracker::Count,
};

/// What a list is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Filters, orders, cursor and page.
    pub query: ListQuery,
    /// Words in lower case, each of which must occur in one of the texts that a search looks at.
    pub words: Vec<String>,
    /// Whether all that match are counted.
    pub count: Count,
}

impl Search {
    /// The first of all, in the order of creation, which are not counted.
    #[must_use]
    pub fn first(limit: usize) -> Self {
        let orders = vec![Order { attribute: "$sequence", direction: Direction::Ascending }];
        let query = ListQuery { filters: Vec::new(), orders, random: false, limit, offset: 0, cursor: None };
        Self { query, words: Vec::new(), count: Count::Nothing }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// How many match, on all pages; 0 where nobody asked.
    pub total: usize,
    /// Those of the page, in its order.
    pub items: Vec<T>,
}

/// Of whom a list of memberships may be asked about: what an answer leaves blank must not be told by a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownUsers {
    /// Of everybody.
    All,
    /// Of this one; every other user's id counts as an empty text.
    Only(UserId),
    /// Of nobody.
    Nobody,
}
