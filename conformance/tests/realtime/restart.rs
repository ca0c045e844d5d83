//! Ends of the server: what is kept, what is said to clients, what comes back. Source: cli-and-config, "Start and
//! stop"; product 7; semantics 7 and 22.

use std::time::Duration;

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Server, ServerOptions, Signal, await_until, timestamp_after};
use serde_json::{Value, json};

use super::words::{appear, heard, open_to_all, until_now};

/// The contract gives a stopping server ten seconds.
const STOP: Duration = Duration::from_secs(10);
/// What a start grants to sockets of the process before, and some more.
const GRACE_OF_A_START: Duration = Duration::from_secs(50);

async fn list(desk: &Desk) -> Value {
    let answer = desk.key.get("/v1/presences?queries[]=%7B%22method%22:%22limit%22,%22values%22:[100]%7D").await;
    herenow_conformance::desk::accepted(answer.expect("an answer"))
}

/// Starts the server again; its port may be another one.
async fn restarted(desk: &mut Desk) {
    desk.server.restart().await.expect("it starts again");
    desk.key = desk.server.as_key();
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let mut desk = Desk::open().await;
    let person = desk.person().await;
    for number in 0..20 {
        let user = desk.user().await;
        let id = format!("p{number:02}");
        desk.put(&id, &user, &json!({"metadata": {"b": number, "a": "é"}, "permissions": ["read(\"any\")"]})).await;
        match number % 3 {
            0 => drop(desk.patch(&id, &json!({"status": format!("s{number}")})).await),
            1 => desk.delete(&id).await,
            _ => {}
        }
    }
    let (before, seq) = (list(&desk).await, desk.position().await.0);
    assert_eq!(before["total"], 13);
    desk.server.kill().await.expect("killed");
    restarted(&mut desk).await;
    assert_eq!(list(&desk).await, before);
    // The epoch is a new one: a number may have been told that was never kept.
    assert_eq!(desk.position().await.0, seq, "the numbers go on");
    let mut socket = desk.listener(&person).await;
    desk.delete("p00").await;
    assert_eq!(heard(&mut socket, "p00", "delete").await["seq"], seq + 1);
}

#[tokio::test]
async fn what_expires_while_the_server_is_down_is_gone_when_it_is_back() {
    let mut desk = Desk::open().await;
    let user = desk.user().await;
    let expires_at = timestamp_after(Duration::from_millis(500));
    desk.put("p", &user, &json!({"expiresAt": expires_at})).await;
    desk.server.kill().await.expect("killed");
    let ended = herenow_core::Timestamp::parse(&expires_at).expect("a time").millis();
    let is_past = async || herenow_testkit::unix_millis() > ended;
    await_until("it expires", SOON, is_past).await.expect("time passes");
    restarted(&mut desk).await;
    assert_eq!(desk.get("p").await, None);
    assert_eq!(list(&desk).await["total"], 0);
    assert_eq!(desk.put("q", &user, &json!({})).await["$id"], "q");
}

#[tokio::test]
async fn a_socket_of_the_former_process_is_taken_over_by_its_session() {
    let mut desk = Desk::open().await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut socket = desk.socket(&person).await;
    let before = appear(&mut socket, "p", &open_to_all()).await;
    desk.server.kill().await.expect("killed");
    restarted(&mut desk).await;
    assert_eq!(desk.get("p").await.as_ref(), Some(&before), "it is there while it may be claimed");
    let mut viewing = desk.listener(&viewer).await;
    let mut back = desk.socket(&person).await;
    let after = appear(&mut back, "p", &open_to_all()).await;
    assert_eq!((&after["$id"], &after["$createdAt"]), (&before["$id"], &before["$createdAt"]));
    back.close(1000).await.expect("closed");
    assert_eq!(until_now(&desk, &mut viewing).await, ["p.upsert", "p.delete"]);
}

#[tokio::test]
async fn a_socket_of_the_former_process_that_does_not_come_back_ends_with_a_delete() {
    let mut desk = Desk::with(ServerOptions::new().settings("disconnect_grace = \"1s\"")).await;
    let (person, viewer) = (desk.person().await, desk.person().await);
    let mut socket = desk.socket(&person).await;
    let last = appear(&mut socket, "p", &open_to_all()).await;
    desk.server.kill().await.expect("killed");
    restarted(&mut desk).await;
    let mut viewing = desk.listener(&viewer).await;
    let is_delete = |frame: &Value| super::words::is_event(frame, "p", "delete");
    let delete = viewing.wait_for(is_delete, GRACE_OF_A_START).await.expect("no ghost");
    assert_eq!(delete["data"]["payload"], last);
    assert_eq!(desk.get("p").await, None);
}

#[tokio::test]
async fn a_stop_closes_every_socket_with_1012_and_exits_0() {
    let mut desk = Desk::open().await;
    let person = desk.person().await;
    let mut guest = desk.server.connect_guest().await.expect("a socket");
    let mut holding = desk.socket(&person).await;
    let held = appear(&mut holding, "p", &open_to_all()).await;
    for signal in [Signal::TERM, Signal::INT] {
        desk.server.signal(signal).expect("it runs");
        for socket in [&mut guest, &mut holding] {
            assert_eq!(socket.wait_for_close(STOP).await.expect("a close frame").code, Some(1012), "{signal:?}");
        }
        let status = desk.server.wait_exit(STOP).await.expect("it stops in time");
        assert!(status.success(), "{status}");
        restarted(&mut desk).await;
        assert_eq!(desk.get("p").await.as_ref(), Some(&held), "grace is not over: a restart is no departure");
        (guest, holding) = (desk.server.connect_guest().await.expect("a socket"), desk.socket(&person).await);
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    desk.put("p", &user, &json!({})).await;
    let second = Server::start(ServerOptions::new().data(desk.server.data_dir())).await;
    let text = format!("{:#}", second.expect_err("the data is in use"));
    assert!(text.contains(&desk.server.pid().to_string()), "it names the process: {text}");
    assert!(text.contains("exit status: 1"), "{text}");
    assert!(desk.get("p").await.is_some(), "the first goes on");
}
