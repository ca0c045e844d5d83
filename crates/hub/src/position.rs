//! A place in a project's order, as clients name it when they come back.

use std::sync::Arc;

/// Everything up to here has been told. Source: semantics 22 to 24.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The run of the number.
    pub epoch: Arc<str>,
    /// The number of a change.
    pub seq: u64,
}
