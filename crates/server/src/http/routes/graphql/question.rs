//! Documents in every form in which clients send them.

use async_graphql::Variables;
use axum::body::Body;
use bytes::Bytes;
use herenow_wire::ErrorType;
use serde_json::{Map, Value};

use crate::{
    auth::credentials::header,
    failure::Failure,
    http::{
        call::Call,
        params::{Params, Raw, text},
    },
};

/// Most documents in one request. Source: http-api, section G.
const MAX_BATCH: usize = 10;
/// Longest name of an operation in a query string, in characters.
const MAX_OPERATION_CHARS: usize = 256;
/// With this header the payload is under the key `query`: so the SDKs of the original send it.
const FROM_SDK: &str = "x-sdk-graphql";

/// One document with what it is run with.
#[derive(Debug)]
pub(super) struct Question {
    /// The text of the document.
    pub(super) document: String,
    /// Its variables.
    pub(super) variables: Variables,
    /// Which of its operations; none: its only one.
    pub(super) operation: Option<String>,
}

impl Question {
    /// A document without variables.
    pub(super) fn new(document: String) -> Self {
        Self { document, variables: Variables::default(), operation: None }
    }
}

/// The document of a query string or a form.
///
/// # Errors
/// 400 `general_argument_invalid`.
pub(super) fn from_query(params: &Params) -> Result<Question, Failure> {
    let document = params.required("query", text(1, usize::MAX))?;
    let operation = params.optional("operationName", text(0, MAX_OPERATION_CHARS))?;
    let variables = params.optional("variables", variables_of_text)?.unwrap_or_default();
    Ok(Question { document, variables, operation: operation.filter(|name| !name.is_empty()) })
}

/// The documents of a body, in order.
///
/// # Errors
/// 400 `graphql_no_query`, `graphql_too_many_queries`, `general_bad_request`.
pub(super) async fn from_body(call: &mut Call) -> Result<Vec<Question>, Failure> {
    let (body, content_type) = (call.body.clone(), header(&call.headers, "content-type").unwrap_or_default());
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        _ if body.iter().all(u8::is_ascii_whitespace) => Err(ErrorType::GraphqlNoQuery.into()),
        "application/json" => {
            let from_sdk = header(&call.headers, FROM_SDK).is_some_and(|value| value == "true");
            from_json(read(&body)?, if from_sdk { Payload::UnderQuery } else { Payload::Whole })
        }
        "application/graphql" => {
            let document = std::str::from_utf8(&body).map_err(|_| malformed())?;
            Ok(vec![Question::new(document.to_owned())])
        }
        "application/x-www-form-urlencoded" => {
            let params = call.params()?;
            if params.peek("query").is_none_or(|query| query.is_empty()) {
                return Err(ErrorType::GraphqlNoQuery.into());
            }
            Ok(vec![from_query(params)?])
        }
        "multipart/form-data" => {
            let operations = operations(content_type, body).await?.ok_or(ErrorType::GraphqlNoQuery)?;
            from_json(read(&operations)?, Payload::Whole)
        }
        _ => Err(ErrorType::GraphqlNoQuery.into()),
    }
}

/// Where in the JSON the documents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payload {
    /// It is they.
    Whole,
    /// Under the key `query`, where that is no text.
    UnderQuery,
}

fn from_json(mut json: Value, payload: Payload) -> Result<Vec<Question>, Failure> {
    if payload == Payload::UnderQuery
        && let Some(inner @ (Value::Object(_) | Value::Array(_))) = json.get_mut("query")
    {
        json = inner.take();
    }
    let items = match json {
        Value::Object(item) => vec![item],
        Value::Array(items) if items.len() > MAX_BATCH => return Err(ErrorType::GraphqlTooManyQueries.into()),
        Value::Array(items) => items.into_iter().map(as_object).collect::<Result<_, _>>()?,
        _ => return Err(malformed()),
    };
    if items.is_empty() {
        return Err(ErrorType::GraphqlNoQuery.into());
    }
    items.into_iter().map(from_item).collect()
}

fn from_item(mut item: Map<String, Value>) -> Result<Question, Failure> {
    let document = match item.remove("query") {
        Some(Value::String(document)) if !document.is_empty() => document,
        _ => return Err(ErrorType::GraphqlNoQuery.into()),
    };
    let operation = match item.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(malformed()),
    };
    let variables = item.remove("variables").map(variables).transpose().map_err(|()| malformed())?;
    Ok(Question { document, variables: variables.unwrap_or_default(), operation })
}

