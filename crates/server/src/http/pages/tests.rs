use axum::{Router, body::Body};
use http::{Request, header::LOCATION};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let router: Router = router();
    let response = router.oneshot(request.body(Body::empty()).expect("valid")).await.expect("it answers");
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.expect("whole").to_bytes())
}

fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn both_pages_and_all_that_they_name_are_there() {
    for (root, files) in [("/demo", DEMO), ("/admin", ADMIN)] {
        let (status, headers, html) = ask(root, &[]).await;
        assert_eq!((status, value(&headers, &CONTENT_TYPE)), (StatusCode::OK, "text/html; charset=utf-8"));
        assert_eq!(ask(&format!("{root}/"), &[]).await.2, html);
        let html = String::from_utf8(html.to_vec()).expect("text");
        let named: Vec<&str> = html.split('"').filter(|part| part.starts_with(&format!("{root}/assets/"))).collect();
        assert!(named.iter().any(|path| path.ends_with(".js")), "{html}");
        for path in named {
            assert_eq!(ask(path, &[]).await.0, StatusCode::OK, "{path}");
        }
        assert!(files.iter().all(|file| content_type(file.path) != "application/octet-stream"), "{files:?}");
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_and_pages_asked_about() {
    let script = DEMO.iter().find(|file| file.path.ends_with(".js")).expect("a script");
    let (_, headers, _) = ask(&format!("/demo/{}", script.path), &[]).await;
    assert_eq!(value(&headers, &CACHE_CONTROL), FOREVER);
    assert_eq!(value(&headers, &CONTENT_TYPE), "text/javascript; charset=utf-8");
    assert_eq!(value(&ask("/demo", &[]).await.1, &CACHE_CONTROL), ASK_AGAIN);
}

#[tokio::test]
async fn who_has_a_file_already_is_told_so_and_sent_nothing() {
    let tag = value(&ask("/demo", &[]).await.1, &ETAG).to_owned();
    for tags in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let (status, headers, body) = ask("/demo", &[(IF_NONE_MATCH, &tags)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{tags}");
        assert_eq!(value(&headers, &ETAG), tag);
    }
    assert_eq!(ask("/demo", &[(IF_NONE_MATCH, "\"x\"")]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_policy_allows_this_server_alone_and_nothing_inline() {
    let (_, headers, _) = ask("/admin", &[(HOST, "here.example:8080")]).await;
    let policy = value(&headers, &CONTENT_SECURITY_POLICY);
    assert!(policy.contains("connect-src 'self' ws://here.example:8080 wss://here.example:8080"), "{policy}");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(value(&headers, &X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(value(&headers, &REFERRER_POLICY), "same-origin");
}

#[tokio::test]
async fn a_host_that_is_none_gets_into_no_policy() {
    for host in ["a; script-src *", "a *", "a,b", ""] {
        let (_, headers, _) = ask("/demo", &[(HOST, host)]).await;
        assert!(value(&headers, &CONTENT_SECURITY_POLICY).ends_with("connect-src 'self'"), "{host}");
    }
}

#[tokio::test]
async fn what_is_no_file_is_not_found_and_leads_nowhere() {
    for path in ["/demo/nothing", "/demo/../admin/index.html", "/demo/%2e%2e/files.rs", "/demo/files.rs"] {
        let (status, headers, _) = ask(path, &[]).await;
        assert_eq!((status, value(&headers, &LOCATION)), (StatusCode::NOT_FOUND, ""), "{path}");
    }
}
