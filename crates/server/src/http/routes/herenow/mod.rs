//! What operators see and no model of the API has. Not for keys or users; `start` is for everybody.

pub(in crate::http) mod events;
pub(in crate::http) mod holders;
pub(in crate::http) mod start;
pub(in crate::http) mod stats;

use herenow_core::PresenceId;

use crate::{
    failure::Failure,
    http::params::{Params, integer, parsed},
};

/// Most entries of a page.
const MAX_LIMIT: u64 = 100;
const DEFAULT_LIMIT: u64 = 25;

/// The record that the path names.
fn presence_id(params: &Params) -> Result<PresenceId, Failure> {
    params.required("presenceId", parsed(PresenceId::parse))
}

/// How many entries are wanted.
fn limit(params: &Params) -> Result<usize, Failure> {
    let limit = params.optional("limit", integer(1..=MAX_LIMIT))?.unwrap_or(DEFAULT_LIMIT);
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}
