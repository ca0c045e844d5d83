//! The kinds of list that are measured, and how a request asks for one.

use serde_json::{Value, json};

use super::filled::LABELS;
use crate::population::{presence_id, user_id};
use crate::report::finding::Goal;

/// Records that a list asks for.
const LIMIT: u64 = 25;

/// A kind of list.
pub(super) struct Kind {
    pub(super) name: &'static str,
    queries: fn(u64) -> Vec<Value>,
    total: bool,
    pub(super) goal: Goal,
}

pub(super) const KINDS: [Kind; 6] = [
    Kind { name: "by status, total=false", queries: by_status, total: false, goal: Goal::AtMost(1.5) },
    Kind { name: "by status, with total", queries: by_status, total: true, goal: Goal::Shown },
    Kind { name: "by userId, total=false", queries: by_user, total: false, goal: Goal::Shown },
    Kind { name: "by userId, with total", queries: by_user, total: true, goal: Goal::Shown },
    Kind { name: "unfiltered after a cursor, total=false", queries: by_cursor, total: false, goal: Goal::Shown },
    Kind { name: "unfiltered after a cursor, with total", queries: by_cursor, total: true, goal: Goal::Shown },
];

impl Kind {
    /// The path and query string of a list among so many records.
    pub(super) fn path(&self, records: u64) -> String {
        let mut path = format!("/v1/presences?total={}", self.total);
        let limit = json!({"method": "limit", "values": [LIMIT]});
        for query in (self.queries)(records).into_iter().chain([limit]) {
            path.push_str("&queries[]=");
            path.push_str(&encoded(&query.to_string()));
        }
        path
    }
}

fn by_status(_: u64) -> Vec<Value> {
    vec![json!({"method": "equal", "attribute": "status", "values": ["status-2"]})]
}

fn by_user(records: u64) -> Vec<Value> {
    let users: Vec<String> = (0..LIMIT).map(|number| user_id(number * (records / LIMIT))).collect();
    vec![json!({"method": "equal", "attribute": "userId", "values": users})]
}

fn by_cursor(records: u64) -> Vec<Value> {
    // A record that the user may read: its label is the first.
    vec![json!({"method": "cursorAfter", "values": [presence_id(records / 2 / LABELS * LABELS)]})]
}

/// Everything but letters and digits, as a query string wants it.
fn encoded(text: &str) -> String {
    let byte =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_query_is_encoded_byte_by_byte() {
        assert_eq!(encoded(r#"{"a1":"ä"}"#), "%7B%22a1%22%3A%22%C3%A4%22%7D");
    }
}
