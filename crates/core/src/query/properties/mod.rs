//! What must hold for all queries and records, against models that are slow and plain.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{ListQuery, RealtimeQueries, Schema};

mod list;
mod realtime;

/// Leaves under any nesting of `and` and `or`.
fn tree(leaf: impl Strategy<Value = Json> + 'static, children: std::ops::Range<usize>) -> impl Strategy<Value = Json> {
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let nested = proptest::collection::vec(inner, children.clone());
        (prop::sample::select(vec!["and", "or"]), nested)
            .prop_map(|(method, values)| json!({"method": method, "values": values}))
    })
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(texts in proptest::collection::vec(prop_oneof![
        any::<String>(), "[{}\\[\\],:\"a-z0-9.\\\\]{0,60}", tree(list::leaf(), 0..4).prop_map(|query| query.to_string()),
        (list::leaf(), any::<i64>()).prop_map(|(mut query, number)| { query["values"] = json!([number]); query.to_string() }),
    ], 0..4)) {
        for schema in [Schema::PRESENCES, Schema::USERS, Schema::TEAMS, Schema::MEMBERSHIPS] {
            if let Err(error) = ListQuery::parse(&texts, &schema) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
        if let Ok(queries) = RealtimeQueries::parse(&texts) {
            let again = RealtimeQueries::parse(queries.texts()).expect("a normal form is a query");
            prop_assert_eq!(again, queries);
        }
    }
}
