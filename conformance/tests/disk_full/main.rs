//! A disk that is full: writes are refused with a type that says so, reads, events and ends go on, and when there is
//! room again the server finds out by itself. Needs root, for a small disk of the test's own.

mod disk;

use std::time::Duration;

use herenow_conformance::{
    desk::{Desk, SOON, accepted, path, refused},
    mirror::action,
};
use herenow_testkit::{ServerOptions, await_until, timestamp_after};
use serde_json::{Value, json};

use disk::Disk;

/// How the server starts on the disk; none where there is no disk to be had.
async fn server_on_a_disk() -> Option<(Disk, Desk)> {
    let disk = match Disk::mount() {
        Ok(disk) => disk,
        Err(error) => {
            assert!(!Disk::is_owed(), "in CI root must be able to mount a disk: {error:#}");
            println!("skipped: no small disk can be mounted here: {error:#}");
            return None;
        }
    };
    let launcher = disk.launcher();
    let launcher: Vec<&str> = launcher.iter().map(String::as_str).collect();
    let options = ServerOptions::new().data(disk.data()).launcher(&launcher);
    let desk = Desk::with(options).await;
    Some((disk, desk))
}

fn shown(fields: &Value) -> Value {
    let mut all = json!({"permissions": ["read(\"any\")"]});
    for (name, value) in fields.as_object().expect("fields") {
        all[name] = value.clone();
    }
    all
}

/// Fills the disk and waits until a write meets it: what the server has reserved takes some more.
async fn fill(disk: &Disk, desk: &Desk, user: &str) {
    disk.fill().expect("it is filled");
    let fields = shown(&json!({"metadata": {"pad": "x".repeat(10_000)}}));
    let full = async || desk.try_put("big", user, &fields).await.status == 503;
    await_until("the disk is full", SOON, full).await.expect("it is full");
}

async fn recovers(desk: &Desk, user: &str) {
    let writes = async || desk.try_put("big", user, &shown(&json!({}))).await.status == 200;
    await_until("there is room again", SOON, writes).await.expect("it recovers by itself");
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else_and_is_over_when_there_is_room() {
    let Some((disk, desk)) = server_on_a_disk().await else { return };
    let (person, user, big) = (desk.person().await, desk.user().await, desk.user().await);
    let (expiring, watching) = (desk.user().await, desk.person().await);
    let kept = desk.put("kept", &user, &shown(&json!({"status": "kept"}))).await;
    desk.put("big", &big, &shown(&json!({}))).await;
    let mut tab = desk.socket(&person).await;
    let data = shown(&json!({"status": "on a socket"}));
    tab.request(&json!({"type": "presence", "data": data})).await.expect("it is accepted");
    let soon = shown(&json!({"status": "ends", "expiresAt": timestamp_after(Duration::from_secs(3))}));
    desk.put("ends", &expiring, &soon).await;
    fill(&disk, &desk, &big).await;

    // Writes say why, before anything of them is seen.
    let mut listener = desk.listener(&watching).await;
    refused(&desk.try_put("kept", &user, &shown(&json!({"status": "lost"}))).await, 503, "general_storage_full");
    let patched = desk.key.patch(&path("kept"), &json!({"status": "lost"})).await.expect("an answer");
    refused(&patched, 503, "general_storage_full");
    assert!(patched.header("retry-after").is_some(), "{:?}", patched.headers);
    refused(&desk.key.delete(&path("kept")).await.expect("an answer"), 503, "general_storage_full");
    let mut error = json!({"type": "presence", "data": shown(&json!({"status": "lost"}))});
    tab.send_json(&error.take()).await.expect("it is sent");
    let told = tab.expect_type("error", SOON).await.expect("an error, and an open socket");
    assert_eq!(told["code"], 503, "{told}");

    let status = async |path| desk.server.guest().get(path).await.expect("an answer").status.as_u16();
    assert_eq!((status("/readyz").await, status("/healthz").await), (503, 200));

    // Reads go on, so do ends, and both are heard.
    assert_eq!(desk.get("kept").await, Some(kept.clone()));
    accepted(desk.session(&person).get("/v1/presences").await.expect("an answer"));
    accepted(desk.session(&person).get("/v1/account").await.expect("an answer"));
    tab.close(1000).await.expect("the server answers");
    let is_delete = |frame: &Value| action(frame) == Some("delete");
    let gone = listener.wait_for(is_delete, SOON).await.expect("the end of the socket's presence");
    assert_eq!(gone["data"]["payload"]["status"], "on a socket");
    let gone = listener.wait_for(is_delete, SOON).await.expect("the end of what expires");
    assert_eq!(gone["data"]["payload"]["status"], "ends");

    disk.make_room().expect("there is room");
    recovers(&desk, &big).await;
    assert_eq!(status("/readyz").await, 200);
    let changed = desk.put("kept", &user, &shown(&json!({"status": "kept on"}))).await;
    assert_eq!(changed["$createdAt"], kept["$createdAt"]);
    let told = async || desk.server.logs().contains("presences are kept again");
    await_until("the log says so", SOON, told).await.expect("it does");
}

#[tokio::test]
async fn what_was_acknowledged_before_during_and_after_a_full_disk_survives_a_crash() {
    let Some((disk, mut desk)) = server_on_a_disk().await else { return };
    let (person, user, big) = (desk.person().await, desk.user().await, desk.user().await);
    desk.put("before", &user, &shown(&json!({"status": "before"}))).await;
    desk.put("big", &big, &shown(&json!({}))).await;
    let mut tab = desk.socket(&person).await;
    tab.request(&json!({"type": "presence", "data": shown(&json!({"status": "goes"}))})).await.expect("it is accepted");
    fill(&disk, &desk, &big).await;
    let refused =
        async |status: &str| desk.try_put("before", &user, &shown(&json!({"status": status}))).await.status == 503;
    assert!(refused("lost").await);
    tab.close(1000).await.expect("the server answers");
    await_until("the end is seen", SOON, async || whole(&desk).await.len() == 2).await.expect("it is seen");
    disk.make_room().expect("there is room");
    recovers(&desk, &big).await;
    let after = desk.user().await;
    desk.put("after", &after, &shown(&json!({"status": "after"}))).await;
    let expected = whole(&desk).await;
    desk.server.kill().await.expect("it dies");
    desk.server.restart().await.expect("it starts");
    desk.key = desk.server.as_key();
    assert_eq!(whole(&desk).await, expected);
    let statuses: Vec<_> = expected.iter().map(|record| record["status"].as_str().expect("a text")).collect();
    assert_eq!(statuses, ["before", "online", "after"]);
}

async fn whole(desk: &Desk) -> Vec<Value> {
    let list = accepted(desk.key.get("/v1/presences").await.expect("an answer"));
    list["presences"].as_array().expect("a list").clone()
}
