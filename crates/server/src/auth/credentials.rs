//! What a request says about who is calling, before any of it is believed.
//!
//! Source: auth-and-permissions, sections 2 and 4; realtime, section 1.2.

use herenow_core::ProjectId;
use herenow_wire::secret::SessionToken;
use http::{HeaderMap, HeaderName, header::COOKIE};
use serde_json::Value;

use super::cookies;

/// The project that is meant.
pub const PROJECT: HeaderName = HeaderName::from_static("x-appwrite-project");
/// In which mode it is meant.
pub const MODE: HeaderName = HeaderName::from_static("x-appwrite-mode");
const KEY: HeaderName = HeaderName::from_static("x-appwrite-key");
const JWT: HeaderName = HeaderName::from_static("x-appwrite-jwt");
const SESSION: HeaderName = HeaderName::from_static("x-appwrite-session");
const FALLBACK: HeaderName = HeaderName::from_static("x-fallback-cookies");
const SDK: HeaderName = HeaderName::from_static("x-sdk-name");

/// Whether cookies may speak for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookiesCount {
    /// They may.
    Yes,
    /// The origin is allowed only through a wildcard: they may not.
    No,
}

/// Where a session token was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// In a cookie or in `X-Appwrite-Session`, or nowhere.
    First,
    /// In `X-Fallback-Cookies`, which was looked at last.
    Fallback,
}

/// The credentials of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `X-Appwrite-Key`.
    pub key: Option<String>,
    /// The session token, wherever it was found.
    pub session: Option<SessionToken>,
    /// `X-Appwrite-JWT`, or the query's.
    pub jwt: Option<String>,
    /// `X-SDK-Name`: what the client calls itself.
    pub sdk: Option<String>,
}

impl Credentials {
    /// Gathers what `headers` hold for `project`; `jwt` is the query's, which the header beats.
    #[must_use]
    pub fn gather(headers: &HeaderMap, project: &str, jwt: Option<&str>, cookies_count: CookiesCount) -> Self {
        let (session, _) = session(headers, project, cookies_count);
        let jwt = header(headers, JWT).or(jwt).filter(|jwt| !jwt.is_empty()).map(str::to_owned);
        Self {
            key: header(headers, KEY).map(str::to_owned),
            session,
            jwt,
            sdk: header(headers, SDK).map(str::to_owned),
        }
    }
}

/// Whether the session of `project` was looked for in `X-Fallback-Cookies`.
#[must_use]
pub fn used_fallback(headers: &HeaderMap, project: impl FnOnce() -> ProjectId) -> Found {
    // Hardly anybody sends it.
    if header(headers, FALLBACK).is_none() {
        return Found::First;
    }
    session(headers, project().as_str(), CookiesCount::Yes).1
}

fn session(headers: &HeaderMap, project: &str, cookies_count: CookiesCount) -> (Option<SessionToken>, Found) {
    let name = || cookies::name(project);
    if cookies_count == CookiesCount::Yes && headers.contains_key(COOKIE) {
        let name = name();
        let lines = || headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookie = |name: &str| cookies::find(lines(), name).and_then(|value| SessionToken::decode(&value));
        if let Some(token) = cookie(&name).or_else(|| cookie(&format!("{name}_legacy"))) {
            return (Some(token), Found::First);
        }
    }
    if let Some(token) = header(headers, SESSION).and_then(SessionToken::decode) {
        return (Some(token), Found::First);
    }
    let Some(fallback) = header(headers, FALLBACK) else { return (None, Found::First) };
    let fallback: Value = serde_json::from_str(fallback).unwrap_or_default();
    (fallback.get(name()).and_then(Value::as_str).and_then(SessionToken::decode), Found::Fallback)
}

/// The value of a header, where it has one that is text and not empty; the name is in lower case. Headers are few:
/// comparing finds one sooner than hashing its name.
#[must_use]
pub fn header<N>(headers: &HeaderMap, name: N) -> Option<&str>
where
    HeaderName: PartialEq<N>,
{
    let (_, value) = headers.iter().find(|(of, _)| **of == name)?;
    // A value has no control characters; of the rest, text is what is ASCII.
    std::str::from_utf8(value.as_bytes()).ok().filter(|text| text.is_ascii() && !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: &str) -> String {
        SessionToken { id: "u".to_owned(), secret: secret.to_owned() }.encode()
    }

    fn gathered(pairs: &[(&'static str, String)], cookies_count: CookiesCount) -> (Option<String>, Found) {
        let headers = pairs.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).expect("a header value"))
        });
        let (session, found) = session(&headers.collect(), "P", cookies_count);
        (session.map(|session| session.secret), found)
    }

    #[test]
    fn the_cookie_beats_the_legacy_cookie_beats_the_header_beats_the_fallback() {
        let all = [
            ("cookie", format!("a_session_p={}; a_session_p_legacy={}", token("cookie"), token("legacy"))),
            ("x-appwrite-session", token("header")),
            ("x-fallback-cookies", format!("{{\"a_session_p\":\"{}\"}}", token("fallback"))),
        ];
        assert_eq!(gathered(&all, CookiesCount::Yes), (Some("cookie".to_owned()), Found::First));
        assert_eq!(gathered(&all, CookiesCount::No), (Some("header".to_owned()), Found::First));
        assert_eq!(gathered(&all[2..], CookiesCount::Yes), (Some("fallback".to_owned()), Found::Fallback));
        let legacy = [("cookie", format!("a_session_p=junk; a_session_p_legacy={}", token("legacy")))];
        assert_eq!(gathered(&legacy, CookiesCount::Yes), (Some("legacy".to_owned()), Found::First));
    }

    #[test]
    fn a_header_is_found_among_few_and_among_many() {
        for others in [0, 50] {
            let mut headers = HeaderMap::new();
            for number in 0..others {
                let name = HeaderName::try_from(format!("x-other-{number}")).expect("a name");
                headers.insert(name, http::HeaderValue::from_static("other"));
            }
            for (name, value) in
                [("x-sdk-name", &b"one"[..]), ("x-sdk-name", b"two"), ("x-bytes", b"\xc3\xa9"), ("x-nothing", b"")]
            {
                headers.append(name, http::HeaderValue::from_bytes(value).expect("a value"));
            }
            let found = ["x-sdk-name", "x-bytes", "x-nothing", "x-missing"].map(|name| header(&headers, name));
            assert_eq!(found, [Some("one"), None, None, None], "{others}");
            assert_eq!(header(&headers, SDK), Some("one"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_session() {
        for fallback in ["", "[]", "{", "{\"a_session_p\":1}", "{\"a_session_q\":\"x\"}"] {
            assert_eq!(gathered(&[("x-fallback-cookies", fallback.to_owned())], CookiesCount::Yes).0, None);
        }
    }
}
