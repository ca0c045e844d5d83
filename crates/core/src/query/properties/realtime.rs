//! Subscriptions: matching.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tree;
use crate::query::RealtimeQueries;

proptest! {
    #[test]
    fn a_subscription_matches_what_the_model_matches(query in tree(leaf(), 0..4), payload in payload()) {
        let parsed = RealtimeQueries::parse(&[query.to_string()]).expect("valid");
        prop_assert_eq!(parsed.matches(&payload), model(&query, &payload), "{} {}", query, payload);
    }
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-2_i64..12).prop_map(|number| json!(number)),
        (-2_i64..12).prop_map(|number| json!(number as f64 / 2.0)),
        (0_i64..12).prop_map(|number| json!(number.to_string())),
        "[ab]{1,2}".prop_map(|text| json!(text)),
        any::<bool>().prop_map(|value| json!(value)),
        Just(json!(null)),
        (0_i64..3, 0_i64..3).prop_map(|(left, right)| json!({"x": left, "y": [right]})),
    ]
}

fn leaf() -> impl Strategy<Value = Json> {
    let methods = vec![
        "equal",
        "notEqual",
        "lessThan",
        "lessThanEqual",
        "greaterThan",
        "greaterThanEqual",
        "isNull",
        "isNotNull",
    ];
    let values = proptest::collection::vec(scalar(), 0..4);
    (prop::sample::select(methods), prop::sample::select(vec!["a", "b", "c"]), values)
        .prop_map(|(method, attribute, values)| json!({"method": method, "attribute": attribute, "values": values}))
}

fn payload() -> impl Strategy<Value = Json> {
    let keys = (scalar(), proptest::option::of(scalar()));
    keys.prop_map(|(a, b)| b.map_or_else(|| json!({"a": a}), |b| json!({"a": a, "b": b})))
}

fn model(query: &Json, payload: &Json) -> bool {
    let method = query["method"].as_str().expect("made so");
    let values = query["values"].as_array().expect("made so");
    match method {
        "and" => return values.iter().all(|value| model(value, payload)),
        "or" => return values.iter().any(|value| model(value, payload)),
        _ => {}
    }
    let Some(own) = payload.get(query["attribute"].as_str().expect("made so")) else { return false };
    // The text of a JSON value tells types, values and the order of keys apart.
    let own_text = own.to_string();
    let same = values.iter().filter(|value| value.to_string().eq(&own_text)).count();
    let any = |passes: fn(Ordering) -> bool| values.iter().any(|value| order(own, value).is_some_and(passes));
    match method {
        "equal" => same > 0,
        "notEqual" => same == 0,
        "lessThan" => any(Ordering::is_lt),
        "lessThanEqual" => any(Ordering::is_le),
        "greaterThan" => any(Ordering::is_gt),
        "greaterThanEqual" => any(Ordering::is_ge),
        "isNull" => own.is_null(),
        _ => !own.is_null(),
    }
}

/// The loose order for what [`scalar`] makes: whole and half numbers, digits, letters, one shape of object.
fn order(left: &Json, right: &Json) -> Option<Ordering> {
    let truth = |value: &Json| {
        !matches!(value.to_string().as_str(), "null" | "false" | "0" | "0.0" | "-0.0" | "\"\"" | "\"0\"")
    };
    if (left.is_null() && right.is_string()) || (left.is_string() && right.is_null()) {
        return Some(left.as_str().unwrap_or("").cmp(right.as_str().unwrap_or("")));
    }
    if left.is_null() || left.is_boolean() || right.is_null() || right.is_boolean() {
        return Some(truth(left).cmp(&truth(right)));
    }
    if left.is_object() || right.is_object() {
        let parts = |value: &Json| (value["x"].as_i64(), value["y"][0].as_i64());
        return Some(left.is_object().cmp(&right.is_object()).then(parts(left).cmp(&parts(right))));
    }
    let number = |value: &Json| value.as_f64().or_else(|| value.as_str()?.parse::<f64>().ok());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => {
            let text = |value: &Json| {
                value.as_str().map_or_else(|| value.as_f64().expect("a number").to_string(), str::to_owned)
            };
            Some(text(left).cmp(&text(right)))
        }
    }
}
