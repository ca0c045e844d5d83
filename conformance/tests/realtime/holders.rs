//! Presences that sockets hold: what a frame writes, several tabs, and what stays when one goes. Source: realtime,
//! sections 3.6 and 7; semantics 1 to 5.

use herenow_conformance::desk::{Desk, SOON};
use herenow_core::Timestamp;
use herenow_testkit::unix_millis;
use serde_json::{Value, json};

use super::words::{appear, heard, open_to_all, refused, until_now};

#[tokio::test]
async fn a_presence_frame_writes_the_user_s_record_for_as_long_as_the_socket_lives() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let mut socket = desk.listener(&person).await;
    let written = appear(&mut socket, "p", &json!({"metadata": {"a": 1}})).await;
    assert_eq!((&written["$id"], &written["source"]), (&json!("p"), &json!("realtime")));
    assert_eq!((&written["userId"], &written["metadata"]), (&json!(person.user_id), &json!({"a": 1})));
    let own = |action: &str| json!(format!("{action}(\"user:{}\")", person.user_id));
    let default = json!([own("delete"), own("read"), own("update"), own("write")]);
    assert_eq!(written["$permissions"], default);
    let expires_at = Timestamp::parse(written["expiresAt"].as_str().expect("a text")).expect("a time");
    let days = (expires_at.millis() - unix_millis()) as f64 / 86_400_000.0;
    assert!((29.9..=30.0).contains(&days), "{days} days");
    assert_eq!(desk.get("p").await.as_ref(), Some(&written));
    let again = appear(&mut socket, "other", &json!({"status": "away", "permissions": ["read(\"any\")"]})).await;
    assert_eq!((&again["$id"], &again["metadata"]), (&json!("p"), &json!({"a": 1})), "metadata stays unless named");
    assert_eq!(again["$permissions"], json!(["read(\"any\")"]));
    let reset = appear(&mut socket, "p", &json!({"metadata": null})).await;
    assert_eq!((&reset["$permissions"], &reset["metadata"]), (&default, &json!({"a": 1})));
    assert_eq!(appear(&mut socket, "p", &json!({"metadata": {}})).await["metadata"], json!({}));
    let socket_made = appear(&mut desk.socket(&desk.person().await).await, "unique()", &json!({})).await;
    assert_eq!(socket_made["$id"].as_str().map(str::len), Some(20));
}

#[tokio::test]
async fn a_close_ends_the_record_at_once_with_its_last_state() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    for code in [Some(1000), Some(1001), Some(1008), Some(3000), Some(4999), None] {
        let mut socket = desk.socket(&person).await;
        appear(&mut socket, "p", &open_to_all()).await;
        heard(&mut viewing, "p", "upsert").await;
        let last = desk.patch("p", &json!({"status": "last words"})).await;
        heard(&mut viewing, "p", "update").await;
        socket.send_close(code).await.expect("sent");
        let reply = socket.wait_for_close(SOON).await.expect("the close frame is answered");
        assert!(reply.code == code || code.is_none(), "{code:?}: {reply:?}");
        assert_eq!(heard(&mut viewing, "p", "delete").await["payload"], last, "{code:?}");
        assert_eq!(desk.get("p").await, None);
    }
    assert_eq!(until_now(&desk, &mut viewing).await, [""; 0]);
}

#[tokio::test]
async fn a_delete_and_then_a_close_are_announced_once() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&person).await;
    appear(&mut socket, "p", &open_to_all()).await;
    desk.delete("p").await;
    socket.close(1000).await.expect("closed");
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.delete"]);
    // And the other way round.
    let mut socket = desk.socket(&person).await;
    appear(&mut socket, "p", &open_to_all()).await;
    socket.close(1000).await.expect("closed");
    let is_gone = async || desk.get("p").await.is_none();
    herenow_testkit::await_until("it is gone", SOON, is_gone).await.expect("gone");
    let answer = desk.key.delete("/v1/presences/p").await.expect("an answer");
    herenow_conformance::desk::refused(&answer, 404, "presence_not_found");
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.delete"]);
}

#[tokio::test]
async fn with_two_tabs_the_record_lives_until_the_last_one_closes() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let (mut one, mut other, mut idle) =
        (desk.socket(&person).await, desk.socket(&person).await, desk.socket(&person).await);
    let fields =
        |status: &str| json!({"status": status, "permissions": ["read(\"any\")"], "metadata": {"tab": status}});
    let first = appear(&mut one, "p", &fields("one")).await;
    let second = appear(&mut other, "q", &fields("other")).await;
    assert_eq!((&second["$id"], &second["$createdAt"]), (&json!("p"), &first["$createdAt"]));
    idle.close(1000).await.expect("closed");
    other.close(1000).await.expect("closed");
    heard(&mut viewing, "p", "upsert").await;
    heard(&mut viewing, "p", "upsert").await;
    let shown = heard(&mut viewing, "p", "update").await["payload"].take();
    assert_eq!((&shown["status"], &shown["metadata"]), (&json!("one"), &json!({"tab": "one"})));
    assert_eq!(desk.get("p").await, Some(shown));
    one.close(1000).await.expect("closed");
    heard(&mut viewing, "p", "delete").await;
    assert_eq!(until_now(&desk, &mut viewing).await, [""; 0]);
}

