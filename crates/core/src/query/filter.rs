//! Filters of a list: which records they match.
//!
//! As PostgreSQL has it: equality and order see case, patterns do not, and null matches nothing but `isNull`.

use std::{borrow::Cow, cmp::Ordering};

use super::{Attributes, Operand, Value};

/// A condition on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// One attribute passes a test.
    Attribute {
        /// Which attribute.
        name: &'static str,
        /// What its value must pass.
        test: Test,
    },
    /// All of them hold.
    All(Vec<Filter>),
    /// One of them holds.
    Any(Vec<Filter>),
}

/// What the value of an attribute must pass. All but [`Test::IsNull`] fail on null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is null.
    IsNull,
    /// It is not null.
    IsNotNull,
    /// It equals one of these; sorted, each once.
    Equal(Vec<Operand>),
    /// It differs.
    NotEqual(Operand),
    /// It is less.
    Less(Operand),
    /// It is less or equal.
    LessOrEqual(Operand),
    /// It is greater.
    Greater(Operand),
    /// It is greater or equal.
    GreaterOrEqual(Operand),
    /// It lies within both bounds, which count.
    Between(Operand, Operand),
    /// It lies outside of both bounds.
    NotBetween(Operand, Operand),
    /// It begins so.
    StartsWith(Needle),
    /// It does not begin so.
    NotStartsWith(Needle),
    /// It ends so.
    EndsWith(Needle),
    /// It does not end so.
    NotEndsWith(Needle),
    /// It contains one of these: a text as a part, a list as an element.
    ContainsAny(Vec<Needle>),
    /// It contains all of these.
    ContainsAll(Vec<Needle>),
    /// It contains none of these.
    ContainsNone(Vec<Needle>),
}

/// A text to look for: in texts without regard to case, among elements exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    exact: Box<str>,
    folded: Box<str>,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        Self { exact: text.into(), folded: fold(text).into() }
    }

    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.exact
    }

    /// The text in lower case, as [`fold`] makes it.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl Filter {
    /// Whether `record` meets this condition.
    pub fn matches<T: Attributes + ?Sized>(&self, record: &T) -> bool {
        match self {
            Self::Attribute { name, test } => test.passes(record.attribute(name)),
            Self::All(filters) => filters.iter().all(|filter| filter.matches(record)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(record)),
        }
    }
}

impl Test {
    fn passes(&self, value: Value<'_>) -> bool {
        if value == Value::Null {
            return matches!(self, Self::IsNull);
        }
        let stands = |operand: &Operand, passes: fn(Ordering) -> bool| value.to_operand(operand).is_some_and(passes);
        match self {
            Self::IsNull => false,
            Self::IsNotNull => true,
            Self::Equal(operands) => {
                let place = |operand: &Operand| value.to_operand(operand).map_or(Ordering::Less, Ordering::reverse);
                operands.binary_search_by(place).is_ok()
            }
            Self::NotEqual(operand) => stands(operand, Ordering::is_ne),
            Self::Less(operand) => stands(operand, Ordering::is_lt),
            Self::LessOrEqual(operand) => stands(operand, Ordering::is_le),
            Self::Greater(operand) => stands(operand, Ordering::is_gt),
            Self::GreaterOrEqual(operand) => stands(operand, Ordering::is_ge),
            Self::Between(low, high) => stands(low, Ordering::is_ge) && stands(high, Ordering::is_le),
            Self::NotBetween(low, high) => stands(low, Ordering::is_lt) || stands(high, Ordering::is_gt),
            Self::StartsWith(needle) => folded(value).is_some_and(|text| text.starts_with(&*needle.folded)),
            Self::NotStartsWith(needle) => folded(value).is_some_and(|text| !text.starts_with(&*needle.folded)),
            Self::EndsWith(needle) => folded(value).is_some_and(|text| text.ends_with(&*needle.folded)),
            Self::NotEndsWith(needle) => folded(value).is_some_and(|text| !text.ends_with(&*needle.folded)),
            Self::ContainsAny(needles) => contains(value, |holds| needles.iter().any(holds)),
            Self::ContainsAll(needles) => contains(value, |holds| needles.iter().all(holds)),
            Self::ContainsNone(needles) => contains(value, |holds| !needles.iter().any(holds)),
        }
    }
}

