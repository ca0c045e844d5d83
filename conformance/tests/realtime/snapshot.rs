//! Subscriptions that begin with the present state, or with what was missed. Source: semantics 23 and 24.

use std::collections::BTreeMap;

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Socket, spawn};
use serde_json::{Value, json};

use super::words::{heard, is_event, open_to_all, subscribe};

const SNAPSHOT_END: &str = "presences.snapshot.end";

fn row(fields: &Value) -> Value {
    let mut row = json!({"subscriptionId": "s", "channels": ["presences"]});
    row.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
    subscribe(&row)
}

fn wants_snapshot() -> Value {
    row(&json!({"channels": ["snapshot.presences"]}))
}

/// Subscribes, and collects the `data` of what comes up to the end of the snapshot.
async fn snapshot(socket: &mut Socket, frame: &Value) -> Vec<Value> {
    socket.send_json(frame).await.expect("sent");
    let answer = socket.expect_type("response", SOON).await.expect("the answer comes first");
    assert_eq!(answer["to"], "subscribe");
    let is_end = |frame: &Value| frame["data"]["events"][0] == SNAPSHOT_END;
    let frames = socket.collect_until(is_end, SOON).await.expect("a snapshot and its end");
    frames.into_iter().map(|mut frame| frame["data"].take()).collect()
}

#[tokio::test]
async fn a_snapshot_shows_every_readable_record_at_one_number_and_says_when_it_ends() {
    let desk = Desk::open().await;
    let (person, hidden) = (desk.person().await, desk.user().await);
    let mut records = BTreeMap::new();
    for number in 0..60 {
        let (id, user) = (format!("p{number:02}"), desk.user().await);
        records.insert(id.clone(), desk.put(&id, &user, &open_to_all()).await);
    }
    desk.put("hidden", &hidden, &json!({"permissions": []})).await;
    let (seq, epoch) = desk.position().await;
    let mut socket = desk.socket(&person).await;
    let mut frames = snapshot(&mut socket, &wants_snapshot()).await;
    let end = frames.pop().expect("the end");
    assert_eq!((&end["events"], &end["payload"]), (&json!([SNAPSHOT_END]), &json!({"total": 60})));
    for data in frames.iter().chain([&end]) {
        assert_eq!((&data["seq"], &data["epoch"]), (&json!(seq), &json!(epoch)));
        assert_eq!(data["subscriptions"], json!(["s"]));
        assert!(data["channels"].is_array() && data["timestamp"].is_string() && data["payload"].is_object());
    }
    for data in &frames {
        let id = data["payload"]["$id"].as_str().expect("an id");
        let upsert = format!("presences.{id}.upsert");
        let names =
            json!([upsert, "presences.*.upsert", format!("presences.{id}"), "presences.*", "presences.*.snapshot"]);
        assert_eq!(data["events"], names);
        assert_eq!(records.remove(id).as_ref(), Some(&data["payload"]), "{id}");
    }
    assert!(records.is_empty(), "{records:?}");
    desk.delete("p00").await;
    assert_eq!(heard(&mut socket, "p00", "delete").await["seq"], seq + 1, "then every change after it");
}

#[tokio::test]
async fn an_empty_snapshot_has_an_end_and_queries_narrow_it() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    let mut socket = desk.socket(&person).await;
    assert_eq!(snapshot(&mut socket, &wants_snapshot()).await[0]["payload"], json!({"total": 0}));
    desk.put("p", &user, &open_to_all()).await;
    let query = json!({"method": "equal", "attribute": "status", "values": ["away"]}).to_string();
    let narrowed = row(&json!({"channels": ["snapshot.presences"], "queries": [query]}));
    let mut other = desk.socket(&person).await;
    assert_eq!(snapshot(&mut other, &narrowed).await.len(), 1, "nobody is away");
}

