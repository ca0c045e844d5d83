//! The grammar: one query is one JSON object, in which `and` and `or` nest further objects.

use serde_json::{Map, Value};

use super::{InvalidQuery, MAX_DEPTH};

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What a query asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Method {
            $($(#[$doc])* $name,)*
            /// A method that SDKs know and neither engine offers, by its name.
            Unusable(&'static str),
        }

        impl Method {
            /// The name in a query.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Unusable(name) => name,
                }
            }

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => UNUSABLE.into_iter().find(|name| *name == text).map(Self::Unusable),
                }
            }
        }
    };
}

methods! {
    /// Equals one of the values.
    Equal = "equal",
    /// Differs.
    NotEqual = "notEqual",
    /// Is less.
    LessThan = "lessThan",
    /// Is less or equal.
    LessThanEqual = "lessThanEqual",
    /// Is greater.
    GreaterThan = "greaterThan",
    /// Is greater or equal.
    GreaterThanEqual = "greaterThanEqual",
    /// Lies within two bounds, which count.
    Between = "between",
    /// Lies outside of them.
    NotBetween = "notBetween",
    /// Has no value.
    IsNull = "isNull",
    /// Has a value.
    IsNotNull = "isNotNull",
    /// Begins with a text.
    StartsWith = "startsWith",
    /// Does not begin with it.
    NotStartsWith = "notStartsWith",
    /// Ends with a text.
    EndsWith = "endsWith",
    /// Does not end with it.
    NotEndsWith = "notEndsWith",
    /// Contains one of the values.
    Contains = "contains",
    /// The same.
    ContainsAny = "containsAny",
    /// Contains all of the values.
    ContainsAll = "containsAll",
    /// Contains none of the values.
    NotContains = "notContains",
    /// Full-text search.
    Search = "search",
    /// Its negation.
    NotSearch = "notSearch",
    /// All of the nested queries.
    And = "and",
    /// One of the nested queries.
    Or = "or",
    /// Ascending order.
    OrderAsc = "orderAsc",
    /// Descending order.
    OrderDesc = "orderDesc",
    /// Random order.
    OrderRandom = "orderRandom",
    /// Size of the page.
    Limit = "limit",
    /// How many to skip.
    Offset = "offset",
    /// What follows a record.
    CursorAfter = "cursorAfter",
    /// What comes before a record.
    CursorBefore = "cursorBefore",
    /// Which attributes to return.
    Select = "select",
}

const UNUSABLE: [&str; 20] = [
    "elemMatch",
    "exists",
    "notExists",
    "crosses",
    "notCrosses",
    "distanceEqual",
    "distanceNotEqual",
    "distanceGreaterThan",
    "distanceLessThan",
    "intersects",
    "notIntersects",
    "overlaps",
    "notOverlaps",
    "touches",
    "notTouches",
    "covers",
    "notCovers",
    "vectorDot",
    "vectorCosine",
    "vectorEuclidean",
];

/// One query as sent, before an engine has looked at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What it asks for.
    pub method: Method,
    /// About which attribute; empty where none was named.
    pub attribute: String,
    /// Its values; empty for `and` and `or`.
    pub values: Vec<Value>,
    /// What `and` and `or` contain.
    pub nested: Vec<Query>,
}

