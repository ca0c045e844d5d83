//! The queries of a subscription: which events pass.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde_json::Value;

use super::{
    InvalidQuery, MAX_QUERIES, Method, Payload, Query,
    loose::{View, compare, identical},
};

/// What subscriptions offer.
pub(super) const ALLOWED: [Method; 11] = [
    Method::Equal,
    Method::NotEqual,
    Method::LessThan,
    Method::LessThanEqual,
    Method::GreaterThan,
    Method::GreaterThanEqual,
    Method::IsNull,
    Method::IsNotNull,
    Method::And,
    Method::Or,
    Method::Select,
];

/// The queries of one subscription, compiled. Cheap to clone; equal where their normal forms are.
#[derive(Clone)]
pub struct RealtimeQueries(Arc<Compiled>);

struct Compiled {
    texts: Vec<String>,
    /// None: everything passes.
    conditions: Option<Vec<Condition>>,
}

/// That every attribute must be present where there is no `or` needs no check of its own: a leaf without
/// its attribute is false, and so is then all that only `and` holds together.
enum Condition {
    Leaf {
        attribute: String,
        test: Test,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// `select` within `and` or `or`.
    Never,
}

enum Test {
    Equal(Targets),
    NotEqual(Targets),
    Order { passes: fn(Ordering) -> bool, targets: Vec<Value> },
    IsNull,
    IsNotNull,
}

/// Values to be identical to. The texts are sorted: a list of friends is asked at every event.
struct Targets {
    texts: Vec<String>,
    others: Vec<Value>,
}

impl RealtimeQueries {
    /// Parses and compiles the queries of a subscription; attributes and values are not checked.
    ///
    /// # Errors
    /// [`InvalidQuery`] where one is malformed or asks for what subscriptions do not offer.
    pub fn parse(texts: &[String]) -> Result<Self, InvalidQuery> {
        if texts.len() > MAX_QUERIES {
            return Err(InvalidQuery::TooMany);
        }
        let mut queries = Vec::with_capacity(texts.len());
        for text in texts {
            let query = Query::parse(text)?;
            check(&query)?;
            queries.push(query);
        }
        let texts = queries.iter().map(|query| query.normalised().to_string()).collect();
        let everything = queries.is_empty() || queries.iter().any(|query| query.method == Method::Select);
        let conditions = (!everything).then(|| queries.into_iter().map(Condition::new).collect());
        Ok(Self(Arc::new(Compiled { texts, conditions })))
    }

    /// The queries in their normal form, in the order sent.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.0.texts
    }

    /// Whether every event passes.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.conditions.is_none()
    }

    /// An attribute with the texts of which it must be one, where one of the queries demands nothing else: an event
    /// whose payload has another value there, or none, does not pass. For who looks events up instead of asking all.
    #[must_use]
    pub fn needed_texts(&self) -> Option<(&str, &[String])> {
        self.0.conditions.as_ref()?.iter().find_map(Condition::needed_texts)
    }

    /// Whether an event with this payload passes.
    #[must_use]
    pub fn matches<P: Payload + ?Sized>(&self, payload: &P) -> bool {
        self.0.conditions.as_ref().is_none_or(|conditions| conditions.iter().all(|condition| condition.holds(payload)))
    }
}

impl Default for RealtimeQueries {
    /// No queries: everything passes.
    fn default() -> Self {
        Self(Arc::new(Compiled { texts: Vec::new(), conditions: None }))
    }
}

impl PartialEq for RealtimeQueries {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.texts == other.0.texts
    }
}

impl Eq for RealtimeQueries {}

impl Hash for RealtimeQueries {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.texts.hash(state);
    }
}

impl fmt::Debug for RealtimeQueries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealtimeQueries").field(&self.0.texts).finish()
    }
}

fn check(query: &Query) -> Result<(), InvalidQuery> {
    if !ALLOWED.contains(&query.method) {
        return Err(InvalidQuery::NotInRealtime(query.method.as_str()));
    }
    if query.method == Method::Select && query.values != ["*"] {
        return Err(InvalidQuery::SelectInRealtime);
    }
    query.nested.iter().try_for_each(check)
}

