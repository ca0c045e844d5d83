//! Lists by filters, words and orders: every one is what the model says, of things and queries that are drawn.

use herenow_core::{
    ProjectId, TeamId, Timestamp, UserId,
    account::{Membership, Team, User},
    query::{Kind, Schema},
    tracker::Count,
};
use serde_json::{Value, json};

use super::{
    fixtures::{THEN, member, membership_id, new_project, team, team_id, user, user_id},
    model::{self, ListedMember, ListedTeam, Thing, search},
};
use crate::{Accounts, KnownUsers, Search};

/// So many lists of each kind are drawn, beside one of every method on every attribute.
const DRAWN: usize = 250;
/// So many things there are of each kind.
const THINGS: usize = 30;
/// Texts that differ in case, in length, in what patterns of SQL mean, and in what only Unicode folds.
const TEXTS: [&str; 12] = ["", "a", "A", "ab", "aB c", "b%", "_", "é", "É", "ΟΔΟΣ", "οδος", "Straße \"x\" \\"];
const LISTS: [&[&str]; 6] = [&[], &["a"], &["a", "b"], &["ab"], &["b", "a"], &["A", "é", "a!"]];

/// Draws: the same each time. SplitMix64.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) >> 33).expect("31 bits") % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn truth(&mut self) -> bool {
        self.below(2) == 0
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_millis(THEN.millis() + i64::try_from(self.below(4)).expect("small"))
    }

    fn list(&mut self) -> Vec<String> {
        self.one(&LISTS).iter().map(|&text| text.to_owned()).collect()
    }

    /// A value that a query may name for an attribute.
    fn value(&mut self, name: &str, kind: Kind) -> Value {
        match kind {
            Kind::Datetime => json!(self.time().to_string()),
            // Places in the order of creation are greater than totals.
            Kind::Integer => json!(self.below(if name == "total" { 6 } else { 400 })),
            Kind::Boolean => json!(self.truth()),
            Kind::StringArray => json!(self.one(&["a", "b", "ab", "A", "é", "x"])),
            Kind::String | Kind::InternalId if matches!(name, "$id" | "userId" | "teamId") => {
                json!(format!("{}{}", self.one(&["i", "I"]), self.below(THINGS)))
            }
            Kind::String | Kind::InternalId => json!(self.one(&TEXTS)),
        }
    }

    /// A filter by this method, as JSON.
    fn filter(&mut self, method: &str, (name, kind): (&str, Kind)) -> Value {
        let count = match method {
            "isNull" | "isNotNull" => 0,
            "between" | "notBetween" => 2,
            "equal" | "contains" | "containsAny" | "containsAll" | "notContains" => 1 + self.below(3),
            _ => 1,
        };
        let values: Vec<Value> = (0..count).map(|_| self.value(name, kind)).collect();
        json!({"method": method, "attribute": name, "values": values})
    }

    /// Any filter, now and then one of several.
    fn any(&mut self, attributes: &[(&'static str, Kind)], depth: usize) -> Value {
        if depth < 2 && self.below(3) == 0 {
            let several: Vec<Value> = (0..2 + self.below(2)).map(|_| self.any(attributes, depth + 1)).collect();
            return json!({"method": self.one(&["and", "or"]), "values": several});
        }
        let attribute = self.one(attributes);
        let method = self.one(&methods(attribute.1));
        self.filter(method, attribute)
    }

    /// All that a list may be asked for.
    fn search(&mut self, schema: &Schema, attributes: &[(&'static str, Kind)]) -> Search {
        let mut queries: Vec<Value> = (0..self.below(3)).map(|_| self.any(attributes, 0)).collect();
        for _ in 0..self.below(3) {
            let method = self.one(&["orderAsc", "orderDesc"]);
            queries.push(json!({"method": method, "attribute": self.one(attributes).0}));
        }
        if self.truth() {
            queries.push(json!({"method": "limit", "values": [1 + self.below(10)]}));
        }
        if self.below(4) == 0 {
            queries.push(json!({"method": "offset", "values": [self.below(5)]}));
        }
        if self.truth() {
            let method = self.one(&["cursorAfter", "cursorBefore"]);
            queries.push(json!({"method": method, "values": [format!("i{}", self.below(THINGS + 2))]}));
        }
        let texts: Vec<String> = queries.iter().map(Value::to_string).collect();
        let words =
            if self.below(4) == 0 { vec![self.one(&["a", "b%", "é", "i1", "οδος", "straße"])] } else { vec![] };
        let count = if self.below(8) == 0 { Count::Nothing } else { Count::All };
        Search { words: words.into_iter().map(str::to_owned).collect(), count, ..search(&texts, schema) }
    }
}

/// The methods that fit a type.
fn methods(kind: Kind) -> Vec<&'static str> {
    const NULL: [&str; 2] = ["isNull", "isNotNull"];
    const ORDER: [&str; 8] =
        ["equal", "notEqual", "lessThan", "lessThanEqual", "greaterThan", "greaterThanEqual", "between", "notBetween"];
    const ENDS: [&str; 4] = ["startsWith", "notStartsWith", "endsWith", "notEndsWith"];
    const PARTS: [&str; 4] = ["contains", "containsAny", "containsAll", "notContains"];
    match kind {
        Kind::StringArray => [&NULL[..], &PARTS].concat(),
        Kind::String | Kind::InternalId => [&NULL[..], &ORDER, &ENDS, &PARTS].concat(),
        Kind::Datetime | Kind::Integer | Kind::Boolean => [&NULL[..], &ORDER].concat(),
    }
}

/// What may be asked about, what every record has included.
fn attributes(schema: &Schema) -> Vec<(&'static str, Kind)> {
    let common = [("$id", Kind::String), ("$createdAt", Kind::Datetime), ("$updatedAt", Kind::Datetime)];
    common.into_iter().chain([("$sequence", Kind::Integer)]).chain(schema.attributes.iter().copied()).collect()
}

/// One search of every method on every attribute, then some of everything.
fn searches(schema: &Schema, draws: &mut Draws) -> Vec<Search> {
    let all = attributes(schema);
    let mut searches = Vec::new();
    for &(name, kind) in &all {
        for method in methods(kind) {
            let text = draws.filter(method, (name, kind)).to_string();
            searches.push(search(&[text, json!({"method": "limit", "values": [100]}).to_string()], schema));
        }
        for method in ["orderAsc", "orderDesc"] {
            searches.push(search(&[json!({"method": method, "attribute": name}).to_string()], schema));
        }
    }
    searches.extend((0..DRAWN).map(|_| draws.search(schema, &all)));
    searches
}

fn check<T: Thing>(things: &[T], search: &Search, found: Result<crate::Found<String>, herenow_core::query::PageError>) {
    assert_eq!(found, model::list(things, search), "{search:#?}");
}

/// People and teams, all drawn, and the same ids in another project.
async fn world(store: &dyn Accounts, draws: &mut Draws) -> ProjectId {
    let (project, other) = (new_project(store, "lists").await, new_project(store, "lists-other").await);
    for number in 0..THINGS {
        let id = format!("i{number}");
        let made = drawn_user(draws, &id);
        store.create_user(&project, &made).await.expect("kept");
        store.create_user(&other, &made).await.expect("kept");
        let named = Team { name: draws.one(&TEXTS).to_owned(), updated_at: draws.time(), ..team(&id) };
        store.create_team(&project, &named, None).await.expect("kept");
        store.create_team(&other, &named, None).await.expect("kept");
    }
    for number in 0..THINGS {
        let (team, id) = (team_id("i0"), user_id(&format!("i{number}")));
        let membership = drawn_membership(draws, &format!("i{number}"), &team, &id);
        store.create_membership(&project, &membership).await.expect("kept");
        // Some are in other teams too, so that totals differ.
        if number > 0 {
            let further = team_id(&format!("i{}", 1 + draws.below(5)));
            let further = drawn_membership(draws, &format!("further-{number}"), &further, &id);
            store.create_membership(&project, &further).await.expect("kept");
        }
    }
    project
}

fn drawn_user(draws: &mut Draws, id: &str) -> User {
    let (email, phone) = (format!("{id}@example.com"), format!("+49{id}"));
    User {
        name: draws.one(&TEXTS).to_owned(),
        created_at: draws.time(),
        updated_at: draws.time(),
        status: draws.truth(),
        email_verification: draws.truth(),
        phone_verification: draws.truth(),
        password_update: draws.truth().then(|| draws.time()),
        accessed_at: draws.truth().then(|| draws.time()),
        labels: draws.list(),
        ..user(id, if draws.truth() { &email } else { "" }, if draws.truth() { &phone } else { "" })
    }
}

fn drawn_membership(draws: &mut Draws, id: &str, team: &TeamId, user: &UserId) -> Membership {
    let confirm = draws.truth();
    Membership {
        id: membership_id(id),
        roles: draws.list(),
        invited: draws.time(),
        joined: confirm.then(|| draws.time()),
        confirm,
        ..member(id, team, user)
    }
}

pub(super) async fn every_filter_order_and_search_is_what_the_model_says(store: &dyn Accounts) {
    let mut draws = Draws(6);
    let project = world(store, &mut draws).await;

    let users = store.users(&project).await.expect("a list");
    for search in searches(&Schema::USERS, &mut draws) {
        let found = store.search_users(&project, &search).await.expect("an answer");
        check(&users, &search, found.map(|found| ids(&found, |listed| listed.user.id.as_str())));
    }

    let teams: Vec<_> = store.teams(&project).await.expect("a list");
    let teams: Vec<_> = teams.into_iter().map(|(place, team)| ListedTeam(place, team)).collect();
    let one = user_id("i7");
    let memberships = store.memberships_of_user(&project, &one).await.expect("a list");
    let is_in = |team: &ListedTeam| memberships.iter().any(|known| known.confirm && known.team == team.1.id);
    let own: Vec<_> = teams.iter().filter(|team| is_in(team)).cloned().collect();
    for search in searches(&Schema::TEAMS, &mut draws) {
        for (of, teams) in [(None, &teams), (Some(&one), &own)] {
            let found = store.search_teams(&project, of, &search).await.expect("an answer");
            check(teams, &search, found.map(|found| ids(&found, |(_, team)| team.id.as_str())));
        }
    }

    let team = team_id("i0");
    let members = store.memberships_of_team(&project, &team).await.expect("a list");
    for search in searches(&Schema::MEMBERSHIPS, &mut draws) {
        let known = match draws.below(3) {
            0 => KnownUsers::All,
            1 => KnownUsers::Only(one.clone()),
            _ => KnownUsers::Nobody,
        };
        let seen = members.iter().cloned();
        let seen: Vec<_> = seen.map(|(place, member)| ListedMember(place, member, known.clone())).collect();
        let found = store.search_memberships(&project, &team, &known, &search).await.expect("an answer");
        check(&seen, &search, found.map(|found| ids(&found, |(_, member)| member.id.as_str())));
    }
}

fn ids<T>(found: &crate::Found<T>, id: impl Fn(&T) -> &str) -> crate::Found<String> {
    crate::Found { total: found.total, items: found.items.iter().map(|item| id(item).to_owned()).collect() }
}

pub(super) async fn a_random_order_has_everything_once(store: &dyn Accounts) {
    let project = new_project(store, "lists-random").await;
    for number in 0..THINGS {
        store.create_user(&project, &user(&format!("i{number}"), "", "")).await.expect("kept");
    }
    let random =
        [json!({"method": "orderRandom"}).to_string(), json!({"method": "limit", "values": [100]}).to_string()];
    let search = search(&random, &Schema::USERS);
    let all = store.search_users(&project, &search).await.expect("an answer").expect("a list");
    let mut ids: Vec<_> = all.items.iter().map(|listed| listed.user.id.as_str().to_owned()).collect();
    let drawn = ids.clone();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), all.total), (THINGS, THINGS));
    let again = store.search_users(&project, &search).await.expect("an answer").expect("a list");
    let again: Vec<_> = again.items.iter().map(|listed| listed.user.id.as_str().to_owned()).collect();
    assert_ne!(drawn, again, "one in 30! is the same");
}
