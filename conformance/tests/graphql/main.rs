//! GraphQL for presences, against the real binary. Source: http-api, section G.

mod fields;
mod forms;
mod limits;
mod support;
