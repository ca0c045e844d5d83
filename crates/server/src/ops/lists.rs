//! Lists of things of which there are few, which the store hands over whole: filtered, searched, counted, ordered,
//! paged. And what the store is asked where it makes the list itself, since there may be many.
//!
//! Knows no kind of thing. Source: queries, sections 2 and 3.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use herenow_core::{
    query::{Attributes, Fault, InvalidQuery, ListQuery, PageError, Schema, page},
    tracker::{Count, ListError},
};
use herenow_store::{Found, Search};
use herenow_wire::ErrorType;

use crate::{clock::random_u64, failure::Failure};

/// What a list was asked for.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// Its queries, as sent.
    pub queries: Vec<String>,
    /// Words that must all occur, in any case.
    pub search: Option<String>,
    /// Whether it counts.
    pub count: Count,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// How many match, on all pages; 0 where nobody asked.
    pub total: usize,
    /// Those of this page.
    pub items: Vec<Arc<T>>,
}

impl<T> Listed<T> {
    /// A page of these.
    pub(super) fn of(total: usize, items: impl Iterator<Item = T>) -> Self {
        Self { total, items: items.map(Arc::new).collect() }
    }
}

/// A thing that a list can be made of.
pub trait Listable: Attributes + Send + Sync + 'static {
    /// Its id, by which a cursor names it.
    fn id(&self) -> &str;
    /// The texts that a search looks at.
    fn searched(&self) -> Vec<&str>;
}

/// Makes the page that was asked for of `things`: all that the caller may see, in the order of creation.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list<T: Listable>(things: Vec<T>, schema: &Schema, request: &ListRequest) -> Result<Listed<T>, Failure> {
    let (query, words) = (parse(request, schema)?, words(request));
    let (count, seed) = (request.count, random_u64());
    // Many things take a while, during which nobody else on this thread would be served.
    let made = tokio::task::spawn_blocking(move || make(things, &query, &words, count, seed));
    made.await.map_err(Failure::internal)?.map_err(|error| ListError::Page(error).into())
}

fn words(request: &ListRequest) -> Vec<String> {
    request.search.iter().flat_map(|search| search.split_whitespace()).map(str::to_lowercase).collect()
}

/// What the store is asked for, where it makes the list itself.
pub(super) fn search(request: &ListRequest, schema: &Schema) -> Result<Search, Failure> {
    Ok(Search { query: parse(request, schema)?, words: words(request), count: request.count })
}

/// What the store found.
pub(super) fn found<T>(found: Result<Found<T>, PageError>) -> Result<Found<T>, Failure> {
    found.map_err(|error| ListError::Page(error).into())
}

/// What a list was asked for.
fn parse(request: &ListRequest, schema: &Schema) -> Result<ListQuery, Failure> {
    ListQuery::parse(&request.queries, schema).map_err(refused)
}

fn make<T: Listable>(
    things: Vec<T>,
    query: &ListQuery,
    words: &[String],
    count: Count,
    seed: u64,
) -> Result<Listed<T>, PageError> {
    let things: Vec<Arc<T>> = things.into_iter().map(Arc::new).collect();
    let wanted = |thing: &&Arc<T>| query.matches(*thing) && is_found(&***thing, words);
    let mut matching: Vec<Arc<T>> = things.iter().filter(wanted).cloned().collect();
    if query.random {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        matching.sort_by_cached_key(|thing| hasher.hash_one((seed, thing.id())));
    }
    let total = if count == Count::All { matching.len() } else { 0 };
    let cursor = query.cursor.as_ref().and_then(|cursor| things.iter().find(|thing| thing.id() == cursor.id()));
    let items = page(query, matching, cursor.map(|cursor| cursor as &dyn Attributes))?;
    Ok(Listed { total, items })
}

fn is_found<T: Listable>(thing: &T, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let texts: Vec<String> = thing.searched().into_iter().map(str::to_lowercase).collect();
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

fn refused(invalid: InvalidQuery) -> Failure {
    match invalid.fault() {
        Fault::Argument => Failure::invalid_param("queries", &invalid),
        Fault::Query => Failure::new(ErrorType::GeneralQueryInvalid, invalid.to_string()),
    }
}
