//! How realtime queries compare: `equal` by type and value, `lessThan` and its like across types.
//!
//! The rules for crossing types are those of the language that the original is written in.

use std::cmp::Ordering;

use serde_json::{Number as JsonNumber, Value};

use super::PayloadValue;

/// A JSON value with its scalars taken out.
#[derive(Debug, Clone, Copy)]
pub(super) enum View<'a> {
    Null,
    Boolean(bool),
    Number(Number),
    Text(&'a str),
    /// An array or an object.
    Tree(&'a Value),
}

/// A JSON number: `5` and `5.0` are different values. What 64 signed bits cannot hold is a float.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl<'a> From<&'a Value> for View<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(number) => Self::Number(number.into()),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Tree(value),
        }
    }
}

impl<'a> From<&'a PayloadValue<'_>> for View<'a> {
    fn from(value: &'a PayloadValue<'_>) -> Self {
        match value {
            PayloadValue::Null => Self::Null,
            PayloadValue::Text(text) => Self::Text(text),
            PayloadValue::Json(value) => value.as_ref().into(),
        }
    }
}

impl From<&JsonNumber> for Number {
    fn from(number: &JsonNumber) -> Self {
        let float = || Self::Float(number.as_f64().unwrap_or(f64::INFINITY));
        number.as_i64().map_or_else(float, Self::Integer)
    }
}

/// Same type and same value; arrays and objects with the same keys in the same order.
pub(super) fn identical(left: View<'_>, right: View<'_>) -> bool {
    match (left, right) {
        (View::Null, View::Null) => true,
        (View::Boolean(left), View::Boolean(right)) => left == right,
        (View::Number(left), View::Number(right)) => left == right,
        (View::Text(left), View::Text(right)) => left == right,
        (View::Tree(Value::Array(left)), View::Tree(Value::Array(right))) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| identical(left.into(), right.into()))
        }
        (View::Tree(Value::Object(left)), View::Tree(Value::Object(right))) => {
            let same = |((left_key, left), (right_key, right)): ((&String, &Value), (&String, &Value))| {
                left_key == right_key && identical(left.into(), right.into())
            };
            left.len() == right.len() && left.iter().zip(right).all(same)
        }
        _ => false,
    }
}

/// The loose order; none where two values cannot be compared.
pub(super) fn compare(left: View<'_>, right: View<'_>) -> Option<Ordering> {
    match (left, right) {
        (View::Null, View::Text(text)) => Some("".cmp(text)),
        (View::Text(text), View::Null) => Some(text.cmp("")),
        (View::Null | View::Boolean(_), _) | (_, View::Null | View::Boolean(_)) => {
            Some(is_true(left).cmp(&is_true(right)))
        }
        (View::Tree(left), View::Tree(right)) => compare_trees(left, right),
        (View::Tree(_), _) => Some(Ordering::Greater),
        (_, View::Tree(_)) => Some(Ordering::Less),
        (View::Number(left), View::Number(right)) => compare_numbers(left, right),
        (View::Number(number), View::Text(text)) => compare_number_to_text(number, text),
        (View::Text(text), View::Number(number)) => compare_number_to_text(number, text).map(Ordering::reverse),
        (View::Text(left), View::Text(right)) => match (numeric(left), numeric(right)) {
            (Some(left), Some(right)) => compare_numbers(left, right),
            _ => Some(left.cmp(right)),
        },
    }
}

fn is_true(value: View<'_>) -> bool {
    match value {
        View::Null => false,
        View::Boolean(value) => value,
        View::Number(Number::Integer(number)) => number != 0,
        View::Number(Number::Float(number)) => number != 0.0,
        View::Text(text) => !matches!(text, "" | "0"),
        View::Tree(tree) => length(tree) > 0,
    }
}

fn length(tree: &Value) -> usize {
    tree.as_array().map_or_else(|| tree.as_object().map_or(0, serde_json::Map::len), Vec::len)
}

