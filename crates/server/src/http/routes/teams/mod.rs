//! Teams and their members. Source: http-api, section D.

pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod get_prefs;
pub(in crate::http) mod list;
pub(in crate::http) mod memberships;
pub(in crate::http) mod update;
pub(in crate::http) mod update_prefs;

use herenow_core::{TeamId, id::is_uid};

use crate::{
    failure::Failure,
    http::params::{Params, Raw, parsed, texts},
};

/// Most roles of a member.
const MAX_ROLES: usize = 100;

/// The team that the path names.
fn team_id(params: &Params) -> Result<TeamId, Failure> {
    params.required("teamId", parsed(TeamId::parse))
}

/// Roles in a team, each of at most so many characters.
fn roles(max_chars: usize) -> impl Fn(Raw<'_>) -> Result<Vec<String>, String> {
    move |raw| match texts(MAX_ROLES)(raw) {
        Ok(roles) if roles.iter().all(|role| is_uid(role, max_chars)) => Ok(roles),
        _ => Err(format!(
            "Value must be an array of at most {MAX_ROLES} roles, each of at most {max_chars} of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special char"
        )),
    }
}
