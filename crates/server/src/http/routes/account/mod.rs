//! A user's own account. Source: http-api, section B.

pub(in crate::http) mod create;
pub(in crate::http) mod create_anonymous_session;
pub(in crate::http) mod create_email_session;
pub(in crate::http) mod create_jwt;
pub(in crate::http) mod create_token_session;
pub(in crate::http) mod delete;
pub(in crate::http) mod delete_session;
pub(in crate::http) mod delete_sessions;
pub(in crate::http) mod get;
pub(in crate::http) mod get_prefs;
pub(in crate::http) mod get_session;
pub(in crate::http) mod list_sessions;
pub(in crate::http) mod update_name;
pub(in crate::http) mod update_password;
pub(in crate::http) mod update_prefs;
pub(in crate::http) mod update_session;
pub(in crate::http) mod update_status;

use axum::response::Response;
use herenow_core::{
    UserId,
    account::{Session, User},
};
use herenow_wire::{
    ErrorType,
    model::{SessionView, UserView, session_json, user_json},
};
use http::StatusCode;
use serde_json::Value;

use crate::{
    auth::{Caller, credentials::header, scope},
    failure::Failure,
    http::{
        call::{Call, Reach},
        params::parsed,
        respond,
    },
    ops::{account::Place, sessions::Which},
};

/// The code with which the first operator signs up from elsewhere than this machine.
const SIGN_UP_CODE: &str = "x-herenow-signup-code";

/// From where somebody signs up, or asks whether they may.
pub(super) fn place(call: &Call) -> Place {
    match call.peer.reach {
        Reach::Loopback => Place::ThisMachine,
        Reach::Elsewhere => Place::Elsewhere(header(&call.headers, SIGN_UP_CODE).map(str::to_owned)),
    }
}

/// The user who calls, which no key can be.
async fn owner(call: &Call) -> Result<(Caller, UserId), Failure> {
    let caller = call.authorize(&[scope::ACCOUNT]).await?;
    let id = caller.user_id().cloned().ok_or(ErrorType::GeneralUnauthorizedScope)?;
    Ok((caller, id))
}

/// An account, as an answer.
fn account(status: StatusCode, user: &User) -> Response {
    respond::json(status, &user_json(user, UserView::Account))
}

/// A session as its user sees it.
fn shown(caller: &Caller, session: &Session) -> Value {
    let current = caller.session().is_some_and(|own| own.id == session.id);
    session_json(session, &SessionView { current, secret: String::new() })
}

/// The session that the path names.
fn which(call: &mut Call) -> Result<Which, Failure> {
    call.params()?.required("sessionId", parsed(Which::parse))
}
