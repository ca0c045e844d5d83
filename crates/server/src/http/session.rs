//! Sessions on their way to and from clients: the cookies, and the header for browsers that block them.
//!
//! Source: auth-and-permissions, sections 4.2 and 4.3.

use axum::response::Response;
use herenow_wire::model::{SessionView, session_json};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header::SET_COOKIE};
use serde_json::json;

use super::{call::Call, respond, site};
use crate::{
    auth::{
        Caller,
        cookies::{self, name},
        credentials::header,
    },
    failure::Failure,
    ops::sessions::{Begun, Client},
};

/// The session as a browser without cookies keeps it.
const FALLBACK: HeaderName = HeaderName::from_static("x-fallback-cookies");
/// What takes it away there.
const NO_COOKIES: &str = "[]";

/// Who calls, as far as a session keeps it.
pub(super) fn client(call: &Call) -> Client {
    Client { ip: call.peer.ip, user_agent: header(&call.headers, "user-agent").unwrap_or_default().to_owned() }
}

/// The answer that shows a session to who has just begun it: a key gets the token in the body, everybody as cookies.
pub(super) fn created(call: &Call, caller: &Caller, begun: &Begun) -> Result<Response, Failure> {
    let secret = if caller.is_server() { begun.token.clone() } else { String::new() };
    let view = SessionView { current: true, secret };
    let mut response = respond::json(StatusCode::CREATED, &session_json(&begun.session, &view));
    give(call, &mut response, begun)?;
    Ok(response)
}

/// Gives the client its session.
pub(super) fn give(call: &Call, response: &mut Response, begun: &Begun) -> Result<(), Failure> {
    let project = call.project()?.project.id.as_str();
    let lines = cookies::set(project, &begun.token, begun.session.expire, call.now, &call.peer.site);
    add(call, response, lines, &json!({ name(project): begun.token }).to_string())
}

/// Takes the session away from the client.
pub(super) fn take_away(call: &Call, mut response: Response) -> Result<Response, Failure> {
    let lines = cookies::clear(call.project()?.project.id.as_str(), &call.peer.site);
    add(call, &mut response, lines, NO_COOKIES)?;
    Ok(response)
}

fn add(call: &Call, response: &mut Response, lines: [String; 2], fallback: &str) -> Result<(), Failure> {
    let headers = response.headers_mut();
    for line in lines {
        headers.append(SET_COOKIE, HeaderValue::try_from(line).map_err(Failure::internal)?);
    }
    if !is_same_site(&call.headers, &call.peer.site.host) {
        headers.insert(FALLBACK, HeaderValue::from_str(fallback).map_err(Failure::internal)?);
    }
    Ok(())
}

/// Whether the calling page is of the server's own site, so that no browser blocks its cookies.
fn is_same_site(headers: &HeaderMap, host: &str) -> bool {
    let page = header(headers, "origin").or_else(|| header(headers, "referer"));
    let page = page.and_then(|page| page.parse::<Uri>().ok());
    page.as_ref().and_then(Uri::host).is_some_and(|page| site::is_same(page, host))
}
