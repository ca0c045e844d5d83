//! The values behind a fixture's placeholders, `{{name}}`. One without a value is made when it is sent, and taken from
//! what comes when it is expected.

use std::collections::HashMap;

use anyhow::{Context, Result};
use herenow_testkit::unique_id;
use serde_json::Value;

/// Names with their values.
#[derive(Debug, Clone, Default)]
pub struct Values(HashMap<String, String>);

impl Values {
    /// Sets a value, over any other of the name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The same values and one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// The value of a name, where it has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a name that has one.
    ///
    /// # Errors
    /// When it has none.
    pub fn named(&self, name: &str) -> Result<&str> {
        self.get(name).with_context(|| format!("nothing stands for {{{{{name}}}}}"))
    }

    /// Fills every placeholder of a text; one without a value gets a fresh id.
    pub fn fill(&mut self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = placeholder(rest) {
            filled.push_str(before);
            filled.push_str(self.0.entry(name.to_owned()).or_insert_with(unique_id));
            rest = after;
        }
        filled + rest
    }

    /// Fills every placeholder in the texts of a JSON value, as [`fill`](Self::fill) does.
    #[must_use]
    pub fn fill_json(&mut self, json: &Value) -> Value {
        match json {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| (key.clone(), self.fill_json(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
}

/// The first placeholder of a text: what comes before it, its name, what comes after.
pub(crate) fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_known_name_is_filled_in_and_an_unknown_one_gets_a_value_that_stays() {
        let mut values = Values::default().with("a", "1");
        let filled = values.fill_json(&json!({"x": ["{{a}}-{{b}}", 7], "y": "{{b}}"}));
        let made = values.named("b").expect("it was made");
        assert_eq!(filled, json!({"x": [format!("1-{made}"), 7], "y": made}));
    }
}
