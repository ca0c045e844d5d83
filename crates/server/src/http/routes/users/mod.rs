//! Users, for servers. Source: http-api, section C.

pub(in crate::http) mod create;
pub(in crate::http) mod create_jwt;
pub(in crate::http) mod create_session;
pub(in crate::http) mod create_token;
pub(in crate::http) mod delete;
pub(in crate::http) mod delete_session;
pub(in crate::http) mod delete_sessions;
pub(in crate::http) mod get;
pub(in crate::http) mod get_prefs;
pub(in crate::http) mod list;
pub(in crate::http) mod list_sessions;
pub(in crate::http) mod update_email_verification;
pub(in crate::http) mod update_labels;
pub(in crate::http) mod update_name;
pub(in crate::http) mod update_phone_verification;
pub(in crate::http) mod update_prefs;
pub(in crate::http) mod update_status;

use axum::response::Response;
use herenow_core::{UserId, account::User};
use herenow_wire::{
    ErrorType,
    model::{UserView, user_json},
};
use http::StatusCode;

use crate::{
    auth::{Caller, Scope, password::HASH_OPTIONS},
    failure::Failure,
    http::{call::Call, params::parsed, respond},
};

/// A server that has one of `scopes`. Guests and users have `sessions.write` too, but to sign in themselves: here it
/// opens nothing.
async fn server(call: &Call, scopes: &[Scope]) -> Result<Caller, Failure> {
    let caller = call.authorize(scopes).await?;
    if caller.is_server() { Ok(caller) } else { Err(ErrorType::GeneralUnauthorizedScope.into()) }
}

/// The user that the path names.
fn user_id(call: &mut Call) -> Result<UserId, Failure> {
    call.params()?.required("userId", parsed(UserId::parse))
}

/// A user, as an answer.
fn user(status: StatusCode, user: &User) -> Response {
    respond::json(status, &user_json(user, UserView::Server(HASH_OPTIONS)))
}
