//! The scenarios: each owns its options, what it asks of the targets, and its report.

pub(crate) mod fan;
pub(crate) mod idle;
