//! How a socket ends, and what that does to what it held. Source: semantics 4 and 7 to 9; decisions, Presences.

use std::time::Duration;

use herenow_conformance::desk::{SOON, accepted, path};
use herenow_testkit::{CuttingProxy, Socket, now};
use serde_json::json;

use crate::scene::{LONG_GRACE, SHORT_GRACE, Scene, close, says, sockets_left};

/// What a close frame may take to be seen; the promise is 100 ms, the rest is for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_close_frame_of_any_code_ends_the_presence_at_once() {
    let mut scene = Scene::open(LONG_GRACE).await;
    for code in [Some(1000), Some(1001), Some(3000), Some(4999), None] {
        let mut tab = scene.tab().await;
        says(&mut tab, "here").await;
        scene.hears("upsert", "here").await;
        let closed = now();
        tab.send_close(code).await.expect("it is sent");
        scene.hears("delete", "here").await;
        assert!(closed.elapsed() < AT_ONCE, "{code:?} took {:?}", closed.elapsed());
        assert_eq!(tab.wait_for_close(SOON).await.expect("an answer").code, code);
    }
}

#[tokio::test]
async fn a_lost_connection_is_a_departure_only_after_the_grace() {
    let mut scene = Scene::open("disconnect_grace = \"700ms\"").await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    scene.hears("upsert", "here").await;
    let lost = now();
    tab.abort().expect("it is reset");
    scene.hears("delete", "here").await;
    let took = lost.elapsed();
    assert!((Duration::from_millis(700)..Duration::from_millis(1_700)).contains(&took), "{took:?}");
    scene.hears_nothing().await;
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_frame_is_lost_too() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    scene.hears("upsert", "here").await;
    drop(tab);
    scene.sockets_left(1).await;
    scene.hears_nothing().await;
    assert!(scene.own().await.is_some());
}

#[tokio::test]
async fn a_reconnect_within_the_grace_is_seen_as_its_new_state_alone() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let mut tab = scene.tab().await;
    let before = says(&mut tab, "here").await;
    scene.hears("upsert", "here").await;
    tab.abort().expect("it is reset");
    scene.sockets_left(1).await;
    let mut back = scene.tab().await;
    scene.hears_nothing().await;
    let after = says(&mut back, "back").await;
    scene.hears("upsert", "back").await;
    assert_eq!([&after["$id"], &after["$createdAt"]], [&before["$id"], &before["$createdAt"]]);
    // Had the lost one not been taken over, its state would show again now.
    close(back).await;
    scene.hears("delete", "back").await;
    scene.hears_nothing().await;
}

#[tokio::test]
async fn another_session_takes_nothing_over() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let phone = scene.desk.server.create_session(&scene.ada.user_id).await.expect("a session");
    let mut tab = scene.tab().await;
    says(&mut tab, "at the desk").await;
    scene.hears("upsert", "at the desk").await;
    tab.abort().expect("it is reset");
    scene.sockets_left(1).await;
    let mut other = scene.desk.socket(&phone).await;
    says(&mut other, "on the phone").await;
    scene.hears("upsert", "on the phone").await;
    close(other).await;
    scene.hears("update", "at the desk").await;
}

#[tokio::test]
async fn a_lost_tab_that_does_not_show_ends_unseen_after_the_grace() {
    let mut scene = Scene::open(SHORT_GRACE).await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    says(&mut second, "two").await;
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    first.abort().expect("it is reset");
    scene.sockets_left(2).await;
    scene.hears_nothing_for(Duration::from_millis(500)).await;
    close(second).await;
    scene.hears("delete", "two").await;
}

#[tokio::test]
async fn a_lost_tab_that_shows_gives_way_to_the_other_after_the_grace() {
    let mut scene = Scene::open(SHORT_GRACE).await;
    let (mut first, mut second) = (scene.tab().await, scene.tab().await);
    says(&mut first, "one").await;
    says(&mut second, "two").await;
    scene.hears("upsert", "one").await;
    scene.hears("upsert", "two").await;
    second.abort().expect("it is reset");
    scene.hears("update", "one").await;
    close(first).await;
    scene.hears("delete", "one").await;
}

