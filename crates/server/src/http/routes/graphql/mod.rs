//! GraphQL for presences: the documents that clients send, run through the rules of the REST routes.
//!
//! Source: http-api, section G. What concerns a whole request (project, origin, credentials, the form of the body) is
//! answered with its HTTP status; what concerns a field (scopes, arguments, records) stands in `errors` of a 200.

mod arguments;
mod bounds;
mod models;
mod question;
mod schema;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use herenow_wire::ErrorType;
use http::{HeaderValue, StatusCode, header::ALLOW};
use serde_json::Value;

use self::{
    bounds::Checked,
    question::{Question, from_body, from_query},
    schema::{Asking, Mutating},
};
use crate::{
    config::RateLimits,
    failure::Failure,
    http::{call::Call, respond},
};

/// The schema, made once.
#[derive(Clone)]
pub(in crate::http) struct Graphql(schema::Schema);

impl Graphql {
    /// Makes it. Depth and complexity are limited as `rate_limits` says.
    pub(in crate::http) fn new(rate_limits: RateLimits) -> Self {
        Self(schema::build(rate_limits))
    }

    /// `GET /v1/graphql`: queries alone.
    pub(in crate::http) async fn get(self, mut call: Call) -> Result<Response, Failure> {
        let asking = Arc::new(Asking::of(&call, Mutating::Refused).await?);
        let question = from_query(call.params()?)?;
        let Some(answer) = self.answer(&asking, question).await else {
            let mut response = Failure::from(ErrorType::GraphqlMethodUnsupported).into_response();
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return Ok(response);
        };
        Ok(respond::json(StatusCode::OK, &answer))
    }

    /// `POST /v1/graphql` and `POST /v1/graphql/mutation`: one document or several, in order.
    pub(in crate::http) async fn post(self, mut call: Call) -> Result<Response, Failure> {
        let asking = Arc::new(Asking::of(&call, Mutating::Allowed).await?);
        let questions = from_body(&mut call).await?;
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            answers.extend(self.answer(&asking, question).await);
        }
        if asking.has_deleted() {
            // A field that answers 204 over REST makes the whole answer one. Source: http-api, section G.
            return Ok(respond::no_content());
        }
        let only = if answers.len() == 1 { answers.pop() } else { None };
        Ok(respond::json(StatusCode::OK, &only.unwrap_or(Value::Array(answers))))
    }

    /// The answer to one document; none where it is a mutation and these are refused.
    async fn answer(&self, asking: &Arc<Asking>, question: Question) -> Option<Value> {
        let response = match bounds::check(question) {
            Err(error) => async_graphql::Response::from_errors(vec![error]),
            Ok(Checked { is_mutation: true, .. }) if asking.refuses_mutations() => return None,
            Ok(checked) => self.0.execute(checked.request.data(asking.clone())).await,
        };
        let mut answer = serde_json::to_value(&response).expect("an answer serialises");
        // A document that did not run has no data, not even null.
        if let Value::Object(members) = &mut answer
            && members.contains_key("errors")
            && members.get("data") == Some(&Value::Null)
        {
            members.remove("data");
        }
        Some(answer)
    }
}