impl Query {
    /// Parses one query string.
    ///
    /// # Errors
    /// [`InvalidQuery`] where it is not a JSON object of the right shape or names no method.
    pub fn parse(text: &str) -> Result<Self, InvalidQuery> {
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Self::from_object(object, 0),
            _ => Err(InvalidQuery::Syntax),
        }
    }

    /// Takes the `queries` of a JSON message apart; null counts as none.
    ///
    /// # Errors
    /// [`InvalidQuery`] where it is not an array of strings.
    pub fn texts(queries: &Value) -> Result<Vec<String>, InvalidQuery> {
        let text = |query: &Value| query.as_str().map(str::to_owned).ok_or(InvalidQuery::NotAString);
        match queries {
            Value::Null => Ok(Vec::new()),
            Value::Array(queries) => queries.iter().map(text).collect(),
            _ => Err(InvalidQuery::NotAnArray),
        }
    }

    fn from_object(mut object: Map<String, Value>, depth: usize) -> Result<Self, InvalidQuery> {
        if depth > MAX_DEPTH {
            return Err(InvalidQuery::TooDeep);
        }
        let name = text(&mut object, "method")?;
        let method = Method::parse(&name).ok_or_else(|| InvalidQuery::unknown_method(&name))?;
        let attribute = text(&mut object, "attribute")?;
        let mut values = match object.remove("values") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => return Err(InvalidQuery::KeyType { key: "values", expected: "an array" }),
        };
        let mut nested = Vec::new();
        if matches!(method, Method::And | Method::Or) {
            for value in values.drain(..) {
                let Value::Object(object) = value else { return Err(InvalidQuery::Syntax) };
                nested.push(Self::from_object(object, depth + 1)?);
            }
        }
        Ok(Self { method, attribute, values, nested })
    }

    /// The one form that all spellings of a query share.
    #[must_use]
    pub fn normalised(&self) -> Value {
        let mut object = Map::new();
        object.insert("method".to_owned(), self.method.as_str().into());
        if !self.attribute.is_empty() {
            object.insert("attribute".to_owned(), self.attribute.as_str().into());
        }
        let nested = self.nested.iter().map(Self::normalised);
        object.insert("values".to_owned(), self.values.iter().cloned().chain(nested).collect());
        Value::Object(object)
    }
}

fn text(object: &mut Map<String, Value>, key: &'static str) -> Result<String, InvalidQuery> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(InvalidQuery::KeyType { key, expected: "a string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        let leaf = r#"{"method":"isNull","attribute":"a"}"#;
        (0..levels).fold(leaf.to_owned(), |inner, _| format!(r#"{{"method":"and","values":[{inner}]}}"#))
    }

    #[test]
    fn nesting_ends_at_the_bound() {
        assert!(Query::parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(Query::parse(&nested(MAX_DEPTH + 1)), Err(InvalidQuery::TooDeep));
        assert_eq!(Query::parse(&nested(1000)), Err(InvalidQuery::Syntax));
        let brackets = "[".repeat(1_000_000);
        assert_eq!(Query::parse(&format!(r#"{{"method":"equal","values":{brackets}"#)), Err(InvalidQuery::Syntax));
    }

    #[test]
    fn the_normal_form_has_keys_in_one_order_and_numbers_as_sent() {
        let query = Query::parse(r#" {"values":[5, 5.0,{"b":1,"a":2}],"x":1, "attribute":"n","method":"equal"}"#);
        let text = query.expect("valid").normalised().to_string();
        assert_eq!(text, r#"{"method":"equal","attribute":"n","values":[5,5.0,{"b":1,"a":2}]}"#);
        let query = Query::parse(r#"{"method":"or","values":[{"attribute":"n","method":"isNull"}]}"#);
        let text = query.expect("valid").normalised().to_string();
        assert_eq!(text, r#"{"method":"or","values":[{"method":"isNull","attribute":"n","values":[]}]}"#);
    }

    #[test]
    fn null_keys_count_as_absent() {
        let query = Query::parse(r#"{"method":"orderAsc","attribute":null,"values":null}"#).expect("valid");
        assert_eq!((query.attribute.as_str(), query.values.len()), ("", 0));
        assert!(Query::parse(r#"{"method":null}"#).is_err());
    }

    #[test]
    fn queries_in_a_message_are_an_array_of_strings() {
        assert_eq!(Query::texts(&Value::Null), Ok(Vec::new()));
        assert_eq!(Query::texts(&serde_json::json!(["a"])), Ok(vec!["a".to_owned()]));
        assert_eq!(Query::texts(&serde_json::json!([{}])), Err(InvalidQuery::NotAString));
        assert_eq!(Query::texts(&serde_json::json!("a")), Err(InvalidQuery::NotAnArray));
    }
}
