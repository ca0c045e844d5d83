//! Queries: one grammar, and two engines that read it differently.
//!
//! `list` filters, orders and pages records as the original's PostgreSQL does; `realtime` matches the
//! payloads of events. Knows no endpoint, no permission and no index: whoever calls brings the records.
//!
//! Source: queries, sections 1 to 5.

mod filter;
mod grammar;
mod invalid;
mod list;
mod loose;
mod page;
mod payload;
#[cfg(test)]
mod properties;
mod realtime;
mod schema;
mod typing;
mod value;

pub use filter::{Filter, Needle, Test, fold};
pub use grammar::{Method, Query};
pub use invalid::{Fault, InvalidQuery};
pub use list::{Cursor, Direction, ListQuery, Order};
pub use page::{PageError, page};
pub use payload::{Payload, PayloadValue, text_of};
pub use realtime::RealtimeQueries;
pub use schema::{Kind, Schema};
pub use value::{Attributes, Operand, Value};

/// Most queries in one request or subscription.
pub const MAX_QUERIES: usize = 100;
/// Longest query of a list, in characters.
pub const MAX_QUERY_CHARS: usize = 4096;
/// Most values in one filter of a list.
pub const MAX_VALUES: usize = 500;
/// Deepest nesting of `and` and `or`.
pub const MAX_DEPTH: usize = 32;
/// Page size where no `limit` is given.
pub const DEFAULT_LIMIT: usize = 25;
/// Largest page.
pub const MAX_LIMIT: usize = 5000;
