//! Lists as they are meant: of things in memory, one after the other, by the queries' own rules.

use herenow_core::{
    UserId,
    account::{Membership, Team},
    query::{Attributes, ListQuery, PageError, Schema, Value, page},
    tracker::Count,
};

use crate::{Found, KnownUsers, ListedUser, Search};

/// A search without words that counts.
pub(super) fn search(queries: &[String], schema: &Schema) -> Search {
    let query = ListQuery::parse(queries, schema).unwrap_or_else(|error| panic!("{queries:?}: {error}"));
    Search { query, words: Vec::new(), count: Count::All }
}

/// A thing as the model sees it.
pub(super) trait Thing: Attributes + Clone {
    fn id(&self) -> &str;
    fn searched(&self) -> Vec<&str>;
}

/// The page that a list of `things` has, by their ids.
pub(super) fn list<T: Thing>(things: &[T], search: &Search) -> Result<Found<String>, PageError> {
    let has = |thing: &T, word: &String| thing.searched().iter().any(|text| text.to_lowercase().contains(word));
    let wanted = |thing: &&T| search.query.matches(*thing) && search.words.iter().all(|word| has(thing, word));
    let matching: Vec<T> = things.iter().filter(wanted).cloned().collect();
    let total = if search.count == Count::All { matching.len() } else { 0 };
    let cursor = search.query.cursor.as_ref();
    let cursor = cursor.and_then(|cursor| things.iter().find(|thing| thing.id() == cursor.id()));
    let items = page(&search.query, matching, cursor.map(|cursor| cursor as &dyn Attributes))?;
    Ok(Found { total, items: items.iter().map(|thing| thing.id().to_owned()).collect() })
}

fn perhaps(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

impl Attributes for ListedUser {
    fn attribute(&self, name: &str) -> Value<'_> {
        let user = &self.user;
        match name {
            "$id" => Value::Text(user.id.as_str()),
            "$createdAt" | "registration" => Value::Time(user.created_at),
            "$updatedAt" => Value::Time(user.updated_at),
            "$sequence" => Value::Integer(self.sequence),
            "name" => Value::Text(&user.name),
            // An address that was never given is null to a query, though an answer shows it as an empty text.
            "email" => perhaps(&user.email),
            "phone" => perhaps(&user.phone),
            "status" => Value::Boolean(user.status),
            "passwordUpdate" => user.password_update.map_or(Value::Null, Value::Time),
            "accessedAt" => user.accessed_at.map_or(Value::Null, Value::Time),
            "emailVerification" => Value::Boolean(user.email_verification),
            "phoneVerification" => Value::Boolean(user.phone_verification),
            "impersonator" => Value::Boolean(false),
            "labels" => Value::Texts(&user.labels),
            other => panic!("users have no {other}"),
        }
    }
}

impl Thing for ListedUser {
    fn id(&self) -> &str {
        self.user.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.user.id.as_str(), &self.user.email, &self.user.phone, &self.user.name]
    }
}

/// A team with its place in the order of creation.
#[derive(Clone)]
pub(super) struct ListedTeam(pub(super) i64, pub(super) Team);

impl Attributes for ListedTeam {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.1.id.as_str()),
            "$createdAt" => Value::Time(self.1.created_at),
            "$updatedAt" => Value::Time(self.1.updated_at),
            "$sequence" => Value::Integer(self.0),
            "name" => Value::Text(&self.1.name),
            "total" => Value::Integer(i64::try_from(self.1.total).expect("few")),
            other => panic!("teams have no {other}"),
        }
    }
}

impl Thing for ListedTeam {
    fn id(&self) -> &str {
        self.1.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.1.id.as_str(), &self.1.name]
    }
}

/// A membership with its place in the order of creation, and of whom it may be asked about.
#[derive(Clone)]
pub(super) struct ListedMember(pub(super) i64, pub(super) Membership, pub(super) KnownUsers);

impl ListedMember {
    fn user(&self) -> &str {
        let known = |user: &UserId| match &self.2 {
            KnownUsers::All => true,
            KnownUsers::Only(one) => one == user,
            KnownUsers::Nobody => false,
        };
        if known(&self.1.user) { self.1.user.as_str() } else { "" }
    }
}

impl Attributes for ListedMember {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.1.id.as_str()),
            "$createdAt" => Value::Time(self.1.created_at),
            "$updatedAt" => Value::Time(self.1.updated_at),
            "$sequence" => Value::Integer(self.0),
            "userId" => Value::Text(self.user()),
            "teamId" => Value::Text(self.1.team.as_str()),
            "invited" => Value::Time(self.1.invited),
            "joined" => self.1.joined.map_or(Value::Null, Value::Time),
            "confirm" => Value::Boolean(self.1.confirm),
            "roles" => Value::Texts(&self.1.roles),
            other => panic!("memberships have no {other}"),
        }
    }
}

impl Thing for ListedMember {
    fn id(&self) -> &str {
        self.1.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.1.id.as_str(), self.user()]
    }
}
