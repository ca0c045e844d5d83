//! Policies of a project: how long sessions live, how many there are, what members see of each other.

pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update_membership_privacy;
pub(in crate::http) mod update_session_duration;
pub(in crate::http) mod update_session_invalidation;
pub(in crate::http) mod update_session_limit;

use super::manager;
