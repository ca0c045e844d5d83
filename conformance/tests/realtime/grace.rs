//! Connections that are lost rather than closed. Source: semantics 7 and 8; product, "A blip is not a departure".

use std::time::Duration;

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{ServerOptions, Socket, await_until, now};
use serde_json::json;

use super::words::{appear, heard, open_to_all, until_now};

async fn with(setting: &str) -> Desk {
    Desk::with(ServerOptions::new().settings(setting)).await
}

/// Loses a socket that holds a presence, and waits until the server has noticed: its holder is then in grace, which is
/// a change that nobody hears.
async fn lose(desk: &Desk, socket: Socket, end: impl FnOnce(Socket)) {
    let before = desk.position().await.0;
    end(socket);
    let has_noticed = async || desk.position().await.0 > before;
    await_until("the server notices the loss", SOON, has_noticed).await.expect("it does");
}

fn reset(socket: Socket) {
    socket.abort().expect("reset");
}

#[tokio::test]
async fn a_reconnect_within_the_grace_takes_over_and_nobody_sees_a_delete() {
    let desk = with("disconnect_grace = \"60s\"").await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&person).await;
    let before = appear(&mut socket, "p", &open_to_all()).await;
    lose(&desk, socket, reset).await;
    let mut back = desk.socket(&person).await;
    let after = appear(&mut back, "p", &json!({"status": "back", "permissions": ["read(\"any\")"]})).await;
    assert_eq!((&after["$id"], &after["$createdAt"]), (&before["$id"], &before["$createdAt"]));
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.upsert"]);
    // What was lost was taken over: nothing holds the record once this one closes.
    back.close(1000).await.expect("closed");
    heard(&mut viewing, "p", "delete").await;
}

#[tokio::test]
async fn a_lost_connection_s_presence_ends_after_the_grace() {
    let desk = with("disconnect_grace = \"500ms\"").await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&person).await;
    let last = appear(&mut socket, "p", &open_to_all()).await;
    let lost_at = now();
    socket.abort().expect("reset");
    assert_eq!(heard(&mut viewing, "p", "delete").await["payload"], last);
    assert!(lost_at.elapsed() >= Duration::from_millis(500), "{:?}", lost_at.elapsed());
    assert_eq!(desk.get("p").await, None);
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_a_loss_too() {
    let desk = with("disconnect_grace = \"60s\"").await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&person).await;
    let shown = appear(&mut socket, "p", &open_to_all()).await;
    lose(&desk, socket, drop).await;
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert"]);
    assert_eq!(desk.get("p").await, Some(shown));
}

#[tokio::test]
async fn another_session_does_not_take_over_and_a_logout_ends_the_grace() {
    let desk = with("disconnect_grace = \"60s\"").await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut lost = desk.socket(&person).await;
    appear(&mut lost, "p", &json!({"status": "phone", "permissions": ["read(\"any\")"]})).await;
    lose(&desk, lost, reset).await;
    let second = desk.server.create_session(&person.user_id).await.expect("a session");
    let mut other = desk.socket(&second).await;
    appear(&mut other, "p", &json!({"status": "laptop", "permissions": ["read(\"any\")"]})).await;
    heard(&mut viewing, "p", "upsert").await;
    heard(&mut viewing, "p", "upsert").await;
    other.close(1000).await.expect("closed");
    assert_eq!(heard(&mut viewing, "p", "update").await["payload"]["status"], "phone");
    let logout = desk.session(&person).delete("/v1/account/sessions/current").await.expect("an answer");
    logout.expect_status(204).expect("logged out");
    heard(&mut viewing, "p", "delete").await;
}

#[tokio::test]
async fn a_clean_close_waits_for_nothing_unless_close_grace_is_set() {
    let desk = with("disconnect_grace = \"60s\"\nclose_grace = \"60s\"").await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&person).await;
    let shown = appear(&mut socket, "p", &open_to_all()).await;
    socket.close(1000).await.expect("closed");
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert"]);
    assert_eq!(desk.get("p").await, Some(shown));
    desk.delete("p").await;
    heard(&mut viewing, "p", "delete").await;
}

#[tokio::test]
async fn a_listener_that_was_lost_first_gets_what_it_missed() {
    let desk = with("disconnect_grace = \"60s\"").await;
    let (listener, one, other) = (desk.person().await, desk.user().await, desk.user().await);
    desk.put("gone", &one, &open_to_all()).await;
    let mut socket = desk.listener(&listener).await;
    socket.fence(SOON).await.expect("a pong");
    socket.abort().expect("reset");
    desk.delete("gone").await;
    desk.put("new", &other, &open_to_all()).await;
    // The server has to notice the loss; until then the same id is just a second subscription.
    let missed = async || {
        let mut back = desk.listener(&listener).await;
        let before = until_now(&desk, &mut back).await;
        let all = before == ["gone.delete", "new.upsert"];
        if !all {
            println!("heard {before:?}");
            back.close(1000).await.expect("closed");
        }
        all
    };
    await_until("what was missed is heard", SOON, missed).await.expect("it is");
}
