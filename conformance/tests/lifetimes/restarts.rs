//! Restarts and crashes: what was there is there, and what ended in between is not. Source: semantics 7 and 22;
//! decisions, Presences ("On a start after a stop …").

use std::time::Duration;

use herenow_conformance::desk::{SOON, accepted, path};
use herenow_testkit::{await_until, timestamp_after, unix_millis};
use serde_json::json;

use crate::{
    order::whole_list,
    scene::{SHORT_GRACE, Scene, close, says},
};

/// How a server ends.
#[derive(Clone, Copy)]
enum Way {
    Stopped,
    Killed,
}

async fn restart(scene: &mut Scene, way: Way) {
    let server = &mut scene.desk.server;
    match way {
        Way::Stopped => assert!(server.stop().await.expect("it stops").success()),
        Way::Killed => server.kill().await.expect("it dies"),
    }
    server.restart().await.expect("it starts");
    // On another port, where somebody else took the old one meanwhile.
    scene.desk.key = scene.desk.server.as_key();
    scene.watch_again().await;
}

#[tokio::test]
async fn what_was_there_is_there_after_a_restart_and_its_owner_takes_it_over() {
    for way in [Way::Stopped, Way::Killed] {
        let mut scene = Scene::open("").await;
        let mut tab = scene.tab().await;
        let before = says(&mut tab, "here").await;
        restart(&mut scene, way).await;
        assert_eq!(scene.own().await.as_ref(), Some(&before));
        scene.hears_nothing().await;
        let mut back = scene.tab().await;
        let after = says(&mut back, "back").await;
        scene.hears("upsert", "back").await;
        assert_eq!([&after["$id"], &after["$createdAt"]], [&before["$id"], &before["$createdAt"]]);
        close(back).await;
        scene.hears("delete", "back").await;
    }
}

#[tokio::test]
async fn no_grace_runs_out_while_the_server_restarts() {
    for way in [Way::Stopped, Way::Killed] {
        let mut scene = Scene::open(SHORT_GRACE).await;
        let mut tab = scene.tab().await;
        let before = says(&mut tab, "here").await;
        restart(&mut scene, way).await;
        scene.hears_nothing_for(Duration::from_millis(500)).await;
        assert_eq!(scene.own().await.as_ref(), Some(&before));
    }
}

#[tokio::test]
async fn an_orderly_stop_tells_sockets_to_come_back() {
    let mut scene = Scene::open("").await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    scene.desk.server.signal(herenow_testkit::Signal::TERM).expect("it runs");
    assert_eq!(tab.wait_for_close(SOON).await.expect("a close frame").code, Some(1012));
    assert!(scene.desk.server.wait_exit(SOON).await.expect("it ends").success());
}

#[tokio::test]
async fn every_holder_survives_a_crash() {
    let mut scene = Scene::open("").await;
    let lease = scene.lease("leased", &json!({"expiresAt": timestamp_after(Duration::from_secs(600))})).await;
    let mut tab = scene.tab().await;
    says(&mut tab, "live").await;
    restart(&mut scene, Way::Killed).await;
    assert_eq!(scene.own().await.expect("it is there")["status"], "live");
    let mut back = scene.tab().await;
    says(&mut back, "back").await;
    scene.hears("upsert", "back").await;
    close(back).await;
    let again = scene.hears("update", "leased").await;
    assert_eq!(again["expiresAt"], lease["expiresAt"]);
    let id = lease["$id"].as_str().expect("an id");
    scene.http().delete(&path(id)).await.expect("an answer").expect_status(204).expect("it is gone");
    scene.hears("delete", "leased").await;
}

#[tokio::test]
async fn what_expired_while_the_server_was_down_is_gone_when_it_is_back() {
    let mut scene = Scene::open("").await;
    let end = unix_millis() + 400;
    let expires = timestamp_after(Duration::from_millis(400));
    let lease = scene.lease("leased", &json!({"expiresAt": expires})).await;
    scene.desk.server.kill().await.expect("it dies");
    await_until("the time has passed", SOON, async || unix_millis() > end).await.expect("it passes");
    scene.desk.server.restart().await.expect("it starts");
    scene.desk.key = scene.desk.server.as_key();
    scene.watch_again().await;
    assert_eq!(scene.own().await, None);
    let id = lease["$id"].as_str().expect("an id");
    assert!(scene.desk.get(id).await.is_none());
    let anew = scene.lease("anew", &json!({})).await;
    assert_ne!(anew["$id"], lease["$id"]);
    scene.hears("upsert", "anew").await;
}

#[tokio::test]
async fn what_was_deleted_or_blocked_before_a_crash_stays_gone() {
    let mut scene = Scene::open("").await;
    let key = scene.desk.key.clone();
    let lease = scene.lease("leased", &json!({})).await;
    let id = lease["$id"].as_str().expect("an id");
    key.delete(&path(id)).await.expect("an answer").expect_status(204).expect("it is gone");
    let mut gone = Vec::new();
    for _ in 0..20 {
        let user = scene.desk.user().await;
        scene.desk.put(&user, &user, &json!({})).await;
        gone.push(user);
    }
    let (blocked, deleted) = gone.split_at(10);
    for user in blocked {
        accepted(key.patch(&format!("/v1/users/{user}/status"), &json!({"status": false})).await.expect("an answer"));
    }
    for user in deleted {
        let answer = key.delete(&format!("/v1/users/{user}")).await.expect("an answer");
        answer.expect_status(204).expect("it is gone");
    }
    restart(&mut scene, Way::Killed).await;
    assert_eq!(whole_list(&scene.desk.key).await.records().len(), 0);
}

#[tokio::test]
async fn a_restart_begins_another_run_whose_numbers_go_on() {
    let mut scene = Scene::open("").await;
    scene.lease("leased", &json!({})).await;
    let (seq, epoch) = scene.desk.position().await;
    restart(&mut scene, Way::Killed).await;
    let (later, other) = scene.desk.position().await;
    assert!(other != epoch && later >= seq, "{epoch} {seq}, then {other} {later}");
}

#[tokio::test]
async fn who_does_not_come_back_after_a_restart_goes_after_the_grace_of_a_start() {
    if std::env::var_os("HERENOW_LONG").is_none() {
        println!("skipped: the grace of a start is 30 s; set HERENOW_LONG to wait for it");
        return;
    }
    let mut scene = Scene::open("").await;
    let mut tab = scene.tab().await;
    says(&mut tab, "here").await;
    restart(&mut scene, Way::Killed).await;
    let started = herenow_testkit::now();
    let gone = async || scene.own().await.is_none();
    await_until("it is gone", Duration::from_secs(60), gone).await.expect("it goes");
    assert!(started.elapsed() > Duration::from_secs(28), "{:?}", started.elapsed());
    scene.hears("delete", "here").await;
}
