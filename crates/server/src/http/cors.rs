//! The headers that let browsers in, and those that every answer has.
//!
//! Source: auth-and-permissions, sections 9 and 12; decisions, HTTP and input (exposed headers, `Vary`); ADR 1.

use std::sync::LazyLock;

use http::{
    HeaderMap, HeaderValue,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, SERVER,
        STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};

use crate::auth::{cookies::Scheme, origin::Origin};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const ALLOWED: &str = "Accept, Origin, Cookie, Set-Cookie, Content-Type, Content-Range, X-Appwrite-Project, \
    X-Appwrite-Key, X-Appwrite-Dev-Key, X-Appwrite-Locale, X-Appwrite-Mode, X-Appwrite-JWT, X-Appwrite-Organization, \
    X-Appwrite-Response-Format, X-Appwrite-Timeout, X-Appwrite-ID, X-Appwrite-Timestamp, X-Appwrite-Session, \
    X-Appwrite-Platform, X-Appwrite-Impersonate-User-Id, X-Appwrite-Impersonate-User-Email, \
    X-Appwrite-Impersonate-User-Phone, X-SDK-Version, X-SDK-Name, X-SDK-Language, X-SDK-Platform, X-SDK-GraphQL, \
    X-SDK-Profile, X-Herenow-Signup-Code, Range, Cache-Control, Expires, Pragma, Last-Event-ID, X-Fallback-Cookies, X-Requested-With, X-Forwarded-For, \
    X-Forwarded-User-Agent";
const EXPOSED: &str = "X-Appwrite-Session, X-Fallback-Cookies, X-Appwrite-Cache, X-Herenow-Epoch, X-Herenow-Seq, \
    X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, X-Request-Id";

/// Whether a page of this origin may read the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// It may.
    Yes,
    /// It may not.
    No,
}

/// Who reads an answer.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    /// No page of another origin, since browsers name those: the headers that let one in mean nothing.
    Plain,
    /// Perhaps a page that asks what it may do.
    Preflight,
    /// A page of this origin.
    Page(&'a Origin, Readable),
}

/// The headers that are the same in every answer, and in every one that a page may read: copied at once, which is quicker
/// than to put in one after the other.
static FIXED: LazyLock<[HeaderMap; 2]> = LazyLock::new(|| {
    // Room for those that differ, too.
    let mut plain = HeaderMap::with_capacity(14);
    plain.insert(SERVER, HeaderValue::from_static("Appwrite"));
    plain.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let mut pages = HeaderMap::with_capacity(20);
    let mut set = |name, value| pages.insert(name, HeaderValue::from_static(value));
    set(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    set(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    set(ACCESS_CONTROL_MAX_AGE, "86400");
    pages.extend(plain.clone());
    [plain, pages]
});

/// Adds the headers of every answer.
pub fn add_headers(headers: &mut HeaderMap, reader: Reader<'_>, scheme: Scheme) {
    let [plain, pages] = &*FIXED;
    let fixed = if matches!(reader, Reader::Plain) { plain } else { pages };
    let own = std::mem::replace(headers, fixed.clone());
    headers.extend(own);
    if scheme == Scheme::Https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=10886400"));
    }
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Reader::Page(origin, Readable::Yes) = reader
        && let Ok(value) = HeaderValue::from_str(&origin.text)
    {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
}