#[tokio::test]
async fn a_tab_that_does_not_show_goes_unseen() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let (mut one, mut other) = (desk.socket(&person).await, desk.socket(&person).await);
    appear(&mut one, "p", &open_to_all()).await;
    let shown = appear(&mut other, "p", &open_to_all()).await;
    one.close(1000).await.expect("closed");
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.upsert"]);
    assert_eq!(desk.get("p").await, Some(shown));
    other.close(1000).await.expect("closed");
    heard(&mut viewing, "p", "delete").await;
}

#[tokio::test]
async fn a_lease_outlives_the_socket_beside_it() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let lease = desk.put("p", &person.user_id, &json!({"status": "lease", "permissions": ["read(\"any\")"]})).await;
    let mut socket = desk.socket(&person).await;
    appear(&mut socket, "p", &json!({"status": "tab", "permissions": ["read(\"any\")"]})).await;
    socket.close(1000).await.expect("closed");
    heard(&mut viewing, "p", "upsert").await;
    heard(&mut viewing, "p", "upsert").await;
    let shown = heard(&mut viewing, "p", "update").await["payload"].take();
    for field in ["status", "source", "expiresAt", "metadata", "$permissions", "$createdAt"] {
        assert_eq!(shown[field], lease[field], "{field}");
    }
}

#[tokio::test]
async fn narrowed_permissions_stay_narrow_when_a_tab_closes() {
    let desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let (mut one, mut other) = (desk.socket(&person).await, desk.socket(&person).await);
    appear(&mut one, "p", &json!({"status": "one", "permissions": ["read(\"any\")"]})).await;
    appear(&mut other, "p", &json!({"status": "other", "permissions": ["read(\"any\")"]})).await;
    desk.patch("p", &json!({"permissions": []})).await;
    other.close(1000).await.expect("closed");
    let shows_one = async || desk.get("p").await.is_some_and(|record| record["status"] == "one");
    herenow_testkit::await_until("the other tab shows", SOON, shows_one).await.expect("it does");
    assert_eq!(desk.get("p").await.map(|mut record| record["$permissions"].take()), Some(json!([])));
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.upsert", "p.delete"]);
}

#[tokio::test]
async fn a_presence_frame_that_is_refused_leaves_the_socket_open_and_changes_nothing() {
    let desk = Desk::open().await;
    let (person, victim) = (desk.person().await, desk.user().await);
    let theirs = desk.put("theirs", &victim, &open_to_all()).await;
    let mut socket = desk.socket(&person).await;
    let own = appear(&mut socket, "p", &json!({})).await;
    let with = |fields: Value| {
        let mut data = json!({"status": "new", "presenceId": "p"});
        data.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
        json!({"type": "presence", "data": data})
    };
    let many: Vec<_> = (0..101).map(|number| format!("read(\"user:u{number}\")")).collect();
    for (frame, code, part) in [
        (json!({"type": "presence"}), 1003, "Payload is not valid. Status is required"),
        (json!({"type": "presence", "data": []}), 1003, "Payload is not valid. Status is required"),
        (with(json!({"status": ""})), 1003, "status: "),
        (with(json!({"status": "x".repeat(2049)})), 1003, "status: "),
        (with(json!({"status": "x".repeat(256)})), 400, ""),
        (with(json!({"presenceId": ""})), 1003, "presenceId: "),
        (with(json!({"presenceId": "x".repeat(37)})), 1003, "presenceId: "),
        (with(json!({"permissions": null})), 1003, "permissions: Permissions must be an array of strings"),
        (with(json!({"permissions": ["create(\"any\")"]})), 1003, "permissions: "),
        (with(json!({"permissions": many})), 1003, "permissions: "),
        (with(json!({"permissions": ["update(\"user:other\")"]})), 401, "Permissions must be one of: ("),
    ] {
        let (found, text) = refused(&mut socket, &frame).await;
        assert!(found == code && text.contains(part), "{frame}: {found} {text}");
        assert_eq!(desk.get("p").await.as_ref(), Some(&own));
    }
    // Without a record of their own, they do not get somebody else's id, nor one that is a channel's name.
    desk.delete("p").await;
    for (id, code) in [("theirs", 409), ("a.delete", 400), ("upsert", 400)] {
        assert_eq!(refused(&mut socket, &with(json!({"presenceId": id}))).await.0, code, "{id}");
    }
    assert_eq!(desk.get("theirs").await, Some(theirs));
}