#[tokio::test]
async fn the_end_of_a_session_ends_what_its_sockets_hold_and_held() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let phone = scene.desk.server.create_session(&scene.ada.user_id).await.expect("a session");
    scene.lease("leased", &json!({})).await;
    let mut other = scene.desk.socket(&phone).await;
    says(&mut other, "on the phone").await;
    let (mut lost, mut open) = (scene.tab().await, scene.tab().await);
    says(&mut lost, "lost").await;
    says(&mut open, "open").await;
    for status in ["leased", "on the phone", "lost", "open"] {
        scene.hears("upsert", status).await;
    }
    lost.abort().expect("it is reset");
    scene.sockets_left(3).await;
    let signed_out = scene.http().delete("/v1/account/sessions/current").await.expect("an answer");
    signed_out.expect_status(204).expect("signed out");
    assert_eq!(open.wait_for_close(SOON).await.expect("a close frame").code, Some(1001));
    scene.hears("update", "on the phone").await;
    close(other).await;
    // The session is gone; what it wrote over HTTP stays until its own end.
    scene.hears("update", "leased").await;
    scene.sockets_left(1).await;
    scene.hears_nothing().await;
}

#[tokio::test]
async fn a_blocked_user_goes_once_with_every_holder() {
    let mut scene = Scene::open(LONG_GRACE).await;
    scene.lease("leased", &json!({})).await;
    let (mut first, mut second, mut lost) = (scene.tab().await, scene.tab().await, scene.tab().await);
    says(&mut lost, "lost").await;
    says(&mut first, "one").await;
    says(&mut second, "two").await;
    for status in ["leased", "lost", "one", "two"] {
        scene.hears("upsert", status).await;
    }
    lost.abort().expect("it is reset");
    scene.sockets_left(3).await;
    let user = format!("/v1/users/{}/status", scene.ada.user_id);
    accepted(scene.desk.key.patch(&user, &json!({"status": false})).await.expect("an answer"));
    scene.hears("delete", "two").await;
    for mut tab in [first, second] {
        assert_eq!(tab.wait_for_close(SOON).await.expect("a close frame").code, Some(1001));
    }
    scene.sockets_left(1).await;
    scene.hears_nothing().await;
}

#[tokio::test]
async fn a_socket_that_becomes_somebody_else_s_ends_what_it_held() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let eve = scene.desk.person().await;
    let mut tab = scene.tab().await;
    says(&mut tab, "ada").await;
    scene.hears("upsert", "ada").await;
    tab.request(&json!({"type": "authentication", "data": {"session": eve.token}})).await.expect("it is accepted");
    scene.hears("delete", "ada").await;
    assert_eq!(says(&mut tab, "eve").await["userId"], eve.user_id.as_str());
    scene.hears("upsert", "eve").await;
    close(tab).await;
    scene.hears("delete", "eve").await;
}

#[tokio::test]
async fn a_socket_that_the_server_had_to_close_is_lost_and_may_come_back() {
    let mut scene = Scene::open(LONG_GRACE).await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    scene.hears("upsert", "here").await;
    tab.send_text(&"x".repeat(100_000)).await.expect("it is sent");
    assert_eq!(tab.wait_for_close(SOON).await.expect("a close frame").code, Some(1009));
    drop(tab);
    scene.sockets_left(1).await;
    scene.hears_nothing().await;
    let mut back = scene.tab().await;
    says(&mut back, "back").await;
    scene.hears("upsert", "back").await;
    close(back).await;
    scene.hears("delete", "back").await;
}

#[tokio::test]
async fn where_a_close_has_a_grace_a_reload_is_not_seen() {
    let mut scene = Scene::open("close_grace = \"60s\"").await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    scene.hears("upsert", "here").await;
    close(tab).await;
    scene.sockets_left(1).await;
    let mut reloaded = scene.tab().await;
    scene.hears_nothing().await;
    says(&mut reloaded, "here").await;
    scene.hears("upsert", "here").await;
}

#[tokio::test]
async fn a_peer_that_went_silent_is_there_until_its_connection_is_known_to_be_lost() {
    let mut scene = Scene::open(SHORT_GRACE).await;
    let proxy = CuttingProxy::start(scene.desk.server.address()).await.expect("a proxy");
    let options = scene.desk.server.socket_options().via(proxy.address());
    let mut tab = Socket::open(options.header("X-Appwrite-Session", &scene.ada.token)).await.expect("a socket");
    tab.expect_connected(SOON).await.expect("a greeting");
    let id = says(&mut tab, "here").await["$id"].as_str().expect("an id").to_owned();
    scene.hears("upsert", "here").await;
    proxy.cut();
    tab.send_close(Some(1000)).await.expect("it goes nowhere");
    scene.hears_nothing_for(Duration::from_millis(500)).await;
    accepted(scene.desk.key.get(&path(&id)).await.expect("an answer"));
    proxy.reset();
    scene.hears("delete", "here").await;
    sockets_left(&scene.desk, 1).await;
}
