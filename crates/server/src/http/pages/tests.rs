use http_body_util::BodyExt;

use super::*;

/// What a file of the demo is answered with; the real routes are tried in `conformance/tests/pages.rs`.
async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
    let value = |value: &str| HeaderValue::from_str(value).expect("valid");
    let asked = headers.iter().map(|(name, text)| (name.clone(), value(text))).collect();
    let response = answer(&DEMO, path, &asked).expect("it is there");
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.expect("whole").to_bytes())
}

fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn every_file_has_a_type() {
    for file in DEMO.files().iter().chain(ADMIN.files()) {
        assert_ne!(content_type(file.path), "application/octet-stream", "{}", file.path);
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_and_pages_asked_about() {
    let script = DEMO.files().iter().find(|file| file.path.ends_with(".js")).expect("a script");
    let (_, headers, _) = ask(script.path, &[]).await;
    assert_eq!(value(&headers, &CACHE_CONTROL), FOREVER);
    assert_eq!(value(&headers, &CONTENT_TYPE), "text/javascript; charset=utf-8");
    assert_eq!(value(&ask("index.html", &[]).await.1, &CACHE_CONTROL), ASK_AGAIN);
}

#[tokio::test]
async fn who_has_a_file_already_is_told_so_and_sent_nothing() {
    let tag = value(&ask("index.html", &[]).await.1, &ETAG).to_owned();
    for tags in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let (status, headers, body) = ask("index.html", &[(IF_NONE_MATCH, &tags)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{tags}");
        assert_eq!(value(&headers, &ETAG), tag);
    }
    assert_eq!(ask("index.html", &[(IF_NONE_MATCH, "\"x\"")]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_takes_gzip_is_sent_less_under_a_tag_of_its_own() {
    const GZIP: (HeaderName, &str) = (ACCEPT_ENCODING, "gzip, br");
    let (_, plain, whole) = ask("index.html", &[]).await;
    let (_, packed, less) = ask("index.html", &[GZIP]).await;
    assert_eq!((value(&plain, &CONTENT_ENCODING), value(&packed, &CONTENT_ENCODING)), ("", "gzip"));
    assert!(less.len() < whole.len() && less.starts_with(&[0x1f, 0x8b]), "{} of {}", less.len(), whole.len());
    assert_eq!((value(&plain, &VARY), value(&packed, &VARY)), ("accept-encoding", "accept-encoding"));
    let (tag, other) = (value(&packed, &ETAG), value(&plain, &ETAG));
    let (status, headers, _) = ask("index.html", &[GZIP, (IF_NONE_MATCH, tag)]).await;
    assert_eq!((status, value(&headers, &CONTENT_ENCODING)), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(ask("index.html", &[GZIP, (IF_NONE_MATCH, other)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_policy_allows_this_server_alone_and_nothing_inline() {
    let (_, headers, _) = ask("index.html", &[(HOST, "here.example:8080")]).await;
    let policy = value(&headers, &CONTENT_SECURITY_POLICY);
    assert!(policy.contains("connect-src 'self' ws://here.example:8080 wss://here.example:8080"), "{policy}");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(value(&headers, &X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(value(&headers, &REFERRER_POLICY), "same-origin");
}

#[tokio::test]
async fn a_host_that_is_none_gets_into_no_policy() {
    for host in ["a; script-src *", "a *", "a,b", ""] {
        let (_, headers, _) = ask("index.html", &[(HOST, host)]).await;
        assert!(value(&headers, &CONTENT_SECURITY_POLICY).ends_with("connect-src 'self'"), "{host}");
    }
}

#[test]
fn what_is_no_file_is_not_found() {
    for path in ["", "nothing", "../admin/index.html", "files.rs", "/index.html"] {
        let refused = answer(&DEMO, path, &HeaderMap::new()).expect_err(path);
        assert_eq!(refused.kind, ErrorType::GeneralRouteNotFound, "{path}");
    }
}