/// Lower case, letter by letter: whether a sigma ends a word must not decide whether it matches.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn folded(value: Value<'_>) -> Option<Cow<'_, str>> {
    let Value::Text(text) = value else { return None };
    let is_folded = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    Some(if is_folded { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) })
}

/// Asks `question` with a test for "the value holds this needle"; what can hold none fails.
fn contains(value: Value<'_>, question: impl FnOnce(&dyn Fn(&Needle) -> bool) -> bool) -> bool {
    match value {
        Value::Text(_) => folded(value).is_some_and(|text| question(&|needle| text.contains(&*needle.folded))),
        Value::Texts(texts) => question(&|needle| texts.iter().any(|text| **text == *needle.exact)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Timestamp,
        query::{ListQuery, Schema},
    };

    /// Answers with one value, whatever is asked for.
    struct One<'a>(Value<'a>);

    impl Attributes for One<'_> {
        fn attribute(&self, _: &str) -> Value<'_> {
            self.0
        }
    }

    fn passes(method: &str, attribute: &str, values: serde_json::Value, value: Value<'_>) -> bool {
        let text = json!({"method": method, "attribute": attribute, "values": values}).to_string();
        let query = ListQuery::parse(&[text], &Schema::USERS).expect("valid");
        query.matches(&One(value))
    }

    #[test]
    fn null_passes_nothing_but_is_null() {
        for method in ["notEqual", "lessThanEqual", "greaterThan", "notStartsWith", "notEndsWith", "notContains"] {
            assert!(!passes(method, "name", json!(["x"]), Value::Null), "{method}");
        }
        assert!(!passes("notBetween", "name", json!(["x", "y"]), Value::Null));
        assert!(!passes("isNotNull", "name", json!([]), Value::Null));
        assert!(passes("isNull", "labels", json!([1, 2, 3]), Value::Null));
    }

    #[test]
    fn patterns_fold_case_letter_by_letter_and_equality_does_not() {
        let name = Value::Text("ΟΔΟΣ Straße");
        assert!(passes("contains", "name", json!(["οδοσ"]), name));
        assert!(passes("startsWith", "name", json!(["οδΟΣ"]), name));
        assert!(passes("endsWith", "name", json!(["STRAßE"]), name));
        assert!(!passes("notEndsWith", "name", json!(["e"]), name));
        assert!(!passes("equal", "name", json!(["οδος straße"]), name));
        assert!(passes("containsAll", "name", json!(["str", "δ"]), name));
        assert!(!passes("containsAll", "name", json!(["str", "x"]), name));
        assert!(!passes("startsWith", "name", json!(["_%"]), Value::Text("abc")));
    }

    #[test]
    fn lists_are_searched_by_whole_elements() {
        let labels = ["vip".to_owned(), "Beta".to_owned()];
        let value = Value::Texts(&labels);
        assert!(passes("contains", "labels", json!(["x", "vip"]), value));
        assert!(!passes("contains", "labels", json!(["vi", "VIP", "beta"]), value));
        assert!(passes("containsAll", "labels", json!(["vip", "Beta"]), value));
        assert!(!passes("containsAll", "labels", json!(["vip", "x"]), value));
        assert!(passes("notContains", "labels", json!(["vi"]), value));
        assert!(!passes("notContains", "labels", json!(["x", "vip"]), value));
    }

    #[test]
    fn bounds_count_and_outside_is_the_rest() {
        let time = |millis| Value::Time(Timestamp::from_millis(millis));
        let bounds = json!(["1970-01-01T00:00:01Z", "1970-01-01T01:00:02+01:00"]);
        for (millis, inside) in [(999, false), (1000, true), (2000, true), (2001, false)] {
            assert_eq!(passes("between", "registration", bounds.clone(), time(millis)), inside, "{millis}");
            assert_eq!(passes("notBetween", "registration", bounds.clone(), time(millis)), !inside, "{millis}");
        }
    }
}
