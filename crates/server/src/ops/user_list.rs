//! The list of a project's users.
//!
//! Source: http-api, section C; queries, section 3 ("Allowed attributes").

use std::{ops::Range, sync::Arc};

use herenow_core::{
    ProjectId, UserId,
    account::User,
    query::{Attributes, ListQuery, Schema, Value},
    tracker::Count,
};
use herenow_store::{ListedUser, Page};

use super::lists::{self, ListRequest, Listable, Listed};
use crate::{App, failure::Failure};

/// So many users are looked at together: a few milliseconds.
const CHUNK: usize = 1_000;

/// A user as lists see it.
#[derive(Debug)]
pub struct Row(ListedUser);

impl Row {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

/// Lists users.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let query = lists::parse(request, &Schema::USERS)?;
    if let Some(page) = lists::plain(&query, request, UserId::parse) {
        let found = app.accounts.user_page(project, &page).await?;
        let users = lists::in_order(found, &query)?;
        let total = if request.count == Count::All { app.accounts.count_users(project).await? } else { 0 };
        return Ok(Listed { total, items: users.into_iter().map(|user| Arc::new(Row(user))).collect() });
    }
    if let Some(mut sieve) = Sieve::of(&query, request, CHUNK) {
        // The one at which a chunk ended may go before the next is read: then the list that reads all at once is made.
        while let Some(users) = app.accounts.user_page(project, &sieve.next).await? {
            if sieve.take(users) == Taken::Enough {
                return Ok(sieve.listed());
            }
        }
    }
    let rows = app.accounts.users(project).await?.into_iter().map(Row).collect();
    lists::list(rows, &Schema::USERS, request).await
}

/// Makes the page of a search or of filters in the order of creation from users who are read some at a time, so that no
/// more are held, and no further than the page goes where nobody wants a count.
struct Sieve<'a> {
    query: &'a ListQuery,
    words: Vec<String>,
    count: Count,
    /// Which of those that match are on the page.
    on_page: Range<usize>,
    /// What to read next.
    next: Page<UserId>,
    total: usize,
    items: Vec<Arc<Row>>,
}

/// Whether more users have to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    More,
    Enough,
}

impl<'a> Sieve<'a> {
    /// None for lists in another order, and for those behind a cursor.
    fn of(query: &'a ListQuery, request: &ListRequest, chunk: usize) -> Option<Self> {
        let page = lists::in_creation_order(query, UserId::parse).filter(|page| page.from.is_none())?;
        Some(Self {
            query,
            words: lists::words(request),
            count: request.count,
            on_page: page.skip..page.skip.saturating_add(page.limit),
            next: Page { skip: 0, limit: chunk, ..page },
            total: 0,
            items: Vec::new(),
        })
    }

    fn take(&mut self, users: Vec<ListedUser>) -> Taken {
        let is_last = users.len() < self.next.limit;
        self.next.from = users.last().map(|last| last.user.id.clone());
        for row in users.into_iter().map(Row).filter(|row| lists::is_wanted(row, self.query, &self.words)) {
            if self.on_page.contains(&self.total) {
                self.items.push(Arc::new(row));
            }
            self.total += 1;
        }
        let is_full = self.count == Count::Nothing && self.total >= self.on_page.end;
        if is_last || is_full { Taken::Enough } else { Taken::More }
    }

