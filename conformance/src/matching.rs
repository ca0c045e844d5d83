//! Whether what came is what a fixture expects: objects may have more keys, lists must be as they are, texts may hold
//! placeholders.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::values::{Values, placeholder};

/// Matches `actual` against `expected`, and takes values for placeholders that have none.
///
/// # Errors
/// When they differ; the error names the place.
pub fn check(expected: &Value, actual: &Value, values: &mut Values) -> Result<()> {
    match (expected, actual) {
        (Value::Object(wanted), _) if wanted.contains_key("$contains") => contains(&wanted["$contains"], actual),
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, value) in wanted {
                let found = found.get(key).with_context(|| format!("no {key:?} in {actual}"))?;
                check(value, found, values).with_context(|| format!("in {key:?}"))?;
            }
            Ok(())
        }
        (Value::Array(wanted), Value::Array(found)) => {
            ensure!(wanted.len() == found.len(), "expected {expected}, not {actual}");
            for (index, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                check(wanted, found, values).with_context(|| format!("at {index}"))?;
            }
            Ok(())
        }
        (Value::String(wanted), Value::String(found)) => text(wanted, found, values),
        _ => {
            ensure!(expected == actual, "expected {expected}, not {actual}");
            Ok(())
        }
    }
}

fn contains(part: &Value, actual: &Value) -> Result<()> {
    let (part, actual) = (part.as_str().context("$contains takes a text")?, actual.as_str().context("no text")?);
    ensure!(actual.contains(part), "expected a text that contains {part:?}, not {actual:?}");
    Ok(())
}

fn text(wanted: &str, found: &str, values: &mut Values) -> Result<()> {
    match placeholder(wanted) {
        Some(("", "isoTimestamp", "")) => timestamp(found),
        Some(("", name, "")) if name.starts_with("bind:") => {
            values.set(&name["bind:".len()..], found);
            Ok(())
        }
        Some(("", name, "")) if values.get(name).is_none() => {
            values.set(name, found);
            Ok(())
        }
        _ => {
            let wanted = values.fill(wanted);
            ensure!(wanted == found, "expected {wanted:?}, not {found:?}");
            Ok(())
        }
    }
}

/// A point in time as every answer writes it: `2026-08-01T10:00:00.000+00:00`.
///
/// # Errors
/// When the text is something else.
pub fn timestamp(text: &str) -> Result<()> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    ensure!(shape == "0000-00-00T00:00:00.000+00:00", "{text:?} is no timestamp");
    Ok(())
}

/// Checks that `body` has all `fields`, and none of them null.
///
/// # Errors
/// When one is missing or null.
pub fn required_fields(body: &Value, fields: &Value) -> Result<()> {
    for field in fields.as_array().context("a list of fields")? {
        let name = field.as_str().context("a field's name")?;
        match body.get(name) {
            None => bail!("the field {name:?} is missing: {body}"),
            Some(Value::Null) => bail!("the field {name:?} is null: {body}"),
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(expected: &Value, actual: &Value) -> bool {
        check(expected, actual, &mut Values::default().with("id", "7")).is_ok()
    }

    #[test]
    fn objects_may_have_more_keys_and_lists_may_not_have_more_items() {
        assert!(matches(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!matches(&json!({"a": 1}), &json!({"b": 1})));
        assert!(!matches(&json!([1]), &json!([1, 2])) && !matches(&json!([1, 2]), &json!([2, 1])));
        assert!(!matches(&json!([]), &json!({})) && !matches(&json!(null), &json!(0)));
    }

    #[test]
    fn placeholders_compare_where_they_have_a_value_and_take_one_where_not() {
        assert!(matches(&json!("x.{{id}}"), &json!("x.7")) && !matches(&json!("{{id}}"), &json!("8")));
        assert!(matches(&json!(["{{new}}", "{{new}}"]), &json!(["a", "a"])));
        assert!(!matches(&json!(["{{new}}", "{{new}}"]), &json!(["a", "b"])));
        assert!(matches(&json!(["{{bind:id}}", "{{id}}"]), &json!(["9", "9"])));
        assert!(matches(&json!({"$contains": "ell"}), &json!("hello")));
        assert!(!matches(&json!({"$contains": "ell"}), &json!("hallo")));
    }

    #[test]
    fn a_timestamp_is_utc_with_milliseconds() {
        assert!(matches(&json!("{{isoTimestamp}}"), &json!("2026-08-01T10:00:00.000+00:00")));
        assert!(!matches(&json!("{{isoTimestamp}}"), &json!("2026-08-01T10:00:00.000Z")));
    }

    #[test]
    fn a_required_field_may_be_empty_but_not_null() {
        let fields = json!(["a"]);
        required_fields(&json!({"a": ""}), &fields).expect("empty");
        required_fields(&json!({"a": null}), &fields).expect_err("null");
        required_fields(&json!({}), &fields).expect_err("missing");
    }
}