#[tokio::test]
async fn a_snapshot_under_writes_and_what_follows_make_the_list() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let mut users = Vec::new();
    for _ in 0..8 {
        users.push(desk.user().await);
    }
    let key = desk.key.clone();
    let (done, mut is_done) = tokio::sync::oneshot::channel();
    let writing = spawn(async move {
        for number in 0..400_usize {
            let (user, path) = (&users[number % 8], format!("/v1/presences/p{}", number % 8));
            let hides = number % 5 == 0;
            let permissions = if hides { json!([]) } else { json!(["read(\"any\")"]) };
            let body = json!({"userId": user, "status": number.to_string(), "permissions": permissions});
            let written = if number % 7 == 0 { key.delete(&path).await } else { key.put(&path, &body).await };
            written.expect("an answer");
        }
        let _ = done.send(());
    });
    let mut sockets = Vec::new();
    while is_done.try_recv().is_err() {
        let mut socket = desk.socket(&person).await;
        let shown = snapshot(&mut socket, &wants_snapshot()).await;
        sockets.push((socket, shown));
        if sockets.len() == 20 {
            is_done.await.expect("the writer ends");
            break;
        }
    }
    drop(writing);
    let user = desk.user().await;
    desk.put("last", &user, &open_to_all()).await;
    let list = desk.session(&person).get("/v1/presences").await.expect("an answer").json().expect("JSON");
    for (mut socket, shown) in sockets {
        let news = socket.collect_until(|frame| is_event(frame, "last", "upsert"), SOON).await.expect("the last write");
        assert_eq!(
            told(shown.into_iter().chain(news.into_iter().map(|mut frame| frame["data"].take()))),
            listed(&list)
        );
    }
}

/// What a client knows that applied these events in their order.
fn told(events: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    let mut known = BTreeMap::new();
    let mut seq = 0;
    for mut data in events.filter(|data| data["events"][0] != SNAPSHOT_END) {
        assert!(data["seq"].as_u64() >= Some(seq), "{data}");
        seq = data["seq"].as_u64().expect("a number");
        let id = data["payload"]["$id"].as_str().expect("an id").to_owned();
        if data["events"][0] == format!("presences.{id}.delete") {
            known.remove(&id);
        } else {
            known.insert(id, data["payload"].take());
        }
    }
    known
}

fn listed(list: &Value) -> BTreeMap<String, Value> {
    let records = list["presences"].as_array().expect("a list").iter();
    records.map(|record| (record["$id"].as_str().expect("an id").to_owned(), record.clone())).collect()
}

#[tokio::test]
async fn a_subscription_that_says_where_it_stood_gets_what_it_missed() {
    let desk = Desk::open().await;
    let (person, one, other) = (desk.person().await, desk.user().await, desk.user().await);
    desk.put("p", &one, &open_to_all()).await;
    let (seq, epoch) = desk.position().await;
    desk.patch("p", &json!({"status": "away"})).await;
    desk.put("hidden", &other, &json!({"permissions": []})).await;
    desk.delete("p").await;
    let since = row(&json!({"since": {"epoch": epoch, "seq": seq}}));
    let mut socket = desk.socket(&person).await;
    socket.send_json(&since).await.expect("sent");
    socket.expect_type("response", SOON).await.expect("the answer comes first");
    assert_eq!(heard(&mut socket, "p", "update").await["seq"], seq + 1);
    assert_eq!(heard(&mut socket, "p", "delete").await["seq"], seq + 3);
    assert!(super::words::until_now(&desk, &mut socket).await.is_empty());
}

#[tokio::test]
async fn where_the_history_does_not_reach_a_snapshot_comes_instead() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    let record = desk.put("p", &user, &open_to_all()).await;
    let (seq, epoch) = desk.position().await;
    for since in [json!({"epoch": "another", "seq": seq}), json!({"epoch": epoch, "seq": seq + 1000})] {
        let mut socket = desk.socket(&person).await;
        let frames = snapshot(&mut socket, &row(&json!({"since": since}))).await;
        assert_eq!((frames.len(), &frames[0]["payload"]), (2, &record), "{since}");
    }
}

#[tokio::test]
async fn the_url_may_say_for_all_rows_where_the_client_stood() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    desk.put("p", &user, &open_to_all()).await;
    let (seq, epoch) = desk.position().await;
    desk.delete("p").await;
    let options = desk.server.socket_options().header("X-Appwrite-Session", &person.token);
    let mut socket = Socket::open(options.query("resume", &format!("{epoch}.{seq}"))).await.expect("a socket");
    socket.expect_connected(SOON).await.expect("connected");
    socket.subscribe("s", &["presences"]).await.expect("a subscription");
    assert_eq!(heard(&mut socket, "p", "delete").await["seq"], seq + 1);
}