    fn listed(self) -> Listed<Row> {
        Listed { total: if self.count == Count::All { self.total } else { 0 }, items: self.items }
    }
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.user().id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        let user = self.user();
        vec![user.id.as_str(), &user.email, &user.phone, &user.name]
    }
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        let user = self.user();
        // An address that was never given is null to a query, though an answer shows it as an empty text.
        let address = |text| if str::is_empty(text) { Value::Null } else { Value::Text(text) };
        match name {
            "$id" => Value::Text(user.id.as_str()),
            "$createdAt" | "registration" => Value::Time(user.created_at),
            "$updatedAt" => Value::Time(user.updated_at),
            "$sequence" => Value::Integer(self.0.sequence),
            "name" => Value::Text(&user.name),
            "email" => address(&user.email),
            "phone" => address(&user.phone),
            "status" => Value::Boolean(user.status),
            "passwordUpdate" => user.password_update.map_or(Value::Null, Value::Time),
            "accessedAt" => user.accessed_at.map_or(Value::Null, Value::Time),
            "emailVerification" => Value::Boolean(user.email_verification),
            "phoneVerification" => Value::Boolean(user.phone_verification),
            "impersonator" => Value::Boolean(false),
            "labels" => Value::Texts(&user.labels),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use herenow_core::Timestamp;
    use herenow_store::Toward;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);
    /// Fewer than there are users, and no divisor of their number.
    const FEW: usize = 3;

    fn user(number: usize) -> ListedUser {
        let id = UserId::parse(&format!("user{number}")).expect("an id");
        ListedUser { sequence: i64::try_from(number).expect("small"), user: User::new(id, NOW) }
    }

    fn request(search: &str, queries: &[&str], count: Count) -> ListRequest {
        let queries = queries.iter().map(|query| (*query).to_owned()).collect();
        ListRequest { queries, search: Some(search.to_owned()), count }
    }

    /// The page of a search among ten users, whose ids end with 0 to 9, and how often they were read.
    fn ask(search: &str, queries: &[&str], count: Count) -> (Listed<Row>, usize) {
        let request = request(search, queries, count);
        let query = ListQuery::parse(&request.queries, &Schema::USERS).expect("valid");
        let mut sieve = Sieve::of(&query, &request, FEW).expect("in the order of creation");
        for reads in 1.. {
            let mut all: Vec<_> = (0..10).map(user).collect();
            if sieve.next.toward == Toward::Earlier {
                all.reverse();
            }
            let behind = sieve.next.from.as_ref().and_then(|from| all.iter().position(|row| row.user.id == *from));
            let rest = all.split_off(behind.map_or(0, |place| place + 1));
            if sieve.take(rest.into_iter().take(sieve.next.limit).collect()) == Taken::Enough {
                return (sieve.listed(), reads);
            }
        }
        unreachable!("users end")
    }

    fn ids(listed: &Listed<Row>) -> Vec<&str> {
        listed.items.iter().map(|row| row.id()).collect()
    }

    #[test]
    fn a_search_finds_what_lies_in_any_chunk_and_counts_it_all() {
        let page = [r#"{"method":"limit","values":[4]}"#, r#"{"method":"offset","values":[5]}"#];
        let (listed, _) = ask("USER", &page, Count::All);
        assert_eq!((listed.total, ids(&listed)), (10, vec!["user5", "user6", "user7", "user8"]));
        let down = [r#"{"method":"orderDesc","attribute":"$sequence"}"#, r#"{"method":"limit","values":[2]}"#];
        let (listed, _) = ask("user", &down, Count::All);
        assert_eq!((listed.total, ids(&listed)), (10, vec!["user9", "user8"]));
    }

    #[test]
    fn filters_and_words_both_hold() {
        let filter = [r#"{"method":"greaterThan","attribute":"$sequence","values":[3]}"#];
        let (listed, reads) = ask("user 8", &filter, Count::All);
        assert_eq!((listed.total, ids(&listed), reads), (1, vec!["user8"], 4));
        assert_eq!(ask("user2", &filter, Count::All).0.total, 0);
    }

    #[test]
    fn where_nobody_counts_no_more_is_read_than_the_page_takes() {
        let (listed, reads) = ask("user", &[r#"{"method":"limit","values":[2]}"#], Count::Nothing);
        assert_eq!((listed.total, ids(&listed), reads), (0, vec!["user0", "user1"], 1));
    }

    #[test]
    fn other_orders_and_what_follows_a_cursor_are_left_to_the_whole_list() {
        let by_name = r#"{"method":"orderAsc","attribute":"name"}"#;
        let cursor = r#"{"method":"cursorAfter","values":["user1"]}"#;
        for queries in [by_name, cursor] {
            let request = request("user", &[queries], Count::All);
            let query = ListQuery::parse(&request.queries, &Schema::USERS).expect("valid");
            assert!(Sieve::of(&query, &request, FEW).is_none(), "{queries}");
        }
    }
}
