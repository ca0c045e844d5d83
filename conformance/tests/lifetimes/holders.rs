//! Who holds a record, and whose state shows. Source: semantics 1 to 6.

use std::time::Duration;

use herenow_conformance::desk::{accepted, path, refused};
use herenow_testkit::{timestamp_after, unique_id};
use serde_json::{Value, json};

use crate::scene::{LONG_GRACE, Scene, close, says, says_to};

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().expect("a text")
}

#[tokio::test]
async fn closing_one_of_two_tabs_shows_what_the_other_said() {
    let mut scene = Scene::open("").await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    let one = says(&mut first, "one").await;
    says(&mut second, "two").await;
    scene.hears("upsert", "one").await;
    let two = scene.hears("upsert", "two").await;
    close(second).await;
    let again = scene.hears("update", "one").await;
    assert_eq!([&again["$id"], &again["$createdAt"]], [&one["$id"], &one["$createdAt"]]);
    assert!(text(&again, "$updatedAt") > text(&two, "$updatedAt"), "{again} after {two}");
    assert_eq!(scene.own().await.as_ref(), Some(&again));
    close(first).await;
    scene.hears("delete", "one").await;
    scene.hears_nothing().await;
    assert_eq!(scene.own().await, None);
}

#[tokio::test]
async fn closing_a_tab_that_does_not_show_is_not_seen() {
    let mut scene = Scene::open("").await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    says(&mut second, "two").await;
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    close(first).await;
    scene.sockets_left(2).await;
    scene.hears_nothing().await;
    close(second).await;
    scene.hears("delete", "two").await;
}

#[tokio::test]
async fn two_tabs_that_say_the_same_are_one_and_closing_one_is_not_seen() {
    let mut scene = Scene::open("").await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    let hour = timestamp_after(Duration::from_secs(3_600));
    says(&mut first, "here").await;
    let id = text(&says(&mut second, "here").await, "$id").to_owned();
    scene.hears("upsert", "here").await;
    scene.hears("upsert", "here").await;
    // With the end that both got from the server's clock they would differ.
    accepted(scene.http().patch(&path(&id), &json!({"expiresAt": hour})).await.expect("an answer"));
    scene.hears("update", "here").await;
    close(second).await;
    let again = scene.hears("update", "here").await;
    assert!(text(&again, "expiresAt") > hour.as_str(), "the end of the first tab's shows: {again}");
    close(first).await;
    scene.hears("delete", "here").await;
}

#[tokio::test]
async fn a_lease_shows_again_when_the_socket_over_it_closes() {
    let mut scene = Scene::open("").await;
    let lease = scene.lease("leased", &json!({"metadata": {"page": "/home"}})).await;
    scene.hears("upsert", "leased").await;
    let mut tab = scene.tab().await;
    let live = says(&mut tab, "live").await;
    scene.hears("upsert", "live").await;
    assert_eq!([&live["source"], &live["metadata"]], [&json!("realtime"), &lease["metadata"]]);
    close(tab).await;
    let again = scene.hears("update", "leased").await;
    for field in ["$id", "$createdAt", "userId", "metadata", "expiresAt", "source", "$permissions"] {
        assert_eq!(again[field], lease[field], "{field} of {again}");
    }
    accepted(scene.http().get(&path(text(&lease, "$id"))).await.expect("an answer"));
}

#[tokio::test]
async fn a_lease_under_a_socket_ends_unseen_and_one_over_it_shows_what_the_socket_said() {
    let mut scene = Scene::open("").await;
    let mut tab = scene.tab().await;
    let soon = || json!({"expiresAt": timestamp_after(Duration::from_millis(400))});
    scene.lease("under", &soon()).await;
    says(&mut tab, "live").await;
    scene.hears("upsert", "under").await;
    scene.hears("upsert", "live").await;
    scene.hears_nothing_for(Duration::from_millis(500)).await;
    scene.lease("over", &soon()).await;
    scene.hears("upsert", "over").await;
    scene.hears("update", "live").await;
    close(tab).await;
    scene.hears("delete", "live").await;
}

