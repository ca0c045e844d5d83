//! Lists of things that the store hands over whole: filter, search, count, order, page.
//!
//! Knows no thing by name. Source: queries, sections 2 and 3.

use herenow_core::{
    query::{Attributes, Fault, InvalidQuery, ListQuery, PageError, Schema, page},
    tracker::Count,
};
use herenow_wire::ErrorType;

use crate::{clock::random_u64, failure::Failure};

/// What a list of accounts' things was asked for.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// Its queries, as sent.
    pub queries: Vec<String>,
    /// Words that must all occur, whatever their case.
    pub search: Option<String>,
    /// Whether it counts.
    pub count: Count,
}

/// One page, and how many match on all pages.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// 0 where nobody asked.
    pub total: usize,
    /// Those of the page.
    pub items: Vec<T>,
}

/// A thing that a list can be made of.
pub trait Listable: Attributes + Send + 'static {
    /// Its id, by which a cursor names it.
    fn id(&self) -> &str;
    /// Where a search looks.
    fn searched(&self) -> Vec<&str>;
}

/// Makes the page that was asked for; `things` are all that the caller may see, in the order of creation.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list<T: Listable>(
    things: Vec<T>,
    schema: &Schema,
    request: &ListRequest,
    ) -> Result<Listed<T>, Failure> {
    let query = ListQuery::parse(&request.queries, schema)?;
    let words: Vec<String> =
        request.search.iter().flat_map(|search| search.split_whitespace()).map(str::to_lowercase).collect();
    let (count, seed) = (request.count, random_u64());
    // Filtering and sorting many things would hold up everybody else on the thread.
    let made = tokio::task::spawn_blocking(move || make(things, &query, &words, count, seed));
    made.await.map_err(Failure::internal)?.map_err(Failure::from)
}

fn make<T: Listable>(
    things: Vec<T>,
    query: &ListQuery,
    words: &[String],
    count: Count,
    seed: u64,
) -> Result<Listed<T>, PageError> {
    let wanted = |thing: &&T| query.matches(*thing) && is_found(*thing, words);
    let mut matching: Vec<&T> = things.iter().filter(wanted).collect();
    if query.random {
        shuffle(&mut matching, seed);
    }
    let total = if count == Count::All { matching.len() } else { 0 };
    let cursor = query.cursor.as_ref().and_then(|cursor| things.iter().find(|thing| thing.id() == cursor.id()));
    let ids: Vec<String> = page(query, matching, cursor.map(|cursor| cursor as &dyn Attributes))?
        .into_iter()
        .map(|thing| thing.id().to_owned())
        .collect();
    Ok(Listed { total, items: pick(things, &ids) })
}
