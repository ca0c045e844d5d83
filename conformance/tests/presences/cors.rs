//! What lets browsers in and keeps strange pages out. Source: auth-and-permissions, section 9; decisions, HTTP and
//! input, and Security.

use herenow_conformance::desk::{Desk, path, refused};
use herenow_testkit::{Http, Response};
use http::Method;
use serde_json::json;

const REQUESTED: &str = "content-type,x-appwrite-project,x-appwrite-response-format,x-sdk-language,x-sdk-name,\
    x-sdk-platform,x-sdk-version,x-fallback-cookies,x-appwrite-session,x-appwrite-jwt,x-appwrite-key";

async fn get(caller: &Http, origin: &str) -> Response {
    let request = caller.request(Method::GET, "/v1/presences").header("origin", origin);
    request.send().await.expect("an answer")
}

fn lists(answer: &Response, name: &str, part: &str) -> bool {
    let header = answer.header(name).unwrap_or_default();
    header.split(',').any(|listed| listed.trim().eq_ignore_ascii_case(part))
}

#[tokio::test]
async fn a_preflight_is_answered_for_every_origin_and_every_header_of_the_sdks() {
    let desk = Desk::open().await;
    for origin in ["http://localhost:3000", "https://stranger.example"] {
        for target in ["/v1/presences/p", "/v1/nothing"] {
            let request = desk.server.guest().request(Method::OPTIONS, target).header("origin", origin);
            let request = request.header("access-control-request-method", "PUT");
            let request = request.header("access-control-request-headers", REQUESTED);
            let answer = request.send().await.expect("an answer").expect_status(204).expect("a preflight");
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
            assert_eq!(answer.header("access-control-max-age"), Some("86400"));
            assert_eq!(answer.header("server"), Some("Appwrite"));
            assert!(answer.body.is_empty() && answer.header("content-type").is_some_and(|kind| !kind.contains("json")));
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                assert!(lists(&answer, "access-control-allow-methods", method), "{method}");
            }
            for header in REQUESTED.split(',') {
                assert!(lists(&answer, "access-control-allow-headers", header), "{header}");
            }
        }
    }
}

#[tokio::test]
async fn an_origin_of_the_project_may_read_every_answer_with_its_headers() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    for origin in ["http://localhost", "https://LOCALHOST:8443", "http://127.0.0.1:5173", "http://[::1]:1"] {
        for (caller, status) in [(desk.session(&person), 200), (desk.server.guest(), 401)] {
            let answer = get(&caller, origin).await.expect_status(status).expect("the origin is known");
            assert_eq!(answer.header("access-control-allow-origin"), Some(&*origin.to_lowercase()));
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
            assert!(lists(&answer, "vary", "origin"));
            for header in [
                "X-Fallback-Cookies",
                "X-Appwrite-Cache",
                "X-Herenow-Seq",
                "X-Herenow-Epoch",
                "Retry-After",
                "X-RateLimit-Limit",
            ] {
                assert!(lists(&answer, "access-control-expose-headers", header), "{header}");
            }
        }
    }
}

#[tokio::test]
async fn who_names_no_origin_gets_no_headers_that_only_pages_read() {
    let desk = Desk::open().await;
    let plain =
        |caller: Http, method| async move { caller.request(method, "/v1/presences").send().await.expect("an answer") };
    for (caller, status) in [(desk.key.clone(), 200), (desk.server.guest(), 401)] {
        let answer = plain(caller, Method::GET).await.expect_status(status).expect("an answer");
        let names = answer.headers.keys().map(http::HeaderName::as_str);
        assert_eq!(names.filter(|name| name.starts_with("access-control-")).count(), 0, "{:?}", answer.headers);
        assert!(lists(&answer, "vary", "origin"), "a cache must not give it to a page");
        assert_eq!(answer.header("server"), Some("Appwrite"));
    }
    let preflight = plain(desk.server.guest(), Method::OPTIONS).await.expect_status(204).expect("a preflight");
    assert!(lists(&preflight, "access-control-allow-methods", "PATCH"));
}

#[tokio::test]
async fn an_origin_that_the_project_does_not_know_is_refused_and_may_not_read() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    for origin in ["http://evil.example", "http://localhost.evil.example", "null", "ftp://localhost"] {
        let answer = get(&desk.session(&person), origin).await;
        refused(&answer, 403, "general_unknown_origin");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert!(lists(&answer, "vary", "origin"), "{origin}");
    }
    let text = get(&desk.session(&person), "http://evil.example:99").await.json().expect("JSON")["message"].clone();
    let expected = "Invalid Origin. Register your new client (evil.example) as a new Web platform on your project console dashboard";
    assert!(text.as_str().is_some_and(|text| text.starts_with(expected)), "{text}");
    let native = get(&desk.session(&person), "appwrite-ios://com.evil").await.text();
    assert!(native.contains("(com.evil) as a new iOS platform"), "{native}");
    // A write from there changes nothing.
    let request = desk.session(&person).request(Method::PUT, &path("p")).header("origin", "http://evil.example");
    let answer = request.json(&json!({"status": "x"})).send().await.expect("an answer");
    refused(&answer, 403, "general_unknown_origin");
    assert_eq!(desk.get("p").await, None);
}

#[tokio::test]
async fn only_a_key_that_is_verified_excuses_from_the_origin_check() {
    let desk = Desk::open().await;
    get(&desk.key, "http://evil.example").await.expect_status(200).expect("a key may come from anywhere");
    let false_key = desk.server.guest().with_header("X-Appwrite-Key", "ephemeral_a.b.c");
    let answer = get(&false_key, "http://evil.example").await;
    refused(&answer, 403, "general_unknown_origin");
}
