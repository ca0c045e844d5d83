//! Why a query was refused, in words for whoever sent it.

use super::{MAX_DEPTH, MAX_LIMIT, MAX_QUERIES, MAX_QUERY_CHARS, MAX_VALUES, Method, realtime::ALLOWED, schema::Kind};

/// Most characters of what was sent that a message repeats.
const QUOTED_CHARS: usize = 64;

/// Which of the two error types an [`InvalidQuery`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not well-formed or not allowed: `general_argument_invalid`.
    Argument,
    /// Well-formed, and more than the server does: `general_query_invalid`.
    Query,
}

/// Why a query was refused; the text goes behind ``Invalid `queries` param: `` or `Invalid query: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuery {
    /// `queries` is something else than an array.
    #[error("Queries must be an array")]
    NotAnArray,
    /// An element of `queries` is not a string.
    #[error("Every query must be a string")]
    NotAString,
    /// Over [`MAX_QUERIES`].
    #[error("At most {MAX_QUERIES} queries are allowed")]
    TooMany,
    /// Over [`MAX_QUERY_CHARS`].
    #[error("A query is at most {MAX_QUERY_CHARS} characters long")]
    TooLong,
    /// Not a JSON object.
    #[error(
        "A query must be a JSON object such as {{\"method\":\"equal\",\"attribute\":\"status\",\"values\":[\"online\"]}}"
    )]
    Syntax,
    /// A key holds a value of the wrong type.
    #[error("Query key \"{key}\" must be {expected}")]
    KeyType {
        /// Which key.
        key: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// `and` or `or` within each other beyond [`MAX_DEPTH`].
    #[error("Queries may be nested {MAX_DEPTH} levels deep")]
    TooDeep,
    /// No method has this name.
    #[error("Unknown query method \"{0}\"")]
    UnknownMethod(String),
    /// A method that this list does not offer.
    #[error("Query method \"{0}\" is not allowed here")]
    MethodNotAllowed(&'static str),
    /// Something else than a filter within `and` or `or`.
    #[error("Query method \"{0}\" is not a filter: \"and\" and \"or\" contain filters only")]
    NotAFilter(&'static str),
    /// The attribute may not be queried.
    #[error("Attribute \"{0}\" cannot be queried")]
    AttributeNotAllowed(String),
    /// The method does not fit the attribute's type.
    #[error("Query method \"{method}\" cannot be used on attribute \"{attribute}\"")]
    MethodOnAttribute {
        /// Which method.
        method: &'static str,
        /// On which attribute.
        attribute: &'static str,
    },
    /// The wrong number of values.
    #[error("Query method \"{method}\" takes {expected}")]
    ValueCount {
        /// Which method.
        method: &'static str,
        /// How many it takes, in words.
        expected: &'static str,
    },
    /// Over [`MAX_VALUES`].
    #[error("A filter on attribute \"{0}\" takes at most {MAX_VALUES} values")]
    TooManyValues(&'static str),
    /// A value does not have the attribute's type.
    #[error("Values for attribute \"{attribute}\" must be {}", kind.describe())]
    ValueType {
        /// Which attribute.
        attribute: &'static str,
        /// Its type.
        kind: Kind,
    },
    /// `limit` is no whole number from 1.
    #[error("Limit must be a whole number from 1")]
    Limit,
    /// `limit` is over [`MAX_LIMIT`].
    #[error("Limit must be at most {MAX_LIMIT}")]
    LimitTooLarge,
    /// `offset` is no whole number from 0.
    #[error("Offset must be a whole number from 0")]
    Offset,
    /// A cursor is no id.
    #[error("Cursor must be a valid id")]
    Cursor,
    /// A cursor beside `orderRandom`, which leaves no position to go on from.
    #[error("A cursor cannot be combined with \"orderRandom\"")]
    CursorInRandomOrder,
    /// `search` or `notSearch`, for which there is no full-text index.
    #[error("Searching attribute \"{0}\" requires a full-text index")]
    NoFullTextIndex(&'static str),
    /// A method that subscriptions do not offer.
    #[error("Query method \"{0}\" is not supported in Realtime queries. Allowed: {allowed}", allowed = allowed())]
    NotInRealtime(&'static str),
    /// `select` of anything but everything.
    #[error(
        "Query method \"select\" with other values than [\"*\"] is not supported in Realtime queries. Allowed: {allowed}",
        allowed = allowed()
    )]
    SelectInRealtime,
}

impl InvalidQuery {
    /// Which error type the server answers with.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::TooMany | Self::TooLong | Self::LimitTooLarge | Self::NoFullTextIndex(_) => Fault::Query,
            _ => Fault::Argument,
        }
    }

    pub(super) fn unknown_method(name: &str) -> Self {
        Self::UnknownMethod(quoted(name))
    }

    pub(super) fn attribute_not_allowed(name: &str) -> Self {
        Self::AttributeNotAllowed(quoted(name))
    }
}

/// Cuts a text short: a message is no place to send 4,096 characters back.
fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

fn allowed() -> String {
    let names: Vec<&str> = ALLOWED.iter().map(|method: &Method| method.as_str()).collect();
    names.join(", ")
}
