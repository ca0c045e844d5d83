//! Metadata: an object, as it was sent, within its size. Source: http-api, A1; spec README ("Easily missed").

use herenow_conformance::desk::{Desk, path, refused};
use http::Method;
use serde_json::{Value, json};

/// Most bytes of stored JSON.
const MOST: usize = 65_535;

#[tokio::test]
async fn metadata_comes_back_with_its_keys_in_order_and_its_numbers_as_sent() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let metadata = r#"{"z":3,"a":2.5,"big":12345678901234567890,"nested":{"y":{},"x":[]},"text":"é\n\"/"}"#;
    let body = format!(r#"{{"userId":"{user}","status":"x","metadata":{metadata}}}"#);
    let request = desk.key.request(Method::PUT, &path("p")).header("content-type", "application/json");
    let written = request.body(body).send().await.expect("an answer").expect_status(200).expect("accepted").text();
    let read = desk.key.get(&path("p")).await.expect("an answer").text();
    let listed = desk.key.get("/v1/presences").await.expect("an answer").text();
    for text in [written, read, listed] {
        assert!(text.contains(&format!("\"metadata\":{metadata}")), "{text}");
    }
}

#[tokio::test]
async fn an_empty_list_is_an_empty_object_and_all_else_is_refused() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({"metadata": []})).await;
    assert_eq!(before["metadata"], json!({}));
    for wrong in [json!([1]), json!(1), json!(true), json!("{}"), json!("text")] {
        refused(&desk.try_put("p", &user, &json!({"metadata": wrong})).await, 400, "general_argument_invalid");
        let patched = desk.key.patch(&path("p"), &json!({"metadata": wrong})).await.expect("an answer");
        refused(&patched, 400, "general_argument_invalid");
        assert_eq!(desk.get("p").await.as_ref(), Some(&before), "{wrong}");
    }
}

/// Metadata that measures `bytes`: `é` counts six, `/` two, as the original stores them.
fn measuring(bytes: usize) -> Value {
    let frame = r#"{"a":""}"#.len();
    let escaped = "é/".repeat(1000);
    let plain = "x".repeat(bytes - frame - 1000 * 8);
    json!({"a": format!("{escaped}{plain}")})
}

#[tokio::test]
async fn metadata_has_at_most_65535_bytes_counted_with_escapes() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({"metadata": measuring(MOST)})).await;
    assert_eq!(before["metadata"], measuring(MOST));
    let too_large = json!({"metadata": measuring(MOST + 1)});
    refused(&desk.try_put("p", &user, &too_large).await, 400, "document_invalid_structure");
    let patched = desk.key.patch(&path("p"), &too_large).await.expect("an answer");
    refused(&patched, 400, "document_invalid_structure");
    assert_eq!(desk.get("p").await, Some(before));
}

#[tokio::test]
async fn white_space_in_metadata_does_not_count() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let spaces = " ".repeat(MOST);
    let body = format!(r#"{{"userId":"{user}","status":"x","metadata":{{ {spaces} "a" : "b  c" }}}}"#);
    let request = desk.key.request(Method::PUT, &path("p")).header("content-type", "application/json");
    let answer = request.body(body).send().await.expect("an answer").expect_status(200).expect("accepted");
    assert_eq!(answer.json().expect("JSON")["metadata"], json!({"a": "b  c"}));
}
