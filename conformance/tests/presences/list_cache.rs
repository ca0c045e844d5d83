//! The cache of lists that `ttl` asks for. Source: http-api, A3; spec README (what it never returns).

use std::time::Duration;

use herenow_conformance::desk::{Desk, SOON, accepted, path, refused};
use herenow_testkit::{Http, await_until, timestamp_after};
use serde_json::{Value, json};

/// A list with this `ttl`: whether it came from the cache, and what is in it.
async fn list(caller: &Http, query: &str) -> (Option<String>, Value) {
    let answer = caller.get(&format!("/v1/presences?{query}")).await.expect("an answer");
    (answer.header("x-appwrite-cache").map(str::to_owned), accepted(answer))
}

async fn served(caller: &Http, query: &str) -> Option<String> {
    list(caller, query).await.0
}

#[tokio::test]
async fn a_list_comes_from_the_cache_until_something_purges_it() {
    let desk = Desk::open().await;
    let (one, other) = (desk.user().await, desk.user().await);
    desk.put("p", &one, &json!({})).await;
    let key = &desk.key;
    assert_eq!(served(key, "").await, None);
    assert_eq!(served(key, "ttl=0").await, None);
    assert_eq!(served(key, "ttl=60").await.as_deref(), Some("miss"));
    assert_eq!(served(key, "ttl=60").await.as_deref(), Some("hit"));
    assert_eq!(served(key, "").await, None, "nor is the cache read without a ttl");
    desk.put("q", &other, &json!({})).await;
    desk.patch("p", &json!({"status": "away"})).await;
    let (cache, stale) = list(key, "ttl=60").await;
    assert_eq!((cache.as_deref(), stale["presences"][0]["status"].as_str()), (Some("hit"), Some("online")));
    assert_eq!(stale["total"], 1);
    for purge in [json!(true), json!("1")] {
        desk.patch("p", &json!({"purge": purge})).await;
        assert_eq!(served(key, "ttl=60").await.as_deref(), Some("miss"), "{purge}");
        assert_eq!(served(key, "ttl=60").await.as_deref(), Some("hit"), "{purge}");
    }
    desk.delete("q").await;
    let (cache, fresh) = list(key, "ttl=60").await;
    assert_eq!((cache.as_deref(), &fresh["total"]), (Some("miss"), &json!(1)));
}

#[tokio::test]
async fn other_queries_and_other_callers_have_lists_of_their_own() {
    let desk = Desk::open().await;
    let (one, other) = (desk.person().await, desk.person().await);
    desk.put("p", &one.user_id, &json!({})).await;
    assert_eq!(served(&desk.key, "ttl=60").await.as_deref(), Some("miss"));
    let limited = "ttl=60&queries[]=%7B%22method%22:%22limit%22,%22values%22:[1]%7D";
    assert_eq!(served(&desk.key, limited).await.as_deref(), Some("miss"));
    for (caller, total) in [(desk.session(&one), 1), (desk.session(&other), 0)] {
        let (cache, list) = list(&caller, "ttl=60").await;
        assert_eq!((cache.as_deref(), &list["total"]), (Some("miss"), &json!(total)));
    }
}

#[tokio::test]
async fn a_cached_list_never_shows_what_has_ended_or_may_no_longer_be_read() {
    let desk = Desk::open().await;
    let (short, narrowed, reader) = (desk.user().await, desk.user().await, desk.person().await);
    let readable = json!({"permissions": ["read(\"users\")"]});
    let mut ends_soon = readable.clone();
    ends_soon["expiresAt"] = json!(timestamp_after(Duration::from_millis(500)));
    desk.put("narrowed", &narrowed, &readable).await;
    desk.put("short", &short, &ends_soon).await;
    let session = desk.session(&reader);
    assert_eq!(list(&session, "ttl=3600").await.1["total"], 2);
    desk.patch("narrowed", &json!({"permissions": []})).await;
    let (cache, without) = list(&session, "ttl=3600").await;
    assert_eq!(cache.as_deref(), Some("hit"));
    assert!(!without.to_string().contains("\"narrowed\""), "{without}");
    let is_gone = async || list(&session, "ttl=3600").await.1["total"] == 0;
    await_until("the short one is not listed", SOON, is_gone).await.expect("gone");
    assert_eq!(desk.get("short").await, None);
}

#[tokio::test]
async fn a_ttl_is_a_whole_number_of_seconds_up_to_a_day() {
    let desk = Desk::open().await;
    assert_eq!(served(&desk.key, "ttl=86400").await.as_deref(), Some("miss"));
    for wrong in ["86401", "-1", "1.5", "soon", ""] {
        let answer = desk.key.get(&format!("/v1/presences?ttl={wrong}")).await.expect("an answer");
        refused(&answer, 400, "general_argument_invalid");
    }
}

#[tokio::test]
async fn a_purge_that_is_no_boolean_is_refused_and_changes_nothing() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({})).await;
    let body = json!({"status": "away", "purge": "perhaps"});
    refused(&desk.key.patch(&path("p"), &body).await.expect("an answer"), 400, "general_argument_invalid");
    assert_eq!(desk.get("p").await, Some(before));
}
