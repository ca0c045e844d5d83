//! DELETE: the empty answer, and who may. Source: http-api, A5; spec README ("Easily missed").

use herenow_conformance::desk::{Desk, path, refused};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_delete_answers_204_with_a_type_and_without_a_body() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    for body in [None, Some(""), Some("{}"), Some("[]")] {
        desk.put("p", &user, &json!({})).await;
        let mut request = desk.key.request(Method::DELETE, &path("p"));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await.expect("an answer").expect_status(204).expect("it is gone");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"));
        assert!(answer.body.is_empty(), "{body:?}");
        assert_eq!(desk.get("p").await, None, "{body:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_seen_cannot_be_deleted() {
    let desk = Desk::open().await;
    let (user, person) = (desk.user().await, desk.person().await);
    let delete = async |caller: &herenow_testkit::Http| caller.delete(&path("p")).await.expect("an answer");
    refused(&delete(&desk.key).await, 404, "presence_not_found");
    desk.put("p", &user, &json!({"permissions": []})).await;
    let session = desk.session(&person);
    refused(&delete(&session).await, 404, "presence_not_found");
    let before = desk.patch("p", &json!({"permissions": ["read(\"users\")"]})).await;
    refused(&delete(&session).await, 401, "user_unauthorized");
    assert_eq!(desk.get("p").await, Some(before));
    desk.patch("p", &json!({"permissions": ["read(\"users\")", "delete(\"users\")"]})).await;
    delete(&session).await.expect_status(204).expect("it may");
    let unique = desk.key.delete(&path("unique()")).await.expect("an answer");
    refused(&unique, 400, "general_argument_invalid");
}

#[tokio::test]
async fn the_owner_always_deletes_their_own() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    desk.put("p", &person.user_id, &json!({"permissions": ["read(\"users\")"]})).await;
    let answer = desk.session(&person).delete(&path("p")).await.expect("an answer");
    answer.expect_status(204).expect("it may");
    assert_eq!(desk.get("p").await, None);
}

#[tokio::test]
async fn a_user_who_goes_takes_their_presence_along() {
    let desk = Desk::open().await;
    let (deleted, blocked) = (desk.user().await, desk.user().await);
    desk.put("d", &deleted, &json!({})).await;
    desk.put("b", &blocked, &json!({})).await;
    let answer = desk.key.delete(&format!("/v1/users/{deleted}")).await.expect("an answer");
    answer.expect_status(204).expect("deleted");
    let answer = desk.key.patch(&format!("/v1/users/{blocked}/status"), &json!({"status": false})).await;
    answer.expect("an answer").expect_status(200).expect("blocked");
    assert_eq!((desk.get("d").await, desk.get("b").await), (None, None));
    refused(&desk.try_put("d", &deleted, &json!({})).await, 404, "user_not_found");
}
