//! Presences over REST. Source: http-api, section A.

pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;
pub(in crate::http) mod upsert;

use herenow_core::{Permissions, PresenceId, Status, presence::MAX_STATUS_CHARS};

use crate::{
    App,
    failure::Failure,
    http::params::{self, Params, Raw, parsed, short},
};

/// The record that the path names.
fn presence_id(params: &Params) -> Result<PresenceId, Failure> {
    params.required("presenceId", parsed(PresenceId::parse))
}

/// The rule of a status.
fn status(raw: Raw<'_>) -> Result<Status, String> {
    short(raw, 1, MAX_STATUS_CHARS).map(Into::into)
}

/// The rule of permissions. Apps send few lists, each of them often.
fn permissions(app: &App) -> impl FnOnce(Raw<'_>) -> Result<Permissions, String> {
    move |raw| app.permission_lists.read(raw.json(), || params::permissions(raw))
}