impl Condition {
    fn new(query: Query) -> Self {
        let all = |nested: Vec<Query>| nested.into_iter().map(Self::new).collect();
        let order = |passes, targets| Test::Order { passes, targets };
        let test = match query.method {
            Method::And => return Self::All(all(query.nested)),
            Method::Or => return Self::Any(all(query.nested)),
            Method::Equal => Test::Equal(Targets::new(query.values)),
            Method::NotEqual => Test::NotEqual(Targets::new(query.values)),
            Method::LessThan => order(Ordering::is_lt, query.values),
            Method::LessThanEqual => order(Ordering::is_le, query.values),
            Method::GreaterThan => order(Ordering::is_gt, query.values),
            Method::GreaterThanEqual => order(Ordering::is_ge, query.values),
            Method::IsNull => Test::IsNull,
            Method::IsNotNull => Test::IsNotNull,
            _ => return Self::Never,
        };
        Self::Leaf { attribute: query.attribute, test }
    }

    fn needed_texts(&self) -> Option<(&str, &[String])> {
        match self {
            Self::Leaf { attribute, test: Test::Equal(targets) } => {
                targets.others.is_empty().then_some((attribute, &targets.texts))
            }
            Self::All(conditions) => conditions.iter().find_map(Self::needed_texts),
            Self::Leaf { .. } | Self::Any(_) | Self::Never => None,
        }
    }

    fn holds<P: Payload + ?Sized>(&self, payload: &P) -> bool {
        match self {
            Self::Leaf { attribute, test } => {
                payload.get(attribute).is_some_and(|value| test.passes(View::from(&value)))
            }
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(payload)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(payload)),
            Self::Never => false,
        }
    }
}

impl Test {
    fn passes(&self, value: View<'_>) -> bool {
        match self {
            Self::Equal(targets) => targets.hold(value),
            Self::NotEqual(targets) => !targets.hold(value),
            Self::Order { passes, targets } => {
                targets.iter().any(|target| compare(value, target.into()).is_some_and(passes))
            }
            Self::IsNull => matches!(value, View::Null),
            Self::IsNotNull => !matches!(value, View::Null),
        }
    }
}

impl Targets {
    fn new(values: Vec<Value>) -> Self {
        let mut targets = Self { texts: Vec::new(), others: Vec::new() };
        for value in values {
            match value {
                Value::String(text) => targets.texts.push(text),
                other => targets.others.push(other),
            }
        }
        targets.texts.sort_unstable();
        targets
    }

