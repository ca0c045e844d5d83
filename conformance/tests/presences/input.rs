//! Bad input around the routes: bodies, routes, methods, credentials. Source: auth-and-permissions, sections 1, 4 and
//! 11; decisions, HTTP and input.

use herenow_conformance::desk::{Desk, accepted, path, refused};
use herenow_testkit::{Http, Response};
use http::Method;
use serde_json::json;

const JSON: &str = "application/json";

async fn put(desk: &Desk, kind: &str, body: impl Into<Vec<u8>>) -> Response {
    let request = desk.key.request(Method::PUT, &path("p")).header("content-type", kind);
    request.body(body.into()).send().await.expect("an answer")
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_and_changes_nothing() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({})).await;
    let text = |body: &str| body.replace("USER", &user).into_bytes();
    let mut not_utf8 = text(r#"{"userId":"USER","status":"?"}"#);
    *not_utf8.iter_mut().find(|byte| **byte == b'?').expect("there is one") = 0xff;
    let bodies = [
        text("{"),
        text(r#"{"userId":"USER","status":"x"}}"#),
        text(r#"{"userId":"USER","status":"x",}"#),
        text(r#"{'userId':'USER','status':'x'}"#),
        text("\u{feff}{\"userId\":\"USER\",\"status\":\"x\"}"),
        text(r#"{"userId":"USER","status":"\ud800"}"#),
        text(r#"[{"userId":"USER","status":"x"}]"#),
        text("\"text\""),
        text("7"),
        text("null"),
        not_utf8,
    ];
    for body in bodies {
        let answer = put(&desk, JSON, body.clone()).await;
        println!("{} -> {}", String::from_utf8_lossy(&body), answer.text());
        assert!(answer.status == 400, "{}", answer.status);
        assert!(["general_bad_request", "general_argument_invalid"].contains(&&*answer.error_type().expect("a type")));
        assert_eq!(desk.get("p").await.as_ref(), Some(&before));
    }
    refused(&put(&desk, JSON, text("{")).await, 400, "general_bad_request");
}

#[tokio::test]
async fn hostile_nesting_is_refused_and_the_server_lives_on() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({})).await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [1_000, 100_000] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for body in [
                format!("{{\"userId\":\"{user}\",\"status\":\"x\",\"metadata\":{{\"a\":{nested}}}}}"),
                format!("{{\"userId\":\"{user}\",\"status\":{nested}}}"),
                nested,
            ] {
                let answer = put(&desk, JSON, body).await;
                assert_eq!(answer.status, 400, "{open} {depth}: {}", answer.text());
            }
        }
    }
    assert_eq!(desk.get("p").await, Some(before));
}

#[tokio::test]
async fn a_path_is_decoded_once() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("pa", &user, &json!({})).await;
    let get = async |id: &str| desk.key.get(&path(id)).await.expect("an answer");
    assert_eq!(accepted(get("p%61").await), before);
    refused(&get("p%2561").await, 400, "general_argument_invalid");
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let frame = json!({"userId": user, "status": "x", "ignored": ""}).to_string();
    let body = |bytes: usize| {
        frame.replace("\"ignored\":\"\"", &format!("\"ignored\":\"{}\"", "x".repeat(bytes - frame.len())))
    };
    accepted(put(&desk, JSON, body(1 << 20)).await);
    let before = desk.get("p").await;
    refused(&put(&desk, JSON, body((1 << 20) + 1)).await, 413, "general_payload_too_large");
    assert_eq!(desk.get("p").await, before);
}

#[tokio::test]
async fn parameters_come_from_the_body_by_its_type_and_not_from_the_query() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let form = put(&desk, "application/x-www-form-urlencoded", format!("userId={user}&status=on+line")).await;
    assert_eq!(accepted(form)["status"], "on line");
    let charset =
        put(&desk, "application/json; charset=utf-8", format!("{{\"userId\":\"{user}\",\"status\":\"x\"}}")).await;
    assert_eq!(accepted(charset)["status"], "x");
    for (kind, target) in [("text/plain", path("p")), (JSON, format!("{}?status=x&userId={user}", path("p")))] {
        let body = if kind == JSON { String::new() } else { format!("{{\"userId\":\"{user}\",\"status\":\"x\"}}") };
        let request = desk.key.request(Method::PUT, &target).header("content-type", kind).body(body);
        let answer = request.send().await.expect("an answer");
        refused(&answer, 400, "general_argument_invalid");
        assert_eq!(answer.json().expect("JSON")["message"], "Param \"status\" is not optional.");
    }
}

