//! Presences over REST. Source: http-api, section A.

pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;
pub(in crate::http) mod upsert;

use herenow_core::{PresenceId, presence::MAX_STATUS_CHARS};

use crate::{
    failure::Failure,
    http::params::{Params, parsed},
};

/// The record that the path names.
fn presence_id(params: &Params) -> Result<PresenceId, Failure> {
    params.required("presenceId", parsed(PresenceId::parse))
}

/// The rule of a status.
fn status(raw: &serde_json::value::RawValue) -> Result<herenow_core::Status, String> {
    crate::http::params::text(1, MAX_STATUS_CHARS)(raw).map(Into::into)
}