/// An empty list is an empty object, as in every body.
fn variables(json: Value) -> Result<Variables, ()> {
    match json {
        Value::Null => Ok(Variables::default()),
        Value::Array(items) if items.is_empty() => Ok(Variables::default()),
        json @ Value::Object(_) => Ok(Variables::from_json(json)),
        _ => Err(()),
    }
}

/// Variables that travel as JSON in a text; the empty text has none.
fn variables_of_text(raw: Raw<'_>) -> Result<Variables, String> {
    let invalid = || "Value must be a valid JSON string of an object".to_owned();
    let text = raw.text().ok_or_else(invalid)?;
    if text.is_empty() {
        return Ok(Variables::default());
    }
    variables(serde_json::from_str(&text).map_err(|_| invalid())?).map_err(|()| invalid())
}

fn as_object(json: Value) -> Result<Map<String, Value>, Failure> {
    match json {
        Value::Object(item) => Ok(item),
        _ => Err(malformed()),
    }
}

fn read(json: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(json).map_err(|_| malformed())
}

fn malformed() -> Failure {
    Failure::new(ErrorType::GeneralBadRequest, "The body must be a GraphQL request, or a list of them, in UTF-8.")
}

/// The part `operations` of a multipart body. No field takes a file, so the other parts say nothing.
async fn operations(content_type: &str, body: Bytes) -> Result<Option<Bytes>, Failure> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| malformed())?;
    let mut parts = multer::Multipart::new(Body::from(body).into_data_stream(), boundary);
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        if part.name() == Some("operations") {
            return part.bytes().await.map(Some).map_err(|_| malformed());
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn documents(json: Value, payload: Payload) -> Result<Vec<String>, ErrorType> {
        let questions = from_json(json, payload).map_err(|failure| failure.kind)?;
        Ok(questions.into_iter().map(|question| question.document).collect())
    }

    #[test]
    fn one_or_several_documents_come_as_they_are_or_under_the_key_of_the_sdks() {
        for (sent, payload, expected) in [
            (json!({"query": "a"}), Payload::Whole, &["a"][..]),
            (json!([{"query": "a"}, {"query": "b"}]), Payload::Whole, &["a", "b"]),
            (json!({"query": {"query": "a"}}), Payload::UnderQuery, &["a"]),
            (json!({"query": [{"query": "a"}, {"query": "b"}]}), Payload::UnderQuery, &["a", "b"]),
            (json!({"query": "a"}), Payload::UnderQuery, &["a"]),
        ] {
            assert_eq!(documents(sent.clone(), payload).expect("valid"), expected, "{sent}");
        }
    }

    #[test]
    fn what_holds_no_document_is_no_query() {
        for sent in
            [json!({}), json!([]), json!({"query": ""}), json!({"query": null}), json!({"query": {"query": "a"}})]
        {
            assert_eq!(documents(sent.clone(), Payload::Whole), Err(ErrorType::GraphqlNoQuery), "{sent}");
        }
        assert_eq!(documents(json!([{"query": "a"}, {}]), Payload::Whole), Err(ErrorType::GraphqlNoQuery));
        for sent in [json!(1), json!("a"), json!([1]), json!({"query": "a", "variables": 1})] {
            assert_eq!(documents(sent.clone(), Payload::Whole), Err(ErrorType::GeneralBadRequest), "{sent}");
        }
    }

    #[test]
    fn a_batch_has_its_bound() {
        let batch = |count: usize| Value::Array(vec![json!({"query": "a"}); count]);
        assert_eq!(documents(batch(MAX_BATCH), Payload::Whole).expect("within").len(), MAX_BATCH);
        assert_eq!(documents(batch(MAX_BATCH + 1), Payload::Whole), Err(ErrorType::GraphqlTooManyQueries));
    }

    #[test]
    fn a_query_string_holds_its_variables_as_json() {
        let question = from_query(&Params::from_query("query=a&variables=%7B%22b%22%3A1%7D&operationName=N"));
        let question = question.expect("valid");
        assert_eq!((question.document.as_str(), question.operation.as_deref()), ("a", Some("N")));
        assert_eq!(question.variables, Variables::from_json(json!({"b": 1})));
        let long = "n".repeat(MAX_OPERATION_CHARS + 1);
        for sent in
            ["", "query=", "query=a&variables=x", "query=a&variables=1", &format!("query=a&operationName={long}")]
        {
            let failure = from_query(&Params::from_query(sent)).expect_err(sent);
            assert_eq!(failure.kind, ErrorType::GeneralArgumentInvalid, "{sent}");
        }
    }
}
