//! Lists: matching and paging.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tree;
use crate::{
    Timestamp,
    query::{Attributes, ListQuery, PageError, Schema, Value, page},
};

#[derive(Debug, Clone, PartialEq)]
struct Record {
    sequence: i64,
    id: String,
    name: Option<String>,
    registration: Option<i64>,
    status: bool,
    labels: Vec<String>,
}

impl Attributes for Record {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$sequence" => Value::Integer(self.sequence),
            "$id" => Value::Text(&self.id),
            "name" => self.name.as_deref().map_or(Value::Null, Value::Text),
            "registration" | "$createdAt" => {
                self.registration.map_or(Value::Null, |millis| Value::Time(Timestamp::from_millis(millis)))
            }
            "status" => Value::Boolean(self.status),
            "labels" => Value::Texts(&self.labels),
            _ => Value::Null,
        }
    }
}

/// The key of an attribute such that texts of keys order as the values do; none for null.
fn key(record: &Record, attribute: &str) -> Option<String> {
    match attribute {
        "name" => record.name.clone(),
        "registration" | "$createdAt" => record.registration.map(|millis| format!("{millis:020}")),
        "status" => Some(u8::from(record.status).to_string()),
        "$id" => Some(record.id.clone()),
        _ => Some(format!("{:020}", record.sequence)),
    }
}

