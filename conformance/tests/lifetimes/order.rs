//! A list and the events after its sequence number give exactly the present state. Source: semantics 16, 20 and 22.

use std::{collections::BTreeSet, time::Duration};

use herenow_conformance::{
    desk::{Desk, SOON, path},
    mirror::{Mirror, action},
};
use herenow_testkit::{Http, SignedIn, Socket, timestamp_after, unique_id};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Every presence that a caller may read, on one page.
pub(crate) async fn whole_list(caller: &Http) -> Mirror {
    let limit = json!({"method": "limit", "values": [5_000]}).to_string();
    let answer = caller.request(http::Method::GET, "/v1/presences").query("queries[]", &limit).send().await;
    Mirror::of_list(&answer.expect("an answer").expect_status(200).expect("a list"))
}

/// One user's restless life over HTTP: writes, changes, narrowings, ends.
async fn wander(desk: Http, user: String, steps: usize) {
    let id = unique_id();
    for step in 0..steps {
        let status = format!("step {step}");
        let (all, own) = (json!(["read(\"users\")"]), json!([format!("read(\"user:{user}\")")]));
        let answer = match step % 6 {
            0 | 3 => {
                let body = json!({"userId": user, "status": status, "permissions": all});
                desk.put(&path(&id), &body).await
            }
            1 => desk.patch(&path(&id), &json!({"status": status})).await,
            2 => desk.patch(&path(&id), &json!({"permissions": own})).await,
            4 => {
                let end = timestamp_after(Duration::from_millis(30));
                desk.patch(&path(&id), &json!({"status": status, "expiresAt": end})).await
            }
            _ => desk.delete(&path(&id)).await,
        };
        let status = answer.expect("an answer").status.as_u16();
        // One that has just expired is not there to be changed or deleted; an end that has passed on the way is refused.
        let may_be_late = step % 6 == 4 && status == 400;
        assert!([200, 204, 404].contains(&status) || may_be_late, "step {step}: {status}");
    }
}

/// Writes a last word for which a listener can wait.
async fn last_word(desk: &Desk) -> String {
    let (user, word) = (desk.user().await, unique_id());
    desk.put(&word, &user, &json!({"status": word, "permissions": ["read(\"users\")"]})).await;
    word
}

async fn heard_until(socket: &mut Socket, word: &str) -> Vec<Value> {
    let is_last = |frame: &Value| frame["data"]["payload"]["status"] == word;
    socket.collect_until(is_last, SOON).await.expect("the last word")
}

async fn listeners(desk: &Desk, people: &[SignedIn]) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for person in people {
        sockets.push(desk.listener(person).await);
    }
    sockets
}

#[tokio::test]
async fn a_list_and_the_events_after_it_are_the_state_at_every_moment() {
    let desk = Desk::open().await;
    let people = [desk.person().await, desk.person().await];
    let mut sockets = listeners(&desk, &people).await;
    let mut writers = JoinSet::new();
    for _ in 0..6 {
        writers.spawn(wander(desk.key.clone(), desk.user().await, 60));
    }
    let mut mirrors = Vec::new();
    while !writers.is_empty() {
        mirrors.push((0, whole_list(&desk.session(&people[0])).await));
        mirrors.push((1, whole_list(&desk.session(&people[1])).await));
        if let Some(joined) = writers.try_join_next() {
            joined.expect("a writer that wrote");
        }
    }
    // What was left to expire has done so once a later end has been announced.
    let (user, fence) = (desk.user().await, unique_id());
    let end = json!({"expiresAt": timestamp_after(Duration::from_millis(60)), "permissions": ["read(\"users\")"]});
    desk.put(&fence, &user, &end).await;
    herenow_testkit::await_until("the fence's end", SOON, async || desk.get(&fence).await.is_none())
        .await
        .expect("it expires");
    let word = last_word(&desk).await;
    for (reader, socket) in sockets.iter_mut().enumerate() {
        let frames = heard_until(socket, &word).await;
        let numbers: Vec<_> = frames.iter().filter_map(|frame| frame["data"]["seq"].as_u64()).collect();
        assert!(numbers.is_sorted(), "events out of order: {numbers:?}");
        let now = whole_list(&desk.session(&people[reader])).await;
        let own: Vec<_> = mirrors.iter().filter(|(of, _)| *of == reader).collect();
        assert!(own.len() > 3, "lists were taken while there were changes");
        for (_, mirror) in own {
            let mut mirror = mirror.clone();
            frames.iter().for_each(|frame| mirror.hear(frame));
            assert_eq!(mirror.records(), now.records(), "from the list at {}", mirror.seq);
        }
    }
}

#[tokio::test]
async fn only_what_was_there_goes_and_it_goes_once() {
    let desk = Desk::open().await;
    let watching = desk.person().await;
    let mut socket = desk.listener(&watching).await;
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        writers.spawn(wander(desk.key.clone(), desk.user().await, 48));
    }
    writers.join_all().await;
    let word = last_word(&desk).await;
    let mut there = BTreeSet::new();
    for frame in heard_until(&mut socket, &word).await {
        let Some(action) = action(&frame) else { continue };
        let id = frame["data"]["payload"]["$id"].as_str().expect("an id").to_owned();
        if action == "delete" {
            assert!(there.remove(&id), "a delete of what was not there: {frame}");
        } else {
            // An update may be the first that is heard: of what came into sight by it.
            there.insert(id);
        }
    }
    assert!(there.contains(&word) && there.len() == 1, "every wanderer deletes last: {there:?}");
}

#[tokio::test]
async fn the_place_of_a_list_is_told_to_pages_of_browsers() {
    let desk = Desk::open().await;
    let list = desk.key.request(http::Method::GET, "/v1/presences").header("Origin", "http://localhost").send().await;
    let list = list.expect("an answer").expect_status(200).expect("a list");
    let exposed = list.header("access-control-expose-headers").expect("exposed headers").to_ascii_lowercase();
    for name in ["x-herenow-epoch", "x-herenow-seq"] {
        assert!(exposed.contains(name) && list.header(name).is_some(), "{name}: {:?}", list.headers);
    }
}
