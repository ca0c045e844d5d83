//! The pages that the server brings along, from its own binary. Knows no page's content; they speak the public API.

mod files;
mod gzip;

use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use herenow_wire::ErrorType;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST,
        HeaderName, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};

use self::files::{ADMIN, DEMO, Page};
use super::{
    call::Call,
    listed::{Router, get},
};
use crate::failure::Failure;

/// The name of a file below this holds the hash of its content, so that it never changes.
const HASHED: &str = "assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept, and asked about at each use: by its tag.
const ASK_AGAIN: &str = "no-cache";

/// What every file comes with beside its type and its age.
const FIXED: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // The pages have no links elsewhere; should one get in, it tells nothing.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The routes of all pages.
pub(super) fn router() -> Router {
    page("/demo", &DEMO).merge(page("/admin", &ADMIN)).route("/", get(home))
}

/// The bare address is what people try first: it leads to the demonstration.
async fn home(_: Call) -> Result<Response, Failure> {
    Ok(Redirect::to("/demo").into_response())
}

fn page(root: &'static str, page: &'static Page) -> Router {
    // The pipeline gathers the headers into the call.
    let index = get(move |call: Call| async move { answer(page, "index.html", &call.headers) });
    let file = get(move |call: Call| async move {
        match call.placeholder("path") {
            Some(path) => answer(page, path, &call.headers),
            None => Ok((StatusCode::BAD_REQUEST, "Invalid URL: Invalid UTF-8 in `path`").into_response()),
        }
    });
    Router::new().route(root, index.clone()).route(&format!("{root}/"), index).route(&format!("{root}/{{*path}}"), file)
}

fn answer(page: &'static Page, path: &str, asked: &HeaderMap) -> Result<Response, Failure> {
    let file = page.find(path).ok_or(ErrorType::GeneralRouteNotFound)?;
    let packed = if gzip::is_taken(asked) { page.packed(path) } else { None };
    let (tag, bytes) = match packed {
        Some(packed) => (packed.tag.clone(), packed.bytes.clone()),
        None => (HeaderValue::from_static(file.tag), Bytes::from_static(file.bytes)),
    };
    let known = asked.get(IF_NONE_MATCH).is_some_and(|tags| names(tags, &tag));
    let mut response = Response::new(if known { Bytes::new() } else { bytes }.into());
    *response.status_mut() = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let headers = response.headers_mut();
    headers.extend(FIXED.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.insert(ETAG, tag);
    headers.insert(VARY, ACCEPT_ENCODING.into());
    let age = if path.starts_with(HASHED) { FOREVER } else { ASK_AGAIN };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(age));
    headers.insert(CONTENT_SECURITY_POLICY, policy(asked));
    if !known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    Ok(response)
}

/// Whether `If-None-Match` names this tag; weak ones count, as RFC 9110, 13.1.2 has it.
fn names(tags: &HeaderValue, tag: &HeaderValue) -> bool {
    let named = |named: &str| named.trim() == "*" || *tag == *named.trim().trim_start_matches("W/");
    tags.to_str().is_ok_and(|tags| tags.split(',').any(named))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("md") => "text/markdown; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Everything comes from this server, and nothing stands inline.
fn policy(asked: &HeaderMap) -> HeaderValue {
    const REST: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";
    // To some browsers, 'self' means http alone and not the sockets of the same host.
    let sockets = asked.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
    let policy = sockets.map(|host| HeaderValue::try_from(format!("{REST} ws://{host} wss://{host}")));
    policy.and_then(Result::ok).unwrap_or(HeaderValue::from_static(REST))
}

/// A host and a port: whatever else a client sends must not become a part of the policy.
fn is_authority(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

#[cfg(test)]
mod tests;
