//! PATCH: what it changes, who may, and how a record moves to another user. Source: http-api, A4; semantics 3 and 10.

use herenow_conformance::desk::{Desk, accepted, path, refused};
use herenow_testkit::{Http, await_until};
use serde_json::{Value, json};

use super::upsert::millis;

async fn patch(caller: &Http, id: &str, body: &Value) -> herenow_testkit::Response {
    caller.patch(&path(id), body).await.expect("an answer")
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let mut record = desk.put("p", &user, &json!({"metadata": {"a": 1, "b": 2}})).await;
    for change in [
        json!({"status": "away"}),
        json!({"metadata": {"c": 3}}),
        json!({"metadata": {}}),
        json!({"permissions": ["read(\"any\")"]}),
        json!({"permissions": []}),
    ] {
        let changed = desk.patch("p", &change).await;
        assert!(millis(&changed["$updatedAt"]) > millis(&record["$updatedAt"]), "{change}");
        record["$updatedAt"] = changed["$updatedAt"].clone();
        for (field, value) in change.as_object().expect("an object") {
            let shown = if field == "permissions" { "$permissions" } else { field };
            record[shown] = value.clone();
        }
        assert_eq!(changed, record, "{change}");
        assert_eq!(desk.get("p").await.as_ref(), Some(&record));
    }
}

#[tokio::test]
async fn a_patch_that_changes_nothing_has_no_number_and_no_time() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let before = desk.put("p", &user, &json!({"metadata": {"a": 1}})).await;
    let position = desk.position().await;
    for change in [
        json!({}),
        json!([]),
        json!({"status": null, "metadata": null, "permissions": null, "expiresAt": null, "userId": null}),
        json!({"status": "online", "metadata": {"a": 1}, "expiresAt": before["expiresAt"]}),
        json!({"userId": user}),
        json!({"purge": true}),
        json!({"unknown": 1}),
    ] {
        assert_eq!(desk.patch("p", &change).await, before, "{change}");
    }
    assert_eq!(desk.position().await, position);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_changed() {
    let desk = Desk::open().await;
    let (user, person) = (desk.user().await, desk.person().await);
    refused(&patch(&desk.key, "p", &json!({"status": "x"})).await, 404, "presence_not_found");
    // The record is looked for before the new owner.
    refused(&patch(&desk.key, "p", &json!({"userId": "nobody"})).await, 404, "presence_not_found");
    let before = desk.put("p", &user, &json!({"permissions": []})).await;
    refused(&patch(&desk.key, "p", &json!({"userId": "nobody"})).await, 404, "user_not_found");
    let stranger = desk.session(&person);
    refused(&patch(&stranger, "p", &json!({"status": "x"})).await, 404, "presence_not_found");
    // A user who names an owner is told so before anything is looked for.
    refused(&patch(&stranger, "q", &json!({"userId": user})).await, 401, "general_unauthorized_scope");
    refused(&patch(&desk.key, "unique()", &json!({})).await, 400, "general_argument_invalid");
    assert_eq!(desk.get("p").await, Some(before));
}

#[tokio::test]
async fn an_expired_record_cannot_be_changed() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let expires_at = herenow_testkit::timestamp_after(std::time::Duration::from_millis(300));
    desk.put("p", &user, &json!({"expiresAt": expires_at})).await;
    let is_gone = async || desk.get("p").await.is_none();
    await_until("it expires", herenow_conformance::desk::SOON, is_gone).await.expect("gone");
    refused(&patch(&desk.key, "p", &json!({"status": "x"})).await, 404, "presence_not_found");
    refused(&desk.key.delete(&path("p")).await.expect("an answer"), 404, "presence_not_found");
    assert_eq!(desk.put("q", &user, &json!({})).await["$id"], "q", "the next write makes a new record");
}

#[tokio::test]
async fn who_may_read_but_not_update_is_told_so_unless_nothing_would_change() {
    let desk = Desk::open().await;
    let (owner, reader) = (desk.person().await, desk.person().await);
    let before = desk.put("p", &owner.user_id, &json!({"permissions": ["read(\"users\")"]})).await;
    let session = desk.session(&reader);
    refused(&patch(&session, "p", &json!({"status": "x"})).await, 401, "user_unauthorized");
    assert_eq!(desk.get("p").await.as_ref(), Some(&before));
    assert_eq!(accepted(patch(&session, "p", &json!({"status": "online"})).await), before);
    let changed = accepted(patch(&desk.session(&owner), "p", &json!({"status": "mine"})).await);
    assert_eq!(changed["status"], "mine", "the owner always may");
}

#[tokio::test]
async fn a_key_moves_a_record_to_another_user() {
    let desk = Desk::open().await;
    let (former, next) = (desk.person().await, desk.person().await);
    let before = desk.put("p", &former.user_id, &json!({"metadata": {"a": 1}})).await;
    let moved = desk.patch("p", &json!({"userId": next.user_id})).await;
    assert_eq!(moved["userId"], next.user_id);
    for kept in ["$id", "$createdAt", "status", "metadata", "expiresAt", "source"] {
        assert_eq!(moved[kept], before[kept], "{kept}");
    }
    let permissions = moved["$permissions"].to_string();
    assert!(permissions.contains(&next.user_id) && !permissions.contains(&former.user_id), "{permissions}");
    assert_eq!(accepted(desk.session(&next).get(&path("p")).await.expect("an answer")), moved);
    let gone = desk.session(&former).get(&path("p")).await.expect("an answer");
    refused(&gone, 404, "presence_not_found");
    assert_eq!(desk.put("q", &former.user_id, &json!({})).await["$id"], "q", "the former owner has none now");
    refused(&patch(&desk.key, "q", &json!({"userId": next.user_id})).await, 409, "presence_already_exists");
    assert_eq!(desk.get("q").await.map(|record| record["userId"].clone()), Some(json!(former.user_id)));
}

#[tokio::test]
async fn a_move_with_permissions_keeps_them() {
    let desk = Desk::open().await;
    let (former, next) = (desk.user().await, desk.user().await);
    desk.put("p", &former, &json!({})).await;
    let moved = desk.patch("p", &json!({"userId": next, "permissions": ["read(\"any\")"]})).await;
    assert_eq!((&moved["userId"], &moved["$permissions"]), (&json!(next), &json!(["read(\"any\")"])));
}