/// By size, then by the first element that differs; keys that only one has cannot be compared.
fn compare_trees(left: &Value, right: &Value) -> Option<Ordering> {
    let by_size = length(left).cmp(&length(right));
    if by_size.is_ne() || length(left) == 0 {
        return Some(by_size);
    }
    let first = |mut places: Box<dyn Iterator<Item = Option<Ordering>> + '_>| {
        places.find(|place| *place != Some(Ordering::Equal)).unwrap_or(Some(Ordering::Equal))
    };
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            first(Box::new(left.iter().zip(right).map(|(left, right)| compare(left.into(), right.into()))))
        }
        (Value::Object(left), Value::Object(right)) => {
            first(Box::new(left.iter().map(|(key, left)| compare(left.into(), right.get(key)?.into()))))
        }
        _ => None,
    }
}

fn compare_numbers(left: Number, right: Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Integer(left), Number::Integer(right)) => Some(left.cmp(&right)),
        _ => float(left).partial_cmp(&float(right)),
    }
}

fn float(number: Number) -> f64 {
    match number {
        Number::Integer(number) => number as f64,
        Number::Float(number) => number,
    }
}

fn compare_number_to_text(number: Number, text: &str) -> Option<Ordering> {
    if let Some(other) = numeric(text) {
        return compare_numbers(number, other);
    }
    let own = match number {
        Number::Integer(number) => number.to_string(),
        Number::Float(number) => number.to_string(),
    };
    Some(own.as_str().cmp(text))
}

/// The number that a text spells, white space around it aside: digits with sign, point and exponent.
fn numeric(text: &str) -> Option<Number> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let is_numeric = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    // Otherwise `inf` and `nan` would parse.
    if !text.bytes().all(is_numeric) {
        return None;
    }
    text.parse().map(Number::Integer).or_else(|_| text.parse().map(Number::Float)).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(left: Value, right: Value) -> Option<Ordering> {
        compare((&left).into(), (&right).into())
    }

    #[test]
    fn values_of_different_types_compare_as_the_original_does() {
        use Ordering::{Equal, Greater, Less};
        let cases = [
            (json!(5), json!(5.0), Equal),
            (json!("10"), json!("9"), Greater),
            (json!("1e1"), json!(" 10 "), Equal),
            (json!("10a"), json!("9a"), Less),
            (json!(10), json!("9a"), Less),
            (json!("abc"), json!(5), Greater),
            (json!(null), json!(""), Equal),
            (json!(null), json!("0"), Less),
            (json!(null), json!(0), Equal),
            (json!(null), json!(-1), Less),
            (json!(true), json!("0"), Greater),
            (json!(true), json!("false"), Equal),
            (json!(false), json!([]), Equal),
            (json!([1]), json!("z"), Greater),
            (json!([9]), json!([1, 1]), Less),
            (json!({"a": 1}), json!({"a": 2}), Less),
            (json!("inf"), json!("a"), Greater),
            (json!(i64::MAX), json!(i64::MAX - 1), Greater),
        ];
        for (left, right, expected) in cases {
            assert_eq!(order(left.clone(), right.clone()), Some(expected), "{left} {right}");
            assert_eq!(order(right.clone(), left.clone()), Some(expected.reverse()), "{right} {left}");
        }
        assert_eq!(order(json!({"a": 1}), json!({"b": 1})), None);
        assert_eq!(order(json!({"0": 1}), json!([1])), None);
    }

    #[test]
    fn identity_sees_types_and_the_order_of_keys() {
        let same = |left: Value, right: Value| identical((&left).into(), (&right).into());
        assert!(same(json!({"a": [1, null], "b": 2.5}), json!({"a": [1, null], "b": 2.5})));
        assert!(!same(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})));
        assert!(!same(json!([1]), json!([1.0])));
        assert!(!same(json!([]), json!({})));
        assert!(!same(json!(null), json!(false)));
    }
}
