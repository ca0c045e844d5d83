//! The channel `snapshot.presences`: the present state first, in pages, then only changes, with no gap and no overlap.
//! Source: semantics 23.

use std::time::Duration;

use herenow_conformance::{
    desk::{Desk, SOON, path},
    mirror::{Mirror, is_snapshot},
};
use herenow_testkit::{Http, Socket, unique_id};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::order::whole_list;

const CHANNELS: [&str; 2] = ["presences", "snapshot.presences"];
/// With metadata of a KiB each, several times what is framed for one write.
const RECORDS: usize = 300;

fn is_end(frame: &Value) -> bool {
    frame["data"]["events"] == json!(["presences.snapshot.end"])
}

async fn fill(desk: &Desk, records: usize) -> Vec<(String, String)> {
    let mut filling = JoinSet::new();
    for _ in 0..records {
        filling.spawn(fill_one(desk.key.clone()));
    }
    filling.join_all().await
}

async fn fill_one(key: Http) -> (String, String) {
    let (user, id) = (unique_id(), unique_id());
    let created = key.post("/v1/users", &json!({"userId": user})).await.expect("an answer");
    created.expect_status(201).expect("a user");
    let body = json!({
        "userId": user, "status": "there", "permissions": ["read(\"any\")"], "metadata": {"pad": "x".repeat(1_000)},
    });
    key.put(&path(&id), &body).await.expect("an answer").expect_status(200).expect("a presence");
    (user, id)
}

/// Changes the presences round and round, `rounds` times each.
async fn stir(key: Http, records: Vec<(String, String)>, rounds: usize) {
    for round in 0..rounds {
        for (user, id) in &records {
            let body = json!({"userId": user, "status": format!("round {round}"), "permissions": ["read(\"any\")"]});
            let gone = round % 3 == 2;
            let answer = if gone { key.delete(&path(id)).await } else { key.put(&path(id), &body).await };
            let status = answer.expect("an answer").status;
            assert!(status.is_success(), "{status}");
        }
    }
}

/// Checks a snapshot and gives what comes of it: all at one number, the number that was promised.
fn taken_up(frames: &[Value]) -> Mirror {
    let (end, pages) = frames.split_last().expect("an end");
    let mut mirror = Mirror::default();
    for frame in pages.iter().filter(|frame| frame["type"] == "event") {
        assert!(is_snapshot(frame), "a change among the pages: {frame}");
        assert_eq!(frame["data"]["seq"], end["data"]["seq"], "{frame}");
        assert_eq!(frame["data"]["events"][0], format!("presences.{}.upsert", text(&frame["data"]["payload"]["$id"])));
        mirror.hear(frame);
    }
    assert_eq!(end["data"]["payload"], json!({"total": mirror.records().len()}));
    mirror.seq = end["data"]["seq"].as_u64().expect("a number");
    mirror
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[tokio::test]
async fn a_snapshot_taken_while_everything_changes_has_no_gap_and_no_overlap() {
    let desk = Desk::open().await;
    let records = fill(&desk, RECORDS).await;
    let mut stirring = JoinSet::new();
    for part in records.chunks(RECORDS / 4) {
        stirring.spawn(stir(desk.key.clone(), part.to_vec(), 4));
    }
    let mut followers = Vec::new();
    while stirring.try_join_next().is_none() && followers.len() < 12 {
        let mut socket = desk.server.connect_guest().await.expect("a socket");
        socket.subscribe("s", &CHANNELS).await.expect("a subscription");
        let frames = socket.collect_until(is_end, SOON).await.expect("a whole snapshot");
        followers.push((socket, taken_up(&frames)));
    }
    stirring.join_all().await;
    let word = unique_id();
    let user = desk.user().await;
    desk.put(&word, &user, &json!({"permissions": ["read(\"any\")"]})).await;
    let now = whole_list(&desk.key).await;
    for (mut socket, mut mirror) in followers {
        let is_last = |frame: &Value| frame["data"]["payload"]["$id"] == word.as_str();
        for frame in socket.collect_until(is_last, SOON).await.expect("the last word") {
            assert!(!is_snapshot(&frame) && frame["data"]["seq"].as_u64() > Some(mirror.seq), "{frame}");
            mirror.hear(&frame);
        }
        assert_eq!(mirror.records(), now.records());
    }
}

#[tokio::test]
async fn a_snapshot_holds_what_its_reader_may_read_and_comes_with_every_subscribe() {
    let desk = Desk::open().await;
    let (open, closed, person) = (desk.user().await, desk.user().await, desk.person().await);
    let shown = desk.put("shown", &open, &json!({"permissions": ["read(\"users\")"]})).await;
    desk.put("hidden", &closed, &json!({"permissions": []})).await;
    for _ in 0..2 {
        let mut socket = desk.socket(&person).await;
        socket.subscribe("s", &CHANNELS).await.expect("a subscription");
        let frames = socket.collect_until(is_end, SOON).await.expect("a snapshot");
        let mirror = taken_up(&frames);
        assert_eq!(mirror.records().values().collect::<Vec<_>>(), [&shown]);
    }
}

#[tokio::test]
async fn a_snapshot_of_nothing_is_an_end_alone() {
    let desk = Desk::open().await;
    let mut socket: Socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("s", &CHANNELS).await.expect("a subscription");
    let end = socket.expect_json(Duration::from_secs(10)).await.expect("a frame");
    assert!(is_end(&end), "{end}");
    assert_eq!(end["data"]["payload"], json!({"total": 0}));
}
