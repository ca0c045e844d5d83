//! The arguments of a field, as the parameters of the REST route that it stands for.

use serde_json::json;

use super::models::Json;
use crate::http::params::Params;

/// Arguments on their way to a route's own rules.
#[derive(Default)]
pub(super) struct Arguments(Params);

/// What an argument may be.
pub(super) trait Argument {
    /// The JSON that a REST client would have sent.
    fn json(self) -> serde_json::Value;
}

impl Argument for String {
    fn json(self) -> serde_json::Value {
        json!(self)
    }
}

impl Argument for bool {
    fn json(self) -> serde_json::Value {
        json!(self)
    }
}

impl Argument for i32 {
    fn json(self) -> serde_json::Value {
        json!(self)
    }
}

impl Argument for Vec<Option<String>> {
    fn json(self) -> serde_json::Value {
        json!(self)
    }
}

impl Argument for Json {
    fn json(self) -> serde_json::Value {
        // A name of an enum has no JSON but its text; no field of ours takes a file.
        self.0.into_json().unwrap_or_default()
    }
}

impl Arguments {
    /// With one more argument, where it was given: null and absent are the same.
    pub(super) fn with(mut self, name: &str, argument: Option<impl Argument>) -> Self {
        if let Some(argument) = argument {
            self.0.set(name, &argument.json());
        }
        self
    }

    /// For the route.
    pub(super) fn params(&self) -> &Params {
        &self.0
    }
}

/// How many records a list asks for by its queries; the highest limit, should there be several.
pub(super) fn limit(queries: Option<&[Option<String>]>) -> Option<usize> {
    let of = |text: &Option<String>| {
        let query: serde_json::Value = serde_json::from_str(text.as_deref()?).ok()?;
        if query["method"] != "limit" {
            return None;
        }
        query["values"].get(0)?.as_u64().and_then(|limit| usize::try_from(limit).ok())
    };
    queries?.iter().filter_map(of).max()
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;

    use super::*;

    #[test]
    fn a_limit_is_found_among_the_queries() {
        let texts = |texts: &[&str]| texts.iter().map(|&text| Some(text.to_owned())).collect::<Vec<_>>();
        let queries = texts(&["{\"method\":\"equal\",\"values\":[1]}", "{\"method\":\"limit\",\"values\":[3]}", "x"]);
        assert_eq!(limit(Some(&queries)), Some(3));
        assert_eq!((limit(None), limit(Some(&texts(&["{\"method\":\"limit\"}"])))), (None, None));
    }

    #[test]
    fn what_is_null_is_not_sent() {
        let arguments = Arguments::default().with("a", Some("x".to_owned())).with("b", None::<bool>);
        assert_eq!((arguments.params().peek("a").as_deref(), arguments.params().peek("b")), (Some("x"), None));
        let metadata = Value::from_json(json!({"deep": [1, 2.5, null]})).expect("JSON");
        assert_eq!(Json(metadata).json(), json!({"deep": [1, 2.5, null]}));
    }
}
