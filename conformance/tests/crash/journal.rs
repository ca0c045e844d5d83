//! What the server has acknowledged, and what was on its way when it ended.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use herenow_testkit::unix_millis;
use serde_json::Value;

/// The state of a user's presence: a number that grows with every write, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Written with this number.
    Written(u64),
    /// Written with this number, to end by itself at this time.
    Until(u64, i64),
    /// Ended.
    Gone,
}

/// One user's presence as far as its writer knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journal {
    /// What was acknowledged last.
    acknowledged: State,
    /// What was asked for after it and not answered.
    asked: Option<State>,
}

/// The journals of all users, shared by their writers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journals(Arc<Mutex<Books>>);

#[derive(Debug, Default)]
struct Books {
    of_user: BTreeMap<String, Journal>,
    acknowledged: u64,
}

impl Journals {
    /// Notes what is asked for now.
    pub(crate) fn ask(&self, user: &str, state: State) {
        self.with(|books| {
            let unknown = Journal { acknowledged: State::Gone, asked: None };
            books.of_user.entry(user.to_owned()).or_insert(unknown).asked = Some(state);
        });
    }

    /// Notes that what was asked for last was acknowledged.
    pub(crate) fn acknowledge(&self, user: &str) {
        self.with(|books| {
            books.acknowledged += 1;
            let journal = books.of_user.get_mut(user).expect("it was asked for");
            journal.acknowledged = journal.asked.take().expect("it was asked for");
        });
    }

    /// How many writes were acknowledged in all.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.with(|books| books.acknowledged)
    }

    /// What is wrong with a list; and from now on what it shows counts as acknowledged.
    pub(crate) fn compare(&self, list: &BTreeMap<String, Value>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut listed: BTreeMap<&str, &Value> = BTreeMap::new();
        for record in list.values() {
            if listed.insert(text(&record["userId"]), record).is_some() {
                wrong.push(format!("a second record of one user: {record}"));
            }
        }
        self.with(|books| {
            for (user, record) in &listed {
                if !books.of_user.contains_key(*user) {
                    wrong.push(format!("a record of nobody: {record}"));
                }
            }
            for (user, journal) in &mut books.of_user {
                let found = listed.get(user.as_str()).map(|record| number(record));
                if !journal.allows(found) {
                    wrong.push(format!("{user}: {journal:?}, but listed is {found:?}"));
                }
                journal.settle(found);
            }
        });
        wrong
    }

    fn with<T>(&self, work: impl FnOnce(&mut Books) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal {
    fn allows(self, found: Option<u64>) -> bool {
        let fits = |state: State| match (state, found) {
            (State::Written(number) | State::Until(number, _), Some(found)) => found == number,
            (State::Until(_, end), None) => unix_millis() >= end,
            (State::Gone, None) => true,
            _ => false,
        };
        // What ends by itself may have ended before what came after it was asked for.
        fits(self.acknowledged) || self.asked.is_some_and(fits)
    }

    fn settle(&mut self, found: Option<u64>) {
        let end = [Some(self.acknowledged), self.asked].into_iter().flatten().find_map(|state| match state {
            State::Until(number, end) if Some(number) == found => Some(end),
            _ => None,
        });
        self.asked = None;
        self.acknowledged = match (found, end) {
            (None, _) => State::Gone,
            (Some(number), Some(end)) => State::Until(number, end),
            (Some(number), None) => State::Written(number),
        };
    }
}

fn number(record: &Value) -> u64 {
    text(&record["status"]).parse().expect("a number is all that is written")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
