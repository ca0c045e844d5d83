//! Teams and their members. Source: http-api, section D.

pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod get_prefs;
pub(in crate::http) mod list;
pub(in crate::http) mod memberships;
pub(in crate::http) mod update;
pub(in crate::http) mod update_prefs;

use herenow_core::{TeamId, id::is_uid, tracker::Count};
use serde_json::value::RawValue;

use crate::{
    failure::Failure,
    http::{
        call::Call,
        params::{Params, loose_bool, parsed, text, texts},
    },
    ops::lists::ListRequest,
};

/// Most roles of a member.
const MAX_ROLES: usize = 100;

/// The team that the path names.
fn team_id(params: &Params) -> Result<TeamId, Failure> {
    params.required("teamId", parsed(TeamId::parse))
}

/// Roles in a team, each of at most so many characters.
fn roles(max_chars: usize) -> impl Fn(&RawValue) -> Result<Vec<String>, String> {
    move |raw| match texts(MAX_ROLES)(raw) {
        Ok(roles) if roles.iter().all(|role| is_uid(role, max_chars)) => Ok(roles),
        _ => Err(format!(
            "Value must be an array of at most {MAX_ROLES} roles, each of at most {max_chars} of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special char"
        )),
    }
}

/// What a list is asked for.
fn list_request(call: &mut Call) -> Result<ListRequest, Failure> {
    let queries = call.queries()?;
    let params = call.params()?;
    let search = params.optional("search", text(1, 256))?;
    let count = if params.optional("total", loose_bool)? == Some(false) { Count::Nothing } else { Count::All };
    Ok(ListRequest { queries, search, count })
}
