//! The description of the API in OpenAPI 3.1, made from two tables: one line for a route, one for a model.
//!
//! Knows nothing of handlers; tests hold the tables against the router and against real answers.

mod document;
mod table;

use std::sync::LazyLock;

pub use self::table::{Operation, operations};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    // A line for each path, so that a change of the snapshot can be read.
    let text = document::document().to_string();
    format!("{}\n", text.replace("},\"/", "},\n\"/"))
});

/// The document, as it is served.
#[must_use]
pub fn text() -> &'static str {
    &DOCUMENT
}