#[tokio::test]
async fn an_expired_lease_is_announced_once_and_the_next_write_makes_a_new_record() {
    let mut scene = Scene::open("").await;
    let first = scene.lease("leased", &json!({"expiresAt": timestamp_after(Duration::from_millis(300))})).await;
    scene.hears("upsert", "leased").await;
    assert_eq!(scene.hears("delete", "leased").await, first, "the delete carries the state that showed last");
    scene.hears_nothing().await;
    let next = scene.lease("anew", &json!({})).await;
    assert_ne!(next["$id"], first["$id"]);
    assert!(text(&next, "$createdAt") > text(&first, "$createdAt"), "{next}");
}

#[tokio::test]
async fn delete_ends_every_holder_and_is_announced_once() {
    let mut scene = Scene::open("").await;
    let id = text(&scene.lease("leased", &json!({})).await, "$id").to_owned();
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    says(&mut second, "two").await;
    for status in ["leased", "one", "two"] {
        scene.hears("upsert", status).await;
    }
    scene.http().delete(&path(&id)).await.expect("an answer").expect_status(204).expect("it is gone");
    scene.hears("delete", "two").await;
    close(first).await;
    scene.sockets_left(2).await;
    scene.hears_nothing().await;
    // The other tab is still open, and what it says makes a new record.
    let anew = says(&mut second, "again").await;
    assert_ne!(anew["$id"], id.as_str());
    scene.hears("upsert", "again").await;
    close(second).await;
    scene.hears("delete", "again").await;
}

#[tokio::test]
async fn narrowed_permissions_stay_narrow_when_the_tab_that_showed_closes() {
    let mut scene = Scene::open("").await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    let id = text(&says(&mut second, "two").await, "$id").to_owned();
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    let narrow = json!({"permissions": [format!("read(\"user:{}\")", scene.ada.user_id)]});
    accepted(scene.http().patch(&path(&id), &narrow).await.expect("an answer"));
    scene.hears("delete", "two").await;
    close(second).await;
    scene.sockets_left(2).await;
    scene.hears_nothing().await;
    let own = scene.own().await.expect("the first tab still holds it");
    assert_eq!([&own["status"], &own["$permissions"]], [&json!("one"), &narrow["permissions"]]);
    // What a tab says itself counts as it says it.
    says_to(&mut first, "wide", &["read(\"users\")"]).await;
    scene.hears("upsert", "wide").await;
}

#[tokio::test]
async fn a_change_of_fields_is_the_showing_holder_s_alone() {
    let mut scene = Scene::open("").await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    let id = text(&says(&mut second, "two").await, "$id").to_owned();
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    accepted(scene.http().patch(&path(&id), &json!({"status": "busy"})).await.expect("an answer"));
    scene.hears("update", "busy").await;
    close(second).await;
    scene.hears("update", "one").await;
}

#[tokio::test]
async fn an_end_that_was_set_ends_a_socket_s_presence_while_the_socket_is_open() {
    let mut scene = Scene::open("").await;
    let mut tab = scene.tab().await;
    let id = text(&says(&mut tab, "here").await, "$id").to_owned();
    scene.hears("upsert", "here").await;
    let soon = json!({"expiresAt": timestamp_after(Duration::from_millis(300))});
    accepted(scene.http().patch(&path(&id), &soon).await.expect("an answer"));
    scene.hears("update", "here").await;
    scene.hears("delete", "here").await;
    says(&mut tab, "still here").await;
    scene.hears("upsert", "still here").await;
}

#[tokio::test]
async fn a_record_that_moves_to_another_user_leaves_its_other_holders_behind() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    let id = text(&says(&mut second, "two").await, "$id").to_owned();
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    let taken = scene.desk.user().await;
    scene.desk.put(&unique_id(), &taken, &json!({})).await;
    let to = async |user: &str| scene.desk.key.patch(&path(&id), &json!({"userId": user})).await.expect("an answer");
    refused(&to(&taken).await, 409, "presence_already_exists");
    let heir = scene.desk.user().await;
    let moved = accepted(to(&heir).await);
    assert_eq!([&moved["$id"], &moved["userId"], &moved["status"]], [&json!(id), &json!(heir), &json!("two")]);
    assert_eq!(scene.own().await, None);
    close(first).await;
    close(second).await;
    scene.sockets_left(1).await;
    let kept = scene.desk.get(&id).await.expect("it is a lease now");
    assert_eq!(kept["status"], "two");
}
