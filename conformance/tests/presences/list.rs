//! GET of a list: what is in it, in which order, how it is counted and cut. Source: http-api, A3; queries, sections 2
//! and 3; semantics 20 and 21.

use std::time::Duration;

use herenow_conformance::desk::{Desk, SOON, accepted, refused};
use herenow_testkit::{Http, Response, await_until, timestamp_after};
use http::Method;
use serde_json::{Value, json};

async fn answer(caller: &Http, queries: &[Value]) -> Response {
    let mut request = caller.request(Method::GET, "/v1/presences");
    for (index, query) in queries.iter().enumerate() {
        request = request.query(&format!("queries[{index}]"), &query.to_string());
    }
    request.send().await.expect("an answer")
}

fn ids(list: &Value) -> Vec<&str> {
    list["presences"].as_array().expect("a list").iter().map(|one| one["$id"].as_str().expect("an id")).collect()
}

fn query(method: &str, attribute: &str, values: &[&str]) -> Value {
    json!({"method": method, "attribute": attribute, "values": values})
}

fn cut(method: &str, value: impl Into<Value>) -> Value {
    json!({"method": method, "values": [value.into()]})
}

/// Four presences, `a` to `d`, in that order.
async fn four(desk: &Desk) -> Vec<Value> {
    let mut records = Vec::new();
    for (id, status, hours) in [("a", "online", 4), ("b", "away", 3), ("c", "Busy", 2), ("d", "online", 1)] {
        let expires_at = timestamp_after(Duration::from_secs(3600 * hours));
        let user = desk.user().await;
        records.push(desk.put(id, &user, &json!({"status": status, "expiresAt": expires_at})).await);
    }
    records
}