fn value_key(value: &Json, attribute: &str) -> String {
    match value {
        Json::Bool(value) => u8::from(*value).to_string(),
        Json::String(text) if attribute == "registration" => {
            format!("{:020}", Timestamp::parse(text).expect("made from one").millis())
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn text() -> impl Strategy<Value = String> {
    "[aAbB%]{0,3}"
}

fn records(range: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Record>> {
    let fields = (
        proptest::option::weighted(0.8, text()),
        proptest::option::weighted(0.8, 0_i64..4),
        any::<bool>(),
        proptest::collection::vec(text(), 0..3),
    );
    let record = |(number, (name, registration, status, labels)): (usize, _)| Record {
        sequence: i64::try_from(number).expect("small"),
        id: format!("r{}", (number * 37) % 101),
        name,
        registration,
        status,
        labels,
    };
    proptest::collection::vec(fields, range).prop_map(move |all| all.into_iter().enumerate().map(record).collect())
}

/// A leaf, as JSON, that the schema of users accepts.
pub(super) fn leaf() -> impl Strategy<Value = Json> {
    let comparing =
        prop::sample::select(vec!["notEqual", "lessThan", "lessThanEqual", "greaterThan", "greaterThanEqual"]);
    let time = |millis: i64| json!(Timestamp::from_millis(millis).to_string());
    let scalar = prop_oneof![
        text().prop_map(|text| ("name", json!(text))),
        (0_i64..4).prop_map(move |millis| ("registration", time(millis))),
        any::<bool>().prop_map(|value| ("status", json!(value))),
    ];
    let patterns = vec!["startsWith", "notStartsWith", "endsWith", "notEndsWith"];
    let containing = vec!["contains", "containsAny", "containsAll", "notContains"];
    let query = |method: &str, attribute: &str, values: Json| json!({"method": method, "attribute": attribute, "values": values});
    prop_oneof![
        (comparing, scalar).prop_map(move |(method, (attribute, value))| query(method, attribute, json!([value]))),
        proptest::collection::vec(text(), 1..5).prop_map(move |texts| query("equal", "name", json!(texts))),
        (prop::sample::select(vec!["between", "notBetween"]), text(), text())
            .prop_map(move |(method, low, high)| query(method, "name", json!([low, high]))),
        (prop::sample::select(vec!["isNull", "isNotNull"]), prop::sample::select(vec!["name", "labels", "status"]))
            .prop_map(move |(method, attribute)| query(method, attribute, json!([]))),
        (prop::sample::select(patterns), text()).prop_map(move |(method, text)| query(method, "name", json!([text]))),
        (
            prop::sample::select(containing),
            prop::sample::select(vec!["name", "labels"]),
            proptest::collection::vec(text(), 1..3)
        )
            .prop_map(move |(method, attribute, texts)| query(method, attribute, json!(texts))),
    ]
}

fn model_contains(record: &Record, attribute: &str, needle: &str) -> bool {
    match (attribute, &record.name) {
        ("labels", _) => record.labels.iter().any(|label| label == needle),
        (_, Some(name)) => name.to_ascii_lowercase().contains(&needle.to_ascii_lowercase()),
        _ => false,
    }
}

fn model(query: &Json, record: &Record) -> bool {
    let method = query["method"].as_str().expect("made so");
    let values = query["values"].as_array().expect("made so");
    match method {
        "and" => return values.iter().filter(|value| !model(value, record)).count() == 0,
        "or" => return values.iter().filter(|value| model(value, record)).count() > 0,
        _ => {}
    }
    let attribute = query["attribute"].as_str().expect("made so");
    let is_null = attribute != "labels" && key(record, attribute).is_none();
    if is_null || matches!(method, "isNull" | "isNotNull") {
        return is_null == (method == "isNull") && matches!(method, "isNull" | "isNotNull");
    }
    let own = key(record, attribute).unwrap_or_default();
    let others: Vec<String> = values.iter().map(|value| value_key(value, attribute)).collect();
    let (folded, first) = (own.to_ascii_lowercase(), others[0].to_ascii_lowercase());
    let held = others.iter().filter(|other| model_contains(record, attribute, other)).count();
    match method {
        "equal" => others.contains(&own),
        "notEqual" => own != others[0],
        "lessThan" => own < others[0],
        "lessThanEqual" => own <= others[0],
        "greaterThan" => own > others[0],
        "greaterThanEqual" => own >= others[0],
        "between" => others[0] <= own && own <= others[1],
        "notBetween" => !(others[0] <= own && own <= others[1]),
        "startsWith" => folded.starts_with(&first),
        "notStartsWith" => !folded.starts_with(&first),
        "endsWith" => folded.ends_with(&first),
        "notEndsWith" => !folded.ends_with(&first),
        "contains" | "containsAny" => held > 0,
        "containsAll" => held == others.len(),
        "notContains" => held == 0,
        other => panic!("{other} has no model"),
    }
}

const ORDERABLE: [&str; 5] = ["name", "registration", "status", "$createdAt", "$id"];

fn orders() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    proptest::collection::vec((prop::sample::select(ORDERABLE.to_vec()), any::<bool>()), 0..3)
}

/// The whole list in order, by repeated comparison of keys; null counts as greater than all.
fn naive_sort(records: &[Record], orders: &[(&str, bool)]) -> Vec<Record> {
    let mut sorted = records.to_vec();
    let down = matches!(orders.first(), Some(("$createdAt", true)));
    let mut orders = orders.to_vec();
    orders.push(("$sequence", down));
    for (attribute, descending) in orders.into_iter().rev() {
        sorted.sort_by(|left, right| {
            let place = |record| key(record, attribute).map_or((1, String::new()), |key| (0, key));
            if descending { place(right).cmp(&place(left)) } else { place(left).cmp(&place(right)) }
        });
    }
    sorted
}

fn list(orders: &[(&str, bool)], paging: &[Json]) -> ListQuery {
    let order = |(attribute, descending): &(&str, bool)| json!({"method": if *descending { "orderDesc" } else { "orderAsc" }, "attribute": attribute});
    let texts: Vec<String> =
        orders.iter().map(order).chain(paging.iter().cloned()).map(|json| json.to_string()).collect();
    ListQuery::parse(&texts, &Schema::USERS).expect("valid")
}

fn has_null(record: &Record, orders: &[(&str, bool)]) -> bool {
    orders.iter().any(|(attribute, _)| key(record, attribute).is_none())
}

proptest! {
    #[test]
    fn a_list_matches_what_the_model_matches(query in tree(leaf(), 2..4), records in records(1..8)) {
        let parsed = ListQuery::parse(&[query.to_string()], &Schema::USERS).expect("valid");
        for record in &records {
            prop_assert_eq!(parsed.matches(record), model(&query, record), "{} {:?}", query, record);
        }
    }

    #[test]
    fn pages_by_offset_make_up_the_sorted_list(records in records(0..40), orders in orders(), size in 1_usize..9) {
        let mut walked = Vec::new();
        while walked.len() < records.len() {
            let paging = [json!({"method":"limit","values":[size]}), json!({"method":"offset","values":[walked.len()]})];
            let next = page(&list(&orders, &paging), records.clone(), None).expect("no cursor");
            prop_assert_eq!(next.len(), size.min(records.len() - walked.len()));
            walked.extend(next);
        }
        prop_assert_eq!(walked, naive_sort(&records, &orders));
    }

    #[test]
    fn pages_by_cursor_visit_every_record_once(
        records in records(0..40), orders in orders(), size in 1_usize..9, forwards in any::<bool>(),
    ) {
        let records: Vec<Record> = records.into_iter().filter(|record| !has_null(record, &orders)).collect();
        let method = if forwards { "cursorAfter" } else { "cursorBefore" };
        let limit = json!({"method":"limit","values":[size]});
        let sorted = naive_sort(&records, &orders);
        let Some(start) = (if forwards { sorted.first() } else { sorted.last() }) else { return Ok(()) };
        let mut walked = vec![start.clone()];
        loop {
            let from = if forwards { walked.last() } else { walked.first() }.expect("begun with one").clone();
            let paging = [limit.clone(), json!({"method":method,"values":[from.id]})];
            let next = page(&list(&orders, &paging), records.clone(), Some(&from)).expect("no nulls");
            if next.is_empty() { break; }
            let place = if forwards { walked.len() } else { 0 };
            walked.splice(place..place, next);
            prop_assert!(walked.len() <= records.len());
        }
        prop_assert_eq!(walked, sorted);
    }

    #[test]
    fn an_offset_counts_from_the_cursor(
        records in records(1..30), orders in orders(), size in 1_usize..9, offset in 0_usize..9, at in any::<prop::sample::Index>(),
    ) {
        let sorted = naive_sort(&records, &orders);
        let at = at.index(sorted.len());
        prop_assume!(!has_null(&sorted[at], &orders));
        let paged = |method: &str| {
            let paging = [json!({"method":"limit","values":[size]}), json!({"method":"offset","values":[offset]}), json!({"method":method,"values":["x"]})];
            page(&list(&orders, &paging), records.clone(), Some(&sorted[at])).expect("no null in the cursor")
        };
        let after: Vec<Record> = sorted[at + 1..].iter().skip(offset).take(size).cloned().collect();
        prop_assert_eq!(paged("cursorAfter"), after);
        let mut before: Vec<Record> = sorted[..at].iter().rev().skip(offset).take(size).cloned().collect();
        before.reverse();
        prop_assert_eq!(paged("cursorBefore"), before);
    }
}

#[test]
fn a_cursor_without_its_record_or_with_a_null_has_no_page() {
    let record =
        Record { sequence: 1, id: "r1".to_owned(), name: None, registration: None, status: true, labels: Vec::new() };
    let query = list(&[("name", false)], &[json!({"method":"cursorAfter","values":["r1"]})]);
    assert_eq!(page(&query, vec![record.clone()], None), Err(PageError::CursorNotFound));
    assert_eq!(page(&query, vec![record.clone()], Some(&record)), Err(PageError::OrderNull("name")));
}

#[test]
fn a_shuffled_list_keeps_its_order_among_equals() {
    let record = |sequence, status| Record {
        sequence,
        id: format!("r{sequence}"),
        name: None,
        registration: None,
        status,
        labels: Vec::new(),
    };
    let shuffled = vec![record(3, true), record(1, false), record(2, true), record(0, false)];
    let random = [json!({"method":"orderRandom"}), json!({"method":"limit","values":[3]})];
    let ids = |page: Vec<Record>| page.into_iter().map(|record| record.sequence).collect::<Vec<_>>();
    assert_eq!(ids(page(&list(&[], &random), shuffled.clone(), None).expect("no cursor")), [3, 1, 2]);
    assert_eq!(ids(page(&list(&[("status", false)], &random), shuffled, None).expect("no cursor")), [1, 0, 3]);
}
