//! Memberships of a team.

pub(in crate::http) mod accept;
pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;

use herenow_core::MembershipId;
use herenow_wire::model::membership_json;
use serde_json::Value;

use crate::{
    failure::Failure,
    http::params::{Params, parsed},
    ops::memberships::Member,
};

/// The membership that the path names.
fn membership_id(params: &Params) -> Result<MembershipId, Failure> {
    params.required("membershipId", parsed(MembershipId::parse))
}

/// The Membership model of what the caller may know.
fn model(member: &Member) -> Value {
    membership_json(&member.membership, &member.team, member.user.as_ref(), member.view)
}