#[tokio::test]
async fn what_has_no_route_and_what_has_no_such_method_are_told_apart() {
    let desk = Desk::open().await;
    for caller in [desk.server.guest(), desk.key.clone()] {
        for target in ["/v1/nothing", "/v1/presences/a/b", "/v1/presences/", "/v2/presences", "/v1"] {
            refused(&caller.get(target).await.expect("an answer"), 404, "general_route_not_found");
        }
        for (method, target) in
            [(Method::POST, "/v1/presences"), (Method::POST, "/v1/presences/p"), (Method::DELETE, "/v1/presences")]
        {
            let answer = caller.request(method, target).send().await.expect("an answer");
            refused(&answer, 405, "general_method_not_allowed");
        }
    }
    let unknown = desk.server.guest().with_header("X-Appwrite-Project", "nowhere");
    for target in ["/v1/presences", "/v1/nothing"] {
        refused(&unknown.get(target).await.expect("an answer"), 404, "project_not_found");
    }
}

#[tokio::test]
async fn a_key_counts_only_whole_and_for_the_project_of_the_header() {
    let desk = Desk::open().await;
    let bare = || Http::new(desk.server.address());
    let with_key = |key: &str| bare().with_header("X-Appwrite-Project", "test").with_header("X-Appwrite-Key", key);
    let list = async |caller: Http, target: &str| caller.get(target).await.expect("an answer");
    for wrong in ["standard_0123", "text", &desk.server.key()[..200]] {
        refused(&list(with_key(wrong), "/v1/presences").await, 401, "user_unauthorized");
    }
    for wrong in ["ephemeral_x.y.z", "dynamic_x", "unknown_x"] {
        refused(&list(with_key(wrong), "/v1/presences").await, 401, "general_unauthorized_scope");
    }
    let no_header = bare().with_header("X-Appwrite-Key", desk.server.key());
    refused(&list(no_header, "/v1/presences?project=test").await, 403, "project_id_missing");
    refused(&list(bare(), "/v1/presences").await, 401, "general_unauthorized_scope");
    let guest = list(bare(), "/v1/ping?project=test").await.expect_status(200).expect("the project is in the query");
    assert_eq!((guest.text(), guest.header("content-type")), ("Pong!".to_owned(), Some("text/plain; charset=UTF-8")));
}

#[tokio::test]
async fn a_jwt_that_is_not_valid_or_comes_with_a_session_is_refused() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let list = async |caller: Http| caller.get("/v1/presences").await.expect("an answer");
    refused(&list(desk.server.as_jwt("a.b.c")).await, 401, "user_jwt_invalid");
    let jwt = desk.key.post(&format!("/v1/users/{}/jwts", person.user_id), &json!({})).await.expect("an answer");
    let jwt = jwt.json().expect("JSON")["jwt"].as_str().expect("a JWT").to_owned();
    accepted(list(desk.server.as_jwt(&jwt)).await);
    let both = desk.session(&person).with_header("X-Appwrite-JWT", &jwt);
    refused(&list(both).await, 403, "user_jwt_and_cookie_set");
    let with_bad_session = desk.server.as_session("bm9uZQ==").with_header("X-Appwrite-JWT", &jwt);
    accepted(list(with_bad_session).await);
    let mut signed = jwt.clone();
    let last = if signed.pop() == Some('A') { 'B' } else { 'A' };
    signed.insert(signed.len() - 5, last);
    refused(&list(desk.server.as_jwt(&signed)).await, 401, "user_jwt_invalid");
}

#[tokio::test]
async fn a_blocked_user_is_told_so() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let block = format!("/v1/users/{}/status", person.user_id);
    desk.key.patch(&block, &json!({"status": false})).await.expect("an answer").expect_status(200).expect("blocked");
    let answer = desk.session(&person).get("/v1/presences").await.expect("an answer");
    refused(&answer, 403, "user_blocked");
}

#[tokio::test]
async fn every_error_carries_the_standard_headers() {
    let desk = Desk::open().await;
    let missing = desk.key.get(&path("p")).await.expect("an answer");
    for (name, value) in [
        ("content-type", "application/json; charset=UTF-8"),
        ("cache-control", "no-cache, no-store, must-revalidate"),
        ("expires", "0"),
        ("pragma", "no-cache"),
        ("server", "Appwrite"),
        ("x-content-type-options", "nosniff"),
        ("x-debug-fallback", "false"),
    ] {
        assert_eq!(missing.header(name), Some(value), "{name}");
    }
    assert!(missing.header("x-debug-speed").is_some_and(|speed| speed.parse::<f64>().is_ok()));
    assert_eq!(missing.json().expect("JSON")["version"], "1.9.6");
    assert_eq!(missing.header("strict-transport-security"), None, "not over plain HTTP");
}