    fn hold(&self, value: View<'_>) -> bool {
        match value {
            View::Text(text) => self.texts.binary_search_by(|target| target.as_str().cmp(text)).is_ok(),
            other => self.others.iter().any(|target| identical(other, target.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    fn parse(texts: &[&str]) -> Result<RealtimeQueries, InvalidQuery> {
        RealtimeQueries::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_method_that_is_not_offered_is_named_beside_those_that_are() {
        let refused = parse(&[r#"{"method":"or","values":[{"method":"contains","attribute":"a","values":[1]}]}"#]);
        let text = refused.expect_err("not offered").to_string();
        assert!(text.contains("\"contains\" is not supported in Realtime queries"), "{text}");
        assert!(text.ends_with(
            "equal, notEqual, lessThan, lessThanEqual, greaterThan, greaterThanEqual, isNull, isNotNull, and, or, select"
        ));
        let text = parse(&[r#"{"method":"select","values":["a"]}"#]).expect_err("not offered").to_string();
        assert!(text.contains("select") && text.contains("not supported in Realtime queries"), "{text}");
        assert_eq!(parse(&[r#"{"method":"regex"}"#]), Err(InvalidQuery::UnknownMethod("regex".to_owned())));
    }

    #[test]
    fn spellings_of_one_query_are_one_query_and_types_tell_apart() {
        let queries: HashSet<_> = [
            r#"{"method":"equal","attribute":"n","values":[5]}"#,
            r#"{"values":[ 5 ],"attribute":"n","method":"equal"}"#,
            r#"{"method":"equal","attribute":"n","values":[5.0]}"#,
            r#"{"method":"equal","attribute":"n","values":["5"]}"#,
        ]
        .into_iter()
        .map(|text| parse(&[text]).expect("valid"))
        .collect();
        assert_eq!(queries.len(), 3);
    }

    #[test]
    fn everything_passes_without_queries_or_beside_a_top_level_select() {
        let select = r#"{"method":"select","values":["*"]}"#;
        let never = r#"{"method":"equal","attribute":"a","values":[]}"#;
        assert!(parse(&[]).expect("valid").is_everything());
        let both = parse(&[never, select]).expect("valid");
        assert!(both.is_everything() && both.matches(&json!({})));
        assert_eq!(both.texts(), [never, select]);
        let nested = parse(&[&format!(r#"{{"method":"or","values":[{select}]}}"#)]).expect("valid");
        assert!(!nested.is_everything() && !nested.matches(&json!({})));
    }

    #[test]
    fn an_absent_attribute_fails_every_test() {
        for method in ["notEqual", "isNull", "isNotNull", "lessThan"] {
            let queries = parse(&[&json!({"method": method, "attribute": "a.b", "values": []}).to_string()]);
            assert!(!queries.expect("valid").matches(&json!({"a": {"b": null}})), "{method}");
        }
    }

    #[test]
    fn equal_finds_every_target_whatever_their_order() {
        let targets = json!(["d", 3, "a", null, "c", "b", "a"]);
        let text = json!({"method": "equal", "attribute": "v", "values": targets}).to_string();
        let queries = parse(&[&text]).expect("valid");
        for target in targets.as_array().expect("made so") {
            assert!(queries.matches(&json!({"v": target})), "{target}");
        }
        assert!(!queries.matches(&json!({"v": "3"})));
    }

    #[test]
    fn needed_texts_are_those_without_which_nothing_passes() {
        let equal =
            |attribute: &str, values: Value| json!({"method": "equal", "attribute": attribute, "values": values});
        let needed = |queries: &[Value]| {
            let texts: Vec<String> = queries.iter().map(Value::to_string).collect();
            let queries = RealtimeQueries::parse(&texts).expect("valid");
            queries.needed_texts().map(|(attribute, texts)| (attribute.to_owned(), texts.to_vec()))
        };
        let user = equal("userId", json!(["u2", "u1"]));
        let expected = Some(("userId".to_owned(), vec!["u1".to_owned(), "u2".to_owned()]));
        assert_eq!(needed(std::slice::from_ref(&user)), expected);
        assert_eq!(needed(&[json!({"method": "isNotNull", "attribute": "status"}), user.clone()]), expected);
        assert_eq!(needed(&[json!({"method": "and", "values": [user]})]), expected);
        assert_eq!(needed(&[json!({"method": "or", "values": [user, equal("status", json!(["x"]))]})]), None);
        assert_eq!(needed(&[equal("n", json!(["1", 1]))]), None, "the number passes too");
        assert_eq!(needed(&[json!({"method": "notEqual", "attribute": "a", "values": ["x"]})]), None);
        assert_eq!(needed(&[json!({"method": "select", "values": ["*"]}), user]), None, "everything passes");
        assert_eq!(needed(&[equal("a", json!([]))]), Some(("a".to_owned(), vec![])), "nothing passes");
    }

    #[test]
    fn the_number_of_queries_is_bounded() {
        let text = r#"{"method":"isNull","attribute":"a"}"#;
        assert!(parse(&vec![text; MAX_QUERIES]).is_ok());
        assert_eq!(parse(&vec![text; MAX_QUERIES + 1]), Err(InvalidQuery::TooMany));
    }
}