#[tokio::test]
async fn every_method_finds_what_it_says() {
    let desk = Desk::open().await;
    let records = four(&desk).await;
    let user = records[1]["userId"].as_str().expect("a text");
    let (expires_b, expires_c) =
        (records[1]["expiresAt"].as_str().expect("a time"), records[2]["expiresAt"].as_str().expect("a time"));
    let or = json!({"method": "or", "values": [query("equal", "$id", &["a"]), query("equal", "userId", &[user])]});
    let and =
        json!({"method": "and", "values": [query("equal", "status", &["online"]), query("notEqual", "$id", &["a"])]});
    let cases: Vec<(Value, &[&str])> = vec![
        (query("equal", "status", &["online", "away"]), &["a", "b", "d"]),
        (query("equal", "status", &["ONLINE"]), &[]),
        (query("notEqual", "status", &["online"]), &["b", "c"]),
        (query("lessThan", "$id", &["b"]), &["a"]),
        (query("lessThanEqual", "$id", &["b"]), &["a", "b"]),
        (query("greaterThan", "expiresAt", &[expires_c]), &["a", "b"]),
        (query("greaterThanEqual", "expiresAt", &[expires_c]), &["a", "b", "c"]),
        (query("between", "expiresAt", &[expires_c, expires_b]), &["b", "c"]),
        (query("notBetween", "expiresAt", &[expires_c, expires_b]), &["a", "d"]),
        (query("isNull", "status", &[]), &[]),
        (query("isNotNull", "status", &[]), &["a", "b", "c", "d"]),
        (query("startsWith", "status", &["B"]), &["c"]),
        (query("startsWith", "status", &["b"]), &["c"]),
        (query("notStartsWith", "status", &["on"]), &["b", "c"]),
        (query("endsWith", "status", &["y"]), &["b", "c"]),
        (query("notEndsWith", "status", &["y"]), &["a", "d"]),
        (query("contains", "status", &["us", "lin"]), &["a", "c", "d"]),
        (query("containsAny", "status", &["way"]), &["b"]),
        (query("notContains", "status", &["n"]), &["b", "c"]),
        (query("equal", "source", &["rest"]), &["a", "b", "c", "d"]),
        (or, &["a", "b"]),
        (and, &["d"]),
        (cut("limit", 2), &["a", "b"]),
        (cut("limit", "3"), &["a", "b", "c"]),
        (cut("offset", 3), &["d"]),
        (cut("cursorAfter", "b"), &["c", "d"]),
        (cut("cursorBefore", "c"), &["a", "b"]),
        (query("orderDesc", "$createdAt", &[]), &["d", "c", "b", "a"]),
        (query("orderAsc", "expiresAt", &[]), &["d", "c", "b", "a"]),
        (query("orderDesc", "status", &[]), &["a", "d", "b", "c"]),
        (query("orderAsc", "", &[]), &["a", "b", "c", "d"]),
    ];
    for (query, expected) in cases {
        let list = accepted(answer(&desk.key, std::slice::from_ref(&query)).await);
        assert_eq!(ids(&list), expected, "{query}");
        let is_cut = matches!(query["method"].as_str(), Some("limit" | "offset" | "cursorAfter" | "cursorBefore"));
        assert_eq!(list["total"], if is_cut { 4 } else { expected.len() }, "{query}");
    }
    let shuffled = accepted(answer(&desk.key, &[json!({"method": "orderRandom"})]).await);
    let mut found = ids(&shuffled);
    found.sort_unstable();
    assert_eq!(found, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn filters_are_joined_and_the_order_comes_before_the_cut() {
    let desk = Desk::open().await;
    four(&desk).await;
    let queries = [query("equal", "status", &["online", "away"]), query("orderDesc", "$id", &[]), cut("limit", 2)];
    let list = accepted(answer(&desk.key, &queries).await);
    assert_eq!((ids(&list), &list["total"]), (vec!["d", "b"], &json!(3)));
    let after = [queries[0].clone(), queries[1].clone(), cut("cursorAfter", "b")];
    assert_eq!(ids(&accepted(answer(&desk.key, &after).await)), ["a"]);
    let before = [queries[1].clone(), cut("cursorBefore", "b"), cut("limit", 1)];
    assert_eq!(ids(&accepted(answer(&desk.key, &before).await)), ["c"]);
}

#[tokio::test]
async fn a_page_has_25_records_unless_a_limit_up_to_5000_says_otherwise() {
    let desk = Desk::open().await;
    for number in 0..27 {
        let user = desk.user().await;
        desk.put(&format!("p{number:02}"), &user, &json!({})).await;
    }
    let list = accepted(answer(&desk.key, &[]).await);
    assert_eq!((ids(&list).len(), &list["total"]), (25, &json!(27)));
    for limit in [26, 5000] {
        let list = accepted(answer(&desk.key, &[cut("limit", limit)]).await);
        assert_eq!(ids(&list).len(), usize::min(limit, 27));
    }
    refused(&answer(&desk.key, &[cut("limit", 5001)]).await, 400, "general_query_invalid");
    for wrong in [json!(0), json!(-1), json!(1.5), json!("many")] {
        refused(&answer(&desk.key, &[cut("limit", wrong)]).await, 400, "general_argument_invalid");
    }
    refused(&answer(&desk.key, &[cut("offset", -1)]).await, 400, "general_argument_invalid");
}

#[tokio::test]
async fn a_list_counts_unless_it_is_told_not_to() {
    let desk = Desk::open().await;
    four(&desk).await;
    for (total, expected) in [("total=false", 0), ("total=0", 0), ("total=true", 4), ("total=1", 4), ("", 4)] {
        let list = accepted(desk.key.get(&format!("/v1/presences?{total}")).await.expect("an answer"));
        assert_eq!((&list["total"], ids(&list).len()), (&json!(expected), 4), "{total}");
    }
    let wrong = desk.key.get("/v1/presences?total=perhaps").await.expect("an answer");
    refused(&wrong, 400, "general_argument_invalid");
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_is_refused() {
    let desk = Desk::open().await;
    let (owner, reader) = (desk.user().await, desk.person().await);
    desk.put("hidden", &owner, &json!({"permissions": []})).await;
    for cursor in ["nowhere", "hidden"] {
        let listed = answer(&desk.session(&reader), &[cut("cursorAfter", cursor)]).await;
        refused(&listed, 400, "general_cursor_not_found");
    }
    refused(&answer(&desk.key, &[cut("cursorBefore", "nowhere")]).await, 400, "general_cursor_not_found");
    refused(&answer(&desk.key, &[cut("cursorAfter", "un ique")]).await, 400, "general_argument_invalid");
}

#[tokio::test]
async fn the_cursor_of_a_record_that_just_ended_still_leads_on() {
    let desk = Desk::open().await;
    four(&desk).await;
    desk.delete("b").await;
    assert_eq!(ids(&accepted(answer(&desk.key, &[cut("cursorAfter", "b")]).await)), ["c", "d"]);
}

#[tokio::test]
async fn a_reader_lists_and_counts_what_they_may_read() {
    let desk = Desk::open().await;
    let (owner, reader) = (desk.person().await, desk.person().await);
    let others = [desk.user().await, desk.user().await];
    desk.put("own", &owner.user_id, &json!({"permissions": []})).await;
    desk.put("open", &others[0], &json!({"permissions": ["read(\"users\")"]})).await;
    desk.put("named", &others[1], &json!({"permissions": [format!("read(\"user:{}\")", reader.user_id)]})).await;
    for (caller, expected) in [
        (desk.session(&owner), vec!["own", "open"]),
        (desk.session(&reader), vec!["open", "named"]),
        (desk.key.clone(), vec!["own", "open", "named"]),
    ] {
        let list = accepted(answer(&caller, &[]).await);
        assert_eq!((&list["total"], ids(&list)), (&json!(expected.len()), expected));
    }
}

#[tokio::test]
async fn too_many_queries_and_too_long_ones_are_refused() {
    let desk = Desk::open().await;
    let one = query("isNotNull", "status", &[]);
    accepted(answer(&desk.key, &vec![one.clone(); 100]).await);
    refused(&answer(&desk.key, &vec![one; 101]).await, 400, "general_query_invalid");
    let of_length = |length: usize| {
        let frame = query("equal", "status", &[""]).to_string().len();
        query("equal", "status", &[&"x".repeat(length - frame)])
    };
    accepted(answer(&desk.key, &[of_length(4096)]).await);
    refused(&answer(&desk.key, &[of_length(4097)]).await, 400, "general_query_invalid");
}

#[tokio::test]
async fn queries_come_in_every_form_that_the_sdks_send() {
    let desk = Desk::open().await;
    four(&desk).await;
    let limit = "%7B%22method%22%3A%22limit%22%2C%22values%22%3A%5B1%5D%7D";
    let raw = "%7B%22method%22:%22limit%22,%22values%22:[1]%7D";
    for form in [format!("queries[0]={limit}"), format!("queries%5B0%5D={limit}"), format!("queries[]={raw}")] {
        let list = accepted(desk.key.get(&format!("/v1/presences?{form}")).await.expect("an answer"));
        assert_eq!(ids(&list), ["a"], "{form}");
    }
    for wrong in [format!("queries={limit}"), "queries[]=limit(1)".to_owned(), "queries[]=".to_owned()] {
        let answer = desk.key.get(&format!("/v1/presences?{wrong}")).await.expect("an answer");
        refused(&answer, 400, "general_argument_invalid");
        let text = answer.json().expect("JSON")["message"].as_str().expect("a text").to_owned();
        assert!(text.starts_with("Invalid `queries` param: "), "{text}");
    }
    assert_eq!(ids(&accepted(desk.key.get("/v1/presences?").await.expect("an answer"))).len(), 4, "a bare ?");
}

#[tokio::test]
async fn a_list_names_its_moment_and_leaves_out_what_has_ended() {
    let desk = Desk::open().await;
    let (short, long) = (desk.user().await, desk.user().await);
    let (first, epoch) = desk.position().await;
    desk.put("short", &short, &json!({"expiresAt": timestamp_after(Duration::from_millis(300))})).await;
    desk.put("long", &long, &json!({})).await;
    let (second, same) = desk.position().await;
    assert!(second == first + 2 && epoch == same, "{first} {second}");
    let is_gone = async || ids(&accepted(answer(&desk.key, &[]).await)) == ["long"];
    await_until("the short one is not listed", SOON, is_gone).await.expect("gone");
}
